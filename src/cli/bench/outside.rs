//! A `stepstream serve` in a process of its own, its topics, and a reader of what it answers.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use rdkafka::{Offset, TopicPartitionList};

use super::super::Failure;
use super::super::stopwatch::Stopwatch;
use super::events::Event;
use super::folder::Folder;
use super::inside::from;
use super::load::Service;
use super::tally::{Answer, Tally};
use crate::kafka::settings::WorkflowSettings;

/// The header with an event's number and when it was due, in microseconds since the bench began.
const EVENT: &str = "stepstream-bench";
const METADATA_MAX: Duration = Duration::from_secs(15);
/// So often it is asked where a topic ends.
const ASKS_MAX: usize = 50;
const ASKED_AGAIN_AFTER: Duration = Duration::from_millis(200);
const POLL: Duration = Duration::from_millis(20);
/// When so much time brings no record, the answers that could be read have been read.
const QUIET: Duration = Duration::from_millis(500);
const END_MAX: u32 = 600;

/// The process that is measured; it does not outlive the bench.
#[derive(Debug)]
pub(super) struct Served {
    child: Child,
    log: std::path::PathBuf,
}

impl Served {
    /// Starts `serve` with a settings file. With `ours` the environment changes none of its settings.
    pub(super) fn start(
        settings: &std::path::Path,
        ours: bool,
        folder: &Folder,
    ) -> Result<Self, Failure> {
        let log = folder.path().join("serve.log");
        let mut command = Command::new(std::env::current_exe()?);
        for (name, _) in std::env::vars_os() {
            if ours && name.to_string_lossy().starts_with("STEPSTREAM_") {
                command.env_remove(name);
            }
        }
        let child = command
            .args(["serve", "--config"])
            .arg(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log)?)
            .spawn()?;
        Ok(Self { child, log })
    }

    /// As the system names it.
    pub(super) fn process(&self) -> String {
        self.child.id().to_string()
    }

    /// Why it has ended, if it has.
    fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        Some(format!("serve has ended ({status})\n{}", log.trim_end()))
    }

    /// Ends it in order, so that it commits and leaves its group.
    pub(super) fn stop(mut self) {
        let asked = Command::new("kill")
            .args(["-TERM", &self.process()])
            .status();
        if asked.is_ok_and(|status| status.success()) {
            for _ in 0..END_MAX {
                if matches!(self.child.try_wait(), Ok(Some(_))) {
                    return;
                }
                super::pause(Duration::from_millis(50));
            }
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended needs no end.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Produces events to a service's topic.
pub(super) struct Outside<'a> {
    producer: ThreadedProducer<DefaultProducerContext>,
    topic: &'a str,
    events: &'a [Event],
    served: &'a mut Served,
}

impl<'a> Outside<'a> {
    pub(super) fn new(
        client: &ClientConfig,
        topic: &'a str,
        events: &'a [Event],
        served: &'a mut Served,
    ) -> Result<Self, Failure> {
        let producer = client
            .clone()
            .set("enable.idempotence", "true")
            .set("linger.ms", "1")
            .set("queue.buffering.max.messages", "50000")
            .create()
            .map_err(|error| Failure::refused(format!("events cannot be produced: {error}")))?;
        Ok(Self {
            producer,
            topic,
            events,
            served,
        })
    }
}

impl Service for Outside<'_> {
    fn send(&mut self, first: u64, due: &[Duration]) -> Result<(), Failure> {
        for ((number, due), event) in (first..).zip(due).zip(from(self.events, first)) {
            let mark = format!("{number} {}", due.as_micros());
            let headers = OwnedHeaders::new_with_capacity(1).insert(Header {
                key: EVENT,
                value: Some(&mark),
            });
            let mut record = BaseRecord::to(self.topic)
                .key(&event.key)
                .payload(&event.value)
                .headers(headers);
            while let Err((error, refused)) = self.producer.send(record) {
                if error.rdkafka_error_code() != Some(RDKafkaErrorCode::QueueFull) {
                    return Err(Failure::Broken(format!("an event is refused: {error}")));
                }
                super::pause(Duration::from_millis(1));
                record = refused;
            }
        }
        Ok(())
    }

    fn broken(&mut self) -> Option<String> {
        self.served.ended()
    }
}

/// Reads the answers of a workflow.
pub(super) struct Reader {
    consumer: BaseConsumer,
    topics: Vec<(String, Answer)>,
    tally: Arc<Mutex<Tally>>,
    stopwatch: Stopwatch,
}

impl Reader {
    /// From where the topics end now.
    pub(super) fn new(
        client: &ClientConfig,
        workflow: &WorkflowSettings,
        tally: Arc<Mutex<Tally>>,
        stopwatch: Stopwatch,
    ) -> Result<Self, KafkaError> {
        let consumer: BaseConsumer = client
            .clone()
            // Needed by the client; it neither joins nor commits.
            .set("group.id", "stepstream-bench-reader")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("fetch.wait.max.ms", "5")
            .set("fetch.queue.backoff.ms", "5")
            .create()?;
        let topics: Vec<(String, Answer)> = [
            (workflow.results.clone(), Answer::Result),
            (workflow.failures.clone(), Answer::Failure),
            (Some(workflow.dead_letters.clone()), Answer::DeadLetter),
        ]
        .into_iter()
        .filter_map(|(topic, answer)| Some((topic?, answer)))
        .collect();
        let mut places = TopicPartitionList::new();
        for (topic, _) in &topics {
            for (partition, end) in ends(&consumer, topic)? {
                places.add_partition_offset(topic, partition, Offset::Offset(end))?;
            }
        }
        consumer.assign(&places)?;
        Ok(Self {
            consumer,
            topics,
            tally,
            stopwatch,
        })
    }

    /// Until `over`, and then until nothing comes any more.
    pub(super) fn read(&self, over: &AtomicBool) -> Result<(), KafkaError> {
        loop {
            let ending = over.load(Ordering::Relaxed);
            match self.consumer.poll(if ending { QUIET } else { POLL }) {
                Some(Ok(message)) => self.answer(&message),
                None if ending => return Ok(()),
                // The client connects again by itself.
                Some(Err(KafkaError::MessageConsumption(_))) | None => {}
                Some(Err(error)) => return Err(error),
            }
        }
    }

    fn answer(&self, message: &BorrowedMessage<'_>) {
        let now = self.stopwatch.elapsed();
        let Some((_, answer)) = self
            .topics
            .iter()
            .find(|(topic, _)| topic == message.topic())
        else {
            return;
        };
        let (number, due) = mark(message).unzip();
        let due = Duration::from_micros(due.unwrap_or_default());
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.answer(number, *answer, message.payload_len(), due, now);
    }
}

/// An event's number and when it was due.
fn mark(message: &BorrowedMessage<'_>) -> Option<(u64, u64)> {
    let headers = message.headers()?;
    let value = headers.iter().find(|header| header.key == EVENT)?.value?;
    let (number, due) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    Some((number.parse().ok()?, due.parse().ok()?))
}

/// The partitions of a topic and where they end; asked again for a while, as the leaders of a new topic are not known at once.
fn ends(consumer: &BaseConsumer, topic: &str) -> Result<Vec<(i32, i64)>, KafkaError> {
    let ask = || {
        let metadata = consumer.fetch_metadata(Some(topic), METADATA_MAX)?;
        let partitions = metadata
            .topics()
            .iter()
            .flat_map(|found| found.partitions());
        let end = |id: i32| {
            let bounds = consumer.fetch_watermarks(topic, id, METADATA_MAX);
            bounds.map(|(_, end)| (id, end))
        };
        let ends: Result<Vec<_>, _> = partitions.map(|partition| end(partition.id())).collect();
        match ends? {
            none if none.is_empty() => {
                let unknown = RDKafkaErrorCode::UnknownTopicOrPartition;
                Err(KafkaError::MetadataFetch(unknown))
            }
            ends => Ok(ends),
        }
    };
    for _ in 1..ASKS_MAX {
        match ask() {
            Err(error) if is_of_a_new_topic(&error) => {
                crossbeam_channel::never::<()>()
                    .recv_timeout(ASKED_AGAIN_AFTER)
                    .ok();
            }
            asked => return asked,
        }
    }
    ask()
}

fn is_of_a_new_topic(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::NotLeaderForPartition
                | Code::LeaderNotAvailable
                | Code::UnknownTopicOrPartition
                | Code::UnknownPartition
                | Code::UnknownTopic
        )
    )
}
