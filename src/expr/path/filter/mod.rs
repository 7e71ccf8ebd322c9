//! Filters: `[?(@.price < 10 && @.kind in ['a','b'])]`.
//!
//! Comparisons follow Jayway 2.0.0: a literal is compared with a string by its text, with a number or boolean by its
//! value; what is missing or cannot be compared makes the condition false, `!=` too. Operators by name, and comparisons
//! with a literal array or object, follow 2.10.0.
//!
//! *Not here*: paths with many matches as operands (2.0.0 refuses them).

mod compare;
mod parse;
mod pattern;

pub(super) use parse::{json_literal, parse};

use std::borrow::Cow;

use super::miss::Why;
use super::select::{Budget, find};
use super::{Step, Steps};
use crate::expr::java;
use crate::value::{Text, Value};
use pattern::Pattern;

/// A condition on one value.
#[derive(Debug)]
pub(super) enum Filter {
    Or(Vec<Self>),
    And(Vec<Self>),
    Not(Box<Self>),
    /// The path leads somewhere, and not to null.
    Exists(Operand),
    Compare(Operand, Operator, Operand),
    /// `=~`
    Matches(Operand, Pattern),
}

#[derive(Debug)]
pub(super) enum Operand {
    /// `@…`
    Item(Steps),
    /// `$…`
    Root(Steps),
    /// A literal with its text as written, without quotes.
    Literal(Value, Text),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    Contains,
    Size,
    Empty,
}

/// What an operand gives.
struct Operated<'a> {
    value: Cow<'a, Value>,
    /// The text, if it is a literal.
    literal: Option<&'a str>,
}

impl Filter {
    /// Whether `item` fulfils the condition. As in 2.0.0 the last of several is tried first, and what stands on the right
    /// only if the left is there: it matters where one fails the path.
    ///
    /// # Errors
    /// What fails the whole path: above all an index that is asked of an object or a scalar.
    pub(super) fn accepts(
        &self,
        item: &Value,
        root: &Value,
        budget: &mut Budget,
    ) -> Result<bool, Why> {
        budget.visit()?;
        match self {
            Self::Or(conditions) => {
                for condition in conditions.iter().rev() {
                    if condition.accepts(item, root, budget)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::And(conditions) => {
                for condition in conditions.iter().rev() {
                    if !condition.accepts(item, root, budget)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(condition) => Ok(!condition.accepts(item, root, budget)?),
            Self::Exists(operand) => operand.exists(item, root, budget),
            Self::Compare(left, operator, right) => {
                let left = left.value(item, root, budget)?;
                if left.is_none() && !operator.holds_without_left() {
                    return Ok(false);
                }
                let right = right.value(item, root, budget)?;
                operator.holds(left.as_ref(), right.as_ref(), budget)
            }
            Self::Matches(operand, pattern) => match operand.value(item, root, budget)? {
                Some(found) if !found.value.is_null() => {
                    let text = match (found.literal, found.value.as_str()) {
                        (Some(text), _) | (None, Some(text)) => Cow::Borrowed(text),
                        (None, None) => Cow::Owned(java::text(&found.value)),
                    };
                    budget.bytes(text.len())?;
                    Ok(pattern.matches(&text))
                }
                _ => Ok(false),
            },
        }
    }
}

impl Operand {
    fn exists(&self, item: &Value, root: &Value, budget: &mut Budget) -> Result<bool, Why> {
        let steps = match self {
            // All versions look for it in the item, for `$…` too.
            Self::Item(steps) | Self::Root(steps) => steps,
            Self::Literal(..) => return Ok(true),
        };
        let found = evaluate(steps, item, root, budget)?;
        Ok(match (found, steps.list.last()) {
            (Some(found), Some(Step::Names(names))) => {
                names.iter().all(|name| found.get(name).is_some())
            }
            (Some(found), _) => !found.is_null(),
            (None, _) => false,
        })
    }

    fn value<'a>(
        &'a self,
        item: &'a Value,
        root: &'a Value,
        budget: &mut Budget,
    ) -> Result<Option<Operated<'a>>, Why> {
        let found = match self {
            Self::Literal(value, text) => {
                return Ok(Some(Operated {
                    value: Cow::Borrowed(value),
                    literal: Some(text),
                }));
            }
            Self::Item(steps) => evaluate(steps, item, root, budget)?,
            Self::Root(steps) => evaluate(steps, root, root, budget)?,
        };
        Ok(found.map(|value| Operated {
            value,
            literal: None,
        }))
    }
}

/// `None` if the path leads nowhere.
fn evaluate<'a>(
    steps: &Steps,
    from: &'a Value,
    root: &Value,
    budget: &mut Budget,
) -> Result<Option<Cow<'a, Value>>, Why> {
    // AWS documents that a bare `@` matches objects only.
    if steps.list.is_empty() && from.depth() == 0 {
        return Ok(None);
    }
    match find(steps, from, root, budget) {
        Ok(found) => Ok(Some(found)),
        Err(stop) if stop.why.is_forgiven() => Ok(None),
        Err(stop) => Err(stop.within(&steps.list)),
    }
}
