//! `$string`, `$length`, `$uppercase`, `$lowercase`, `$trim`, `$join`.

use super::{Arguments, new_text};
use crate::expr::jsonata::datum::{Datum, Nature};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::eval::Evaluator;
use crate::value::{Number, Text, Value, View, write_json_string};

/// The most significant digits that a number has in a text.
const DIGITS_MAX: usize = 15;

pub(super) fn string(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    if datum.is_nothing() || datum.as_text().is_some() {
        return Ok(datum.clone());
    }
    let pretty = arguments.at(1).as_value().and_then(Value::as_bool) == Some(true);
    let text = text_of(datum, pretty)?;
    new_text(evaluator, text)
}

/// The text of anything that is not nothing; that of a text is itself.
pub(in super::super) fn text_of(datum: &Datum, pretty: bool) -> Result<String, Fault> {
    if let Some(text) = datum.as_text() {
        return Ok(text.to_string());
    }
    let datum = match datum {
        Datum::Array(array) if array.nature == Nature::Outer => {
            array.items.first().unwrap_or(&Datum::Nothing)
        }
        other => other,
    };
    if matches!(datum, Datum::Function(_)) {
        return Ok(String::new());
    }
    let mut out = Vec::new();
    write(&datum.to_value()?, pretty.then_some(0), &mut out);
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// Writes JSON with numbers of at most [`DIGITS_MAX`] digits, save for integers of 64 bits, which stay as they are.
///
/// `indent` is the depth where each member has a line of its own. Recursion is bounded by how deep a value may be.
fn write(value: &Value, indent: Option<usize>, out: &mut Vec<u8>) {
    let line = |depth: Option<usize>, out: &mut Vec<u8>| {
        if let Some(depth) = depth {
            out.push(b'\n');
            out.resize(out.len() + 2 * depth, b' ');
        }
    };
    let inner = indent.map(|depth| depth + 1);
    match value.view() {
        View::Number(number) => out.extend_from_slice(number_text(number).as_bytes()),
        View::Array([]) => out.extend_from_slice(b"[]"),
        View::Array(elements) => {
            out.push(b'[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                line(inner, out);
                write(element, inner, out);
            }
            line(indent, out);
            out.push(b']');
        }
        View::Object(object) if object.is_empty() => out.extend_from_slice(b"{}"),
        View::Object(object) => {
            out.push(b'{');
            for (at, (key, member)) in object.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                line(inner, out);
                write_json_string(key, out);
                out.extend_from_slice(if indent.is_some() { b": " } else { b":" });
                write(member, inner, out);
            }
            line(indent, out);
            out.push(b'}');
        }
        View::Null | View::Bool(_) | View::String(_) => value.write_json(out),
    }
}

fn number_text(number: Number<'_>) -> String {
    if let Number::Int(int) = number {
        return int.to_string();
    }
    let precise = number.as_f64();
    let rounded = format!("{precise:.*e}", DIGITS_MAX - 1);
    javascript_text(rounded.parse().unwrap_or(precise))
}

/// A number as JavaScript prints it: the shortest digits, with an exponent from 1e21 on and below 1e-6.
fn javascript_text(number: f64) -> String {
    let text = format!("{number:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 {
        return "0".to_owned();
    }
    if (-7 < exponent) && (exponent < 21) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { "" } else { "+" };
    format!("{digits}e{sign}{exponent}")
}

pub(super) fn length(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let text = arguments.text(0);
    Ok(text.map_or(Datum::Nothing, |text| Datum::count(text.chars().count())))
}

fn changed(
    evaluator: &mut Evaluator<'_>,
    arguments: &Arguments,
    change: impl FnOnce(&str) -> String,
) -> Result<Datum, Fault> {
    match arguments.text(0) {
        Some(text) => new_text(evaluator, change(text)),
        None => Ok(Datum::Nothing),
    }
}

pub(super) fn uppercase(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    changed(evaluator, &arguments, str::to_uppercase)
}

pub(super) fn lowercase(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    changed(evaluator, &arguments, str::to_lowercase)
}

/// Runs of blanks become one, those at the ends none.
pub(super) fn trim(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    changed(evaluator, &arguments, |text| {
        let words = text
            .split([' ', '\t', '\n', '\r'])
            .filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join(" ")
    })
}

pub(super) fn join(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(elements) = arguments.at(0).elements() else {
        return Ok(Datum::Nothing);
    };
    let separator = arguments.text(1).map_or("", Text::as_str);
    let mut joined = String::new();
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(element.as_text().map_or("", Text::as_str));
        if joined.len() > evaluator.environment.limits.bytes {
            break;
        }
    }
    evaluator.steps(elements.len() / 16)?;
    new_text(evaluator, joined)
}
