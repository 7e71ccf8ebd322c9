//! Choice: the first rule whose condition holds decides where the flow goes.
//!
//! Values of another type than the operator's make a test false; only a missing variable is an error (`IsPresent` asks
//! for just that).

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::asl::{Choice, Comparison, Condition, Next, Operand, Operator, State};
use crate::expr::{Path, Scope, Seen};
use crate::machine::exit::Way;
use crate::machine::flow::Flow;
use crate::machine::problem::{Problem, executing};
use crate::machine::step::Turn;
use crate::machine::time::instant;
use crate::value::{Number, Text, Value};

pub(super) fn enter(flow: &Flow<'_>, state: &State, choice: &Choice) -> Result<Turn, Problem> {
    let input = flow.effective_input(state)?;
    let scope = flow.scope(&input);
    let mut chosen = choice.default.map(|next| Way {
        next: Next::State(next),
        ..Way::from(state)
    });
    for rule in &choice.rules {
        if holds(&rule.condition, flow, &scope, state)? {
            chosen = Some(Way::from(rule));
            break;
        }
    }
    let Some(way) = chosen else {
        let detail =
            "Failed to transition out of the state. The state does not point to a next state.";
        return Err(Problem::new(
            "States.NoChoiceMatched",
            executing(&state.name, flow.frame.entered_id, detail),
        ));
    };
    let leaving = flow.leave_by(way, Seen::Input(&input), state)?;
    leaving.with(|| flow.output(input, state))
}

/// A path of a rule that leads nowhere.
struct Missing<'a>(&'a Path);

impl Missing<'_> {
    fn detail(&self) -> String {
        format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            self.0.text()
        )
    }
}

fn holds(
    condition: &Condition,
    flow: &Flow<'_>,
    scope: &Scope<'_>,
    state: &State,
) -> Result<bool, Problem> {
    match condition {
        Condition::And(all) => {
            for condition in all {
                if !holds(condition, flow, scope, state)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Or(any) => {
            for condition in any {
                if holds(condition, flow, scope, state)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(condition) => Ok(!holds(condition, flow, scope, state)?),
        Condition::Test { variable, operator } => {
            test(variable, operator, scope).map_err(|missing| flow.runtime(missing.detail(), state))
        }
        Condition::Constant(holds) => Ok(*holds),
        Condition::Query(query) => Ok(flow.query(query, "boolean", state)? == Value::TRUE),
    }
}

fn test<'a>(
    variable: &'a Path,
    operator: &'a Operator,
    scope: &Scope<'_>,
) -> Result<bool, Missing<'a>> {
    if let Operator::IsPresent(expected) = operator {
        return Ok(is_present(variable, scope) == *expected);
    }
    let value = find(variable, scope)?;
    Ok(match operator {
        Operator::String(comparison, operand) => against(operand, scope, Value::as_text, |b| {
            value
                .as_str()
                .is_some_and(|a| compares(*comparison, a.encode_utf16().cmp(b.encode_utf16())))
        })?,
        Operator::Numeric(comparison, operand) => against(
            operand,
            scope,
            |v| Some(v),
            |b| {
                both(value.as_number(), b.as_number(), |a, b| {
                    compares(*comparison, numbers(a, b))
                })
            },
        )?,
        Operator::Timestamp(comparison, operand) => against(operand, scope, Value::as_text, |b| {
            let value = value.as_str().and_then(instant);
            both(value, instant(b), |a, b| compares(*comparison, a.cmp(&b)))
        })?,
        Operator::BooleanEquals(operand) => {
            let operand = match operand {
                Operand::Literal(b) => Some(*b),
                Operand::Path(path) => find(path, scope)?.as_bool(),
            };
            both(value.as_bool(), operand, |a, b| a == b)
        }
        Operator::StringMatches(pieces) => value.as_str().is_some_and(|s| matches(s, pieces)),
        Operator::IsNull(expected) => value.is_null() == *expected,
        Operator::IsNumeric(expected) => value.as_number().is_some() == *expected,
        Operator::IsString(expected) => value.as_str().is_some() == *expected,
        Operator::IsBoolean(expected) => value.as_bool().is_some() == *expected,
        Operator::IsTimestamp(expected) => value.as_str().and_then(instant).is_some() == *expected,
        // It was found.
        Operator::IsPresent(expected) => *expected,
    })
}

fn find<'a, 's>(path: &'a Path, scope: &Scope<'s>) -> Result<Cow<'s, Value>, Missing<'a>> {
    path.find(scope).map_err(|_| Missing(path))
}

/// An indefinite path is present if it matches anything.
fn is_present(path: &Path, scope: &Scope<'_>) -> bool {
    path.find(scope).is_ok_and(|found| {
        path.is_definite() || found.as_array().is_none_or(|matches| !matches.is_empty())
    })
}

/// Asks `holds` about the operand, if it is of the type that `of` looks for.
fn against<'a, T>(
    operand: &'a Operand<T>,
    scope: &Scope<'_>,
    of: impl Fn(&Value) -> Option<&T>,
    holds: impl FnOnce(&T) -> bool,
) -> Result<bool, Missing<'a>> {
    match operand {
        Operand::Literal(literal) => Ok(holds(literal)),
        Operand::Path(path) => Ok(of(&*find(path, scope)?).is_some_and(holds)),
    }
}

fn both<T>(a: Option<T>, b: Option<T>, holds: impl FnOnce(T, T) -> bool) -> bool {
    a.zip(b).is_some_and(|(a, b)| holds(a, b))
}

/// ASL compares numbers as IEEE 754 doubles.
fn numbers(a: Number<'_>, b: Number<'_>) -> Ordering {
    a.as_f64()
        .partial_cmp(&b.as_f64())
        .unwrap_or(Ordering::Equal)
}

const fn compares(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equals => order.is_eq(),
        Comparison::LessThan => order.is_lt(),
        Comparison::GreaterThan => order.is_gt(),
        Comparison::LessThanEquals => order.is_le(),
        Comparison::GreaterThanEquals => order.is_ge(),
    }
}

/// Whether `text` is made of the pieces in order with anything between them; greedy from the left, so linear.
fn matches(text: &str, pieces: &[Text]) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_none_or(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in middle {
        match rest.split_once(piece.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_its_pieces_in_order() {
        let cases: [(&str, &[&str], bool); 10] = [
            ("log-2024.txt", &["log-", ".txt"], true),
            ("log-.txt", &["log-", ".txt"], true),
            ("log.txt", &["log-", ".txt"], false),
            ("aa", &["a", "a"], true),
            ("a", &["a", "a"], false),
            ("abcabc", &["a", "b", "c"], true),
            ("abcab", &["a", "b", "c"], false),
            ("anything", &["", ""], true),
            ("exact", &["exact"], true),
            ("exactly", &["exact"], false),
        ];
        for (text, pieces, expected) in cases {
            let pieces: Vec<Text> = pieces.iter().map(|p| Text::new(*p)).collect();
            assert_eq!(matches(text, &pieces), expected, "{text} {pieces:?}");
        }
    }
}
