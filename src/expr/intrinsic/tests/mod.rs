//! Tables of calls: what they give.

mod failures;

use super::*;
use crate::expr::{Randomness, Scope, Variables};

const INPUT: &str = r#"{
    "a": [1, 2, 3, 4, 5, 6, 7, 8, 9], "e": [], "o": {"Arg1": 1, "Arg2": []}, "p": {"Arg2": 2, "x": {"y": 1}},
    "s": "text", "n": null, "t": true, "f": -1.5, "h": 2.5, "i": 1.49, "dup": [1, 1.0, "1", {"a":1,"b":[2]}, {"b":[2],"a":1}, null, 1],
    "tpl": "{}-{}", "json": "[1, 2, \"x\"]", "csv": "a,b;c", "two": 2, "zero": 0, "minus": -1, "big": 1E400, "alg": "SHA-256"
}"#;

fn value(json: &str) -> Value {
    Value::parse(json.as_bytes()).unwrap()
}

fn eval(text: &str) -> Result<String, (String, String)> {
    let call = Call::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let scope = Scope {
        input: &value(INPUT),
        context: &value(r#"{"Name":"a-b-c"}"#),
        variables: Variables::NONE,
        randomness: &Randomness::new(3),
    };
    match call.eval(&scope) {
        Ok(value) => Ok(value.to_json()),
        Err(failure) => Err((failure.error.to_string(), failure.cause)),
    }
}

fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(eval(text).as_deref(), Ok(*expected), "{text}");
    }
}

#[test]
fn texts() {
    check(&[
        ("States.Format('no place')", r#""no place""#),
        ("States.Format('a {} b', $.s)", r#""a text b""#),
        ("States.Format('{}{}{}', 1, 1.10, -2)", r#""11.10-2""#),
        ("States.Format('{} {}', $.n, null)", r#""null null""#),
        ("States.Format('{} {}', $.t, false)", r#""true false""#),
        ("States.Format('{}', $.o)", r#""{Arg1=1, Arg2=[]}""#),
        ("States.Format('{}', $.e)", r#""[]""#),
        (
            "States.Format('{}', States.Array('a', States.Array(1, null)))",
            r#""[a, [1, null]]""#,
        ),
        ("States.Format($.tpl, 1, 'x')", r#""1-x""#),
        (
            r"States.Format('it\'s \{\} \\ {}', $.s)",
            r#""it's {} \\ text""#,
        ),
        ("States.Format( 'a' )", r#""a""#),
        ("States.StringToJson($.json)", r#"[1,2,"x"]"#),
        ("States.StringToJson('')", "null"),
        ("States.StringToJson(' ')", "null"),
        ("States.StringToJson('1.10')", "1.10"),
        (r#"States.StringToJson('{"a":{}}')"#, r#"{"a":{}}"#),
        ("States.JsonToString($.o)", r#""{\"Arg1\":1,\"Arg2\":[]}""#),
        ("States.JsonToString($.s)", r#""\"text\"""#),
        ("States.JsonToString($.n)", r#""null""#),
        ("States.StringSplit($.csv, ',;')", r#"["a","b","c"]"#),
        ("States.StringSplit(' , ', ',')", r#"[" "," "]"#),
        ("States.StringSplit(',,,,', ',')", "[]"),
        ("States.StringSplit('', ',')", "[]"),
        ("States.StringSplit('a,b', '')", r#"["a,b"]"#),
        ("States.StringSplit('a\nb', '\n')", r#"["a","b"]"#),
        ("States.StringSplit('T :: x', 'é::')", r#"["T "," x"]"#),
        (
            "States.JsonMerge($.o, $.p, false)",
            r#"{"Arg1":1,"Arg2":2,"x":{"y":1}}"#,
        ),
    ]);
}

#[test]
fn arrays() {
    check(&[
        ("States.Array()", "[]"),
        (
            "States.Array('Foo', 2020, $.o, null)",
            r#"["Foo",2020,{"Arg1":1,"Arg2":[]},null]"#,
        ),
        ("States.Array('a{}b')", r#"["a{}b"]"#),
        ("States.ArrayPartition($.a, 4)", "[[1,2,3,4],[5,6,7,8],[9]]"),
        (
            "States.ArrayPartition($.a, 2.5)",
            "[[1,2,3],[4,5,6],[7,8,9]]",
        ),
        ("States.ArrayPartition($.a, 99)", "[[1,2,3,4,5,6,7,8,9]]"),
        ("States.ArrayPartition($.e, 3)", "[]"),
        ("States.ArrayContains($.a, 5)", "true"),
        ("States.ArrayContains($.a, 5.0)", "true"),
        ("States.ArrayContains($.a, '5')", "false"),
        ("States.ArrayContains($.dup, null)", "true"),
        ("States.ArrayContains(States.Array($.o), $.o)", "true"),
        ("States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]"),
        ("States.ArrayRange(0, 10, 3)", "[0,3,6,9]"),
        ("States.ArrayRange(1, 9, 9)", "[1]"),
        ("States.ArrayRange(3, 1, -1)", "[3,2,1]"),
        ("States.ArrayRange(1, 3, -1)", "[]"),
        ("States.ArrayRange(3, 1, 1)", "[]"),
        ("States.ArrayRange($.f, $.i, 0.5)", "[-1,0,1]"),
        ("States.ArrayLength(States.ArrayRange(1, 1000, 1))", "1000"),
        ("States.ArrayGetItem($.a, 5)", "6"),
        (
            "States.ArrayGetItem(States.StringSplit($$.Name, '-'), States.MathAdd(3, -1))",
            r#""c""#,
        ),
        ("States.ArrayLength($.a)", "9"),
        ("States.ArrayLength($.a[?(@.no)])", "0"),
        (
            "States.ArrayUnique($.dup)",
            r#"[1,"1",{"a":1,"b":[2]},null]"#,
        ),
        (
            "States.ArrayUnique(States.Array(0, -0.0, $.e, $.e))",
            "[0,[]]",
        ),
    ]);
}

#[test]
fn numbers() {
    check(&[
        ("States.MathAdd(-9, 3)", "-6"),
        ("States.MathAdd(1.49, 1.5)", "3"),
        ("States.MathAdd(1.5, 1.51)", "4"),
        ("States.MathAdd($.f, 0)", "-1"),
        ("States.MathAdd(-0.5, 0.5)", "1"),
        ("States.MathAdd(-1.51, 0)", "-2"),
        ("States.MathAdd($.h, 0)", "3"),
        ("States.MathAdd(0.49999999999999994, 0)", "0"),
        ("States.MathAdd(2147483647, 2147483647)", "4294967294"),
        ("States.MathRandom(7, 8)", "7"),
        ("States.MathRandom(-3, -2, 5)", "-3"),
    ]);
    let drawn = |text: &str| eval(text).unwrap().parse::<i64>().unwrap();
    assert_eq!(
        drawn("States.MathRandom(0, 999999, 3)"),
        drawn("States.MathRandom(0, 999999, 3)")
    );
    assert_ne!(
        drawn("States.MathRandom(0, 999999, 3)"),
        drawn("States.MathRandom(0, 999999, 4)")
    );
    let mut seen = [false; 4];
    for seed in 0..100 {
        let number = drawn(&format!("States.MathRandom(1, 5, {seed})"));
        seen[usize::try_from(number - 1).unwrap()] = true;
    }
    assert_eq!(seen, [true; 4], "1 inclusive to 5 exclusive");
}

#[test]
fn encodings() {
    check(&[
        (
            "States.Base64Encode('Data to encode')",
            r#""RGF0YSB0byBlbmNvZGU=""#,
        ),
        ("States.Base64Encode('')", r#""""#),
        (
            "States.Base64Decode('RGF0YSB0byBlbmNvZGU=')",
            r#""Data to encode""#,
        ),
        (
            "States.Base64Decode('RGF0YSB0byBlbmNvZGU')",
            r#""Data to encode""#,
        ),
        ("States.Base64Decode('')", r#""""#),
        ("States.Base64Decode('/w==')", "\"\u{fffd}\""),
        (
            "States.Hash('abc', 'MD5')",
            r#""900150983cd24fb0d6963f7d28e17f72""#,
        ),
        (
            "States.Hash('abc', 'SHA-1')",
            r#""a9993e364706816aba3e25717850c26c9cd0d89d""#,
        ),
        (
            "States.Hash('abc', $.alg)",
            r#""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#,
        ),
        (
            "States.Hash('abc', 'SHA-384')",
            r#""cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7""#,
        ),
        (
            "States.Hash('abc', 'SHA-512')",
            r#""ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f""#,
        ),
    ]);
    let uuid = eval("States.UUID()").unwrap();
    assert_eq!(uuid, eval("States.UUID()").unwrap(), "the same seed");
    let uuid = uuid.trim_matches('"');
    let shape: String = uuid
        .chars()
        .map(|c| if c.is_ascii_hexdigit() { 'x' } else { c })
        .collect();
    assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    let (version, variant) = (uuid.as_bytes()[14], uuid.as_bytes()[19]);
    assert!(version == b'4' && b"89ab".contains(&variant), "{uuid}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(
        name in "(Format|Array|ArrayRange|MathRandom|StringSplit|Hash|JsonMerge|ArrayPartition)",
        arguments in r#"(\$\.[a-z]|[0-9.-]{1,3}|'[a,{}\\']{0,4}'|States\.UUID\(\)|,| |null){0,7}"#,
    ) {
        if let Ok(call) = Call::compile(&format!("States.{name}({arguments})")) {
            let input = value(INPUT);
            let randomness = Randomness::new(0);
            let scope = Scope { input: &input, context: &Value::NULL, variables: Variables::NONE, randomness: &randomness };
            if let Err(failure) = call.eval(&scope) {
                proptest::prop_assert!(!failure.cause.is_empty());
            }
        }
    }
}
