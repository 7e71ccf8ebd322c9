//! `$sum`, `$count`, `$max`, `$min`, `$average`.

use super::Arguments;
use crate::expr::jsonata::datum::{Datum, Elements};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::eval::Evaluator;
use crate::value::Value;

/// The numbers of the first argument, folded; nothing for nothing.
fn fold(
    evaluator: &mut Evaluator<'_>,
    arguments: &Arguments,
    start: f64,
    with: impl Fn(f64, f64) -> f64,
) -> Result<Option<(f64, usize)>, Fault> {
    let Some(elements) = arguments.at(0).elements() else {
        return Ok(None);
    };
    evaluator.steps(elements.len() / 16)?;
    let result = match elements {
        Elements::Values(values) => {
            let numbers = values.iter().filter_map(Value::as_f64);
            numbers.fold(start, with)
        }
        Elements::Data(data) => data.iter().filter_map(Datum::as_f64).fold(start, with),
    };
    Ok(Some((result, elements.len())))
}

pub(super) fn sum(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    match fold(evaluator, &arguments, 0.0, |a, b| a + b)? {
        Some((sum, _)) => Datum::number(sum),
        None => Ok(Datum::Nothing),
    }
}

pub(super) fn count(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let elements = arguments.at(0).elements();
    Ok(Datum::count(elements.map_or(0, Elements::len)))
}

pub(super) fn max(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    extreme(evaluator, &arguments, f64::NEG_INFINITY, f64::max)
}

pub(super) fn min(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    extreme(evaluator, &arguments, f64::INFINITY, f64::min)
}

fn extreme(
    evaluator: &mut Evaluator<'_>,
    arguments: &Arguments,
    start: f64,
    with: impl Fn(f64, f64) -> f64,
) -> Result<Datum, Fault> {
    match fold(evaluator, arguments, start, with)? {
        Some((extreme, 1..)) => Datum::number(extreme),
        _ => Ok(Datum::Nothing),
    }
}

pub(super) fn average(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    match fold(evaluator, &arguments, 0.0, |a, b| a + b)? {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no array has more than 2^53 elements"
        )]
        Some((sum, count @ 1..)) => Datum::number(sum / count as f64),
        _ => Ok(Datum::Nothing),
    }
}
