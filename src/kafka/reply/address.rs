//! Where an event asks for its answer, and until when it is of use: from its headers, and only as far as settings allow.
//!
//! Of headers with one name the last counts, as for Spring. An event without the header of a reply topic asks for no reply.

use crate::kafka::route::Header;

/// How a workflow is asked for replies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplySettings {
    /// Topics that may be asked for: names, or beginnings of names followed by `*`.
    pub topics: Vec<String>,
    /// The header with the topic: `kafka_replyTopic`.
    pub topic_header: String,
    /// The header that is given back byte for byte: `kafka_correlationId`.
    pub correlation_id_header: String,
    /// The header with the partition, a big-endian integer of four bytes: `kafka_replyPartition`.
    pub partition_header: String,
    /// The header with the time after which nothing is run; see [`ReplySettings::deadline`].
    pub deadline_header: String,
}

/// Where a reply goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The topic, which the settings allow.
    pub topic: &'a str,
    /// The partition; without one the key decides.
    pub partition: Option<i32>,
    /// What the reply must carry back.
    pub correlation_id: Option<&'a [u8]>,
}

/// Headers that make no sense, or ask for what is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The topic is not one of the settings'.
    #[error("the reply topic '{0}' is not one of the workflow's reply.topics")]
    NotAllowed(String),
    /// Replies would be events.
    #[error("the reply topic '{0}' is an input topic of this process")]
    Input(String),
    /// Not an integer of four bytes, or below 0.
    #[error(
        "the header '{header}' must be a partition, an integer of 4 bytes (big endian) that is not negative, but has {bytes} bytes: {shown}"
    )]
    Partition {
        /// Its name.
        header: String,
        /// The length of its value.
        bytes: usize,
        /// The first bytes of its value, escaped.
        shown: String,
    },
    /// Neither a time nor a duration.
    #[error(
        "the header '{header}' must be a time in milliseconds since the epoch, or a duration such as 500ms or 5s, but is {shown}"
    )]
    Deadline {
        /// Its name.
        header: String,
        /// The first bytes of its value, escaped.
        shown: String,
    },
}

/// How many bytes of a wrong value a message shows.
const SHOWN_BYTES_MAX: usize = 40;

impl ReplySettings {
    /// The names that Spring uses, and `asl-deadline`.
    #[must_use]
    pub fn new(topics: Vec<String>) -> Self {
        Self {
            topics,
            topic_header: "kafka_replyTopic".to_owned(),
            correlation_id_header: "kafka_correlationId".to_owned(),
            partition_header: "kafka_replyPartition".to_owned(),
            deadline_header: "asl-deadline".to_owned(),
        }
    }

    /// Where an event with these headers wants its reply; `None` if it wants none. `inputs` are the topics that this process reads.
    ///
    /// # Errors
    /// If the headers make no sense, or the topic is not allowed.
    pub fn address<'a, H: Iterator<Item = Header<'a>>>(
        &self,
        headers: impl Fn() -> H,
        inputs: &[String],
    ) -> Result<Option<Address<'a>>, AddressError> {
        let Some(topic) = last(headers(), &self.topic_header) else {
            return Ok(None);
        };
        let not_allowed = || AddressError::NotAllowed(shown(topic));
        let topic = std::str::from_utf8(topic).map_err(|_| not_allowed())?;
        if !self.topics.iter().any(|pattern| allows(pattern, topic)) {
            return Err(not_allowed());
        }
        if inputs.iter().any(|input| input == topic) {
            return Err(AddressError::Input(topic.to_owned()));
        }
        let partition = match last(headers(), &self.partition_header) {
            None => None,
            Some(bytes) => {
                let partition = <[u8; 4]>::try_from(bytes).map(i32::from_be_bytes);
                let partition = partition.ok().filter(|partition| *partition >= 0);
                Some(partition.ok_or_else(|| AddressError::Partition {
                    header: self.partition_header.clone(),
                    bytes: bytes.len(),
                    shown: shown(bytes),
                })?)
            }
        };
        Ok(Some(Address {
            topic,
            partition,
            correlation_id: last(headers(), &self.correlation_id_header),
        }))
    }

    /// After which time, in milliseconds since the epoch, nothing is to be run; `None` if the event does not say.
    ///
    /// The header's value is a time as decimal digits or as a big-endian integer of eight bytes, or a duration since the
    /// record's timestamp as digits followed by `ms` or `s`. A duration without a timestamp is no deadline.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn deadline<'a>(
        &self,
        headers: impl Iterator<Item = Header<'a>>,
        timestamp: Option<i64>,
    ) -> Result<Option<i64>, AddressError> {
        let Some(bytes) = last(headers, &self.deadline_header) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let ms = |digits: &str| digits.parse::<u32>().ok().map(i64::from);
        let duration_ms = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
            (Some(digits), _) => ms(digits),
            (None, Some(digits)) => ms(digits).map(|seconds| seconds * 1_000),
            (None, None) => None,
        };
        if let Some(duration_ms) = duration_ms {
            return Ok(timestamp.map(|timestamp| timestamp.saturating_add(duration_ms)));
        }
        let is_time = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let time = match <[u8; 8]>::try_from(bytes) {
            _ if is_time => text.parse().ok(),
            Ok(bytes) => Some(i64::from_be_bytes(bytes)).filter(|time| *time >= 0),
            Err(_) => None,
        };
        time.map(Some).ok_or_else(|| AddressError::Deadline {
            header: self.deadline_header.clone(),
            shown: shown(bytes),
        })
    }
}

/// Whether a topic is what a pattern names: itself, or something that begins as it does before its `*`.
#[must_use]
pub fn allows(pattern: &str, topic: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == topic, |prefix| topic.starts_with(prefix))
}

/// The value of the last header of this name; a null counts as absent.
fn last<'a>(headers: impl Iterator<Item = Header<'a>>, name: &str) -> Option<&'a [u8]> {
    headers
        .filter(|(other, _)| *other == name.as_bytes())
        .last()
        .and_then(|(_, value)| value)
}

fn shown(bytes: &[u8]) -> String {
    let first = bytes.get(..SHOWN_BYTES_MAX).unwrap_or(bytes);
    first.escape_ascii().to_string()
}
