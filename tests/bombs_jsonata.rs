//! Bombs in JSONata: expressions made to exhaust time, stack or memory. Each must end as it should within its budget of steps,
//! bytes and depth, which built-in functions obey inside their own loops; no clock is read.
//!
//! A bomb that takes too long hangs this test, and one that goes too deep aborts it.

use std::fmt::Write as _;

use stepstream::expr::jsonata::{Environment, Evaluated, Expression, Limits};
use stepstream::value::Value;

/// How an expression must end.
enum End {
    /// It is no expression, by this code.
    Refused(&'static str),
    /// It fails with this code.
    Fails(&'static str),
    /// It gives a value, a function or nothing.
    Ends,
}

/// A function that puts a value into an object twice, and that object into another twice, and so on.
const DOUBLED: &str = "($f := function($s, $n) { $n = 0 ? $s : $f({'a': $s, 'b': $s}, $n - 1) };";

fn nested(open: &str, inner: &str, close: &str, times: usize) -> String {
    format!("{}{inner}{}", open.repeat(times), close.repeat(times))
}

/// A build without optimisation takes three times the stack.
const STACK_BYTES: usize = 8 << 20;

#[test]
fn expressions_end_within_their_bounds() {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
    let bombs = thread.spawn(set_off).expect("a thread can be had");
    if let Err(panic) = bombs.join() {
        std::panic::resume_unwind(panic);
    }
}

fn set_off() {
    let wide = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
    let sorted = "$sort([1..1000], function($a, $b) { $f($a, $b) })";
    #[rustfmt::skip]
    let bombs: Vec<(&str, String, End)> = vec![
        ("a loop of tail calls", "($f := function($n) { $f($n + 1) }; $f(0))".into(), End::Fails("U1001")),
        ("a loop of two functions", "($f := function($n) { $g($n) }; $g := function($n) { $f($n) }; $f(0))".into(), End::Fails("U1001")),
        ("a recursion", "($f := function($n) { 1 + $f($n) }; $f(0))".into(), End::Fails("U1001")),
        ("a recursion in an argument", "($f := function($n) { $sum([1, $f($n)]) }; $f(0))".into(), End::Fails("U1001")),
        ("a recursion in a map", "($f := function($n) { $map([1, 2], $f) }; $f(0))".into(), End::Fails("U1001")),
        ("a recursion by two", "($f := function($n) { $f($n - 1) + $f($n - 2) }; $f(100))".into(), End::Fails("U1001")),
        ("the combinator Y", "($y := function($f) { function($x) { $x($x) }(function($g) { $f(function($a) { ($g($g))($a) }) }) }; $y(function($s) { function($n) { $s($n) } })(1))".into(), End::Fails("U1001")),
        ("a range of ten million", "[1..10000000]".into(), End::Fails("U1001")),
        ("a range beyond what is allowed", "[1..10000000000]".into(), End::Fails("D2014")),
        ("ranges of ranges", "[1..100000].[1..100000]".into(), End::Fails("U1001")),
        ("a range function", "$range(1, 100000000, 1)".into(), End::Fails("D3137")),
        ("a sum of a range", "$sum([1..9000000])".into(), End::Fails("U1001")),
        ("a text that doubles", "($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('ab', 60))".into(), End::Fails("U1001")),
        ("an array that doubles", "($f := function($s, $n) { $n = 0 ? $s : $f($append($s, $s), $n - 1) }; $f([1, 2], 60))".into(), End::Fails("U1001")),
        ("an object that doubles", "($f := function($s, $n) { $n = 0 ? $s : $f({'a': $s, 'b': $s}, $n - 1) }; $f(1, 60))".into(), End::Fails("U1001")),
        ("an array of itself, doubled", "($f := function($s, $n) { $n = 0 ? $s : $f([$s, $s], $n - 1) }; $f(1, 60))".into(), End::Fails("U1001")),
        ("a text of an object that doubles", format!("{DOUBLED} $string($f(1, 60)))"), End::Fails("U1001")),
        ("a comparison of objects that double", format!("{DOUBLED} $f(1, 60) = $f(1, 60))"), End::Fails("U1001")),
        ("members of an object that doubles", format!("{DOUBLED} $count($f(1, 60).**))"), End::Fails("U1001")),
        ("a change in an object that doubles", format!("{DOUBLED} $f(1, 60) ~> |**|{{'c': 1}}|)"), End::Fails("U1001")),
        ("a pad of a thousand million", "$pad('a', 1000000000)".into(), End::Fails("U1001")),
        ("a pad to the left", "$pad('a', -1000000000, 'xyz')".into(), End::Fails("U1001")),
        ("a join of many", "$join([1..500000].$string(), $pad('x', 1000))".into(), End::Fails("U1001")),
        ("a replacement that grows", "$replace($pad('', 10000, 'a'), 'a', $pad('', 10000, 'b'))".into(), End::Fails("U1001")),
        ("a replacement by a function that grows", "$replace($pad('', 10000, 'a'), /a/, function($m) { $pad('', 10000, 'b') })".into(), End::Fails("U1001")),
        ("a split into single characters", "$split($pad('', 900000, 'a'), '')".into(), End::Fails("U1001")),
        ("matches of nothing", "$match($pad('', 100000, 'a'), /b*/)".into(), End::Fails("D1004")),
        ("a pattern that backtracks", "$contains($pad('', 100000, 'a'), /(a+)+b/)".into(), End::Ends),
        ("a pattern that backtracks twice", "$contains($pad('', 100000, 'a'), /(a|aa)+(a|aa)+c/)".into(), End::Ends),
        ("a pattern that backtracks with a dot", "$contains($pad('', 100000, 'a'), /(.*)*(.*)*(.*)*x/)".into(), End::Ends),
        ("a pattern of mail addresses", "$contains($pad('', 50000, 'a'), /^([a-zA-Z0-9])(([.-]|_+)?([a-zA-Z0-9]+))*@/)".into(), End::Ends),
        ("a sort by a function that recurses", format!("($f := function($a, $b) {{ $f($b, $a) }}; {sorted})"), End::Fails("U1001")),
        ("a sort of many", "$sort([1..900000])^($)".into(), End::Fails("U1001")),
        ("a sort that is not one", "$sort([1..2000], function($a, $b) { true })".into(), End::Ends),
        ("a reduction that grows", "$reduce([1..10000], function($a, $b) { $a & $a })".into(), End::Fails("U1001")),
        ("a fold over folds", "$map([1..1000], function($x) { $map([1..1000], function($y) { $map([1..1000], function($z) { 1 }) }) })".into(), End::Fails("U1001")),
        ("a filter over a filter", "[1..5000][$x := $; $count([1..5000][$ = $x]) > 0]".into(), End::Refused("")),
        ("wildcards of everything", format!("({}.**.**.**.**)", nested("[", "{'a': [1..100]}", "]", 20)), End::Ends),
        ("a product of bindings", "([1..1000]@$a.[1..1000]@$b.[1..1000]@$c.($a + $b + $c))".into(), End::Fails("U1001")),
        ("groups of many", "[1..500000]{$string($): $}".into(), End::Fails("U1001")),
        ("a spread of many", "$merge($map([1..200000], function($i) { {$string($i): $i} }))".into(), End::Fails("U1001")),
        ("distinct values of many", "$distinct([1..50000].{'a': $})".into(), End::Fails("U1001")),
        ("a zip of many", "$zip([1..300000], [1..300000], [1..300000], [1..300000])".into(), End::Fails("U1001")),
        ("a shuffle of many", "$shuffle([1..2000000])".into(), End::Fails("U1001")),
        ("partitions of many", "$partition([1..300000], 1)".into(), End::Ends),
        ("a power beyond numbers", "$power(10, 400)".into(), End::Fails("D3061")),
        ("a power of powers", "$power($power(10, 300), $power(10, 300))".into(), End::Fails("D3061")),
        ("a product beyond numbers", "1e300 * 1e300".into(), End::Fails("D1001")),
        ("a division by nothing", "1 / 0".into(), End::Fails("D1001")),
        ("a number of many digits", "9".repeat(100_000), End::Refused("S0102")),
        ("a base beyond bases", "$formatBase(1, 1000000)".into(), End::Fails("D3100")),
        ("an encoding of an encoding", "($f := function($s, $n) { $n = 0 ? $s : $f($base64encode($s), $n - 1) }; $f('abc', 100))".into(), End::Fails("U1001")),
        ("a text of itself as JSON", "($f := function($s, $n) { $n = 0 ? $s : $f($string([$s, $s]), $n - 1) }; $f('abc', 100))".into(), End::Fails("U1001")),
        ("a depth that is built", "($f := function($s, $n) { $n = 0 ? $s : $f([[$s]], $n - 1) }; $f(1, 100000))".into(), End::Fails("U1001")),
        ("a depth that is parsed", format!("$parse('{}')", "[".repeat(100_000)), End::Fails("")),
        ("parentheses", nested("(", "1", ")", 100_000), End::Refused("")),
        ("arrays", nested("[", "1", "]", 100_000), End::Refused("")),
        ("objects", nested("{'a': ", "1", "}", 100_000), End::Refused("")),
        ("functions within functions", nested("function() { ", "1", " }", 50_000), End::Refused("")),
        ("signs", format!("{}1", "- ".repeat(100_000)), End::Refused("")),
        ("conditions", format!("{}1", "true ? ".repeat(50_000)), End::Refused("")),
        ("conditions in the other branch", format!("{}1", "false ? 0 : ".repeat(50_000)), End::Refused("")),
        ("sums of many", format!("1{}", " + 1".repeat(100_000)), End::Ends),
        ("a path of many steps", format!("a{}", ".a".repeat(100_000)), End::Refused("")),
        ("filters of many", format!("a{}", "[0]".repeat(100_000)), End::Ends),
        ("calls of calls", format!("$f{}", "()".repeat(100_000)), End::Refused("")),
        ("a chain of many", format!("1{}", " ~> $string".repeat(50_000)), End::Refused("")),
        ("a text without an end", format!("'{}", "a".repeat(1_000_000)), End::Refused("S0101")),
        ("a comment without an end", format!("/*{}", "a".repeat(1_000_000)), End::Refused("S0106")),
        ("an array literal of many", wide(400_000), End::Ends),
    ];
    let count = bombs.len();
    let mut report = String::new();
    for (name, text, end) in bombs {
        let was = match Expression::compile(&text) {
            Err(error) => Err((true, error.code.to_owned(), error.message)),
            Ok(expression) => {
                let environment = Environment {
                    input: Some(&Value::NULL),
                    variables: &(),
                    now_ms: 0,
                    randomness: &|| 7,
                    limits: Limits::default(),
                };
                match expression.eval(&environment) {
                    Ok(Evaluated::Value(value)) if value.json_bytes() > Limits::default().bytes => {
                        Err((
                            false,
                            "none".to_owned(),
                            "a value that is too large".to_owned(),
                        ))
                    }
                    Ok(Evaluated::Value(_)) => Ok("a value"),
                    Ok(Evaluated::Nothing) => Ok("nothing"),
                    Ok(Evaluated::Function) => Ok("a function"),
                    Err(error) => Err((false, error.code.to_owned(), error.message)),
                }
            }
        };
        let is_right = match (&was, &end) {
            (Ok(_), End::Ends) => true,
            (Err((true, code, _)), End::Refused(expected))
            | (Err((false, code, _)), End::Fails(expected)) => {
                expected.is_empty() || code == expected
            }
            _ => false,
        };
        if !is_right {
            writeln!(report, "{name}: {was:?}").expect("a string takes it");
        }
    }
    assert!(report.is_empty(), "\n{report}");
    assert!(count >= 60, "{count} bombs");
}
