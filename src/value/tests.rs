//! What holds for every value, by tables.

mod arbitrary;
mod numbers;

use super::keys::INDEXED_FROM;
use super::*;

fn parsed(json: &str) -> Value {
    Value::parse(json.as_bytes()).unwrap_or_else(|e| panic!("{json}: {e}"))
}

/// What must hold of any value, whatever made it.
fn check(value: &Value) {
    let json = value.to_json();
    assert_eq!(value.json_bytes(), json.len(), "{json}");
    let again = parsed(&json);
    assert_eq!(&again, value);
    assert_eq!(again.to_json(), json);
    assert_eq!(again.depth(), value.depth(), "{json}");
    match value.view() {
        View::Array(elements) => elements.iter().for_each(check),
        View::Object(object) => {
            for (key, member) in object.iter() {
                assert_eq!(object.get(key).map(Value::to_json), Some(member.to_json()));
                check(member);
            }
        }
        View::Null | View::Bool(_) | View::Number(_) | View::String(_) => {}
    }
}

#[test]
fn texts_and_how_they_print() {
    let same = [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "-0",
        "-0.0",
        "1.10",
        "1E400",
        "0.1e-7",
        "1e+5",
        "999999999999999999",
        "1000000000000000000",
        "9007199254740993",
        "-9223372036854775808",
        "9223372036854775808",
        "12345678901234567890123",
        "0.000000000000000000000000000001",
        r#""""#,
        r#""a\"b\\c\n\r\t\b\f""#,
        r#""\u0000\u001f""#,
        "\"\u{7f}\u{2028}é😀\"",
        "[]",
        "{}",
        "[[],{}]",
        r#"{"b":1,"a":[null,{"":2}]}"#,
    ];
    let other = [
        (" \t\r\n[ 1 , 2 ] \n", "[1,2]"),
        ("{ \"a\" : 1 , \"b\" : { } }", r#"{"a":1,"b":{}}"#),
        (r#""\/\u0041\u00e9\ud83d\ude00\uD83D\uDE00""#, "\"/Aé😀😀\""),
        (r#""\u001F\u0008""#, r#""\u001f\b""#),
        // A lone surrogate names no character.
        (r#""\ud800""#, "\"\u{fffd}\""),
        (r#""\udc00x""#, "\"\u{fffd}x\""),
        (r#""\ud800\ud800\udc00""#, "\"\u{fffd}\u{10000}\""),
        (r#""\ud800\n\ud800\u0041""#, "\"\u{fffd}\\n\u{fffd}A\""),
        // Of equal keys the first place and the last value.
        (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
        (r#"{"a":1,"a":2,"b":0,"a":[9]}"#, r#"{"a":[9],"b":0}"#),
        (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
        (
            r#"{"z":0,"o":{"a":1,"a":2},"z":5}"#,
            r#"{"z":5,"o":{"a":2}}"#,
        ),
        (r#"{"a":[[[1]]],"a":1}"#, r#"{"a":1}"#),
    ];
    for (json, printed) in same.into_iter().map(|s| (s, s)).chain(other) {
        let value = parsed(json);
        assert_eq!(value.to_json(), printed, "{json}");
        check(&value);
    }
}

#[test]
fn texts_that_are_no_json() {
    use ParseErrorKind as Kind;
    let cases: &[(&[u8], Kind, usize)] = &[
        (b"", Kind::End, 0),
        (b"  ", Kind::End, 2),
        (b"[1,", Kind::End, 3),
        (b"[1", Kind::End, 2),
        (b"{\"a\"", Kind::End, 4),
        (b"{\"a\":", Kind::End, 5),
        (b"{", Kind::End, 1),
        (b"tru", Kind::End, 3),
        (b"\"abc", Kind::End, 4),
        (b"\"abc\\", Kind::End, 5),
        (b"\"\\u12", Kind::End, 5),
        (b"-", Kind::End, 1),
        (b"1.", Kind::End, 2),
        (b"1e", Kind::End, 2),
        (b"1e+", Kind::End, 3),
        (b"nulx", Kind::Unexpected, 3),
        (b"[1,]", Kind::Unexpected, 3),
        (b"[,1]", Kind::Unexpected, 1),
        (b"[1 2]", Kind::Unexpected, 3),
        (b"[1}", Kind::Unexpected, 2),
        (b"{\"a\":1,}", Kind::Unexpected, 7),
        (b"{a:1}", Kind::Unexpected, 1),
        (b"{\"a\" 1}", Kind::Unexpected, 5),
        (b"{1:1}", Kind::Unexpected, 1),
        (b"+1", Kind::Unexpected, 0),
        (b".5", Kind::Unexpected, 0),
        (b"NaN", Kind::Unexpected, 0),
        (b"'a'", Kind::Unexpected, 0),
        (b"/**/1", Kind::Unexpected, 0),
        (b"\xef\xbb\xbf1", Kind::Unexpected, 0),
        (b"01", Kind::Number, 1),
        (b"-01", Kind::Number, 2),
        (b"00", Kind::Number, 1),
        (b"-x", Kind::Number, 1),
        (b"[1.]", Kind::Number, 3),
        (b"[1.e5]", Kind::Number, 3),
        (b"1e*", Kind::Number, 2),
        (b"\"\x01\"", Kind::String, 1),
        (b"\"\n\"", Kind::String, 1),
        (b"\"a\\x\"", Kind::String, 3),
        (b"\"\\u12g4\"", Kind::String, 5),
        (b"\"\\u+123\"", Kind::String, 3),
        (b"\"\\ud800\\u00\"", Kind::String, 11),
        (b"\"\\U0041\"", Kind::String, 2),
        (b"1 2", Kind::Trailing, 2),
        (b"{}}", Kind::Trailing, 2),
        (b"1x", Kind::Trailing, 1),
        (b"0x1", Kind::Trailing, 1),
        (b"\"a\xff\"", Kind::Utf8, 2),
        (b"\"\xed\xa0\x80\"", Kind::Utf8, 1),
        (b"\"\xc0\xaf\"", Kind::Utf8, 1),
    ];
    for (json, kind, at) in cases {
        let (kind, at) = (*kind, *at);
        let shown = String::from_utf8_lossy(json);
        assert_eq!(Value::parse(json), Err(ParseError { kind, at }), "{shown}");
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let deepest = parsed(&nested(DEPTH_MAX));
    assert_eq!(deepest.depth(), DEPTH_MAX);
    check(&deepest);
    let objects = format!("{}1{}", r#"{"a":"#.repeat(DEPTH_MAX), "}".repeat(DEPTH_MAX));
    assert_eq!(parsed(&objects).depth(), DEPTH_MAX);
    for levels in [DEPTH_MAX + 1, 100_000] {
        let error = Value::parse(nested(levels).as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "nested deeper than 128 levels at byte 128"
        );
    }

    let mut chain = Value::NULL;
    for level in 1..=DEPTH_MAX {
        let mut next = Value::empty_object();
        next.insert("down", chain).unwrap();
        chain = next;
        assert_eq!(chain.depth(), level);
    }
    check(&chain);
    let mut unchanged = parsed(r#"{"a":1}"#);
    assert_eq!(unchanged.insert("b", chain.clone()), Err(TooDeep));
    assert_eq!(Value::default().insert("b", chain.clone()), Err(TooDeep));
    assert_eq!(unchanged.to_json(), r#"{"a":1}"#);
    assert_eq!(parsed("[1]").set_index(0, chain.clone()), Err(TooDeep));
    let mut object = ObjectBuilder::new();
    object.insert("a", chain.clone());
    assert_eq!(object.finish(), Err(TooDeep));
    assert_eq!(
        ArrayBuilder::from_iter([chain.clone()]).finish(),
        Err(TooDeep)
    );

    let mut serde = chain.to_serde();
    assert_eq!(Value::try_from(&serde), Ok(chain));
    serde = serde_json::Value::Array(vec![serde]);
    assert_eq!(Value::try_from(&serde), Err(TooDeep));
}

#[test]
fn many_repeated_keys() {
    // One look-up of each key in all that came before would take 5 billion comparisons here.
    for (count, distinct_keys) in [
        (100_000, 100_000),
        (100_000, 50_000),
        (100_000, 1),
        (60, 47),
    ] {
        let entry = |i: usize| format!("\"k{}\":{i}", i % distinct_keys);
        let json = format!(
            "{{{}}}",
            (0..count).map(entry).collect::<Vec<_>>().join(",")
        );
        let value = parsed(&json);
        let object = value.as_object().unwrap();
        assert_eq!(object.len(), distinct_keys);
        for (place, (key, member)) in object.iter().enumerate() {
            let last = place + (count - 1 - place) / distinct_keys * distinct_keys;
            assert_eq!(key, &format!("k{place}"));
            assert_eq!(
                member.as_number().unwrap().as_i64(),
                i64::try_from(last).ok()
            );
            assert_eq!(object.get(key), Some(member));
        }
        assert_eq!(value.json_bytes(), value.to_json().len());
    }
}

#[test]
fn changes() {
    // What is done to a value: a member set, a member removed, an element set.
    type Change = fn(&mut Value) -> bool;
    let cases: &[(&str, Change, bool, &str)] = &[
        (
            "{}",
            |v| v.insert("a", 1.into()).is_ok(),
            true,
            r#"{"a":1}"#,
        ),
        (
            r#"{"a":1}"#,
            |v| v.insert("b", true.into()).is_ok(),
            true,
            r#"{"a":1,"b":true}"#,
        ),
        (
            r#"{"a":1,"b":2}"#,
            |v| v.insert("a", "é\n".into()).is_ok(),
            true,
            r#"{"a":"é\n","b":2}"#,
        ),
        (
            r#"{"a":[[1]],"b":[]}"#,
            |v| v.insert("a", 1.into()).is_ok(),
            true,
            r#"{"a":1,"b":[]}"#,
        ),
        (
            r#"{"a":1}"#,
            |v| v.insert("\"", v.clone()).is_ok(),
            true,
            r#"{"a":1,"\"":{"a":1}}"#,
        ),
        (
            "[1]",
            |v| v.insert("a", 1.into()).is_ok(),
            true,
            r#"{"a":1}"#,
        ),
        (
            "null",
            |v| v.insert("a", 1.into()).is_ok(),
            true,
            r#"{"a":1}"#,
        ),
        (
            r#"{"a":1,"b":[[]],"c":2}"#,
            |v| v.remove("b").is_some(),
            true,
            r#"{"a":1,"c":2}"#,
        ),
        (
            r#"{"a":1}"#,
            |v| v.remove("a") == Some(1.into()),
            true,
            "{}",
        ),
        (
            r#"{"a":1}"#,
            |v| v.remove("x").is_some(),
            false,
            r#"{"a":1}"#,
        ),
        ("[1]", |v| v.remove("x").is_some(), false, "[1]"),
        (
            "[1,[2],3]",
            |v| v.set_index(1, 4.into()) == Ok(true),
            true,
            "[1,4,3]",
        ),
        (
            "[1,2]",
            |v| v.set_index(1, parsed("[[]]")) == Ok(true),
            true,
            "[1,[[]]]",
        ),
        (
            "[1]",
            |v| v.set_index(1, 4.into()) == Ok(true),
            false,
            "[1]",
        ),
        (
            r#"{"0":1}"#,
            |v| v.set_index(0, 4.into()) == Ok(true),
            false,
            r#"{"0":1}"#,
        ),
    ];
    for (json, change, done, after) in cases {
        let mut own = parsed(json);
        assert_eq!(change(&mut own), *done, "{json}");
        assert_eq!(own.to_json(), *after);
        check(&own);

        let original = parsed(json);
        let mut copy = original.clone();
        assert_eq!(change(&mut copy), *done, "{json}");
        assert_eq!(copy.to_json(), *after);
        assert_eq!(original.to_json(), *json, "a shared value is never changed");
        check(&copy);
    }
}

#[test]
fn an_object_grows_past_its_index_and_back() {
    let mut value = Value::empty_object();
    let key = |i: usize| format!("key {}", i * 7919 % 1000);
    for i in 0..3 * INDEXED_FROM {
        value
            .insert(&key(i), i64::try_from(i).unwrap().into())
            .unwrap();
        value.insert(&key(i / 2), Value::TRUE).unwrap();
        check(&value);
    }
    for i in 0..3 * INDEXED_FROM {
        assert!(value.remove(&key(i)).is_some());
        assert_eq!(value.get(&key(i)), None);
        check(&value);
    }
    assert_eq!(value, Value::empty_object());
}

#[test]
fn equality_of_containers() {
    for (a, b, equal) in [
        (r#"{"a":1,"b":2}"#, r#"{"b":2.0,"a":1}"#, true),
        (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false),
        (r#"{"a":1,"c":2}"#, r#"{"a":1,"b":2}"#, false),
        ("[1,2]", "[2,1]", false),
        ("[1,2]", "[1,2]", true),
        ("[]", "{}", false),
        ("null", "false", false),
        ("1", "\"1\"", false),
    ] {
        assert_eq!(parsed(a) == parsed(b), equal, "{a} {b}");
    }
}

#[test]
fn keys_known_before_are_written_as_others_are() {
    let cases: [&[&str]; 4] = [&[], &["a"], &["a", "b c", "é"], &["a", "quoted \" and \n"]];
    for names in cases {
        let keys =
            Keys::distinct(names.iter().copied().map(Text::new).collect()).expect("distinct");
        let values = (0..).zip(names).map(|(i, _)| Value::from(i));
        let values: Vec<Result<Value, TooDeep>> = values.map(Ok).collect();
        let known = Value::of_keys(&keys, values.into_iter());
        let mut builder = ObjectBuilder::new();
        for (i, name) in (0..).zip(names) {
            builder.insert(*name, Value::from(i));
        }
        let built = builder.finish().expect("flat");
        let known = known.expect("no errors").expect("flat");
        assert_eq!(known.to_json(), built.to_json());
        assert_eq!(known.json_bytes(), known.to_json().len());
    }
}

#[test]
fn an_object_of_keys_ends_at_its_first_error() {
    let keys = Keys::distinct(["a", "b", "c"].map(Text::new).to_vec()).expect("distinct");
    let mut asked = 0;
    let values = [Ok(Value::TRUE), Err("no"), Err("never")];
    let values = values.into_iter().inspect(|_| asked += 1);
    assert_eq!(Value::of_keys(&keys, values).expect_err("fails"), "no");
    assert_eq!(asked, 2);
}
