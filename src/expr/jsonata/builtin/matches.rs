//! Matches in a text, one after the other, as a regular expression or a function of the expression's own finds them.

use crate::expr::jsonata::datum::{Datum, FunctionKind, object, plain_array};
use crate::expr::jsonata::error::{CALLED, Fault, fault};
use crate::expr::jsonata::eval::{Evaluator, lookup};
use crate::value::Text;

/// One match, with what is needed to find the next.
pub(super) struct Match {
    /// What a function that finds matches gave, or the like of it.
    pub(super) text: Text,
    /// In UTF-16 units, as JavaScript counts; in bytes too, where a regular expression found it.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) groups: Datum,
    pub(super) next: Next,
}

pub(super) enum Next {
    /// Search again with the expression from this byte on.
    Regex(usize, usize),
    Function(Datum),
}

/// The first match of a regular expression, as the object that a call of it gives.
pub(in super::super) fn first_match(
    evaluator: &mut Evaluator<'_>,
    regex: usize,
    text: &Datum,
) -> Result<Datum, Fault> {
    match text.as_text() {
        Some(text) => match_from(evaluator, regex, &text.clone(), 0),
        None => Ok(Datum::Nothing),
    }
}

/// The first match from byte `from` on.
pub(in super::super) fn match_from(
    evaluator: &mut Evaluator<'_>,
    regex: usize,
    text: &Text,
    from: usize,
) -> Result<Datum, Fault> {
    let Some(found) = search(evaluator, regex, text, from)? else {
        return Ok(Datum::Nothing);
    };
    let Next::Regex(_, from) = found.next else {
        return Ok(Datum::Nothing);
    };
    let units = |bytes: usize| {
        let before = text.get(..bytes).unwrap_or_default();
        Datum::count(before.encode_utf16().count())
    };
    let next = FunctionKind::NextMatch {
        regex,
        text: text.clone(),
        from,
    };
    object(vec![
        (Text::new_static("match"), Datum::text(found.text)),
        (Text::new_static("start"), units(found.start)),
        (Text::new_static("end"), units(found.end)),
        (Text::new_static("groups"), found.groups),
        (Text::new_static("next"), Datum::function(next)?),
    ])
}

fn search(
    evaluator: &mut Evaluator<'_>,
    regex: usize,
    text: &Text,
    from: usize,
) -> Result<Option<Match>, Fault> {
    evaluator.steps(1 + text.len().saturating_sub(from) / 64)?;
    let found = match evaluator.program.regexes.get(regex) {
        Some(regex) => regex.find_at(text, from),
        None => None,
    };
    let Some(found) = found else {
        return Ok(None);
    };
    if found.end == found.start {
        return Err(fault(
            "D1004",
            "Regular expression matches zero length string",
        ));
    }
    let groups = found.groups.iter().map(|group| {
        group.as_ref().map_or_else(
            || Datum::text(""),
            |range| Datum::text(Text::new(text.get(range.clone()).unwrap_or_default())),
        )
    });
    let groups: Vec<Datum> = groups.collect();
    evaluator.take_elements(groups.len() + 1)?;
    Ok(Some(Match {
        text: Text::new(text.get(found.start..found.end).unwrap_or_default()),
        start: found.start,
        end: found.end,
        groups: plain_array(groups)?,
        next: Next::Regex(regex, found.end),
    }))
}

/// The matches of a function in a text, one after the other.
pub(super) struct Matches<'t> {
    text: &'t Text,
    next: Option<Next>,
    /// Places count UTF-16 units, as a function of the expression's own tells them.
    units: bool,
    first: bool,
}

impl<'t> Matches<'t> {
    pub(super) fn new(function: &Datum, text: &'t Text) -> Self {
        let regex = match function {
            Datum::Function(function) => match function.kind {
                FunctionKind::Regex(regex) => Some(regex),
                _ => None,
            },
            _ => None,
        };
        Self {
            text,
            units: regex.is_none(),
            next: Some(match regex {
                Some(regex) => Next::Regex(regex, 0),
                None => Next::Function(function.clone()),
            }),
            first: true,
        }
    }

    pub(super) fn next(&mut self, evaluator: &mut Evaluator<'_>) -> Result<Option<Match>, Fault> {
        let first = std::mem::replace(&mut self.first, false);
        let mut found = match self.next.take() {
            None => None,
            Some(Next::Regex(regex, from)) => search(evaluator, regex, self.text, from)?,
            Some(Next::Function(function)) => {
                let arguments = if first {
                    vec![Datum::text(self.text.clone())]
                } else {
                    Vec::new()
                };
                let result = evaluator.apply(&function, arguments, &Datum::NULL)?;
                understood(&result.settled())?
            }
        };
        if let Some(found) = &mut found {
            if self.units {
                found.start = byte_of_unit(self.text, found.start);
                found.end = byte_of_unit(self.text, found.end);
            }
            self.next = Some(std::mem::replace(
                &mut found.next,
                Next::Regex(usize::MAX, 0),
            ));
        }
        Ok(found)
    }
}

/// The byte at which a UTF-16 unit begins.
fn byte_of_unit(text: &str, unit: usize) -> usize {
    let mut units = 0;
    for (byte, c) in text.char_indices() {
        if units >= unit {
            return byte;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// What a function that finds matches gave; nothing if there is no further match.
fn understood(result: &Datum) -> Result<Option<Match>, Fault> {
    if result.is_nothing() {
        return Ok(None);
    }
    let field = |name: &str| lookup(result, name).map(Datum::settled);
    let place = |datum: &Datum| {
        let number = datum.as_f64().filter(|n| *n >= 0.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no text has places beyond"
        )]
        Some(number as usize)
    };
    let (start, end, groups, next) = (
        field("start")?,
        field("end")?,
        field("groups")?,
        field("next")?,
    );
    let text = field("match")?;
    let callable = matches!(next, Datum::Function(_));
    match (place(&start), place(&end), text.as_text()) {
        (Some(start), Some(end), Some(text)) if callable && groups.elements().is_some() => {
            Ok(Some(Match {
                text: text.clone(),
                start,
                end,
                groups,
                next: Next::Function(next),
            }))
        }
        _ => Err(fault(
            "T1010",
            format!(
                "The matcher function argument passed to function {CALLED} does not return the correct object structure"
            ),
        )),
    }
}
