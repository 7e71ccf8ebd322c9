//! Reads every output topic from its beginning to its end, and counts what stands there.
//!
//! It knows nothing of the engine: only what is in the topics.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{Offset, TopicPartitionList};

use super::super::stopwatch::Stopwatch;
use super::feeder::{CREATED, NUMBER};
use super::tally::Tally;
use super::topics::{PARTITIONS, Topics};

const POLL: Duration = Duration::from_millis(20);
/// How long the end of a topic is looked for when the demo is over.
const DRAIN_MAX: Duration = Duration::from_secs(20);
const WATERMARK_MAX: Duration = Duration::from_secs(5);

/// Reads until `over` is dropped, then on to the end that each partition has by then. `answered` follows the tally, for those
/// who must not wait for its lock.
pub(super) fn watch(
    client: &ClientConfig,
    topics: &Topics,
    stopwatch: Stopwatch,
    tally: &Arc<Mutex<Tally>>,
    answered: &AtomicU64,
    over: &Receiver<()>,
) -> Result<(), KafkaError> {
    let consumer: BaseConsumer = client
        .clone()
        // Needed by the client; it neither joins nor commits.
        .set("group.id", format!("{}-witness", topics.results))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("fetch.wait.max.ms", "10")
        .set("fetch.queue.backoff.ms", "5")
        .set("queued.max.messages.kbytes", "16384")
        .create()?;
    let mut partitions = TopicPartitionList::new();
    for topic in topics.outputs() {
        for partition in 0..PARTITIONS {
            partitions.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
    }
    consumer.assign(&partitions)?;
    let mut reader = Reader {
        consumer,
        topics,
        stopwatch,
        tally,
        answered,
        next: HashMap::new(),
    };
    while matches!(over.try_recv(), Err(TryRecvError::Empty)) {
        reader.poll()?;
    }
    reader.drain()
}

struct Reader<'a> {
    consumer: BaseConsumer,
    topics: &'a Topics,
    stopwatch: Stopwatch,
    tally: &'a Arc<Mutex<Tally>>,
    answered: &'a AtomicU64,
    /// The offset after the last one read, by topic and partition.
    next: HashMap<(String, i32), i64>,
}

impl Reader<'_> {
    fn poll(&mut self) -> Result<(), KafkaError> {
        let message = match self.consumer.poll(POLL) {
            Some(Ok(message)) => message,
            // The client connects again by itself.
            Some(Err(KafkaError::MessageConsumption(_))) | None => return Ok(()),
            Some(Err(error)) => return Err(error),
        };
        let place = (message.topic().to_owned(), message.partition());
        self.next.insert(place, message.offset() + 1);
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        match self.topics.answer(message.topic()) {
            Some(answer) => {
                let created = header(&message, CREATED).unwrap_or_default();
                let now = self.stopwatch.micros();
                tally.answer(header(&message, NUMBER), answer, created, now);
                self.answered.store(tally.answered, Ordering::Relaxed);
            }
            None => tally.log_records += 1,
        }
        Ok(())
    }

    /// Reads to the end that each partition has now.
    fn drain(&mut self) -> Result<(), KafkaError> {
        let mut ends = Vec::new();
        for topic in self.topics.outputs() {
            for partition in 0..PARTITIONS {
                let (low, high) =
                    self.consumer
                        .fetch_watermarks(topic, partition, WATERMARK_MAX)?;
                if high > low {
                    ends.push(((topic.to_owned(), partition), high));
                }
            }
        }
        let began = self.stopwatch.elapsed();
        while ends
            .iter()
            .any(|(place, end)| self.next.get(place).is_none_or(|next| next < end))
        {
            if self.stopwatch.elapsed().saturating_sub(began) > DRAIN_MAX {
                break;
            }
            self.poll()?;
        }
        Ok(())
    }
}

/// A header that holds a number.
fn header(message: &BorrowedMessage<'_>, name: &str) -> Option<u64> {
    let headers = message.headers()?;
    let value = headers.iter().find(|header| header.key == name)?.value?;
    std::str::from_utf8(value).ok()?.parse().ok()
}
