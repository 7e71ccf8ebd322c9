//! From a record's bytes to an execution's input, or to the reason why there is none.

use super::cloud_event::{self, CloudEvent, Mode};
use super::dead_letter::Reason;
use super::route::Header;
use crate::value::{ParseErrorKind, Parser, Value};

/// A record of which no execution can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Of what kind.
    pub reason: Reason,
    /// In words.
    pub cause: String,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The execution's input.
    pub input: Value,
    /// The attributes of a CloudEvent in structured mode. In binary mode they are among the headers.
    pub attributes: Option<Value>,
}

/// The input that a record's payload holds: JSON, or the data of a CloudEvent.
///
/// # Errors
/// Why it is no input.
pub fn decode<'a>(
    payload: Option<&[u8]>,
    headers: impl Iterator<Item = Header<'a>>,
    record_bytes_max: usize,
    parser: &mut Parser,
) -> Result<Decoded, Undecodable> {
    let refuse = |cause| Undecodable {
        reason: Reason::CloudEvent,
        cause,
    };
    let input = |input| Decoded {
        input,
        attributes: None,
    };
    match cloud_event::mode(headers) {
        Mode::None => json(payload, record_bytes_max, parser).map(input),
        Mode::Binary if payload.is_none_or(<[u8]>::is_empty) => Ok(input(Value::NULL)),
        Mode::Binary => json(payload, record_bytes_max, parser).map(input),
        Mode::Structured => {
            let envelope = json(payload, record_bytes_max, parser)?;
            let CloudEvent { data, attributes } = cloud_event::open(&envelope).map_err(refuse)?;
            Ok(Decoded {
                input: data,
                attributes: Some(attributes),
            })
        }
        Mode::Unknown => Err(refuse("only CloudEvents in JSON are read".to_owned())),
    }
}

fn json(
    payload: Option<&[u8]>,
    record_bytes_max: usize,
    parser: &mut Parser,
) -> Result<Value, Undecodable> {
    let refuse = |reason, cause| Err(Undecodable { reason, cause });
    let payload = match payload {
        None => return refuse(Reason::Empty, "the value is null".to_owned()),
        Some([]) => return refuse(Reason::Empty, "the value is empty".to_owned()),
        Some(payload) if payload.len() > record_bytes_max => {
            let cause = format!(
                "the value has {} bytes, and at most {record_bytes_max} are run",
                payload.len()
            );
            return refuse(Reason::TooLarge, cause);
        }
        Some(payload) => payload,
    };
    parser.parse(payload).or_else(|error| {
        let reason = match error.kind {
            ParseErrorKind::Utf8 => Reason::Utf8,
            ParseErrorKind::Depth => Reason::Depth,
            ParseErrorKind::End
            | ParseErrorKind::Unexpected
            | ParseErrorKind::Number
            | ParseErrorKind::String
            | ParseErrorKind::Trailing => Reason::Json,
        };
        refuse(reason, error.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_payload_has_its_reason() {
        let deep = "[".repeat(100_000);
        let large = format!("\"{}\"", "x".repeat(5 << 20));
        type Case<'a> = (Option<&'a [u8]>, Result<&'a str, Reason>);
        let cases: [Case<'_>; 10] = [
            (Some(b" {\"a\":1.10} "), Ok(r#"{"a":1.10}"#)),
            (Some(b"null"), Ok("null")),
            (None, Err(Reason::Empty)),
            (Some(b""), Err(Reason::Empty)),
            (Some(b"  "), Err(Reason::Json)),
            (Some(b"{"), Err(Reason::Json)),
            (Some(b"{} {}"), Err(Reason::Json)),
            (Some(b"{\"a\":\"\xff\"}"), Err(Reason::Utf8)),
            (Some(deep.as_bytes()), Err(Reason::Depth)),
            (Some(large.as_bytes()), Err(Reason::TooLarge)),
        ];
        for (payload, expected) in cases {
            let decoded = decode(payload, std::iter::empty(), 1 << 20, &mut Parser::new())
                .map(|d| d.input.to_json())
                .map_err(|e| e.reason);
            assert_eq!(decoded, expected.map(str::to_owned), "{payload:.40?}");
        }
    }

    #[test]
    fn the_data_of_a_cloud_event_is_the_input() {
        const BINARY: Header<'_> = (b"ce_specversion", Some(b"1.0"));
        const STRUCTURED: Header<'_> = (b"content-type", Some(b"application/cloudevents+json"));
        const AVRO: Header<'_> = (b"content-type", Some(b"application/cloudevents+avro"));
        let event: &[u8] =
            br#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1}}"#;
        let attributes = r#"{"specversion":"1.0","id":"1","source":"/s","type":"t"}"#;
        type Case<'a> = (
            Header<'a>,
            Option<&'a [u8]>,
            Result<(&'a str, Option<&'a str>), Reason>,
        );
        let cases: [Case<'_>; 9] = [
            (BINARY, Some(b"{\"a\":1}"), Ok((r#"{"a":1}"#, None))),
            (BINARY, None, Ok(("null", None))),
            (BINARY, Some(b""), Ok(("null", None))),
            (BINARY, Some(b"x"), Err(Reason::Json)),
            (
                STRUCTURED,
                Some(event),
                Ok((r#"{"a":1}"#, Some(attributes))),
            ),
            (STRUCTURED, Some(b"{}"), Err(Reason::CloudEvent)),
            (STRUCTURED, Some(b"{"), Err(Reason::Json)),
            (STRUCTURED, None, Err(Reason::Empty)),
            (AVRO, Some(event), Err(Reason::CloudEvent)),
        ];
        for (header, payload, expected) in cases {
            let decoded = decode(
                payload,
                std::iter::once(header),
                1 << 20,
                &mut Parser::new(),
            );
            let decoded = decoded.map_err(|e| e.reason).map(|d| {
                let attributes = d.attributes.map(|attributes| attributes.to_json());
                (d.input.to_json(), attributes)
            });
            let expected = expected
                .map(|(input, attributes)| (input.to_owned(), attributes.map(str::to_owned)));
            assert_eq!(decoded, expected, "{payload:?}");
        }
    }
}
