//! What is sent in place of a record that the broker never takes, because it alone is larger than its topic allows.
//!
//! The event's own bytes are not at hand any more; where they are is said.
//!
//! *Not here*: how it is found out that a record is too large.

use std::sync::atomic::Ordering;

use super::{Output, Pending, TopicNumber};
use crate::kafka::dead_letter::{self, Origin, Reason};
use crate::kafka::native::Headers;
use crate::kafka::settings::DeadLetterHeaders;
use crate::kafka::statistics::Counters;
use crate::metrics::EventMetrics;

/// What to do about a record that is too large for its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::kafka) enum IfTooLarge {
    /// Answer the event by a dead letter without a value.
    DeadLetter {
        /// Where to.
        topic: String,
        profile: DeadLetterHeaders,
        workflow: String,
    },
    /// Send its headers alone: it is a dead letter itself.
    OmitValue,
    /// Say so and do without it: it is a log record.
    DoWithout,
}

/// What takes a record's place.
#[derive(Debug)]
pub(super) enum Instead {
    Record(Pending),
    /// Nothing: the record counts as acknowledged.
    Nothing,
    /// It has no value that could be left out: the topic takes no record at all. It is kept.
    Same(Pending),
}

/// The header of a record whose value was left out.
pub(in crate::kafka) const VALUE_OMITTED: &str = "asl-value-omitted";

/// What to send instead of `pending`, which was refused. `group` has read its event.
pub(super) fn instead(
    mut pending: Pending,
    outputs: &[Output],
    group: &str,
    counters: &Counters,
) -> Instead {
    let bytes = pending.value.as_deref().map_or(0, <[u8]>::len);
    let Some(output) = outputs.get(pending.topic.0) else {
        return Instead::Same(pending);
    };
    tracing::warn!(
        topic = output.topic,
        bytes,
        "a record is larger than its topic allows: raise max.message.bytes of the topic"
    );
    match &output.if_too_large {
        IfTooLarge::DoWithout => Instead::Nothing,
        IfTooLarge::OmitValue if pending.value.is_none() => Instead::Same(pending),
        IfTooLarge::OmitValue => {
            pending.value = None;
            pending.headers.add(VALUE_OMITTED, b"true");
            Instead::Record(pending)
        }
        IfTooLarge::DeadLetter {
            topic,
            profile,
            workflow,
        } => {
            let Some(number) = outputs.iter().position(|o| o.topic == *topic) else {
                return Instead::Same(pending);
            };
            let cause = format!(
                "the answer has {bytes} bytes, which the topic {} does not take",
                output.topic
            );
            let mut headers = pending.headers.clone();
            let (from, partition, offset) = place(&pending.headers);
            let origin = Origin {
                group,
                workflow,
                topic: &from,
                partition,
                offset,
                timestamp: None,
            };
            let reason = Reason::OutputTooLarge;
            dead_letter::headers(*profile, reason, &cause, &origin, |n, v| headers.add(n, v));
            headers.add(VALUE_OMITTED, b"true");
            counters.dead_letters.fetch_add(1, Ordering::Relaxed);
            EventMetrics::new(workflow).dead_letters.increment(1);
            EventMetrics::dead_letters_by_reason(workflow, reason.as_str()).increment(1);
            Instead::Record(Pending {
                topic: TopicNumber(number),
                value: None,
                headers,
                ..pending
            })
        }
    }
}

/// Topic, partition and offset of the event, as its answer's `asl-dedup-id` names them. An event that is an answer itself has one too,
/// which comes before ours.
fn place(headers: &Headers) -> (String, i32, i64) {
    let ids = headers.iter().filter(|(name, _)| *name == b"asl-dedup-id");
    let id = ids.last().and_then(|(_, value)| value).unwrap_or_default();
    let id = String::from_utf8_lossy(id);
    let mut parts = id.rsplitn(3, '/');
    let offset = parts.next().and_then(|offset| offset.parse().ok());
    let partition = parts.next().and_then(|partition| partition.parse().ok());
    let topic = parts.next().unwrap_or_default().to_owned();
    (topic, partition.unwrap_or(-1), offset.unwrap_or(-1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kafka::token::Token;

    fn output(topic: &str, if_too_large: IfTooLarge) -> Output {
        Output {
            topic: topic.to_owned(),
            if_too_large,
        }
    }

    fn text(headers: &Headers, name: &str) -> Option<String> {
        let value = |(_, value): (_, Option<&[u8]>)| value.map(|v| v.to_vec());
        let last = headers.iter().filter(|(n, _)| *n == name.as_bytes()).last();
        last.and_then(value)
            .map(|v| String::from_utf8(v).expect("text"))
    }

    #[test]
    fn each_kind_of_record_has_its_way_out() {
        let letter = IfTooLarge::DeadLetter {
            topic: "dead".to_owned(),
            profile: DeadLetterHeaders::None,
            workflow: "w".to_owned(),
        };
        let outputs = [
            output("results", letter),
            output("dead", IfTooLarge::OmitValue),
            output("logs", IfTooLarge::DoWithout),
        ];
        let counters = Counters::default();
        let pending = |topic| {
            let mut headers = Headers::with_capacity(2);
            headers.add("asl-dedup-id", b"before/0/1");
            headers.add("asl-dedup-id", b"in/3/42");
            Pending {
                topic: TopicNumber(topic),
                key: Some(Box::from(&b"k"[..])),
                value: Some(Box::from(&b"too large"[..])),
                headers,
                token: Token::from_bits(7),
            }
        };
        let Instead::Record(letter) = instead(pending(0), &outputs, "g", &counters) else {
            panic!("an answer becomes a dead letter");
        };
        assert_eq!((letter.topic, &letter.value), (TopicNumber(1), &None));
        assert_eq!(letter.key.as_deref(), Some(&b"k"[..]));
        let expected = [
            ("asl-error", "output-too-large"),
            ("asl-topic", "in"),
            ("asl-partition", "3"),
            ("asl-offset", "42"),
            (VALUE_OMITTED, "true"),
        ];
        for (name, value) in expected {
            assert_eq!(
                text(&letter.headers, name).as_deref(),
                Some(value),
                "{name}"
            );
        }
        let Instead::Record(smaller) = instead(pending(1), &outputs, "g", &counters) else {
            panic!("a dead letter goes without its value");
        };
        assert_eq!((smaller.topic, &smaller.value), (TopicNumber(1), &None));
        assert!(matches!(
            instead(smaller, &outputs, "g", &counters),
            Instead::Same(_)
        ));
        assert!(matches!(
            instead(pending(2), &outputs, "g", &counters),
            Instead::Nothing
        ));
        assert_eq!(counters.dead_letters.load(Ordering::Relaxed), 1);
    }
}
