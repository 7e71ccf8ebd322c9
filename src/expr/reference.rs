//! Reference paths: one place in a value, where `ResultPath` puts a result.

use super::Failure;
use super::cursor::PathError;
use super::path::{Path, Place};
use crate::value::{Text, TooDeep, Value};

/// A compiled reference path: names and indices only.
#[derive(Debug)]
pub struct ReferencePath {
    text: Text,
    places: Box<[Place]>,
}

impl ReferencePath {
    /// Compiles a path of names and indices.
    ///
    /// # Errors
    /// What is wrong with it, or that it is a path but no reference path: it reads the context object or a variable, or
    /// has a wildcard, a slice, a union, a filter, a deep scan, a function or a negative index.
    pub fn compile(text: &str) -> Result<Self, PathError> {
        let refused = |at, what: &str| PathError {
            message: format!("a reference path cannot have {what}"),
            at,
        };
        let path = Path::compile(text)?;
        if path.reads_context() {
            return Err(refused(0, "'$$'"));
        }
        if !path.reads_input() {
            return Err(refused(0, "a variable"));
        }
        if let Some((at, operator)) = operator_outside_quotes(text) {
            return Err(refused(at, &format!("'{operator}'")));
        }
        let places = path
            .into_places()
            .ok_or_else(|| refused(0, "anything but names and indices"))?;
        Ok(Self {
            text: Text::new(text),
            places,
        })
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Puts `value` into `input`, which is copied only where it is shared. Missing objects are made; an index must exist.
    ///
    /// # Errors
    /// `States.ReferencePathConflict` if a step meets something that is no object (or array, for an index): the name and
    /// text that AWS gives, whereas its specification speaks of `States.ResultPathMatchFailure`.
    pub fn put(&self, input: Value, value: Value) -> Result<Value, Failure> {
        if !fits(&self.places, &input) {
            return Err(Failure {
                error: Text::new_static("States.ReferencePathConflict"),
                cause: format!(
                    "Unable to apply ReferencePath {} to input {input}",
                    self.text
                ),
                query: None,
            });
        }
        put(&self.places, input, value).map_err(|too_deep| Failure::runtime(too_deep.to_string()))
    }
}

/// Whether the place is there or can be made. Asked before anything is changed, so that an input that nobody shares is
/// changed where it is.
fn fits(places: &[Place], input: &Value) -> bool {
    let Some((place, rest)) = places.split_first() else {
        return true;
    };
    match place {
        Place::Name(name) => match input.as_object().map(|object| object.get(name)) {
            Some(Some(member)) => fits(rest, member),
            Some(None) => rest.iter().all(|place| matches!(place, Place::Name(_))),
            None => false,
        },
        Place::Index(index) => input
            .as_array()
            .and_then(|array| array.get(*index))
            .is_some_and(|element| fits(rest, element)),
    }
}

/// The place must fit.
fn put(places: &[Place], mut input: Value, value: Value) -> Result<Value, TooDeep> {
    let Some((place, rest)) = places.split_first() else {
        return Ok(value);
    };
    match place {
        Place::Name(name) => {
            let member = if rest.is_empty() {
                value
            } else {
                let inner = input.get(name).cloned();
                put(rest, inner.unwrap_or_else(Value::empty_object), value)?
            };
            input.insert(name, member)?;
            Ok(input)
        }
        Place::Index(index) => {
            let element = input.as_array().and_then(|array| array.get(*index));
            let element = element.expect("the place fits").clone();
            let element = put(rest, element, value)?;
            input.set_index(*index, element)?;
            Ok(input)
        }
    }
}

/// The first operator of paths that reference paths exclude, which a path accepts as part of a name.
fn operator_outside_quotes(text: &str) -> Option<(usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '@' | ',' | ':' | '?' | '*') => return Some((at, c)),
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        Value::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn results_are_put_in_their_place() {
        for (path, input, expected) in [
            ("$", r#"{"a":1}"#, r#""R""#),
            ("$.x", r#"{"a":1}"#, r#"{"a":1,"x":"R"}"#),
            ("$.a", r#"{"a":1,"b":2}"#, r#"{"a":"R","b":2}"#),
            ("$['a b'].c", "{}", r#"{"a b":{"c":"R"}}"#),
            (
                "$.a.b.c",
                r#"{"a":{"x":1}}"#,
                r#"{"a":{"x":1,"b":{"c":"R"}}}"#,
            ),
            ("$.a[1]", r#"{"a":[0,1,2]}"#, r#"{"a":[0,"R",2]}"#),
            ("$[0].b", r#"[{"a":1},2]"#, r#"[{"a":1,"b":"R"},2]"#),
            ("$[0][1]", "[[0,1]]", r#"[[0,"R"]]"#),
        ] {
            let path = ReferencePath::compile(path).unwrap();
            let input = value(input);
            let put = path.put(input.clone(), Value::from("R")).unwrap();
            assert_eq!(put.to_json(), expected, "{}", path.text());
            assert_ne!(put, input);
        }
    }

    #[test]
    fn a_shared_input_is_left_as_it_was() {
        let input = value(r#"{"a":{"b":1}}"#);
        let path = ReferencePath::compile("$.a.b").unwrap();
        path.put(input.clone(), Value::from(2)).unwrap();
        assert_eq!(input.to_json(), r#"{"a":{"b":1}}"#);
    }

    #[test]
    fn places_that_cannot_be_made_are_conflicts() {
        for (path, input) in [
            ("$.x", r#""input1""#),
            ("$.x", "null"),
            ("$.x", "[1]"),
            ("$.a.b", r#"{"a":5}"#),
            ("$.a.b", r#"{"a":null}"#),
            ("$[0]", r#"{"a":5}"#),
            ("$[1]", "[0]"),
            ("$.a[0]", "{}"),
        ] {
            let failure = ReferencePath::compile(path)
                .unwrap()
                .put(value(input), Value::NULL)
                .unwrap_err();
            assert_eq!(failure.error, "States.ReferencePathConflict");
            let expected = format!("Unable to apply ReferencePath {path} to input {input}");
            assert_eq!(failure.cause, expected);
        }
    }

    #[test]
    fn a_result_nested_too_deeply_fails() {
        let path = ReferencePath::compile("$.a").unwrap();
        let deep = value(&("[".repeat(128) + &"]".repeat(128)));
        let failure = path.put(Value::empty_object(), deep).unwrap_err();
        assert_eq!(failure.error, "States.Runtime");
    }

    #[test]
    fn only_names_and_indices_are_allowed() {
        for text in [
            "$$.a",
            "$x",
            "a",
            "",
            "$.a[*]",
            "$.a[1:]",
            "$.a[0,1]",
            "$..a",
            "$.a[-1]",
            "$.a@b",
            "$.a:b",
            "$.a,b",
            "$.a?",
            "$.*",
            "$['a','b']",
            "$.a.length()",
            "$.a[?(@.b)]",
            "$[(@.length-1)]",
            "$.a.sum()",
        ] {
            assert!(ReferencePath::compile(text).is_err(), "{text}");
        }
        for text in ["$", "$.a", "$['a:b'].c[0]", r"$['it\'s, @']", "$.a-b_c"] {
            assert!(ReferencePath::compile(text).is_ok(), "{text}");
        }
    }
}
