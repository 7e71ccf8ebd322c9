//! A dead letter as it was read, and what its headers tell: ours, those of Spring, of Kafka Connect and of Kafka Streams.

use std::borrow::Cow;

/// Counts how often a record came back from a topic of dead letters.
pub const REPLAYS_HEADER: &str = "asl-replays";

/// A record of a topic of dead letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its time in milliseconds since the epoch.
    pub timestamp_ms: Option<i64>,
    /// The original key.
    pub key: Option<Vec<u8>>,
    /// The original value.
    pub value: Option<Vec<u8>>,
    /// The original headers and those that tell why it is here.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
}

/// Where a dead letter came from, and why it is here, as far as its headers tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// `json`, or the name of an exception.
    pub reason: Option<String>,
    /// In words.
    pub cause: Option<String>,
    /// The topic that it came from.
    pub topic: Option<String>,
    /// The partition that it came from.
    pub partition: Option<i32>,
    /// The offset that it came from.
    pub offset: Option<i64>,
    /// How often it was redriven.
    pub replays: u32,
}

/// The headers of one profile.
struct Profile {
    reason: &'static str,
    cause: &'static str,
    topic: &'static str,
    partition: &'static str,
    offset: &'static str,
}

/// Ours first: it is always there when we wrote the letter, and says most.
const PROFILES: [Profile; 4] = [
    Profile {
        reason: "asl-error",
        cause: "asl-cause",
        topic: "asl-topic",
        partition: "asl-partition",
        offset: "asl-offset",
    },
    Profile {
        reason: "kafka_dlt-exception-fqcn",
        cause: "kafka_dlt-exception-message",
        topic: "kafka_dlt-original-topic",
        partition: "kafka_dlt-original-partition",
        offset: "kafka_dlt-original-offset",
    },
    Profile {
        reason: "__connect.errors.exception.class.name",
        cause: "__connect.errors.exception.message",
        topic: "__connect.errors.topic",
        partition: "__connect.errors.partition",
        offset: "__connect.errors.offset",
    },
    Profile {
        reason: "__streams.errors.exception",
        cause: "__streams.errors.message",
        topic: "__streams.errors.topic",
        partition: "__streams.errors.partition",
        offset: "__streams.errors.offset",
    },
];

/// What we add to a record's own headers; other headers of ours tell of the execution that produced it.
const OURS: [&str; 7] = [
    "asl-error",
    "asl-cause",
    "asl-topic",
    "asl-partition",
    "asl-offset",
    "asl-timestamp",
    REPLAYS_HEADER,
];

/// What all headers begin with that the other profiles add.
const FOREIGN_PREFIXES: [&str; 3] = ["kafka_dlt-", "__connect.errors.", "__streams.errors."];

impl DeadLetter {
    /// What the headers tell; each fact from the first profile that tells it.
    #[must_use]
    pub fn source(&self) -> Source {
        let first = |name: fn(&Profile) -> &'static str| {
            PROFILES
                .iter()
                .find_map(|profile| self.header(name(profile)))
        };
        let text = |name| first(name).map(|value| lossy(value).into_owned());
        Source {
            reason: text(|profile| profile.reason),
            cause: text(|profile| profile.cause),
            topic: text(|profile| profile.topic),
            partition: first(|profile| profile.partition)
                .and_then(|value| i32::try_from(number(value, 4)?).ok()),
            offset: first(|profile| profile.offset).and_then(|value| number(value, 8)),
            replays: self
                .header(REPLAYS_HEADER)
                .and_then(|value| u32::try_from(number(value, 0)?).ok())
                .unwrap_or(0),
        }
    }

    /// The headers that the record had before it became a dead letter.
    pub fn original_headers(&self) -> impl Iterator<Item = &(String, Option<Vec<u8>>)> {
        self.headers.iter().filter(|(name, _)| {
            let is_foreign = |prefix: &&str| name.starts_with(*prefix);
            !OURS.contains(&name.as_str()) && !FOREIGN_PREFIXES.iter().any(is_foreign)
        })
    }

    /// The last header of this name: what was added last tells of the last time.
    fn header(&self, name: &str) -> Option<&[u8]> {
        let mut named = self.headers.iter().rev().filter(|(known, _)| known == name);
        named.next()?.1.as_deref()
    }
}

/// A number in decimal digits, as most write it, or in `width` bytes with the highest first, as Spring does. Bytes that happen
/// to be digits would be a partition beyond 800 million, or an offset beyond 3 · 10¹⁸.
fn number(value: &[u8], width: usize) -> Option<i64> {
    let is_decimal = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    if is_decimal {
        return std::str::from_utf8(value).ok()?.parse().ok();
    }
    (width > 0 && value.len() == width).then(|| {
        value
            .iter()
            .fold(0, |number, byte| (number << 8) | i64::from(*byte))
    })
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::dead_letter::{Origin, Reason, headers};
    use crate::kafka::settings::DeadLetterHeaders;

    fn letter(headers: Vec<(String, Option<Vec<u8>>)>) -> DeadLetter {
        DeadLetter {
            partition: 0,
            offset: 7,
            timestamp_ms: None,
            key: None,
            value: None,
            headers,
        }
    }

    /// What a tool writes that knows only this profile.
    fn written(profile: DeadLetterHeaders) -> Vec<(String, Option<Vec<u8>>)> {
        let origin = Origin {
            group: "g",
            workflow: "w",
            topic: "in",
            partition: 3,
            offset: 258,
            timestamp: Some(1),
        };
        let mut all = Vec::new();
        headers(profile, Reason::Json, "why", &origin, |name, value| {
            let is_ours = name.starts_with("asl-");
            if is_ours == (profile == DeadLetterHeaders::None) {
                all.push((name.to_owned(), Some(value.to_vec())));
            }
        });
        all
    }

    #[test]
    fn every_profile_is_read_back() {
        for (profile, reason) in [
            (DeadLetterHeaders::None, "json"),
            (DeadLetterHeaders::Spring, "stepstream.json"),
            (DeadLetterHeaders::Connect, "stepstream.json"),
            (DeadLetterHeaders::Streams, "stepstream.json"),
        ] {
            let mut headers = written(profile);
            headers.insert(0, ("asl-execution-arn".to_owned(), None));
            headers.push((REPLAYS_HEADER.to_owned(), Some(b"2".to_vec())));
            let letter = letter(headers);
            let expected = Source {
                reason: Some(reason.to_owned()),
                cause: Some("why".to_owned()),
                topic: Some("in".to_owned()),
                partition: Some(3),
                offset: Some(258),
                replays: 2,
            };
            assert_eq!(letter.source(), expected, "{profile:?}");
            let original: Vec<_> = letter.original_headers().collect();
            assert_eq!(
                original,
                [&("asl-execution-arn".to_owned(), None)],
                "{profile:?}"
            );
        }
    }

    #[test]
    fn what_is_not_told_is_not_guessed() {
        let odd = letter(vec![
            ("asl-partition".to_owned(), Some(b"x".to_vec())),
            ("asl-offset".to_owned(), None),
            (REPLAYS_HEADER.to_owned(), Some(Vec::new())),
        ]);
        assert_eq!(odd.source(), Source::default());
    }
}
