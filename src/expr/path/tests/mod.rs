//! What paths are beside what they give: `tests/jsonpath` holds what some 1,800 paths give, or miss and in which words.

mod properties;
mod refusals;

use super::*;
use crate::expr::{Randomness, Variables};

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
        variables: Variables::NONE,
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

#[test]
fn paths_of_the_context_object_walk_it() {
    for (path, expected) in [
        ("$$.Execution.Name", Ok(r#""n""#)),
        ("$$.Execution.Input['x']", Ok("1")),
        ("$$", Ok(r#"{"Execution":{"Name":"n","Input":{"x":1}}}"#)),
        ("$$..x", Ok("[1]")),
        (
            "$$.Execution.RoleArn",
            Err("No results for path: $['Execution']['RoleArn']"),
        ),
        ("$.device.id ", Ok(r#""d-7""#)),
        (
            "$.readings[(@.length-1)].unit",
            Err("No results for path: $['readings'][2]['unit']"),
        ),
        (
            "$.readings[?(@.kind[1] == 'e')]",
            Err("Filter: [1] can only be applied to arrays. Current context is: temp"),
        ),
    ] {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(find(path), expected, "{path}");
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
        ("$.a[*].length()", false, false),
        ("$..a.length()", true, false),
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
