//! Headers of requests, and what is made of them.

use super::address::{AddressError, ReplySettings, allows};
use crate::kafka::route::Header;

const TOPIC: &[u8] = b"kafka_replyTopic";
const PARTITION: &[u8] = b"kafka_replyPartition";
const CORRELATION: &[u8] = b"kafka_correlationId";
const DEADLINE: &[u8] = b"asl-deadline";

fn settings() -> ReplySettings {
    ReplySettings::new(vec!["replies".to_owned(), "team-*".to_owned()])
}

#[test]
fn a_reply_goes_where_the_headers_say_and_the_settings_allow() {
    // Headers; then topic, partition and correlation id, or what the refusal says.
    type Expected =
        Result<Option<(&'static str, Option<i32>, Option<&'static [u8]>)>, &'static str>;
    let cases: &[(&[Header<'_>], Expected)] = &[
        (&[], Ok(None)),
        (&[(CORRELATION, Some(b"1"))], Ok(None)),
        (&[(TOPIC, None)], Ok(None)),
        (
            &[(TOPIC, Some(b"replies"))],
            Ok(Some(("replies", None, None))),
        ),
        (
            &[(TOPIC, Some(b"team-a")), (CORRELATION, Some(b"\0\xff\n"))],
            Ok(Some(("team-a", None, Some(b"\0\xff\n")))),
        ),
        (
            &[(TOPIC, Some(b"replies")), (PARTITION, Some(&[0, 0, 1, 2]))],
            Ok(Some(("replies", Some(258), None))),
        ),
        (
            &[(TOPIC, Some(b"nowhere")), (TOPIC, Some(b"replies"))],
            Ok(Some(("replies", None, None))),
        ),
        (
            &[(TOPIC, Some(b"replies2"))],
            Err("'replies2' is not one of"),
        ),
        (&[(TOPIC, Some(b""))], Err("'' is not one of")),
        (&[(TOPIC, Some(b"\xff"))], Err(r"'\xff' is not one of")),
        (
            &[(TOPIC, Some(b"team-in"))],
            Err("'team-in' is an input topic"),
        ),
        (
            &[(TOPIC, Some(b"replies")), (PARTITION, Some(b"7"))],
            Err("has 1 bytes: 7"),
        ),
        (
            &[(TOPIC, Some(b"replies")), (PARTITION, Some(&[255; 4]))],
            Err("has 4 bytes"),
        ),
        (
            &[(TOPIC, Some(b"replies")), (PARTITION, Some(&[0; 8]))],
            Err("has 8 bytes"),
        ),
    ];
    let inputs = ["team-in".to_owned()];
    for (headers, expected) in cases {
        let address = settings().address(|| headers.iter().copied(), &inputs);
        match (address, expected) {
            (Ok(address), Ok(expected)) => {
                let address = address.map(|a| (a.topic, a.partition, a.correlation_id));
                assert_eq!(address, *expected, "{headers:?}");
            }
            (Err(error), Err(text)) => {
                assert!(error.to_string().contains(text), "{error}: {headers:?}");
            }
            (address, expected) => panic!("{address:?}, not {expected:?}, for {headers:?}"),
        }
    }
}

#[test]
fn a_deadline_is_a_time_or_a_duration() {
    // The header, the record's timestamp, the deadline; -1: it is refused.
    type Case<'a> = (Option<&'a [u8]>, Option<i64>, Option<i64>);
    let cases: &[Case<'_>] = &[
        (None, Some(1_000), None),
        (Some(b"1700000000000"), Some(1_000), Some(1_700_000_000_000)),
        (Some(b"12345678"), None, Some(12_345_678)),
        (
            Some(&1_700_000_000_000i64.to_be_bytes()),
            None,
            Some(1_700_000_000_000),
        ),
        (Some(b"500ms"), Some(1_000), Some(1_500)),
        (Some(b"100000ms"), Some(1_000), Some(101_000)),
        (Some(b"5s"), Some(1_000), Some(6_000)),
        (Some(b"5s"), None, None),
        (Some(b"-5s"), Some(1_000), Some(-1)),
        (Some(b"soon"), Some(1_000), Some(-1)),
        (Some(b""), Some(1_000), Some(-1)),
        (Some(b"s"), Some(1_000), Some(-1)),
        (Some(b"99999999999999999999"), None, Some(-1)),
        (Some(&[255; 8]), None, Some(-1)),
        (Some(b"\xff"), None, Some(-1)),
    ];
    for (value, timestamp, expected) in cases {
        let header: Option<Header<'_>> = value.map(|value| (DEADLINE, Some(value)));
        let deadline = settings().deadline(header.into_iter(), *timestamp);
        let refused = matches!(deadline, Err(AddressError::Deadline { .. }));
        assert_eq!(refused, *expected == Some(-1), "{value:?}");
        if let Ok(deadline) = deadline {
            assert_eq!(deadline, *expected, "{value:?}");
        }
    }
}

#[test]
fn a_pattern_is_a_name_or_a_beginning() {
    let cases = [
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "ab", true),
        ("a*", "a", true),
        ("a*", "ba", false),
        ("*", "a", true),
    ];
    for (pattern, topic, expected) in cases {
        assert_eq!(allows(pattern, topic), expected, "{pattern} {topic}");
    }
}
