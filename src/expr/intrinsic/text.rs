//! Strings and JSON.

use std::borrow::Cow;

use super::eval::Wrong;
use crate::expr::{RESULT_BYTES_MAX, java};
use crate::value::{ArrayBuilder, Object, ObjectBuilder, Value};

/// `States.Format` with a pattern that is known when it is evaluated.
pub(super) fn format(pattern: &str, values: &[Cow<'_, Value>]) -> Result<Value, Wrong> {
    let pieces: Vec<&str> = pattern.split("{}").collect();
    if pieces.len() != values.len() + 1 {
        return Err(Wrong(format!(
            "The pattern has {} placeholders, but {} values are given",
            pieces.len() - 1,
            values.len()
        )));
    }
    fill(&pieces, values)
}

/// Puts each value between two pieces.
pub(super) fn fill<P: AsRef<str>>(pieces: &[P], values: &[Cow<'_, Value>]) -> Result<Value, Wrong> {
    let texts: usize = pieces.iter().map(|piece| piece.as_ref().len()).sum();
    let inserts: usize = values.iter().map(|value| insert_bytes(value)).sum();
    let mut out = String::with_capacity(texts + inserts.min(RESULT_BYTES_MAX));
    let mut values = values.iter();
    for (i, piece) in pieces.iter().enumerate() {
        if i > 0
            && let Some(value) = values.next()
        {
            java::append(value, &mut out);
        }
        out.push_str(piece.as_ref());
        if out.len() > RESULT_BYTES_MAX {
            return Err("The result is too large".into());
        }
    }
    Ok(out.into())
}

/// How much room an insert takes, nearly.
fn insert_bytes(value: &Value) -> usize {
    value.as_str().map_or_else(|| value.json_bytes(), str::len)
}

/// A blank text is null, as on AWS.
pub(super) fn string_to_json(json: &str) -> Result<Value, Wrong> {
    if json.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
        return Ok(Value::NULL);
    }
    Value::parse(json.as_bytes()).map_err(|error| Wrong(format!("The text is not JSON: {error}")))
}

/// The members of both objects; of equal names those of the second.
pub(super) fn json_merge(a: Object<'_>, b: Object<'_>, deep: bool) -> Result<Value, Wrong> {
    if deep {
        return Err(
            "Only the shallow merging mode is supported: the third argument must be false".into(),
        );
    }
    let mut merged = ObjectBuilder::with_capacity(a.len() + b.len());
    for (name, member) in a.iter().chain(b.iter()) {
        merged.insert(name.clone(), member.clone());
    }
    Ok(merged.finish()?)
}

/// Cuts at every character of `delimiters`, and drops what is empty.
pub(super) fn split(text: &str, delimiters: &str) -> Result<Value, Wrong> {
    let parts = text.split(|c| delimiters.contains(c));
    let parts: ArrayBuilder = parts
        .filter(|part| !part.is_empty())
        .map(Value::from)
        .collect();
    Ok(parts.finish()?)
}
