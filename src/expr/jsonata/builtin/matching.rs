//! `$match`, `$contains`, `$split`, `$replace`: by texts, by regular expressions, and by functions that find matches.

use super::matches::{Match, Matches};
use super::{Arguments, new_text};
use crate::expr::jsonata::datum::{Datum, object, plain_array, sequence};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::Evaluator;
use crate::value::{Text, Value};

/// A limit that must not be negative; there is none if it is not given.
fn limit(
    arguments: &Arguments,
    place: usize,
    code: &'static str,
    message: &'static str,
) -> Result<f64, Fault> {
    match arguments.number(place) {
        Some(limit) if limit < 0.0 => Err(fault(code, message)),
        Some(limit) => Ok(limit),
        None => Ok(f64::INFINITY),
    }
}

pub(super) fn find(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    let limit = limit(
        &arguments,
        2,
        "D3040",
        "Third argument of match function must evaluate to a positive number",
    )?;
    let mut matches = Matches::new(arguments.at(1), text);
    let mut results = Vec::new();
    let mut count = 0.0;
    while count < limit
        && let Some(found) = matches.next(evaluator)?
    {
        let before = text.get(..found.start).unwrap_or_default();
        results.push(object(vec![
            (Text::new_static("match"), Datum::text(found.text)),
            (
                Text::new_static("index"),
                Datum::count(before.encode_utf16().count()),
            ),
            (Text::new_static("groups"), found.groups),
        ])?);
        evaluator.take_elements(4)?;
        count += 1.0;
    }
    sequence(results)
}

pub(super) fn contains(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    let found = match arguments.text(1) {
        Some(part) => text.contains(part.as_str()),
        None => Matches::new(arguments.at(1), text)
            .next(evaluator)?
            .is_some(),
    };
    Ok(Datum::Value(Value::from(found)))
}

pub(super) fn split(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    let limit = limit(
        &arguments,
        2,
        "D3020",
        "Third argument of split function must evaluate to a positive number",
    )?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and no text has more parts than the largest length"
    )]
    let most = limit.floor() as usize;
    let part = |part: &str| Datum::text(Text::new(part));
    let mut parts = Vec::new();
    match arguments.text(1) {
        Some(separator) if separator.is_empty() => {
            let mut buffer = [0; 4];
            let characters = text.chars().take(most);
            parts.extend(characters.map(|c| part(c.encode_utf8(&mut buffer))));
        }
        Some(separator) => parts.extend(text.split(separator.as_str()).take(most).map(part)),
        None => {
            let mut matches = Matches::new(arguments.at(1), text);
            let mut from = 0;
            while parts.len() < most {
                let Some(found) = matches.next(evaluator)? else {
                    parts.push(part(text.get(from..).unwrap_or_default()));
                    break;
                };
                parts.push(part(text.get(from..found.start).unwrap_or_default()));
                from = found.end;
            }
        }
    }
    evaluator.take_elements(parts.len())?;
    plain_array(parts)
}

pub(super) fn replace(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let Some(text) = arguments.text(0) else {
        return Ok(Datum::Nothing);
    };
    if arguments.text(1).is_some_and(|pattern| pattern.is_empty()) {
        return Err(fault(
            "D3010",
            "Second argument of replace function cannot be an empty string",
        ));
    }
    let limit = limit(
        &arguments,
        3,
        "D3011",
        "Fourth argument of replace function must evaluate to a positive number",
    )?;
    let mut replaced = String::new();
    let mut from = 0;
    let mut count = 0.0;
    let mut matches = Matches::new(arguments.at(1), text);
    while count < limit {
        count += 1.0;
        let (start, end, replacement) = match (arguments.text(1), arguments.text(2)) {
            (Some(pattern), replacement) => {
                let rest = text.get(from..).unwrap_or_default();
                let Some(at) = rest.find(pattern.as_str()) else {
                    break;
                };
                let start = from + at;
                let replacement = replacement.map(ToString::to_string).unwrap_or_default();
                (start, start + pattern.len(), replacement)
            }
            (None, replacement) => {
                let Some(found) = matches.next(evaluator)? else {
                    break;
                };
                let new = match replacement {
                    Some(template) => substituted(template, &found),
                    None => called(evaluator, arguments.at(2), &found)?,
                };
                (found.start, found.end, new)
            }
        };
        replaced.push_str(text.get(from..start).unwrap_or_default());
        replaced.push_str(&replacement);
        from = end;
        evaluator.steps(1)?;
        if replaced.len() > evaluator.environment.limits.bytes {
            break;
        }
    }
    replaced.push_str(text.get(from..).unwrap_or_default());
    new_text(evaluator, replaced)
}

/// The replacement that a function gives for a match.
fn called(evaluator: &mut Evaluator<'_>, function: &Datum, found: &Match) -> Result<String, Fault> {
    let argument = object(vec![
        (Text::new_static("match"), Datum::text(found.text.clone())),
        (Text::new_static("start"), Datum::count(found.start)),
        (Text::new_static("end"), Datum::count(found.end)),
        (Text::new_static("groups"), found.groups.clone()),
    ])?;
    let result = evaluator.apply(function, vec![argument], &Datum::NULL)?;
    match result.settled().as_text() {
        Some(text) => Ok(text.to_string()),
        None => Err(fault(
            "D3012",
            "Attempted to replace a matched string with a non-string value",
        )),
    }
}

/// `$$` is a dollar, `$0` the match, `$1` the first group; of digits as many as there are groups for.
fn substituted(template: &str, found: &Match) -> String {
    let groups = found.groups.each();
    let most_digits = groups
        .len()
        .checked_ilog10()
        .map_or(1, |log| log as usize + 1);
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        text.push_str(before);
        rest = behind;
        if let Some(behind) = rest.strip_prefix('$') {
            text.push('$');
            rest = behind;
            continue;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            text.push('$');
            continue;
        }
        if rest.starts_with('0') {
            text.push_str(&found.text);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let number = |length: usize| rest.get(..length).and_then(|d| d.parse::<usize>().ok());
        let mut length = digits.min(most_digits);
        if length > 1 && number(length).is_some_and(|n| n > groups.len()) {
            length -= 1;
        }
        let group = number(length).and_then(|n| groups.get(n.checked_sub(1)?));
        if let Some(group) = group.as_ref().and_then(Datum::as_text) {
            text.push_str(group);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}
