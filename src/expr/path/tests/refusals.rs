//! Tables of texts that are no paths, and what is too large.

use crate::expr::Path;
use crate::expr::path::{STEPS_MAX, TEXT_BYTES_MAX};
use crate::value::{ArrayBuilder, DEPTH_MAX, Value};

#[test]
fn what_is_no_path_is_refused() {
    for (text, at, message) in [
        ("", 0, "expected '$'"),
        ("a.b", 0, "expected '$'"),
        (" $.a", 0, "expected '$'"),
        ("$_name", 1, "expected '.' or '['"),
        ("$name-a", 5, "expected '.' or '['"),
        ("$$x", 2, "expected '.' or '['"),
        ("$.", 2, "expected a name, '*' or '['"),
        ("$..", 3, "expected a name, '*' or '['"),
        ("$...a", 3, "expected a name, '*' or '['"),
        ("$.a.", 4, "expected a name, '*' or '['"),
        ("$.my name", 2, "a name with blanks needs brackets"),
        ("$[", 2, "expected a quoted name"),
        ("$[]", 2, "expected a quoted name"),
        ("$[a]", 2, "expected a quoted name"),
        ("$['a", 2, "the quote is not closed"),
        ("$['a'", 5, "expected ']'"),
        ("$['a',]", 6, "expected a quoted string"),
        (r"$['\u00']", 4, "expected four hexadecimal digits"),
        ("$[1", 3, "expected ']'"),
        ("$[1,]", 4, "expected an index"),
        ("$[:]", 3, "expected an index"),
        ("$[1:2:0]", 5, "a slice has no step"),
        ("$[::2]", 3, "a slice has no step"),
        ("$[--1]", 2, "expected an index"),
        ("$[99999999999]", 2, "expected an index"),
        ("$[(@.length)]", 11, "expected '-'"),
        ("$[(@.width-1)]", 5, "expected 'length'"),
        ("$[(@.length-0)]", 13, "expected a positive number"),
        (
            "$.a[?(@.b == /x/)]",
            13,
            "a regular expression stands beside '=~'",
        ),
        ("$.a[?(@.b =~ x)]", 13, "expected '/'"),
        (
            "$.a[?(@.b =~ /x)]",
            13,
            "the regular expression is not closed",
        ),
        ("$.a[?(@.b =~ /x/q)]", 13, "there is no flag 'q'"),
        (
            "$.a[?(@.b =~ /x*+/)]",
            13,
            "possessive quantifiers are not supported",
        ),
        (
            "$.a[?(@.b =~ /(?=x)/)]",
            13,
            "the regular expression is not supported",
        ),
        (
            "$.a[?(@.b =~ /x)(y/)]",
            13,
            "the regular expression is not supported: unopened group",
        ),
        (
            "$.a[?(@.b =~ /(x{999}){999}/)]",
            13,
            "the regular expression is not supported: ",
        ),
        (
            "$.a[?(!@.b == 1)]",
            6,
            "a comparison is negated in parentheses",
        ),
        (
            "$.a[?(@.b[*] == 1)]",
            6,
            "a path in a filter must lead to one value",
        ),
        ("$.a[?()]", 6, "expected a path or a literal"),
        ("$.a[?(@.b ==)]", 12, "expected a path or a literal"),
        ("$.a[?(1)]", 7, "expected an operator"),
        ("$.a[?(@.b like 1)]", 10, "there is no operator 'like'"),
        ("$.a[?(@.b in ['x')]", 13, "expected a literal"),
        ("$.a[?@.b]", 5, "expected '('"),
        ("$.a[?(@.b]", 9, "expected ')'"),
        ("$.a.median()", 10, "there is no function 'median'"),
        ("$.a.length().b", 12, "nothing may follow a function"),
        ("$.a.index()", 11, "index() takes one argument"),
        ("$.a.sum(1 2)", 10, "expected ',' or ')'"),
    ] {
        let error = Path::compile(text).expect_err(text);
        assert!(error.message.starts_with(message), "{text}: {error}");
        assert_eq!(error.at, at, "{text}: {error}");
    }
}

#[test]
fn sizes_are_bounded() {
    let long = "$".to_owned() + &".a".repeat(STEPS_MAX);
    assert!(Path::compile(&long).is_ok());
    for text in [
        long + ".a",
        format!("$.{}", "a".repeat(TEXT_BYTES_MAX)),
        format!("$[?({}@.a", "(".repeat(1000)),
        format!("$[?({}@.a", "!".repeat(1000)),
        "$[?(@".repeat(1000),
        "$.sum(".repeat(1000),
    ] {
        assert!(Path::compile(&text).is_err());
    }

    let mut nested = Value::from(1);
    for _ in 0..30 {
        let mut array = ArrayBuilder::new();
        array.push(nested.clone());
        array.push(nested);
        nested = array.finish().unwrap();
    }
    let miss = Path::compile("$..*").unwrap();
    let miss = miss.find_in(&nested).unwrap_err().to_string();
    assert_eq!(miss, "The path looks at more than 1000000 values");

    let large = Value::from("x".repeat(1024 * 1024));
    let mut array = ArrayBuilder::new();
    array.push(large);
    let array = array.finish().unwrap();
    let twenty = format!("$[{}0]", "0,".repeat(19));
    let miss = Path::compile(&twenty).unwrap();
    let miss = miss.find_in(&array).unwrap_err().to_string();
    assert_eq!(miss, "The result is larger than 16777216 bytes");
}

#[test]
fn the_stack_is_bounded() {
    let deep = "[".repeat(DEPTH_MAX) + &"]".repeat(DEPTH_MAX);
    let deep = Value::parse(deep.as_bytes()).unwrap();
    for steps in ["[*]".repeat(DEPTH_MAX - 3), "..*".repeat(STEPS_MAX / 2 - 1)] {
        let mut path = format!("${steps}");
        while let Ok(compiled) = Path::compile(&path) {
            compiled
                .find_in(&deep)
                .map_err(|miss| miss.to_string())
                .ok();
            path = format!("${steps}[?(@.sum({path}) > 0)]");
        }
        let nested = path.matches("sum(").count();
        assert_eq!(nested, 2, "the second path within a path is refused");
    }
}
