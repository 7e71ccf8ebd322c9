//! `$number`, `$abs`, `$floor`, `$ceil`, `$round`, `$power`, `$sqrt`.

use super::Arguments;
use crate::expr::jsonata::datum::Datum;
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::Evaluator;
use crate::value::{Value, View};

fn with(arguments: &Arguments, f: impl FnOnce(f64) -> f64) -> Result<Datum, Fault> {
    match arguments.number(0) {
        Some(number) => Datum::number(f(number)),
        None => Ok(Datum::Nothing),
    }
}

pub(super) fn abs(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    with(&arguments, f64::abs)
}

pub(super) fn floor(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    with(&arguments, f64::floor)
}

pub(super) fn ceil(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    with(&arguments, f64::ceil)
}

/// Halves go to the even neighbour, where the number's shortest text is taken for what it says.
pub(super) fn round(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(number) = arguments.number(0) else {
        return Ok(Datum::Nothing);
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no double has that many digits"
    )]
    let precision = arguments
        .number(1)
        .map_or(0, |p| p.clamp(-400.0, 400.0) as i32);
    let shifted = shift(number, precision);
    if !shifted.is_finite() {
        return Datum::number(number);
    }
    Datum::number(shift(shifted.round_ties_even(), -precision))
}

/// A number with its decimal point moved, by its text.
fn shift(number: f64, places: i32) -> f64 {
    if places == 0 {
        return number;
    }
    let text = format!("{number:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return number;
    };
    let exponent = exponent.parse::<i32>().unwrap_or(0) + places;
    format!("{digits}e{exponent}").parse().unwrap_or(number)
}

pub(super) fn sqrt(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    match arguments.at(0).as_value() {
        Some(value) if arguments.number(0).is_some_and(|n| n < 0.0) => {
            let message =
                format!("The sqrt function cannot be applied to a negative number: {value}");
            Err(fault("D3060", message))
        }
        _ => with(&arguments, f64::sqrt),
    }
}

pub(super) fn power(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(base) = arguments.number(0) else {
        return Ok(Datum::Nothing);
    };
    let result = arguments.number(1).map(|exponent| base.powf(exponent));
    if let Some(result) = result.filter(|result| result.is_finite()) {
        return Datum::number(result);
    }
    let base = arguments.at(0).to_value()?;
    let exponent = match arguments.at(1) {
        Datum::Nothing => "undefined".to_owned(),
        exponent => exponent.to_value()?.to_string(),
    };
    let message = format!(
        "The power function has resulted in a value that cannot be represented as a JSON number: base={base}, exponent={exponent}"
    );
    Err(fault("D3061", message))
}

pub(super) fn number(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    let Some(value) = datum.as_value() else {
        return Ok(Datum::Nothing);
    };
    let parsed = match value.view() {
        View::Number(_) => return Ok(datum.clone()),
        View::Bool(b) => return Ok(Datum::Value(Value::from(i64::from(b)))),
        View::String(text) => parse(text),
        View::Null | View::Array(_) | View::Object(_) => None,
    };
    parsed.map(Datum::Value).ok_or_else(|| {
        let message = format!("Unable to cast value to a number: {value}");
        fault("D3030", message)
    })
}

/// A JSON number, whose digits are kept, or digits of another base behind `0x`, `0o` or `0b`.
fn parse(text: &str) -> Option<Value> {
    let bases = [
        ("0x", 16),
        ("0X", 16),
        ("0o", 8),
        ("0O", 8),
        ("0b", 2),
        ("0B", 2),
    ];
    for (prefix, base) in bases {
        if let Some(digits) = text.strip_prefix(prefix) {
            let mut number = 0.0;
            for digit in digits.chars() {
                number = number * f64::from(base) + f64::from(digit.to_digit(base)?);
            }
            return Value::from_f64(number).filter(|_| !digits.is_empty());
        }
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let whole = digits.len()
        - digits
            .trim_start_matches(|c: char| c.is_ascii_digit())
            .len();
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    // One zero may stand before what is no digit, where JSON wants one.
    let digits = digits.get(zeros.min(whole.saturating_sub(1))..)?;
    let text = format!("{sign}{digits}");
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '-');
    if !ends(text.chars().next()) || !ends(text.chars().next_back()) {
        return None;
    }
    let value = Value::parse(text.as_bytes()).ok()?;
    let finite = value.as_number().is_some_and(|n| n.as_f64().is_finite());
    finite.then_some(value)
}
