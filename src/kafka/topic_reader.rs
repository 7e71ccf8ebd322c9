//! Records of a topic from one offset to another. No group is joined and nothing is committed: reading changes nothing for anybody.

use std::ops::ControlFlow;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::types::RDKafkaErrorCode as Code;
use rdkafka::{Offset, TopicPartitionList};

use super::client::{self, METADATA_TIMEOUT};
use super::error::KafkaError;
use super::settings::KafkaSettings;

/// How long one look for the next record takes.
const LOOK: Duration = Duration::from_secs(1);

/// So many seconds without a record, or without an answer to a question, end the reading: brokers may come and go meanwhile.
const IN_VAIN_S_MAX: u64 = 30;

/// The client tells of each connection that fails, as it tries them again: so many between two records end the reading too.
const FAILURES_MAX: u32 = 1_000;

/// How long a question that failed waits until it is asked again.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Reads topics, and what a group has committed.
pub(super) struct TopicReader {
    consumer: BaseConsumer,
    /// What errors name as the place of a topic.
    setting: &'static str,
}

impl TopicReader {
    /// A reader that sees the commits of `group`. Errors about topics name `setting`.
    ///
    /// # Errors
    /// Properties that librdkafka refuses.
    pub(super) fn new(
        settings: &KafkaSettings,
        group: &str,
        setting: &'static str,
    ) -> Result<Self, KafkaError> {
        let mut config = client::consumer(settings, group)?;
        config.set("allow.auto.create.topics", "false");
        config.set("enable.partition.eof", "true");
        let consumer = config
            .create()
            .map_err(|error| client::refused(format!("reader of {setting}"), &error))?;
        Ok(Self { consumer, setting })
    }

    /// The topics that are there and whose name is `wanted`.
    pub(super) fn topics(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, KafkaError> {
        let ask = || self.consumer.fetch_metadata(None, METADATA_TIMEOUT);
        let metadata = self.answer("*", ask)?;
        let names = metadata.topics().iter().map(|topic| topic.name());
        Ok(names
            .filter(|name| wanted(name))
            .map(str::to_owned)
            .collect())
    }

    /// A topic's partitions, at least one.
    pub(super) fn partitions(&self, topic: &str) -> Result<Vec<i32>, KafkaError> {
        let ask = || self.consumer.fetch_metadata(Some(topic), METADATA_TIMEOUT);
        let metadata = self.answer(topic, ask)?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        let partitions = found.map_or(&[][..], |found| found.partitions());
        if partitions.is_empty() {
            let cause = "there is no such topic, or we may not see it".to_owned();
            return Err(self.unread(topic, cause));
        }
        Ok(partitions.iter().map(|partition| partition.id()).collect())
    }

    /// The first offset of a partition and the one behind its last.
    pub(super) fn bounds(&self, topic: &str, partition: i32) -> Result<(i64, i64), KafkaError> {
        self.answer(topic, || {
            self.consumer
                .fetch_watermarks(topic, partition, METADATA_TIMEOUT)
        })
    }

    /// The first offset of a record that is not older than this, if there is one.
    pub(super) fn since(
        &self,
        topic: &str,
        partition: i32,
        timestamp_ms: i64,
    ) -> Result<Option<i64>, KafkaError> {
        self.answer(topic, || {
            let mut asked = TopicPartitionList::new();
            asked.add_partition_offset(topic, partition, Offset::Offset(timestamp_ms))?;
            let found = self.consumer.offsets_for_times(asked, METADATA_TIMEOUT)?;
            position(&found, topic, partition)
        })
    }

    /// What the group has committed for a partition, if anything.
    pub(super) fn committed(&self, topic: &str, partition: i32) -> Result<Option<i64>, KafkaError> {
        self.answer(topic, || {
            let mut asked = TopicPartitionList::new();
            asked.add_partition(topic, partition);
            let found = self.consumer.committed_offsets(asked, METADATA_TIMEOUT)?;
            position(&found, topic, partition)
        })
    }

    /// Gives each record from `from` up to before `end` to `each`, until it breaks off. They may be fewer than offsets: compaction and
    /// transactions leave gaps.
    pub(super) fn read(
        &self,
        topic: &str,
        partition: i32,
        (from, end): (i64, i64),
        mut each: impl FnMut(&BorrowedMessage<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, KafkaError> {
        if from >= end {
            return Ok(ControlFlow::Continue(()));
        }
        let failed = |error: ClientError| self.unread(topic, error.to_string());
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(from))
            .map_err(failed)?;
        self.consumer.assign(&list).map_err(failed)?;
        let (mut in_vain_s, mut failures) = (0, 0);
        loop {
            let message = match self.consumer.poll(LOOK) {
                Some(Ok(message)) => message,
                Some(Err(ClientError::PartitionEOF(_))) => return Ok(ControlFlow::Continue(())),
                // The client goes on by itself where it was.
                Some(Err(error)) if !lasts(&error) && failures < FAILURES_MAX => {
                    failures += 1;
                    continue;
                }
                Some(Err(error)) => return Err(failed(error)),
                None if in_vain_s < IN_VAIN_S_MAX => {
                    in_vain_s += LOOK.as_secs();
                    continue;
                }
                None => return Err(self.unread(topic, "no record came in time".to_owned())),
            };
            (in_vain_s, failures) = (0, 0);
            let offset = message.offset();
            if offset < end && each(&message).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            if offset + 1 >= end {
                return Ok(ControlFlow::Continue(()));
            }
        }
    }

    /// Asks until there is an answer, or a failure that lasts.
    fn answer<T>(
        &self,
        topic: &str,
        ask: impl Fn() -> Result<T, ClientError>,
    ) -> Result<T, KafkaError> {
        let mut in_vain_s = 0;
        loop {
            let error = match ask() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.rdkafka_error_code() == Some(Code::OperationTimedOut) {
                in_vain_s += METADATA_TIMEOUT.as_secs();
            }
            if lasts(&error) || in_vain_s >= IN_VAIN_S_MAX {
                return Err(self.unread(topic, error.to_string()));
            }
            crossbeam_channel::never::<()>()
                .recv_timeout(ASKED_AGAIN_AFTER)
                .ok();
            in_vain_s += ASKED_AGAIN_AFTER.as_secs();
        }
    }

    fn unread(&self, topic: &str, cause: String) -> KafkaError {
        KafkaError::Topic {
            setting: self.setting.to_owned(),
            topic: topic.to_owned(),
            cause,
        }
    }
}

/// A partition's offset in an answer, if it has one.
fn position(
    found: &TopicPartitionList,
    topic: &str,
    partition: i32,
) -> Result<Option<i64>, ClientError> {
    let Some(found) = found.find_partition(topic, partition) else {
        return Ok(None);
    };
    found.error()?;
    if let Offset::Offset(offset) = found.offset() {
        Ok(Some(offset))
    } else {
        Ok(None)
    }
}

/// Whether it is in vain to ask again: all else comes with brokers that fail over, are not reached or are busy.
fn lasts(error: &ClientError) -> bool {
    error.rdkafka_error_code().is_none_or(|code| {
        matches!(
            code,
            Code::UnknownTopic
                | Code::UnknownPartition
                | Code::UnknownTopicOrPartition
                | Code::InvalidTopic
                | Code::InvalidArgument
                | Code::TopicAuthorizationFailed
                | Code::GroupAuthorizationFailed
                | Code::ClusterAuthorizationFailed
                | Code::SaslAuthenticationFailed
                | Code::Authentication
                | Code::SSL
                | Code::Fatal
                | Code::UnsupportedVersion
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_again_only_where_it_may_help() {
        let cases = [
            (
                ClientError::MessageConsumption(Code::BrokerTransportFailure),
                false,
            ),
            (ClientError::MetadataFetch(Code::LeaderNotAvailable), false),
            (ClientError::OffsetFetch(Code::NotCoordinator), false),
            (
                ClientError::MessageConsumption(Code::UnknownTopicOrPartition),
                true,
            ),
            (
                ClientError::OffsetFetch(Code::GroupAuthorizationFailed),
                true,
            ),
            (ClientError::Canceled, true),
        ];
        for (error, expected) in cases {
            assert_eq!(lasts(&error), expected, "{error}");
        }
    }
}
