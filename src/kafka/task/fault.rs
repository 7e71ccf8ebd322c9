//! How tasks fail: the names that Retry and Catch can match.
//!
//! | error | when |
//! | --- | --- |
//! | `Kafka.InvalidParameterException` | a parameter is missing, unknown or of a wrong type |
//! | `Kafka.TopicNotAllowedException` | the topic is not in the settings |
//! | `Kafka.UnknownTopicException`, `Kafka.UnknownPartitionException` | the cluster has none |
//! | `Kafka.AuthorizationException` | the cluster does not let us write there |
//! | `Kafka.RecordTooLargeException` | the record is larger than client or topic allow |
//! | `Kafka.TooManyRequestsException` | too much is waiting already |
//! | `Kafka.TimeoutException` | the broker has not acknowledged the record in time: it may have it |
//! | `Kafka.ReplyTimeoutException` | no reply has come in time |
//! | `Kafka.ServiceException` | anything else |
//!
//! A reply whose header `asl-status` is not `SUCCEEDED` fails its task with the error of its header `asl-error`.

use rdkafka::error::RDKafkaErrorCode;

use crate::kafka::courier::Refused;
use crate::machine::TaskError;
use crate::value::Text;

pub(super) const INVALID_PARAMETER: &str = "Kafka.InvalidParameterException";
pub(super) const TOPIC_NOT_ALLOWED: &str = "Kafka.TopicNotAllowedException";
pub(super) const UNKNOWN_TOPIC: &str = "Kafka.UnknownTopicException";
pub(super) const UNKNOWN_PARTITION: &str = "Kafka.UnknownPartitionException";
pub(super) const AUTHORIZATION: &str = "Kafka.AuthorizationException";
pub(super) const RECORD_TOO_LARGE: &str = "Kafka.RecordTooLargeException";
pub(super) const TOO_MANY_REQUESTS: &str = "Kafka.TooManyRequestsException";
pub(super) const TIMEOUT: &str = "Kafka.TimeoutException";
pub(super) const REPLY_TIMEOUT: &str = "Kafka.ReplyTimeoutException";
pub(super) const SERVICE: &str = "Kafka.ServiceException";

pub(super) fn new(error: &str, cause: String) -> TaskError {
    TaskError {
        error: Text::new(error),
        cause: Some(cause),
    }
}

/// Why a record was refused.
pub(super) fn of_refused(refused: &Refused) -> TaskError {
    let Refused { parcel, error } = refused;
    let topic = &parcel.topic;
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are one error")]
    let (name, cause) = match error {
        RDKafkaErrorCode::MessageSizeTooLarge => {
            let bytes = parcel.value.as_deref().map_or(0, <[u8]>::len);
            let cause =
                format!("The record has {bytes} bytes, which the topic '{topic}' does not take.");
            (RECORD_TOO_LARGE, cause)
        }
        RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition => (
            UNKNOWN_TOPIC,
            format!("The cluster has no topic '{topic}'."),
        ),
        RDKafkaErrorCode::InvalidTopic => {
            (UNKNOWN_TOPIC, format!("There can be no topic '{topic}'."))
        }
        RDKafkaErrorCode::UnknownPartition => {
            let partition = parcel.partition.unwrap_or(-1);
            (
                UNKNOWN_PARTITION,
                format!("The topic '{topic}' has no partition {partition}."),
            )
        }
        RDKafkaErrorCode::TopicAuthorizationFailed => (
            AUTHORIZATION,
            format!("We may not write to the topic '{topic}'."),
        ),
        RDKafkaErrorCode::QueueFull => (
            TOO_MANY_REQUESTS,
            "Too many records wait for the broker.".to_owned(),
        ),
        RDKafkaErrorCode::MessageTimedOut => {
            let cause = format!("The broker has not acknowledged a record of '{topic}' in time.");
            (TIMEOUT, cause)
        }
        error => (
            SERVICE,
            format!("The topic '{topic}' refuses the record: {error}."),
        ),
    };
    new(name, cause)
}
