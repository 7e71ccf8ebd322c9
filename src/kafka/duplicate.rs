//! What tells an event from others, by what its sender has said of it: which of several records are one event that was sent twice.
//!
//! Never taken for a repetition are records that were redriven, since whoever did so wants them to be run, and those that ask for a reply, since
//! somebody waits for it.
//!
//! *Not here*: which events are remembered, and for how long, see `group`.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::cloud_event::{self, Mode};
use super::dead_letters::REPLAYS_HEADER;
use super::group::{EventId, Once, WindowBounds};
use super::route::Header;
use super::settings::{DeduplicateBy, WorkflowSettings};
use crate::metrics::EventMetrics;
use crate::value::{Parser, Value};

/// How one workflow tells its events apart.
#[derive(Debug)]
pub(super) struct Recognizer {
    workflow: usize,
    by: DeduplicateBy,
    bounds: WindowBounds,
    /// A record with it asks for a reply.
    reply_header: Option<String>,
    /// A larger record becomes a dead letter, and is not looked into.
    record_bytes_max: usize,
    /// Counts what was recognized.
    pub(super) repeated: metrics::Counter,
}

/// The name of the execution that has answered, on every answer: an event made by another workflow of Stepstream has one.
const NAME_HEADER: &str = "asl-execution-name";
/// What the id and the source of a CloudEvent have, in binary mode.
const CLOUD_EVENT_HEADERS: [&str; 2] = ["ce_source", "ce_id"];
/// The same in structured mode. Senders make the two unique together (CloudEvents 1.0, section 3.1).
const CLOUD_EVENT_MEMBERS: [&str; 2] = ["source", "id"];

impl Recognizer {
    /// One for each workflow that wants one, in their order.
    pub(super) fn all(
        workflows: &[WorkflowSettings],
        record_bytes_max: usize,
    ) -> Vec<Option<Self>> {
        let recognizer = |(workflow, settings): (usize, &WorkflowSettings)| {
            let deduplicate = settings.deduplicate.as_ref()?;
            Some(Self {
                workflow,
                by: deduplicate.by.clone(),
                bounds: WindowBounds {
                    events_max: deduplicate.events_max,
                    age_ms_max: i64::try_from(deduplicate.window.as_millis()).unwrap_or(i64::MAX),
                },
                reply_header: settings.reply.as_ref().map(|r| r.topic_header.clone()),
                record_bytes_max,
                repeated: EventMetrics::new(&settings.name).repeated,
            })
        };
        workflows.iter().enumerate().map(recognizer).collect()
    }

    /// What is to be run once; `None` if its sender has not said what it is, or it is to be run in any case.
    pub(super) fn once<'a, H>(
        &self,
        headers: impl Fn() -> H,
        payload: Option<&[u8]>,
    ) -> Option<Once>
    where
        H: Iterator<Item = Header<'a>>,
    {
        let is_run_anyway = |name: &[u8]| {
            let reply = self.reply_header.as_ref();
            name == REPLAYS_HEADER.as_bytes() || reply.is_some_and(|r| name == r.as_bytes())
        };
        if headers().any(|(name, _)| is_run_anyway(name)) {
            return None;
        }
        let parts = match &self.by {
            DeduplicateBy::Name => vec![last(headers(), NAME_HEADER)?],
            DeduplicateBy::Header(name) => vec![last(headers(), name)?],
            DeduplicateBy::CloudEvent => {
                let payload = payload.filter(|payload| payload.len() <= self.record_bytes_max);
                cloud_event(headers, payload)?
            }
        };
        let mut hash = Sha256::new();
        for part in parts {
            // The length first, so that no two lists of parts are the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(&part);
        }
        Some(Once {
            workflow: self.workflow,
            id: EventId(hash.finalize().into()),
            bounds: self.bounds,
        })
    }
}

/// The source and the id of a CloudEvent.
fn cloud_event<'a, H: Iterator<Item = Header<'a>>>(
    headers: impl Fn() -> H,
    payload: Option<&[u8]>,
) -> Option<Vec<Cow<'a, [u8]>>> {
    match cloud_event::mode(headers()) {
        Mode::Binary => {
            let parts = CLOUD_EVENT_HEADERS.map(|name| last(headers(), name));
            parts.into_iter().collect()
        }
        Mode::Structured => {
            let event = Parser::new().parse(payload?).ok()?;
            let event = event.as_object()?;
            let text = |name: &str| event.get(name).and_then(Value::as_str);
            let parts = CLOUD_EVENT_MEMBERS.map(text);
            let owned = |text: &str| Cow::Owned(text.as_bytes().to_vec());
            parts.into_iter().map(|part| part.map(owned)).collect()
        }
        Mode::None | Mode::Unknown => None,
    }
}

/// The last value of a header, unless it is null or empty, which tells nothing apart.
fn last<'a>(headers: impl Iterator<Item = Header<'a>>, name: &str) -> Option<Cow<'a, [u8]>> {
    let named = headers.filter(|(n, _)| *n == name.as_bytes());
    let value = named.last()?.1?;
    (!value.is_empty()).then_some(Cow::Borrowed(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BINARY: &[Header<'_>] = &[
        (b"ce_specversion", Some(b"1.0")),
        (b"ce_source", Some(b"/a")),
        (b"ce_id", Some(b"b")),
    ];
    const STRUCTURED: &[Header<'_>] = &[(b"content-type", Some(b"application/cloudevents+json"))];

    fn once(by: DeduplicateBy, headers: &[Header<'_>], payload: &str) -> Option<EventId> {
        let recognizer = Recognizer {
            workflow: 0,
            by,
            bounds: WindowBounds {
                events_max: 1,
                age_ms_max: 1,
            },
            reply_header: Some("reply".to_owned()),
            record_bytes_max: 40,
            repeated: metrics::Counter::noop(),
        };
        let once = recognizer.once(|| headers.iter().copied(), Some(payload.as_bytes()));
        once.map(|once| once.id)
    }

    #[test]
    fn what_tells_events_apart() {
        let header = || DeduplicateBy::Header("id".to_owned());
        let cloud = || DeduplicateBy::CloudEvent;
        let with = |more: &[Header<'static>]| [BINARY, more].concat();
        let event = once(cloud(), BINARY, "").expect("it has both");
        let other = [
            BINARY[0],
            (b"ce_source", Some(b"/ab")),
            (b"ce_id", Some(b"")),
        ];
        for (by, headers, payload, expected) in [
            (cloud(), BINARY, "other data", Some(true)),
            (
                cloud(),
                STRUCTURED,
                r#"{"source": "/a", "id": "b"}"#,
                Some(true),
            ),
            (
                cloud(),
                STRUCTURED,
                r#"{"source": "/", "id": "ab"}"#,
                Some(false),
            ),
            (cloud(), STRUCTURED, r#"{"source": "/a"}"#, None),
            (cloud(), STRUCTURED, "not JSON", None),
            (
                cloud(),
                STRUCTURED,
                r#"{"source": "/a", "id": "b", "is": "too large"}"#,
                None,
            ),
            (cloud(), &BINARY[..2], "", None),
            (cloud(), &other, "", None),
            (cloud(), &[], "", None),
            (cloud(), &with(&[(b"ce_id", Some(b"c"))]), "", Some(false)),
            (cloud(), &with(&[(b"asl-replays", Some(b"1"))]), "", None),
            (cloud(), &with(&[(b"reply", Some(b"t"))]), "", None),
            (header(), &[(b"id", Some(b"b"))], "", Some(false)),
            (header(), &[(b"id", Some(b""))], "", None),
            (header(), &[(b"id", None)], "", None),
            (header(), BINARY, "", None),
            (
                DeduplicateBy::Name,
                &[(b"asl-execution-name", Some(b"x"))],
                "",
                Some(false),
            ),
            (DeduplicateBy::Name, BINARY, "", None),
        ] {
            let found = once(by, headers, payload);
            assert_eq!(
                found.map(|id| id == event),
                expected,
                "{headers:?} {payload}"
            );
        }
        let last = [(&b"id"[..], Some(&b"x"[..])), (b"id", Some(b"b"))];
        assert_eq!(once(header(), &last, ""), once(header(), &last[1..], ""));
    }
}
