//! Nothing an expression says takes the process down, or long.

use super::result;
use crate::expr::jsonata::Limits;

const STACK: &str = "U1001: Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.";
const TIME: &str = "U1001: Expression evaluation timeout: Check for infinite loop";
const MEMORY: &str = "U1001: Expression evaluation memory limit exceeded";
const NESTED: &str = "S0500: The expression is nested deeper than 256 levels";

#[test]
fn evaluations_are_bounded() {
    let cases = [
        ("($f := function($n){ 1 + $f($n) }; $f(1))", STACK),
        ("($f := function($n){ $f($n) }; $f(1))", TIME),
        ("($f := function($n){ [$f($n)] }; $f(1))", STACK),
        (
            "$reduce($append($uppercase, [1..100000]), function($f, $i){ $f ~> $uppercase })",
            STACK,
        ),
        (
            "($f := function($s, $n){ $n = 0 ? $length($s) : $f($s & $s, $n - 1) }; $f('ab', 40))",
            MEMORY,
        ),
        ("$pad('', 100000000)", MEMORY),
        ("$pad('', 1e300)", MEMORY),
        ("[1..9000000]", MEMORY),
        ("$count([1..600000].[1..600000])", MEMORY),
        (
            "$map([1..1000], function(){ $map([1..1000], function(){ 1 }) })",
            TIME,
        ),
        ("$join([1..100000].$string(), $pad('', 1000))", MEMORY),
        (
            "$replace($pad('', 100000, 'a'), 'a', $pad('', 1000))",
            MEMORY,
        ),
        ("$sort([1..400000], function($a, $b){ true })", TIME),
        (
            "$reduce([1..1000], function($a, $i){ [[$a]] })",
            "U1001: Stack overflow error: the value would be nested deeper than 128 levels",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(result(text, "null", Limits::default()), expected, "{text}");
    }
}

#[test]
fn what_is_long_or_deep_enough_still_works() {
    let long = |piece: &str, count: usize| vec![piece; count].join("");
    let cases = [
        (
            "($f := function($n){ $n = 0 ? 0 : 1 + $f($n - 1) }; $f(200))".to_owned(),
            "200",
        ),
        (
            "($f := function($n, $s){ $n = 0 ? $s : ($m := $n - 1; $f($m, $s + 1)) }; $f(20000, 0))".to_owned(),
            "20000",
        ),
        (
            "($odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even := function($n){ $n = 0 ? true : $odd($n - 1) }; $even(6554))".to_owned(),
            "true",
        ),
        (format!("0{}", long(" + 1", 5000)), "5000"),
        (format!("$length(''{})", long(" & 'a'", 5000)), "5000"),
        (format!("{}1{}", long("(", 200), long(")", 200)), "1"),
        ("$count($reduce([1..1500], function($a, $i){ $append($a, $i) }))".to_owned(), "1500"),
        ("$count([1..200000].$string())".to_owned(), "200000"),
    ];
    for (text, expected) in cases {
        let got = result(&text, "null", Limits::default());
        assert_eq!(got, expected, "{}", text.get(..80).unwrap_or(&text));
    }
}

#[test]
fn texts_are_bounded_in_depth() {
    let openings = [
        "(",
        "[",
        "-",
        "{'a':",
        "$f(",
        "a[",
        "1 ? ",
        "function(){",
        "$a := ",
        "|a|",
    ];
    for opening in openings {
        for count in [300, 100_000] {
            let text = opening.repeat(count);
            assert_eq!(
                result(&text, "null", Limits::default()),
                NESTED,
                "{opening}"
            );
        }
    }
    let calls = format!("$f{}", "()".repeat(100_000));
    assert_eq!(result(&calls, "null", Limits::default()), NESTED);
}
