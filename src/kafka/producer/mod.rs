//! The one producer of the process: takes answers, tries each until the broker has acknowledged it, and says so.
//!
//! Workers never wait here. What librdkafka's full queue refuses goes to a backlog in order, and while there is one, all goes
//! there and the groups take no further records: its bound is what the engine has in flight. What the
//! broker refuses is tried again after a while, for ever; its event's offset is held meanwhile.
//!
//! *Not here*: what is produced and to whom.

#![expect(
    clippy::disallowed_methods,
    reason = "these bound waits on librdkafka's threads; what is decided takes the engine's clock"
)]

mod deliveries;
mod thread;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, Producer as _};

use deliveries::Deliveries;

use crate::kafka::client;
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Headers, OutputTopic, Rejected};
use crate::kafka::report::Reporter;
use crate::kafka::token::Token;
use crate::metrics::OutputMetrics;

/// librdkafka's producer with our callbacks.
pub(super) type Client = BaseProducer<Deliveries>;

/// A topic's place in the producer's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TopicNumber(usize);

/// The process's producer.
#[derive(Debug)]
pub(super) struct Producer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    // Before the client, which must outlive them.
    topics: Vec<Topic>,
    client: Client,
    /// Records that librdkafka has taken so far; those on their way into it count.
    sent: AtomicUsize,
    backlog: Mutex<VecDeque<Pending>>,
    /// Whether there is a backlog; changed only under its lock.
    is_congested: AtomicBool,
    stop: AtomicBool,
    abandon: AtomicBool,
    reporters: Vec<Reporter>,
}

struct Topic {
    native: OutputTopic,
    metrics: OutputMetrics,
}

/// A record that librdkafka does not have.
struct Pending {
    topic: TopicNumber,
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
    headers: Headers,
    token: Token,
}

/// The broker will never take the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// How long the thread waits for deliveries before it reports what it has. Commits wait for it, results do not.
const POLL: Duration = Duration::from_millis(5);

impl Producer {
    /// A producer to `topics`, which tells the reporter of a token's group of each acknowledgement.
    pub(super) fn start(
        config: &ClientConfig,
        topics: &[String],
        reporters: Vec<Reporter>,
    ) -> Result<Self, KafkaError> {
        let numbers = topics
            .iter()
            .enumerate()
            .map(|(n, name)| (name.clone(), TopicNumber(n)));
        let deliveries = Deliveries {
            numbers: numbers.collect(),
            ..Deliveries::default()
        };
        let refused = |error| client::refused("producer".to_owned(), &error);
        let client: Client = config.create_with_context(deliveries).map_err(refused)?;
        let open = |name: &String| {
            let native = OutputTopic::new(&client, name).ok_or_else(|| KafkaError::Topic {
                setting: "workflows".to_owned(),
                topic: name.clone(),
                cause: "there can be no topic of this name".to_owned(),
            })?;
            Ok(Topic {
                native,
                metrics: OutputMetrics::new(name),
            })
        };
        let shared = Arc::new(Shared {
            topics: topics.iter().map(open).collect::<Result<_, KafkaError>>()?,
            client,
            sent: AtomicUsize::new(0),
            backlog: Mutex::default(),
            is_congested: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            abandon: AtomicBool::new(false),
            reporters,
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("kafka-producer".to_owned())
            .spawn(move || of_thread.run())
            .map_err(|error| KafkaError::Thread {
                purpose: "the producer",
                cause: error.to_string(),
            })?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// The number of a topic given at the start.
    pub(super) fn topic(&self, name: &str) -> Option<TopicNumber> {
        self.shared.client.context().numbers.get(name).copied()
    }

    /// Takes a record over; its token is reported when the broker has acknowledged it.
    ///
    /// # Errors
    /// If it has more bytes than the client may ever send. Nothing is owed then.
    pub(super) fn produce(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), TooLarge> {
        let pending = |headers| Pending {
            topic,
            key: key.map(Box::from),
            value: value.map(Box::from),
            headers,
            token,
        };
        if self.is_congested() {
            let mut backlog = lock(&self.shared.backlog);
            // Again, as it may have ended; else a record would wait behind nothing.
            if self.is_congested() {
                backlog.push_back(pending(headers));
                return Ok(());
            }
        }
        match self.shared.send(topic, key, value, headers, token) {
            Ok(()) => Ok(()),
            Err(Rejected {
                error: RDKafkaErrorCode::MessageSizeTooLarge,
                ..
            }) => Err(TooLarge),
            Err(Rejected {
                error: RDKafkaErrorCode::QueueFull,
                headers,
            }) => {
                let mut backlog = lock(&self.shared.backlog);
                backlog.push_back(pending(headers));
                self.shared.is_congested.store(true, Ordering::SeqCst);
                Ok(())
            }
            Err(Rejected { error, headers }) => {
                lock(&self.shared.client.context().refused).push((pending(headers), error));
                Ok(())
            }
        }
    }

    /// Whether no further work should be begun until the broker has taken what is there.
    pub(super) fn is_congested(&self) -> bool {
        self.shared.is_congested.load(Ordering::SeqCst)
    }

    /// Why it will never produce again, if so.
    pub(super) fn fatal(&self) -> Option<KafkaError> {
        let cause = self.shared.client.context().fatal.get()?.clone();
        Some(KafkaError::Fatal {
            client: "producer".to_owned(),
            cause,
        })
    }

    /// Waits until all is acknowledged or `within` has passed, and ends the thread. Returns how many records were not acknowledged.
    pub(super) fn stop(&self, within: Duration) -> usize {
        self.shared.stop.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + within;
        let thread = lock(&self.thread).take();
        while let Some(thread) = &thread
            && !thread.is_finished()
        {
            if Instant::now() >= deadline {
                self.shared.abandon.store(true, Ordering::SeqCst);
            }
            std::thread::sleep(POLL);
        }
        self.shared.unacknowledged()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl Shared {
    fn send(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), Rejected> {
        let topic = self
            .topics
            .get(topic.0)
            .expect("numbers are given out for topics that are there");
        let opaque = token.to_bits() as usize;
        // Before it can be delivered, or a record could be acknowledged and not sent.
        self.sent.fetch_add(1, Ordering::SeqCst);
        let sent = topic
            .native
            .produce(&self.client, key, value, headers, opaque);
        if sent.is_err() {
            self.sent.fetch_sub(1, Ordering::SeqCst);
        }
        sent?;
        topic
            .metrics
            .produced_bytes
            .increment(value.map_or(0, <[u8]>::len) as u64);
        Ok(())
    }

    fn send_pending(&self, pending: Pending) -> Result<(), (Pending, RDKafkaErrorCode)> {
        let Pending {
            topic,
            key,
            value,
            headers,
            token,
        } = pending;
        let sent = self.send(topic, key.as_deref(), value.as_deref(), headers, token);
        sent.map_err(|Rejected { error, headers }| {
            (
                Pending {
                    topic,
                    key,
                    value,
                    headers,
                    token,
                },
                error,
            )
        })
    }

    fn unacknowledged(&self) -> usize {
        let delivered = self.client.context().delivered.load(Ordering::SeqCst);
        let on_the_way = self.sent.load(Ordering::SeqCst) - delivered;
        let refused = lock(&self.client.context().refused).len();
        on_the_way + refused + lock(&self.backlog).len()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("is_congested", &self.is_congested)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// What is locked here is whole at any time: lists that grow and are taken.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
