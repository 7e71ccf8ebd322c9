//! Tables of paths: what they give and what they miss.

mod filters;
mod refusals;

use super::*;
use crate::expr::Randomness;

const DOCUMENT: &str = r#"{
    "device": {"id": "d-7", "tags": ["hot", "new"], "a b": 1, "it's": 2, "null": null},
    "readings": [
        {"kind": "temp", "value": 21.5, "unit": {"name": "C"}},
        {"kind": "hum", "value": 40},
        {"kind": "temp", "value": 30, "ok": true, "extra": null}
    ],
    "numbers": [5, 1, 4],
    "limit": 30,
    "empty": [],
    "text": "abc"
}"#;

fn with_scope<T>(work: impl FnOnce(&Scope<'_>) -> T) -> T {
    let input = Value::parse(DOCUMENT.as_bytes()).unwrap();
    let context = Value::parse(br#"{"Execution":{"Name":"n","Input":{"x":1}}}"#).unwrap();
    let randomness = Randomness::new(1);
    work(&Scope {
        input: &input,
        context: &context,
        randomness: &randomness,
    })
}

fn find(path: &str) -> Result<String, String> {
    let path = Path::compile(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    with_scope(|scope| {
        path.find(scope)
            .map(|found| found.to_json())
            .map_err(|miss| miss.to_string())
    })
}

fn check(cases: &[(&str, &str)]) {
    for (path, expected) in cases {
        assert_eq!(find(path).as_deref(), Ok(*expected), "{path}");
    }
}

#[test]
fn definite_paths_give_one_value() {
    check(&[
        ("$.device.id", r#""d-7""#),
        ("$.device.id ", r#""d-7""#),
        ("$['device'][\"id\"]", r#""d-7""#),
        ("$[ 'device' ].['id']", r#""d-7""#),
        ("$.device['a b']", "1"),
        (r"$.device['it\'s']", "2"),
        (r"$.device['\u0069d']", r#""d-7""#),
        ("$.device.null", "null"),
        ("$.numbers[0]", "5"),
        ("$.numbers.[ 1 ]", "1"),
        ("$.numbers[-1]", "4"),
        ("$.readings[(@.length-1)].value", "30"),
        ("$.numbers[(@.length() - 3)]", "5"),
        ("$['text','limit']", r#"{"text":"abc","limit":30}"#),
        ("$['text','no']", r#"{"text":"abc"}"#),
        ("$$.Execution.Name", r#""n""#),
        ("$$.Execution.Input['x']", "1"),
        ("$$", r#"{"Execution":{"Name":"n","Input":{"x":1}}}"#),
    ]);
    assert_eq!(
        find("$").unwrap(),
        find("$['device','readings','numbers','limit','empty','text']").unwrap()
    );
}

#[test]
fn indefinite_paths_give_all_matches() {
    check(&[
        ("$.numbers[*]", "[5,1,4]"),
        ("$.numbers.*", "[5,1,4]"),
        ("$.readings[*].kind", r#"["temp","hum","temp"]"#),
        ("$.readings[*].ok", "[true]"),
        ("$.readings[*].unit.name", r#"["C"]"#),
        (
            "$.readings[1]['kind','value']",
            r#"{"kind":"hum","value":40}"#,
        ),
        (
            "$.readings[0:2]['kind','no']",
            r#"[{"kind":"temp"},{"kind":"hum"}]"#,
        ),
        ("$.numbers[1:]", "[1,4]"),
        ("$.numbers[:1]", "[5]"),
        ("$.numbers[:-1]", "[5,1]"),
        ("$.numbers[-2:]", "[1,4]"),
        ("$.numbers[-2:-1]", "[1]"),
        ("$.numbers[0:3:2]", "[5,4]"),
        ("$.numbers[::2]", "[5,4]"),
        ("$.numbers[2:1]", "[]"),
        ("$.numbers[-9:9]", "[5,1,4]"),
        ("$.numbers[2,0,7]", "[4,5]"),
        ("$..kind", r#"["temp","hum","temp"]"#),
        ("$..unit.name", r#"["C"]"#),
        (
            "$..[0]",
            r#"["hot",{"kind":"temp","value":21.5,"unit":{"name":"C"}},5]"#,
        ),
        ("$..[0].kind", r#"["temp"]"#),
        ("$..['kind','ok']", r#"[{"kind":"temp","ok":true}]"#),
        ("$..[?(@.name)]", r#"[{"name":"C"}]"#),
        ("$.device.*", r#"["d-7",["hot","new"],1,2,null]"#),
        ("$.no[*]", "[]"),
        ("$.no.where[1:].x", "[]"),
        ("$.text[*]", "[]"),
        ("$.text[1:]", "[]"),
        ("$.device.null[*].x", "[]"),
        ("$.empty[?(@.a)]", "[]"),
        ("$$..x", "[1]"),
    ]);
}

#[test]
fn misses_speak_jayways_words() {
    for (path, expected) in [
        ("$.x", "No results for path: $['x']"),
        ("$.device.x", "No results for path: $['device']['x']"),
        ("$.no.such.path", "Missing property in path $['no']"),
        (
            "$.readings[1].unit.name",
            "Missing property in path $['readings'][1]['unit']",
        ),
        ("$.text.x", "Property ['x'] not found in path $['text']"),
        (
            "$.device.null.x",
            "Property ['x'] not found in path $['device']['null']",
        ),
        ("$.device.null[0]", "The path $['device']['null'] is null"),
        (
            "$.numbers[3]",
            "Index out of bounds when evaluating path $['numbers'][3]",
        ),
        (
            "$.numbers[-4]",
            "Index out of bounds when evaluating path $['numbers'][-4]",
        ),
        (
            "$.readings[0].unit[1]['a']",
            "Filter: [1]['a'] can only be applied to arrays. Current context is: {name=C}",
        ),
        (
            "$['device','limit'].id",
            "Multi properties can only be used as path leafs: $['device', 'limit']",
        ),
        (
            "$.text['a','b']",
            "Property ['a', 'b'] not found in path $['text']",
        ),
        (
            "$$.Execution.RoleArn",
            "No results for path: $['Execution']['RoleArn']",
        ),
    ] {
        assert_eq!(find(path).unwrap_err(), expected, "{path}");
    }
}

#[test]
fn a_miss_names_the_path_as_it_was_written() {
    let path = Path::compile("$.no['such'].path").unwrap();
    let invalid = with_scope(|scope| path.find(scope).unwrap_err().invalid_path());
    let expected = "Invalid path '$.no['such'].path' : Missing property in path $['no']";
    assert_eq!(invalid, expected);

    let miss = path.find_in(&Value::NULL).unwrap_err();
    assert_eq!(
        miss.invalid_path(),
        "Unable to apply Path transformation to null or empty input."
    );
    assert!(
        Path::compile("$")
            .unwrap()
            .find_in(&Value::NULL)
            .unwrap()
            .is_null()
    );
}

#[test]
fn definite_paths_borrow() {
    let path = Path::compile("$.device.tags[1]").unwrap();
    let borrowed = with_scope(|scope| matches!(path.find(scope), Ok(Cow::Borrowed(_))));
    assert!(borrowed);
}

#[test]
fn a_path_knows_what_it_is() {
    for (text, definite, context) in [
        ("$", true, false),
        ("$$", true, true),
        ("$.a['b'][0]", true, false),
        ("$['a','b']", true, false),
        ("$$.a[-1]", true, true),
        ("$.a.length()", true, false),
        ("$.a[*].length()", true, false),
        ("$.a[*]", false, false),
        ("$.a[1:]", false, false),
        ("$.a[0,1]", false, false),
        ("$..a", false, false),
        ("$$..a['b','c']", false, true),
        ("$.a[?(@.b)].c", false, false),
    ] {
        let path = Path::compile(text).unwrap();
        let known = (path.text(), path.is_definite(), path.reads_context());
        assert_eq!(known, (text, definite, context));
    }
}

#[test]
fn functions_end_a_path() {
    check(&[
        ("$.numbers.min()", "1"),
        ("$.numbers.max()", "5"),
        ("$.numbers.sum()", "10"),
        ("$.numbers.sum(2, 3)", "15"),
        ("$.readings[*].value.avg()", "30.5"),
        ("$..value.max()", "40"),
        ("$['numbers','limit'].length()", "2"),
        ("$.numbers.length()", "3"),
        ("$.text.length()", "3"),
        ("$.numbers.size()", "3"),
        ("$.readings[0].keys()", r#"["kind","value","unit"]"#),
        ("$.numbers.first()", "5"),
        ("$.numbers.last()", "4"),
        ("$.numbers.index(1)", "1"),
        ("$.numbers.append(7, 'x')", r#"[5,1,4,7,"x"]"#),
        ("$.device.tags.concat('-', $.text)", r#""hotnew-abc""#),
        ("$.length($.numbers)", "3"),
    ]);
    assert!((find("$.numbers.stddev()").unwrap().parse::<f64>().unwrap() - 1.6997).abs() < 1e-4);
    for (path, expected) in [
        (
            "$.empty.max()",
            "Aggregation function attempted to calculate value using empty array",
        ),
        (
            "$.numbers.index(3)",
            "Index out of bounds when evaluating path $['numbers'].index()",
        ),
        (
            "$.limit.length()",
            "length() needs an array, an object or a string",
        ),
        ("$.no.length()", "Missing property in path $['no']"),
    ] {
        assert!(
            find(path).unwrap_err().starts_with(expected),
            "{path}: {:?}",
            find(path)
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r#"\$[\.\[\]\(\)\*@?'",:0-9a-c&|=! -]{0,24}"#) {
        if let Ok(path) = Path::compile(&text) {
            with_scope(|scope| path.find(scope).map_err(|miss| miss.to_string()).is_ok());
        }
    }
}
