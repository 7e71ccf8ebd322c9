//! What a dead letter says beside the record's own bytes: why, and where it came from.

use super::settings::DeadLetterHeaders;

/// Why no execution was made of a record, or why its answer cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The value is null or empty.
    Empty,
    /// It is not UTF-8.
    Utf8,
    /// It is not JSON.
    Json,
    /// It is nested too deeply.
    Depth,
    /// Its headers say that it is a CloudEvent, and it is none that is known.
    CloudEvent,
    /// It has more bytes than are run.
    TooLarge,
    /// No workflow takes the record.
    NoRoute,
    /// The broker never takes the answer, as it is too large.
    OutputTooLarge,
    /// The event asks for its reply in a topic that it may not ask for.
    ReplyTopic,
    /// The event's headers about its reply make no sense.
    ReplyHeader,
    /// The reply can never be delivered where the event asks for it.
    ReplyUndeliverable,
    /// It held up its partition, and was given up.
    HeadBlocked,
    /// Its header names a test case that there is not.
    TestCase,
    /// A bug of ours.
    Bug,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 14] = [
        Self::Empty,
        Self::Utf8,
        Self::Json,
        Self::Depth,
        Self::CloudEvent,
        Self::TooLarge,
        Self::NoRoute,
        Self::OutputTooLarge,
        Self::ReplyTopic,
        Self::ReplyHeader,
        Self::ReplyUndeliverable,
        Self::HeadBlocked,
        Self::TestCase,
        Self::Bug,
    ];

    /// As it stands in the header `asl-error` and in the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Utf8 => "utf8",
            Self::Json => "json",
            Self::Depth => "depth",
            Self::CloudEvent => "cloud-event",
            Self::TooLarge => "too-large",
            Self::NoRoute => "no-route",
            Self::OutputTooLarge => "output-too-large",
            Self::ReplyTopic => "reply-topic",
            Self::ReplyHeader => "reply-header",
            Self::ReplyUndeliverable => "reply-undeliverable",
            Self::HeadBlocked => "head-blocked",
            Self::TestCase => "test-case",
            Self::Bug => "bug",
        }
    }
}

/// Where a record came from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The consumer group that read it.
    pub group: &'a str,
    /// The workflow whose dead letter it is.
    pub workflow: &'a str,
    /// Its topic.
    pub topic: &'a str,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its time in milliseconds since the epoch.
    pub timestamp: Option<i64>,
}

/// The most headers that a dead letter gets.
pub const HEADERS_MAX: usize = 16;
/// Causes are cut to this length, so that a header is never what makes a record too large.
const CAUSE_BYTES_MAX: usize = 1_024;

/// Gives the headers of a dead letter, one after the other: ours, then those of the profile.
pub fn headers(
    profile: DeadLetterHeaders,
    reason: Reason,
    cause: &str,
    origin: &Origin<'_>,
    mut add: impl FnMut(&str, &[u8]),
) {
    let cause = cut(cause);
    let (partition, offset) = (origin.partition.to_string(), origin.offset.to_string());
    add("asl-error", reason.as_str().as_bytes());
    add("asl-cause", cause.as_bytes());
    add("asl-topic", origin.topic.as_bytes());
    add("asl-partition", partition.as_bytes());
    add("asl-offset", offset.as_bytes());
    if let Some(ms) = origin.timestamp {
        add("asl-timestamp", ms.to_string().as_bytes());
    }
    let class = format!("stepstream.{}", reason.as_str());
    match profile {
        DeadLetterHeaders::None => {}
        DeadLetterHeaders::Spring => {
            add("kafka_dlt-original-topic", origin.topic.as_bytes());
            add(
                "kafka_dlt-original-partition",
                &origin.partition.to_be_bytes(),
            );
            add("kafka_dlt-original-offset", &origin.offset.to_be_bytes());
            if let Some(ms) = origin.timestamp {
                add("kafka_dlt-original-timestamp", &ms.to_be_bytes());
            }
            add("kafka_dlt-original-consumer-group", origin.group.as_bytes());
            add("kafka_dlt-exception-fqcn", class.as_bytes());
            add("kafka_dlt-exception-message", cause.as_bytes());
        }
        DeadLetterHeaders::Connect => {
            add("__connect.errors.topic", origin.topic.as_bytes());
            add("__connect.errors.partition", partition.as_bytes());
            add("__connect.errors.offset", offset.as_bytes());
            add(
                "__connect.errors.connector.name",
                origin.workflow.as_bytes(),
            );
            add("__connect.errors.stage", stage(reason).as_bytes());
            add("__connect.errors.exception.class.name", class.as_bytes());
            add("__connect.errors.exception.message", cause.as_bytes());
        }
        DeadLetterHeaders::Streams => {
            add("__streams.errors.exception", class.as_bytes());
            add("__streams.errors.message", cause.as_bytes());
            add("__streams.errors.topic", origin.topic.as_bytes());
            add("__streams.errors.partition", partition.as_bytes());
            add("__streams.errors.offset", offset.as_bytes());
        }
    }
}

/// In the words of Kafka Connect.
const fn stage(reason: Reason) -> &'static str {
    match reason {
        Reason::Empty
        | Reason::Utf8
        | Reason::Json
        | Reason::Depth
        | Reason::CloudEvent
        | Reason::TooLarge => "VALUE_CONVERTER",
        Reason::NoRoute
        | Reason::ReplyTopic
        | Reason::ReplyHeader
        | Reason::HeadBlocked
        | Reason::TestCase
        | Reason::Bug => "TRANSFORMATION",
        Reason::OutputTooLarge | Reason::ReplyUndeliverable => "TASK_PUT",
    }
}

fn cut(cause: &str) -> &str {
    cause
        .get(..cause.floor_char_boundary(CAUSE_BYTES_MAX))
        .unwrap_or(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_profile_has_its_headers() {
        let origin = Origin {
            group: "g",
            workflow: "w",
            topic: "in",
            partition: 3,
            offset: 258,
            timestamp: Some(1),
        };
        let written = |profile, reason| {
            let mut all = Vec::new();
            headers(profile, reason, "why", &origin, |name, value| {
                all.push((name.to_owned(), value.to_vec()));
            });
            assert!(all.len() <= HEADERS_MAX);
            all
        };
        let ours = written(DeadLetterHeaders::None, Reason::NoRoute);
        let text = |(name, value): &(String, Vec<u8>)| format!("{name}={}", value.escape_ascii());
        assert_eq!(
            ours.iter().map(text).collect::<Vec<_>>(),
            [
                "asl-error=no-route",
                "asl-cause=why",
                "asl-topic=in",
                "asl-partition=3",
                "asl-offset=258",
                "asl-timestamp=1",
            ]
        );
        let profiles = [
            (
                DeadLetterHeaders::Spring,
                r"kafka_dlt-original-offset=\x00\x00\x00\x00\x00\x00\x01\x02",
            ),
            (
                DeadLetterHeaders::Spring,
                r"kafka_dlt-original-partition=\x00\x00\x00\x03",
            ),
            (DeadLetterHeaders::Connect, "__connect.errors.offset=258"),
            (DeadLetterHeaders::Streams, "__streams.errors.offset=258"),
        ];
        for (profile, expected) in profiles {
            let all: Vec<_> = written(profile, Reason::Json).iter().map(text).collect();
            assert!(all.iter().any(|h| h == expected), "{expected} in {all:?}");
        }
    }

    #[test]
    fn a_long_cause_is_cut_between_characters() {
        let long = "ä".repeat(CAUSE_BYTES_MAX);
        assert_eq!(cut(&format!("x{long}")).len(), CAUSE_BYTES_MAX - 1);
    }
}
