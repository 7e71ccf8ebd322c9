//! Waits for replies: a consumer of its own on the reply topics, in no group, from their ends at the time of the first request.
//!
//! Several processes may share a reply topic: each sees all replies and takes those that it waits for.
//!
//! *Not here*: how requests are sent.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _, DefaultConsumerContext};
use rdkafka::error::KafkaResult;
use rdkafka::{Offset, TopicPartitionList};

use super::fault::{self, REPLY_TIMEOUT, TOO_MANY_REQUESTS};
use super::reply;
use super::waiting::Waiting;
use crate::engine::{Answer, Clock};
use crate::kafka::client;
use crate::kafka::error::KafkaError;
use crate::kafka::settings::{KafkaSettings, KafkaTaskSettings};
use crate::machine::{TaskError, TaskResult, Timestamp};

/// Who waits for replies. Its thread ends soon after it is dropped.
pub(super) struct Requester {
    shared: Arc<Shared>,
}

/// Something to be done when replies are heard.
type Deferred = Box<dyn FnOnce() + Send>;

struct Shared {
    topics: Vec<String>,
    requests_max: usize,
    clock: Arc<dyn Clock>,
    waiting: Mutex<Waiting>,
    is_ready: AtomicBool,
    deferred: Mutex<Vec<Deferred>>,
    stop: AtomicBool,
    /// Makes ids of this process differ from those of others, which may do the same executions.
    process: String,
    next: AtomicU64,
}

/// How long a poll waits: as late as a timeout may come.
const POLL: Duration = Duration::from_millis(20);
/// How long the brokers may take to say where the topics end.
const LOOK: Duration = Duration::from_secs(5);

impl Requester {
    pub(super) fn start(
        kafka: &KafkaSettings,
        settings: &KafkaTaskSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KafkaError> {
        // It is in no group, but librdkafka wants one named.
        let mut config = client::consumer(kafka, &kafka.group)?;
        config.set("auto.offset.reset", "latest");
        config.set("fetch.wait.max.ms", "50");
        let process = format!("{:x}-{:x}", clock.now().as_millis(), std::process::id());
        let shared = Arc::new(Shared {
            topics: settings.reply_topics.clone(),
            requests_max: settings.requests_max,
            clock,
            waiting: Mutex::default(),
            is_ready: AtomicBool::new(false),
            deferred: Mutex::default(),
            stop: AtomicBool::new(false),
            process,
            next: AtomicU64::new(0),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("kafka-requests".to_owned())
            .spawn(move || of_thread.run(&config))
            .map_err(|error| KafkaError::Thread {
                purpose: "requests",
                cause: error.to_string(),
            })?;
        Ok(Self { shared })
    }

    /// Waits for the reply to a request of the execution `uuid`; gives the correlation id to send. `None` if the call was refused.
    pub(super) fn expect(&self, uuid: u128, deadline: Timestamp, answer: Answer) -> Option<String> {
        let shared = &self.shared;
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("{uuid:032x}-{}-{number:x}", shared.process);
        let mut waiting = lock(&shared.waiting);
        if waiting.len() < shared.requests_max {
            waiting.add(&id, deadline, answer);
            return Some(id);
        }
        drop(waiting);
        let cause = format!("{} requests wait for their reply.", shared.requests_max);
        answer.complete(TaskResult::Failed(fault::new(TOO_MANY_REQUESTS, cause)));
        None
    }

    /// Does something as soon as replies are heard: now, or later on another thread.
    pub(super) fn when_ready(&self, send: impl FnOnce() + Send + 'static) {
        let mut deferred = lock(&self.shared.deferred);
        if !self.shared.is_ready.load(Ordering::SeqCst) {
            deferred.push(Box::new(send));
            return;
        }
        drop(deferred);
        send();
    }

    /// The request was not sent.
    pub(super) fn fail(&self, id: &str, error: TaskError) {
        let answer = lock(&self.shared.waiting).take(id.as_bytes());
        if let Some(answer) = answer {
            answer.complete(TaskResult::Failed(error));
        }
    }
}

impl Drop for Requester {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    fn run(&self, config: &ClientConfig) {
        let consumer: BaseConsumer<DefaultConsumerContext> = match config.create() {
            Ok(consumer) => consumer,
            Err(error) => {
                tracing::error!(%error, "replies to tasks cannot be read");
                return;
            }
        };
        let mut is_assigned = false;
        while !self.stop.load(Ordering::SeqCst) {
            if !is_assigned {
                match self.assign(&consumer) {
                    Ok(()) => {
                        is_assigned = true;
                        self.begin();
                    }
                    Err(error) => {
                        tracing::warn!(topics = ?self.topics, %error, "replies to tasks cannot be read yet");
                    }
                }
            }
            match consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let id = reply::correlation_id(&message);
                    let answer = id.and_then(|id| lock(&self.waiting).take(id));
                    if let Some(answer) = answer {
                        answer.complete(reply::result(&message));
                    }
                }
                Some(Err(error)) => tracing::debug!(%error, "replies to tasks"),
                None => {}
            }
            self.expire();
        }
    }

    /// Begins where the topics end now.
    fn assign(&self, consumer: &BaseConsumer<DefaultConsumerContext>) -> KafkaResult<()> {
        let mut list = TopicPartitionList::new();
        for topic in &self.topics {
            let metadata = consumer.fetch_metadata(Some(topic), LOOK)?;
            for partition in metadata
                .topics()
                .iter()
                .flat_map(|topic| topic.partitions())
            {
                let (_, end) = consumer.fetch_watermarks(topic, partition.id(), LOOK)?;
                list.add_partition_offset(topic, partition.id(), Offset::Offset(end))?;
            }
        }
        if list.count() == 0 {
            use rdkafka::error::{KafkaError, RDKafkaErrorCode};
            return Err(KafkaError::MetadataFetch(RDKafkaErrorCode::UnknownTopic));
        }
        consumer.assign(&list)
    }

    fn begin(&self) {
        let mut deferred = lock(&self.deferred);
        self.is_ready.store(true, Ordering::SeqCst);
        let sends = std::mem::take(&mut *deferred);
        drop(deferred);
        for send in sends {
            send();
        }
    }

    fn expire(&self) {
        let expired = lock(&self.waiting).expired(self.clock.now());
        for answer in expired {
            let cause = "No reply has come in time.".to_owned();
            answer.complete(TaskResult::Failed(fault::new(REPLY_TIMEOUT, cause)));
        }
    }
}

/// What is locked here is whole at any time.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
