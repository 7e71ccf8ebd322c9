//! Small cases that cover the language, and what it is bounded by.

mod cases;
mod limits;

use std::borrow::Cow;
use std::cell::Cell;

use super::{Environment, Evaluated, Expression, Limits, Variables};
use crate::value::Value;

/// One variable, `$states`.
struct States(Value);

impl Variables for States {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        (name == "states").then_some(Cow::Borrowed(&self.0))
    }
}

/// The result as text: JSON, `undefined`, `function`, or an error's code and text.
fn result(text: &str, input: &str, limits: Limits) -> String {
    let expression = match Expression::compile(text) {
        Ok(expression) => expression,
        Err(error) => return error.to_string(),
    };
    let input = Value::parse(input.as_bytes()).unwrap();
    let draws = Cell::new(0_u64);
    let environment = Environment {
        input: Some(&input),
        variables: &States(Value::parse(br#"{"input":{"a":{"b":[{"c":1},{"c":2}]}}}"#).unwrap()),
        now_ms: 1_700_000_000_000,
        randomness: &|| {
            draws.set(draws.get().wrapping_add(0x9e37_79b9_7f4a_7c15));
            draws.get()
        },
        limits,
    };
    match expression.eval(&environment) {
        Ok(Evaluated::Value(value)) => value.to_json(),
        Ok(Evaluated::Nothing) => "undefined".to_owned(),
        Ok(Evaluated::Function) => "function".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn free_variables_are_told_with_their_fields() {
    let cases = [
        ("$states.input.x + 1", "states.input.x@0"),
        ("$states.result[0].y", "states.result@0"),
        ("$states.result.y[0].z", "states.result.y@0"),
        ("($a := 1; $a + $b)", "b@15"),
        ("$sum($c.d)", "c.d@5"),
        ("function($x){$x.y}($z)", "z@19"),
        ("$map($items, $string)", "items@5"),
        ("$unknown(1)", "unknown@0"),
        ("$ + $$ + a", ""),
    ];
    for (text, expected) in cases {
        let expression = Expression::compile(text).unwrap();
        let told: Vec<String> = expression
            .free_variables()
            .iter()
            .map(|variable| {
                let mut path = variable.name.to_string();
                for field in &variable.fields {
                    path.push('.');
                    path.push_str(field);
                }
                format!("{path}@{}", variable.offset_bytes)
            })
            .collect();
        assert_eq!(told.join(" "), expected, "{text}");
    }
}

#[test]
fn a_function_is_no_value() {
    for text in ["$sum", "function($x){$x}", "[$sum]", "{\"a\": $sum}", "/a/"] {
        assert_eq!(
            result(text, "null", Limits::default()),
            "function",
            "{text}"
        );
    }
}
