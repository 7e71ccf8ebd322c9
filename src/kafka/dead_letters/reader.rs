//! A topic of dead letters, from its first record to the end that it had when the reading began. Nothing is committed: reading
//! changes nothing for anybody.

use std::ops::ControlFlow;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::{Offset, TopicPartitionList};

use super::DeadLetter;
use crate::kafka::client::{self, METADATA_TIMEOUT};
use crate::kafka::error::KafkaError;
use crate::kafka::settings::KafkaSettings;

/// The group of the reader, which never joins it and commits nothing.
const GROUP: &str = "stepstream-dead-letters";
/// How long the next record may take before the reading is given up.
const RECORD_WITHIN: Duration = Duration::from_secs(30);

/// Gives every dead letter of `topic` to `each`, partition by partition in the order of offsets, until it breaks off.
///
/// # Errors
/// If the cluster or the topic cannot be read.
pub fn read(
    settings: &KafkaSettings,
    topic: &str,
    mut each: impl FnMut(DeadLetter) -> ControlFlow<()>,
) -> Result<(), KafkaError> {
    let mut config = client::consumer(settings, GROUP)?;
    config.set("allow.auto.create.topics", "false");
    config.set("enable.partition.eof", "true");
    let consumer: BaseConsumer = config
        .create()
        .map_err(|error| client::refused("reader of dead letters".to_owned(), &error))?;
    let failed = |error: rdkafka::error::KafkaError| unread(topic, error.to_string());
    for partition in partitions(&consumer, topic)? {
        let (low, high) = consumer
            .fetch_watermarks(topic, partition, METADATA_TIMEOUT)
            .map_err(failed)?;
        if low >= high {
            continue;
        }
        let mut from = TopicPartitionList::new();
        from.add_partition_offset(topic, partition, Offset::Offset(low))
            .map_err(failed)?;
        consumer.assign(&from).map_err(failed)?;
        if read_partition(&consumer, topic, high, &mut each)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> Result<Vec<i32>, KafkaError> {
    let metadata = consumer
        .fetch_metadata(Some(topic), METADATA_TIMEOUT)
        .map_err(|error| unread(topic, error.to_string()))?;
    let found = metadata.topics().iter().find(|found| found.name() == topic);
    let partitions = found.map_or(&[][..], |found| found.partitions());
    if partitions.is_empty() {
        let cause = "there is no such topic, or we may not see it".to_owned();
        return Err(unread(topic, cause));
    }
    Ok(partitions.iter().map(|partition| partition.id()).collect())
}

/// Up to the offset `end`. The records before it may be fewer than offsets: compaction and transactions leave gaps.
fn read_partition(
    consumer: &BaseConsumer,
    topic: &str,
    end: i64,
    each: &mut impl FnMut(DeadLetter) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, KafkaError> {
    loop {
        let message = match consumer.poll(RECORD_WITHIN) {
            Some(Ok(message)) => message,
            Some(Err(rdkafka::error::KafkaError::PartitionEOF(_))) => {
                return Ok(ControlFlow::Continue(()));
            }
            Some(Err(error)) => return Err(unread(topic, error.to_string())),
            None => return Err(unread(topic, "no record came in time".to_owned())),
        };
        let offset = message.offset();
        if offset < end && each(letter(&message)).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if offset + 1 >= end {
            return Ok(ControlFlow::Continue(()));
        }
    }
}

fn letter(message: &BorrowedMessage<'_>) -> DeadLetter {
    let headers = message.headers().map(|headers| headers.iter());
    DeadLetter {
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis(),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers
            .into_iter()
            .flatten()
            .map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec)))
            .collect(),
    }
}

fn unread(topic: &str, cause: String) -> KafkaError {
    KafkaError::Topic {
        setting: "dead_letters".to_owned(),
        topic: topic.to_owned(),
        cause,
    }
}
