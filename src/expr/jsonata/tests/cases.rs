//! Expressions and what they give, most of them over one order.

use std::fmt::Write as _;

use super::result;
use crate::expr::jsonata::Limits;

const ORDER: &str = r#"{"id": "o-1", "total": 12.50, "big": 12345678901234567890123,
    "items": [{"sku": "a", "price": 2, "qty": 3, "tags": ["x", "y"]}, {"sku": "b", "price": 1.5, "qty": 2, "tags": []},
              {"sku": "c", "price": 10, "qty": 1}],
    "one": [{"v": 1}], "none": null, "name": {"first": "Ada", "last": "L"}}"#;

fn check(cases: &[(&str, &str)]) {
    let mut differences = String::new();
    for (text, expected) in cases {
        let got = result(text, ORDER, Limits::default());
        if got != *expected {
            writeln!(
                differences,
                "{text}\n  expected {expected}\n  got      {got}"
            )
            .unwrap();
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn paths() {
    check(&[
        ("id", r#""o-1""#),
        ("big", "12345678901234567890123"),
        ("total", "12.50"),
        ("missing.x", "undefined"),
        ("items.sku", r#"["a","b","c"]"#),
        ("items.tags", r#"["x","y"]"#),
        ("one.v", "1"),
        ("one.v[]", "[1]"),
        ("one[].v", "[1]"),
        ("items[0].sku", r#""a""#),
        ("items[-1].sku", r#""c""#),
        ("items[[0, 2]].sku", r#"["a","c"]"#),
        ("items[price > 1.7].sku", r#"["a","c"]"#),
        ("items.tags[0]", r#""x""#),
        ("(items.tags)[1]", r#""y""#),
        ("items.[sku, qty]", r#"[["a",3],["b",2],["c",1]]"#),
        ("items.(price * qty)", "[6,3,10]"),
        ("items.{sku: qty}", r#"[{"a":3},{"b":2},{"c":1}]"#),
        ("items{sku: qty}", r#"{"a":3,"b":2,"c":1}"#),
        ("name.*", r#"["Ada","L"]"#),
        ("**.v", "1"),
        ("`name`.'first'", r#""Ada""#),
        ("$states.input.a.b.c", "[1,2]"),
        ("$.id & $$.id", r#""o-1o-1""#),
        ("items^(>price).sku", r#"["c","a","b"]"#),
        ("items^(qty, sku).sku", r#"["c","b","a"]"#),
        ("items#$i.($i & sku)", r#"["0a","1b","2c"]"#),
        (
            "items@$x.name.($x.sku & first)",
            r#"["aAda","bAda","cAda"]"#,
        ),
        (
            "items.tags.{'t': $, 's': %.sku}",
            r#"[{"t":"x","s":"a"},{"t":"y","s":"a"}]"#,
        ),
        (
            "items@$a.items@$b[$a.qty = $b.price].[$a.sku, $b.sku]",
            r#"["b","a"]"#,
        ),
    ]);
}

#[test]
fn operators() {
    check(&[
        ("1 + 2 * 3 - 4 / 2 % 3", "5"),
        ("-total", "-12.5"),
        ("id & none & 1.50 & [1, 'a']", r#""o-1null1.5[1,\"a\"]""#),
        ("missing + 1", "undefined"),
        (
            "'a' + 1",
            r#"T2001: The left side of the "+" operator must evaluate to a number"#,
        ),
        (
            "1 + 'a'",
            r#"T2002: The right side of the "+" operator must evaluate to a number"#,
        ),
        ("1 / 0", "D1001: Number out of range: null"),
        ("1 = 1.0 and 'a' != 'b'", "true"),
        ("9007199254740993 = 9007199254740992", "false"),
        ("[1, [2]] = [1, [2]]", "true"),
        ("1 < 2 and 'a' < 'b'", "true"),
        (
            "1 < 'a'",
            r#"T2009: The values 1 and "a" either side of operator "<" must be of the same data type"#,
        ),
        (
            "null < 1",
            r#"T2010: The expressions either side of operator "<" must evaluate to numeric or string values"#,
        ),
        ("'x' in items.tags", "true"),
        ("false or missing", "false"),
        ("true or 1 + 'a'", "true"),
        ("total > 10 ? 'much' : 'little'", r#""much""#),
        ("total < 10 ? 'little'", "undefined"),
        ("[1..3, 5]", "[1,2,3,5]"),
        ("[3..1]", "[]"),
        ("{'a': missing, 'b': none}", r#"{"b":null}"#),
        ("{'b': 1, '1': 2}", r#"{"b":1,"1":2}"#),
        (
            "{'a': 1, $lowercase('A'): 2}",
            r#"D1009: Multiple key definitions evaluate to same key: "a""#,
        ),
    ]);
}

#[test]
fn variables_and_functions() {
    check(&[
        ("($a := 1; $b := ($a := 2; $a); $a + $b)", "3"),
        ("($a := 1; ($b := $a; $a := 5; $b))", "1"),
        ("$missing", "undefined"),
        ("($f := function($x){ $x * 2 }; $f(4))", "8"),
        ("function($x, $y){ $y }(1)", "undefined"),
        (
            "($add := function($x){ function($y){ $x + $y } }; $add(1)(2))",
            "3",
        ),
        (
            "$map([1, 2], function($v, $i, $a){ $v + $i + $count($a) })",
            "[3,5]",
        ),
        ("($first := $substring(?, 0, 1); $first('abc'))", r#""a""#),
        ("'abc' ~> $uppercase ~> $substring(1)", r#""BC""#),
        ("($g := $trim ~> $uppercase; $g(' a '))", r#""A""#),
        ("$sum(items.(price * qty)) ~> $round(1)", "19"),
        ("$foo(1)", "T1006: Attempted to invoke a non-function"),
        (
            "sum(1)",
            "T1005: Attempted to invoke a non-function. Did you mean $sum?",
        ),
        (
            "($f := function($x)<n:n>{ $x }; $f('a'))",
            r#"T0410: Argument 1 of function "f" does not match function signature"#,
        ),
        ("($f := function($x)<a<n>:n>{ $x }; $f(1))", "[1]"),
        ("(name ~> |$|{'last': 'B'}, 'first'|)", r#"{"last":"B"}"#),
        (
            "$length(1)",
            r#"T0410: Argument 1 of function "length" does not match function signature"#,
        ),
        (
            "$sum('a')",
            r#"T0412: Argument 1 of function "sum" must be an array of "numbers""#,
        ),
        ("1(2)", "T1006: Attempted to invoke a non-function"),
    ]);
}

#[test]
fn built_in_functions() {
    check(&[
        (
            "$filter(items, function($i){ $i.qty > 1 }).sku",
            r#"["a","b"]"#,
        ),
        ("$reduce(items.qty, function($a, $b){ $a + $b })", "6"),
        ("$single(items, function($i){ $i.sku = 'b' }).qty", "2"),
        (
            "$each(name, function($v, $k){ $k & $v })",
            r#"["firstAda","lastL"]"#,
        ),
        ("$sift(name, function($v){ $v = 'L' })", r#"{"last":"L"}"#),
        (
            "$merge([name, {'x': 1}])",
            r#"{"first":"Ada","last":"L","x":1}"#,
        ),
        ("$keys(name)", r#"["first","last"]"#),
        (
            "$sort(items.sku, function($a, $b){ $a < $b })",
            r#"["c","b","a"]"#,
        ),
        ("$distinct([1, 2].(3))", "3"),
        ("$distinct([3, 3])", "[3]"),
        ("$distinct([1, 2].(3)^($))", "[3]"),
        ("($x := [1, 2].(3); $distinct($x))", "3"),
        ("[3][]^($)", "3"),
        ("[3][]^($).$", "[3]"),
        (
            "$distinct([1, 1.0, '1', {'a': 1}, {'a': 1}])",
            r#"[1,"1",{"a":1}]"#,
        ),
        ("$zip([1, 2], ['a', 'b', 'c'])", r#"[[1,"a"],[2,"b"]]"#),
        ("$string(0.1 + 0.2)", r#""0.3""#),
        ("$string(1e21) & $string(1e-7)", r#""1e+211e-7""#),
        (
            "$string({'a': [1]}, true)",
            r#""{\n  \"a\": [\n    1\n  ]\n}""#,
        ),
        (
            "$round(2.5) & $round(1.005, 2) & $round(125, -1)",
            r#""21120""#,
        ),
        ("$number('0x1F') + $number('007.5')", "38.5"),
        ("$substring('hello', -3, 2)", r#""ll""#),
        ("$substring('hello', nothing)", r#""hello""#),
        ("$substring('hello', nothing, 2)", r#""""#),
        ("$pad('x', nothing)", r#""x""#),
        ("['a', 'b', 'c'][[1, 0, 1]]", r#"["a","b","b"]"#),
        (
            "$power(2, nothing)",
            "D3061: The power function has resulted in a value that cannot be represented as a JSON number: base=2, exponent=undefined",
        ),
        ("$pad('a', -3, '#')", r###""##a""###),
        ("$split('a,b,c', ',', 2)", r#"["a","b"]"#),
        ("$replace('aba', /a(b)/, '[$1$0$$]')", r#""[bab$]a""#),
        ("$match('ab12', /([a-z])(\\d)/).groups", r#"["b","1"]"#),
        ("$contains('abc', /B/i)", "true"),
        ("$base64decode($base64encode('hé'))", r#""hé""#),
        (
            "$decodeUrlComponent($encodeUrlComponent('a b?'))",
            r#""a b?""#,
        ),
        (
            "$type(items) & $type(none) & $type($sum)",
            r#""arraynullfunction""#,
        ),
        ("$error('no')", "D3137: no"),
        ("$assert(false, 'no')", "D3141: no"),
        ("$millis()", "1700000000000"),
    ]);
}

#[test]
fn functions_of_aws() {
    check(&[
        ("$partition([1, 2, 3], 2)", "[[1,2],[3]]"),
        ("$partition([1], 1.9)", "[[1]]"),
        ("$range(1, 9, 2)", "[1,3,5,7,9]"),
        ("$range(1, 9, 9)", "1"),
        ("$range(3, 1, -1)", "[3,2,1]"),
        (
            "$hash('abc', 'SHA-1')",
            r#""a9993e364706816aba3e25717850c26c9cd0d89d""#,
        ),
        ("$random(7) = $random(7) and $random() != $random()", "true"),
        (
            "$length($uuid()) = 36 and $contains($uuid(), /^.{14}4.{4}[89ab]/)",
            "true",
        ),
        ("$parse('{\"a\": 1.10}').a", "1.10"),
        ("$eval('1')", "T1006: Attempted to invoke a non-function"),
    ]);
}

#[test]
fn refused_texts() {
    check(&[
        ("1 +", "S0207: Unexpected end of expression"),
        ("1 2", "S0201: Syntax error: 2"),
        ("(1", r#"S0203: Expected ")" before end of expression"#),
        ("[1;2]", r#"S0202: Expected "]", got ";""#),
        (
            "'a",
            "S0101: String literal must be terminated by a matching quote",
        ),
        (
            "@",
            r#"S0211: The symbol "@" cannot be used as a unary operator"#,
        ),
        (
            "a := 1",
            "S0212: The left side of := must be a variable name (start with $)",
        ),
        (
            "a.1",
            "S0213: The literal value 1 cannot be used as a step within a path expression",
        ),
        (
            "%",
            "S0217: The object representing the 'parent' cannot be derived from this expression",
        ),
        ("/* a", "S0106: Comment has no closing tag"),
        ("//", "S0301: Empty regular expressions are not allowed"),
    ]);
}
