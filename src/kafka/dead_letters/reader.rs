//! A topic of dead letters, from its first record to the end that it had when the reading began.

use std::ops::ControlFlow;

use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};

use super::DeadLetter;
use crate::kafka::error::KafkaError;
use crate::kafka::settings::KafkaSettings;
use crate::kafka::topic_reader::TopicReader;

/// The group of the reader, which never joins it and commits nothing.
const GROUP: &str = "stepstream-dead-letters";

/// Gives every dead letter of `topic` to `each`, partition by partition in the order of offsets, until it breaks off.
///
/// # Errors
/// If the cluster or the topic cannot be read.
pub fn read(
    settings: &KafkaSettings,
    topic: &str,
    mut each: impl FnMut(DeadLetter) -> ControlFlow<()>,
) -> Result<(), KafkaError> {
    let reader = TopicReader::new(settings, GROUP, "dead_letters")?;
    for partition in reader.partitions(topic)? {
        let bounds = reader.bounds(topic, partition)?;
        let read = reader.read(topic, partition, bounds, |message| each(letter(message)));
        if read?.is_break() {
            break;
        }
    }
    Ok(())
}

/// A record as a dead letter.
pub(in crate::kafka) fn letter(message: &BorrowedMessage<'_>) -> DeadLetter {
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
