//! Numbers: what they equal, how they order, what they convert to.

use std::cmp::Ordering;

use super::super::*;
use super::parsed;

#[test]
fn numbers_compare() {
    use Ordering::{Equal, Greater, Less};
    // Whether both are the same number, and their order.
    let cases = [
        ("1", "1.0", true, Equal),
        ("1", "10e-1", true, Equal),
        ("100", "1E2", true, Equal),
        ("0", "-0", true, Equal),
        ("0", "-0.00e5", true, Equal),
        ("0", "-1", false, Greater),
        ("0", "0.1", false, Less),
        ("1.10", "1.1", true, Equal),
        ("9007199254740993", "9007199254740992", false, Greater),
        (
            "12345678901234567890123",
            "12345678901234567890122",
            false,
            Greater,
        ),
        (
            "-12345678901234567890123",
            "-12345678901234567890122",
            false,
            Less,
        ),
        ("12345678901234567890123", "5", false, Greater),
        ("-12345678901234567890123", "5", false, Less),
        ("9223372036854775807", "9223372036854775808", false, Less),
        // Beyond integers the order is that of doubles.
        ("1E400", "2E400", false, Equal),
        ("9007199254740993.0", "9007199254740992", false, Equal),
        ("0.1", "0.10000000000000000001", false, Equal),
        ("1e99999999999999999999", "1", false, Greater),
        ("1e-99999999999999999999", "0", false, Equal),
    ];
    for (a, b, same, order) in cases {
        let (x, y) = (parsed(a), parsed(b));
        assert_eq!(x == y, same, "{a} {b}");
        assert_eq!(y == x, same, "{b} {a}");
        let (x, y) = (x.as_number().unwrap(), y.as_number().unwrap());
        assert_eq!(x.compare(y), order, "{a} {b}");
        assert_eq!(y.compare(x), order.reverse(), "{b} {a}");
    }
    assert_eq!(Value::from_f64(0.1), Some(parsed("0.1")));
    assert_eq!(Value::from_f64(2.0), Some(parsed("2")));
    assert_eq!(Value::from_f64(1e300), Some(parsed("1E300")));
    assert_eq!(Value::from_f64(f64::NAN), None);
}

#[test]
fn numbers_as_integers() {
    for (json, integer) in [
        ("2", Some(2)),
        ("2.0", Some(2)),
        ("20e-1", Some(2)),
        ("2.5", None),
        ("-0", Some(0)),
        ("9223372036854775807", Some(i64::MAX)),
        ("9223372036854775808", None),
        ("-9223372036854775808", Some(i64::MIN)),
        ("-9223372036854775808.0", Some(i64::MIN)),
        ("922337203685477580.7e1", Some(i64::MAX)),
        ("1e18", Some(1_000_000_000_000_000_000)),
        ("1e400", None),
        ("1e-400", None),
        ("0e400", Some(0)),
    ] {
        assert_eq!(
            parsed(json).as_number().unwrap().as_i64(),
            integer,
            "{json}"
        );
    }
    assert_eq!(Number::Float(3.0).as_i64(), Some(3));
    assert_eq!(Number::Float(3.5).as_i64(), None);
    assert_eq!(Number::Float(1e300).as_i64(), None);
}

#[test]
fn numbers_to_serde() {
    for (json, there, back) in [
        (
            "18446744073709551615",
            "18446744073709551615",
            "18446744073709551615",
        ),
        (
            "-9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775808",
        ),
        ("1.10", "1.1", "1.1"),
        ("1E400", "1.7976931348623157e308", "1.7976931348623157e308"),
        (
            "-1E400",
            "-1.7976931348623157e308",
            "-1.7976931348623157e308",
        ),
    ] {
        let serde = parsed(json).to_serde();
        let same: serde_json::Value = serde_json::from_str(there).unwrap();
        assert_eq!(serde, same, "{json}");
        assert_eq!(Value::try_from(&serde), Ok(parsed(back)));
    }
}
