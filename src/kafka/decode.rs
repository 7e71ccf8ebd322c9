//! From a record's bytes to an execution's input, or to the reason why there is none.

use super::dead_letter::Reason;
use crate::value::{ParseErrorKind, Value};

/// A record of which no execution can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// Of what kind.
    pub reason: Reason,
    /// In words.
    pub cause: String,
}

/// The value of a record's payload, which must be JSON.
///
/// # Errors
/// Why it is no input.
pub fn decode(payload: Option<&[u8]>, record_bytes_max: usize) -> Result<Value, Undecodable> {
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
    Value::parse(payload).or_else(|error| {
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
            let decoded = decode(payload, 1 << 20)
                .map(|v| v.to_json())
                .map_err(|e| e.reason);
            assert_eq!(decoded, expected.map(str::to_owned), "{payload:.40?}");
        }
    }
}
