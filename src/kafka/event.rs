//! Who the execution of an event is, and what its context object says of the record.
//!
//! Names derive from topic, partition and offset alone, so a record that is delivered again gets the same name.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::cloud_event;
use super::route::Header;
use crate::machine::{ExecutionKind, Identity, MachineIdentity};
use crate::value::{ObjectBuilder, Text, Value};

/// The longest name that an execution may have.
const NAME_BYTES_MAX: usize = 80;

/// What is known of a partition's executions in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namer {
    /// `topic-partition-`, cut if it must be.
    prefix: String,
    seed: (u64, u64),
}

impl Namer {
    /// For the executions of one partition.
    #[must_use]
    pub fn new(topic: &str, partition: i32) -> Self {
        let hash = hash(topic.as_bytes(), 0);
        // An offset has at most 19 digits.
        let room = NAME_BYTES_MAX - 19;
        let mut prefix = format!("{topic}-{partition}-");
        if prefix.len() > room {
            let tail = format!("-{hash:016x}-{partition}-");
            let head = topic.floor_char_boundary(room.saturating_sub(tail.len()));
            prefix = format!("{}{tail}", topic.get(..head).unwrap_or_default());
        }
        let number = u64::from(partition.cast_unsigned());
        Self {
            prefix,
            seed: (mix(hash ^ mix(number)), mix(hash.wrapping_add(number) ^ 1)),
        }
    }

    /// The identity of the execution of the record at `offset`.
    ///
    /// Its UUID is of version 8 (RFC 9562): derived, not random.
    #[must_use]
    pub fn identity(&self, machine: &Arc<MachineIdentity>, offset: i64) -> Identity {
        let number = offset.cast_unsigned();
        let high = mix(self.seed.0 ^ mix(number)) & !0xf000 | 0x8000;
        let low = mix(self.seed.1.wrapping_add(mix(number ^ 1))) & (u64::MAX >> 2) | (1 << 63);
        let mut digits = itoa::Buffer::new();
        let mut name = String::with_capacity(NAME_BYTES_MAX);
        name.push_str(&self.prefix);
        name.push_str(digits.format(offset));
        Identity {
            machine: Arc::clone(machine),
            name: Text::from(name),
            uuid: (u128::from(high) << 64) | u128::from(low),
            kind: ExecutionKind::Express,
        }
    }
}

/// A 64-bit hash of bytes (FNV-1a, mixed): the same in every process, so that a key's worker is known from its bytes.
#[must_use]
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    mix(bytes.iter().fold(BASIS ^ seed, step))
}

/// Spreads every bit over all (the finalizer of SplitMix64).
const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A record as the context object shows it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its time in milliseconds since the epoch.
    pub timestamp: Option<i64>,
    /// Its key.
    pub key: Option<&'a [u8]>,
}

/// `{"Kafka": {"Topic", "Partition", "Offset", "Timestamp", "Key", "Headers", "CloudEvent"}}`
///
/// `CloudEvent` is there for one only: its attributes, which are those given or, in binary mode, among the headers.
/// `Timestamp` is in milliseconds since the epoch, or null. A key that is UTF-8 is `Key`; another is `null` there and stands in Base64
/// under `KeyBase64`. `Headers` has a member for each name: its last value, as text or null. A value that is not UTF-8 is null there and
/// stands in Base64 under `HeadersBase64`. Names that are not UTF-8 are left out.
pub fn context<'a, H: Iterator<Item = Header<'a>>>(
    record: &Record<'_>,
    headers: impl Fn() -> H,
    attributes: Option<Value>,
) -> Value {
    let mut kafka = ObjectBuilder::with_capacity(9);
    kafka.insert("Topic", Value::from(record.topic));
    kafka.insert("Partition", Value::from(i64::from(record.partition)));
    kafka.insert("Offset", Value::from(record.offset));
    kafka.insert(
        "Timestamp",
        record.timestamp.map_or(Value::NULL, Value::from),
    );
    let key = record.key.map_or(Shown::Null, Shown::new);
    let (text, base64) = key.split();
    kafka.insert("Key", text);
    if let Some(base64) = base64 {
        kafka.insert("KeyBase64", base64);
    }
    let mut texts = ObjectBuilder::new();
    let mut binaries: Vec<(Text, Option<Value>)> = Vec::new();
    for (name, value) in headers() {
        let Ok(name) = std::str::from_utf8(name) else {
            continue;
        };
        let (text, base64) = value.map_or(Shown::Null, Shown::new).split();
        texts.insert(name, text);
        binaries.retain(|(other, _)| other != name);
        if base64.is_some() {
            binaries.push((Text::new(name), base64));
        }
    }
    kafka.insert("Headers", shallow(texts));
    if !binaries.is_empty() {
        let mut all = ObjectBuilder::with_capacity(binaries.len());
        for (name, value) in binaries {
            all.insert(name, value.unwrap_or(Value::NULL));
        }
        kafka.insert("HeadersBase64", shallow(all));
    }
    if let Some(attributes) = attributes.or_else(|| cloud_event::attributes(headers())) {
        kafka.insert("CloudEvent", attributes);
    }
    let mut context = ObjectBuilder::with_capacity(1);
    context.insert("Kafka", shallow(kafka));
    shallow(context)
}

/// Bytes as JSON can show them.
enum Shown<'a> {
    Null,
    Text(&'a str),
    Binary(&'a [u8]),
}

impl<'a> Shown<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        std::str::from_utf8(bytes).map_or(Self::Binary(bytes), Self::Text)
    }

    fn split(self) -> (Value, Option<Value>) {
        match self {
            Self::Null => (Value::NULL, None),
            Self::Text(text) => (Value::from(text), None),
            Self::Binary(bytes) => (
                Value::NULL,
                Some(Value::from(BASE64.encode(bytes).as_str())),
            ),
        }
    }
}

fn shallow(object: ObjectBuilder) -> Value {
    object.finish().expect("three levels are not too deep")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn machine() -> Arc<MachineIdentity> {
        Arc::new(MachineIdentity {
            partition: Text::new("aws"),
            region: Text::new("us-east-1"),
            account: Text::new("123456789012"),
            name: Text::new("m"),
            role_arn: Text::new(""),
        })
    }

    #[test]
    fn names_are_short_and_differ() {
        let (long, shorter) = ("t".repeat(249), "t".repeat(248));
        let mut names = HashSet::new();
        let mut uuids = HashSet::new();
        for topic in ["in", "in-1", &long, &shorter] {
            for partition in [0, 1, i32::MAX] {
                for offset in [0, 1, i64::MAX] {
                    let namer = Namer::new(topic, partition);
                    let identity = namer.identity(&machine(), offset);
                    assert!(identity.name.len() <= NAME_BYTES_MAX, "{}", identity.name);
                    assert_eq!((identity.uuid >> 76) & 15, 8, "its version");
                    assert_eq!((identity.uuid >> 62) & 3, 2, "its variant");
                    assert_eq!(identity.uuid, namer.identity(&machine(), offset).uuid);
                    names.insert(identity.name);
                    uuids.insert(identity.uuid);
                }
            }
        }
        assert_eq!(Namer::new("in", 3).identity(&machine(), 7).name, "in-3-7");
        assert_eq!((names.len(), uuids.len()), (36, 36));
    }

    #[test]
    fn the_context_shows_bytes_that_are_no_text_in_base64() {
        let record = Record {
            topic: "in",
            partition: 1,
            offset: 2,
            timestamp: None,
            key: Some(b"\xff"),
        };
        let headers: [Header<'_>; 5] = [
            (b"a", Some(b"1")),
            (b"b", Some(b"\xfe")),
            (b"\xff", Some(b"unnamed")),
            (b"a", Some(b"2")),
            (b"n", None),
        ];
        let expected = r#"{"Kafka":{"Topic":"in","Partition":1,"Offset":2,"Timestamp":null,"Key":null,"KeyBase64":"/w==","Headers":{"a":"2","b":null,"n":null},"HeadersBase64":{"b":"/g=="}}}"#;
        let shown = context(&record, || headers.into_iter(), None);
        assert_eq!(shown.to_json(), expected);
        let record = Record {
            timestamp: Some(5),
            key: Some(b"k"),
            ..record
        };
        let expected = r#"{"Kafka":{"Topic":"in","Partition":1,"Offset":2,"Timestamp":5,"Key":"k","Headers":{}}}"#;
        let shown = context(&record, std::iter::empty, None);
        assert_eq!(shown.to_json(), expected);
    }

    #[test]
    fn the_context_shows_the_attributes_of_a_cloud_event() {
        let record = Record {
            topic: "in",
            partition: 1,
            offset: 2,
            timestamp: None,
            key: None,
        };
        let headers: [Header<'_>; 2] = [(b"ce_specversion", Some(b"1.0")), (b"ce_id", Some(b"7"))];
        let attributes = Value::parse(br#"{"id":"8"}"#).expect("JSON");
        let cases = [
            (None, r#","CloudEvent":{"specversion":"1.0","id":"7"}}}"#),
            (Some(attributes), r#","CloudEvent":{"id":"8"}}}"#),
        ];
        for (attributes, expected) in cases {
            let shown = context(&record, || headers.into_iter(), attributes).to_json();
            assert!(shown.ends_with(expected), "{shown}");
        }
    }
}
