//! Tables of calls that fail, and of texts that are no calls.

use super::eval;
use crate::expr::intrinsic::{Call, DATA_CHARS_MAX, NESTING_MAX};
use crate::expr::path::TEXT_BYTES_MAX;
use crate::expr::{RESULT_BYTES_MAX, Randomness, Scope, Variables};
use crate::value::Value;

#[test]
fn bad_values_fail_the_call() {
    let long = format!(
        "States.Hash('{}', 'MD5')",
        "x".repeat(DATA_CHARS_MAX - 1000)
    );
    assert!(Call::compile(&long).is_ok());
    for (text, expected) in [
        (
            "States.Format($.tpl, 1)",
            "The pattern has 2 placeholders, but 1 values are given",
        ),
        ("States.Format($.n)", "Argument 1 must be a string"),
        (
            "States.StringToJson('{')",
            "The text is not JSON: unexpected end of the text at byte 1",
        ),
        ("States.StringToJson($.o)", "Argument 1 must be a string"),
        (
            "States.StringSplit($.s, $.n)",
            "Argument 2 must be a string",
        ),
        (
            "States.JsonMerge($.o, $.a, false)",
            "Argument 2 must be an object",
        ),
        (
            "States.JsonMerge($.o, $.p, $.s)",
            "Argument 3 must be a boolean",
        ),
        (
            "States.JsonMerge($.o, $.p, true)",
            "Only the shallow merging mode is supported: the third argument must be false",
        ),
        (
            "States.ArrayPartition($.a, $.zero)",
            "The size of the partitions must be positive",
        ),
        (
            "States.ArrayPartition($.a, 0.4)",
            "The size of the partitions must be positive",
        ),
        (
            "States.ArrayPartition($.o, 1)",
            "Argument 1 must be an array",
        ),
        (
            "States.ArrayContains($.s, 't')",
            "Argument 1 must be an array",
        ),
        (
            "States.ArrayRange(0, 1000, 1)",
            "The range must not have more than 1000 elements",
        ),
        ("States.ArrayRange(0, 9, $.zero)", "The step must not be 0"),
        (
            "States.ArrayRange($.big, 9, 1)",
            "Argument 1 must be an integer",
        ),
        (
            "States.ArrayGetItem($.a, 9)",
            "The index 9 is out of bounds for an array of 9 elements",
        ),
        (
            "States.ArrayGetItem($.a, $.minus)",
            "The index -1 is out of bounds for an array of 9 elements",
        ),
        ("States.ArrayLength($.s)", "Argument 1 must be an array"),
        ("States.ArrayUnique($.o)", "Argument 1 must be an array"),
        (
            "States.Base64Decode('%%')",
            "The data is not Base64: Invalid symbol 37, offset 0.",
        ),
        ("States.Base64Encode($.a)", "Argument 1 must be a string"),
        (
            "States.Hash('x', 'SHA-2')",
            "The algorithm 'SHA-2' is none of MD5, SHA-1, SHA-256, SHA-384 and SHA-512",
        ),
        (
            "States.MathAdd(2147483648, 0)",
            "The arguments must be 32-bit integers",
        ),
        ("States.MathAdd($.s, 0)", "Argument 1 must be an integer"),
        (
            "States.MathRandom(5, 5)",
            "The start must be less than the end",
        ),
        ("States.MathRandom(5, $.n)", "Argument 2 must be an integer"),
    ] {
        let (error, cause) = eval(text).expect_err(text);
        assert_eq!(error, "States.IntrinsicFailure", "{text}");
        assert_eq!(
            cause,
            format!("The function '{text}' had the following error: {expected}")
        );
    }
}

#[test]
fn a_failure_names_the_inner_call() {
    let (error, cause) = eval("States.Array(1, States.MathAdd( $.s, 0 ))").unwrap_err();
    assert_eq!(error, "States.IntrinsicFailure");
    assert!(
        cause.starts_with("The function 'States.MathAdd( $.s, 0 )' had"),
        "{cause}"
    );
}

#[test]
fn results_are_bounded() {
    let input = Value::from("x".repeat(RESULT_BYTES_MAX / 8));
    let scope = Scope {
        input: &input,
        context: &Value::NULL,
        variables: Variables::NONE,
        randomness: &Randomness::new(0),
    };
    for text in [
        "States.Format('{}{}{}{}{}{}{}{}{}', $, $, $, $, $, $, $, $, $)",
        "States.Array($, $, $, $, $, $, $, $, $)",
    ] {
        let failure = Call::compile(text).unwrap().eval(&scope).unwrap_err();
        assert_eq!(failure.error, "States.IntrinsicFailure");
        assert!(failure.cause.ends_with("The result is too large"));
    }
    let failure = Call::compile("States.Base64Encode($)")
        .unwrap()
        .eval(&scope);
    assert!(
        failure
            .unwrap_err()
            .cause
            .ends_with("must not be longer than 10000 characters")
    );
}

#[test]
fn what_is_no_call_is_refused() {
    let nested = |depth: usize| "States.Array(".repeat(depth) + &")".repeat(depth);
    assert!(Call::compile(&nested(NESTING_MAX)).is_ok());
    for (text, at, message) in [
        ("", 0, "expected a path or a call"),
        ("hello", 0, "expected a path or a call"),
        (" States.UUID()", 0, "expected a path or a call"),
        (
            "States.Xyz($.a)",
            0,
            "there is no intrinsic function 'States.Xyz'",
        ),
        (
            "States.uuid()",
            0,
            "there is no intrinsic function 'States.uuid'",
        ),
        ("States.UUID", 11, "expected '('"),
        ("States.UUID(", 12, "expected a path, a call"),
        ("States.UUID(1)", 0, "States.UUID takes 0 arguments, not 1"),
        (
            "States.MathAdd(1)",
            0,
            "States.MathAdd takes 2 arguments, not 1",
        ),
        (
            "States.MathRandom(1)",
            0,
            "States.MathRandom takes 2 to 3 arguments, not 1",
        ),
        (
            "States.Format()",
            0,
            "States.Format takes at least 1 arguments, not 0",
        ),
        (
            "States.MathAdd(1,'-1')",
            21,
            "argument 2 of States.MathAdd must be an integer",
        ),
        (
            "States.ArrayLength('a')",
            22,
            "argument 1 of States.ArrayLength must be an array",
        ),
        (
            "States.Format(1)",
            15,
            "argument 1 of States.Format must be a string",
        ),
        (
            "States.Format('{} {}', 1)",
            0,
            "2 '{}' in the pattern, 1 values",
        ),
        ("States.Array(1 2)", 15, "expected ',' or ')'"),
        ("States.Array(1,)", 15, "expected an argument"),
        ("States.Array(,1)", 13, "expected a path, a call"),
        ("States.Array(abc)", 13, "expected a path, a call"),
        ("States.Array(\"a\")", 13, "expected a path, a call"),
        ("States.Array('a)", 13, "the quote is not closed"),
        (
            r"States.Array('a\n')",
            15,
            r"only \', \{, \} and \\ are escapes",
        ),
        ("States.Array(1) x", 16, "nothing may follow the call"),
        ("States.Array($_name)", 14, "expected ',' or ')'"),
        ("States.Array($.a[)", 17, "expected a quoted name"),
        (
            &nested(NESTING_MAX + 1),
            130,
            "calls are nested deeper than 10",
        ),
        (
            &format!("States.Array('{}')", "x".repeat(TEXT_BYTES_MAX)),
            0,
            "the call is longer than",
        ),
    ] {
        let error = Call::compile(text).expect_err(text);
        assert!(error.message.starts_with(message), "{text}: {error}");
        assert_eq!(error.at, at, "{text}: {error}");
    }
}
