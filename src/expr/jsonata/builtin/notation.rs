//! Numbers and times in writing: `$formatNumber`, `$formatInteger`, `$parseInteger`, `$formatBase`, `$now`, `$millis`,
//! `$fromMillis`, `$toMillis`.

use super::{Arguments, new_text};
use crate::expr::jsonata::datum::Datum;
use crate::expr::jsonata::error::{Fault, OUT_OF_MEMORY, fault};
use crate::expr::jsonata::eval::Evaluator;
use crate::expr::jsonata::format::number::{Options, format_number as write_number};
use crate::expr::jsonata::format::{Budget, FormatError, base, date, integer};
use crate::value::Value;

impl From<FormatError> for Fault {
    fn from(error: FormatError) -> Self {
        fault(error.code, error.message)
    }
}

/// Runs `work` with a budget of the evaluation's memory.
fn within<T>(
    evaluator: &mut Evaluator<'_>,
    work: impl FnOnce(&mut Budget<'_>) -> Result<T, FormatError>,
) -> Result<T, Fault> {
    let mut budget = |bytes: usize| {
        // A step for every few bytes, as for any text that is looked at.
        let taken = evaluator
            .steps(1 + bytes / 64)
            .and_then(|()| evaluator.take(bytes));
        taken.map_err(|_| FormatError::new("U1001", OUT_OF_MEMORY))
    };
    Ok(work(&mut budget)?)
}

/// A number that was read; what is none is JavaScript's not-a-number.
fn read(number: Option<f64>) -> Result<Datum, Fault> {
    number.map_or(Ok(Datum::Nothing), Datum::number)
}

pub(super) fn format_number(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let (Some(number), Some(picture)) = (arguments.number(0), arguments.text(1)) else {
        return Ok(Datum::Nothing);
    };
    let mut options = Options::default();
    let given = arguments.at(2).to_value()?;
    for (name, value) in given.as_object().iter().flat_map(|object| object.iter()) {
        if let Some(value) = value.as_str() {
            options.set(name, value);
        }
    }
    let text = within(evaluator, |budget| {
        write_number(number, picture, &options, budget)
    })?;
    new_text(evaluator, text)
}

pub(super) fn format_integer(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let (Some(number), Some(picture)) = (arguments.number(0), arguments.text(1)) else {
        return Ok(Datum::Nothing);
    };
    let text = within(evaluator, |budget| {
        integer::format_integer(number, picture, budget)
    })?;
    new_text(evaluator, text)
}

pub(super) fn parse_integer(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let (Some(text), Some(picture)) = (arguments.text(0), arguments.text(1)) else {
        return Ok(Datum::Nothing);
    };
    read(within(evaluator, |budget| {
        integer::parse_integer(text, picture, budget)
    })?)
}

pub(super) fn format_base(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let Some(number) = arguments.number(0) else {
        return Ok(Datum::Nothing);
    };
    let text = base::format_base(number, arguments.number(1).unwrap_or(10.0))?;
    new_text(evaluator, text)
}

pub(super) fn millis(evaluator: &mut Evaluator<'_>, _: Arguments) -> Result<Datum, Fault> {
    Ok(Datum::Value(Value::from(evaluator.environment.now_ms)))
}

pub(super) fn now(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let millis = evaluator.environment.now_ms as f64;
    written(evaluator, millis, &arguments, 0)
}

pub(super) fn from_millis(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    match arguments.number(0) {
        Some(millis) => written(evaluator, millis, &arguments, 1),
        None => Ok(Datum::Nothing),
    }
}

/// An instant, by the picture and the time zone that stand at `place` and behind it.
fn written(
    evaluator: &mut Evaluator<'_>,
    millis: f64,
    arguments: &Arguments,
    place: usize,
) -> Result<Datum, Fault> {
    let picture = arguments.text(place).map(|text| text.as_str());
    let timezone = arguments.text(place + 1).map(|text| text.as_str());
    let text = within(evaluator, |budget| {
        date::write::from_millis(millis, picture, timezone, budget)
    })?;
    new_text(evaluator, text)
}

pub(super) fn to_millis(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    let picture = arguments.text(1).map(|text| text.as_str());
    let now = evaluator.environment.now_ms as f64;
    read(within(evaluator, |budget| {
        date::read::to_millis(text, picture, now, budget)
    })?)
}
