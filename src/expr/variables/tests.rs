//! Names, scopes, and what reads them.

use super::*;
use crate::expr::{Path, Randomness, Scope, Template};

#[test]
fn a_clone_is_a_scope_of_its_own() {
    let mut names = VariableNames::default();
    let (a, b) = (names.slot(&"a".into()), names.slot(&"b".into()));
    assert_eq!(names.slot(&"a".into()), a);
    assert_eq!(
        (names.find("b"), names.find("c"), a != b),
        (Some(b), None, true)
    );

    let mut outer = Variables::new();
    outer.set(b, Value::from("outer"));
    let mut inner = outer.clone();
    inner.set(a, Value::from(1));
    inner.set(b, Value::from("x"));
    assert_eq!(
        (outer.get(a), outer.get(b)),
        (None, Some(&Value::from("outer")))
    );
    assert_eq!(
        (inner.get(a), inner.get(b)),
        (Some(&Value::from(1)), Some(&Value::from("x")))
    );
    assert_eq!((outer.json_bytes(), inner.json_bytes()), (7, 4));
    assert_eq!(inner.get(Slot::NONE), None);
}

#[test]
fn names_are_identifiers() {
    let long = "x".repeat(80);
    for name in ["a", "aB_9", "größe", "变量", long.as_str()] {
        assert!(is_variable_name(name), "{name}");
    }
    let longer = "x".repeat(81);
    for name in ["", "_a", "9", "a.b", "a-b", "a b", "$a", longer.as_str()] {
        assert!(!is_variable_name(name), "{name}");
    }
}

/// The names `set`, `none` and `unset`, of which the last is not assigned.
fn variables() -> (VariableNames, Variables) {
    let mut names = VariableNames::default();
    let mut variables = Variables::new();
    names.slot(&"unset".into());
    let set = Value::parse(br#"{"a":[1,{"b":2}]}"#).unwrap();
    variables.set(names.slot(&"set".into()), set);
    variables.set(names.slot(&"none".into()), Value::NULL);
    (names, variables)
}

#[test]
fn paths_walk_the_value_of_their_variable() {
    let (mut names, variables) = variables();
    let cases = [
        ("$set", Ok(r#"{"a":[1,{"b":2}]}"#)),
        ("$set.a[1].b", Ok("2")),
        ("$set['a'][0]", Ok("1")),
        ("$set.a[*]", Ok(r#"[1,{"b":2}]"#)),
        ("$set..b", Ok("[2]")),
        ("$none", Ok("null")),
        (
            "$set.x",
            Err("Invalid path '$set.x' : No results for path: $['x']"),
        ),
        (
            "$none.x",
            Err("Unable to apply Path transformation to null or empty input."),
        ),
        (
            "$unset",
            Err("Invalid path '$unset' : No results for path: $['unset']"),
        ),
        (
            "$unset.x[*]",
            Err("Invalid path '$unset.x[*]' : No results for path: $['unset']"),
        ),
        (
            "$never",
            Err("Invalid path '$never' : No results for path: $['never']"),
        ),
    ];
    for (text, expected) in cases {
        let mut path = Path::compile(text).unwrap();
        path.bind(&mut names);
        assert!(!path.reads_context());
        // The input is not looked at, even if it is null.
        for input in [Value::NULL, Value::empty_object()] {
            let scope = Scope {
                input: &input,
                context: &Value::NULL,
                variables: &variables,
                randomness: &Randomness::new(0),
            };
            let found = path.find(&scope);
            let found = found
                .map(|v| v.to_json())
                .map_err(|miss| miss.invalid_path());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
        }
    }
}

#[test]
fn templates_and_calls_read_variables() {
    let (mut names, variables) = variables();
    let input = Value::parse(br#"{"i":1}"#).unwrap();
    let missing = "could not be found in the input";
    let array = "The function 'States.Array($.i, $set.x)' had the following error: The JsonPath argument for the field '$set.x' could not be found in the input '{\"a\":[1,{\"b\":2}]}'";
    let cases = [
        (
            r#"{"x.$":"$set.a[0]","y":[{"z.$":"$none"}],"w":"$set"}"#,
            Ok(r#"{"x":1,"y":[{"z":null}],"w":"$set"}"#.to_owned()),
        ),
        (
            r#"{"x.$":"States.Array($.i, $set.a[1].b, States.JsonToString($set))"}"#,
            Ok(r#"{"x":[1,2,"{\"a\":[1,{\"b\":2}]}"]}"#.to_owned()),
        ),
        (
            r#"{"x.$":"$unset.y"}"#,
            Err(format!(
                "The JSONPath '$unset.y' specified for the field 'x.$' {missing} '{{\"i\":1}}'"
            )),
        ),
        (
            r#"{"x.$":"$set.y"}"#,
            Err(format!(
                "The JSONPath '$set.y' specified for the field 'x.$' {missing} '{{\"a\":[1,{{\"b\":2}}]}}'"
            )),
        ),
        (
            r#"{"x.$":"States.Array($.i, $set.x)"}"#,
            Err(array.to_owned()),
        ),
    ];
    for (json, expected) in cases {
        let mut template = Template::compile(&Value::parse(json.as_bytes()).unwrap()).unwrap();
        template.bind(&mut names);
        let scope = Scope {
            input: &input,
            context: &Value::NULL,
            variables: &variables,
            randomness: &Randomness::new(0),
        };
        let filled = template.eval(&scope).map(|v| v.to_json());
        assert_eq!(filled.map_err(|failure| failure.cause), expected, "{json}");
    }
}
