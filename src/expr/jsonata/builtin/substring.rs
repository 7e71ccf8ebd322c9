//! `$substring`, `$substringBefore`, `$substringAfter`, `$pad`: by characters, not by UTF-16 units.

use super::{Arguments, new_text};
use crate::expr::jsonata::datum::Datum;
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::eval::Evaluator;
use crate::value::Text;

/// A number as a place in a text, without its fraction.
#[expect(clippy::cast_possible_truncation, reason = "no text is that long")]
const fn place(number: f64) -> i64 {
    number as i64
}

pub(super) fn substring(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    // JavaScript's arithmetic with a place that is nothing: all of the text, or none of it.
    let Some(start) = arguments.number(1) else {
        let all = arguments.number(2).is_none();
        return Ok(Datum::text(if all {
            text.clone()
        } else {
            Text::default()
        }));
    };
    #[expect(clippy::cast_precision_loss, reason = "no text is that long")]
    let count = text.chars().count() as f64;
    let from = if start < 0.0 {
        (count + start).max(0.0)
    } else {
        start
    };
    let to = match arguments.number(2) {
        Some(length) if length <= 0.0 => return Ok(Datum::text("")),
        // The end is counted from a start that may lie before the text.
        Some(length) if start >= 0.0 => start + length,
        Some(length) => from + length,
        None => count,
    };
    let (from, to) = (place(from), place(to));
    let skipped = usize::try_from(from).unwrap_or(0);
    let taken = usize::try_from(to - from).unwrap_or(0);
    new_text(evaluator, text.chars().skip(skipped).take(taken).collect())
}

pub(super) fn substring_before(
    _: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    Ok(part(&arguments, |text, mark| {
        text.split_once(mark).map(|(before, _)| before)
    }))
}

pub(super) fn substring_after(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    Ok(part(&arguments, |text, mark| {
        text.split_once(mark).map(|(_, after)| after)
    }))
}

/// A part of a text, or all of it where the mark is not found.
fn part(arguments: &Arguments, find: impl for<'t> Fn(&'t str, &str) -> Option<&'t str>) -> Datum {
    let (Some(text), Some(mark)) = (arguments.text(0), arguments.text(1)) else {
        return arguments.at(0).clone();
    };
    match find(text, mark) {
        Some(part) => Datum::text(Text::new(part)),
        None => Datum::text(text.clone()),
    }
}

pub(super) fn pad(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let (Some(text), Some(width)) = (arguments.text(0), arguments.number(1)) else {
        // Without a width nothing is missing.
        return Ok(arguments.at(0).clone());
    };
    let filler = arguments.text(2).map(Text::as_str);
    let filler = filler.filter(|filler| !filler.is_empty()).unwrap_or(" ");
    let width = place(width);
    let wanted = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
    let missing = wanted.saturating_sub(text.chars().count());
    evaluator.take(missing)?;
    let padding: String = filler.chars().cycle().take(missing).collect();
    let padded = if width < 0 {
        padding + text
    } else {
        text.to_string() + &padding
    };
    new_text(evaluator, padded)
}
