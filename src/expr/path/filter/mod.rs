//! Filters: `[?(@.price < 10 && @.kind in ['a','b'])]`.
//!
//! Comparisons follow Jayway 2.0.0: a literal is compared with a string by its text, with a number or boolean by its
//! value; what is missing or cannot be compared makes the condition false, `!=` too.
//!
//! *Not here*: paths with many matches as operands (Jayway refuses them) and `=~`.

mod compare;
mod parse;

pub(super) use parse::{json_literal, parse};

use std::borrow::Cow;

use super::{Shape, Steps, select, walk};
use crate::value::{Text, Value};

/// A condition on one value.
#[derive(Debug)]
pub(super) enum Filter {
    Or(Vec<Self>),
    And(Vec<Self>),
    Not(Box<Self>),
    /// The operand is there and is not null.
    Exists(Operand),
    Compare(Operand, Operator, Operand),
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
    /// Whether `item` fulfils the condition. Work beyond a fixed amount is added to `visits`.
    pub(super) fn accepts(&self, item: &Value, root: &Value, visits: &mut usize) -> bool {
        match self {
            Self::Or(conditions) => conditions.iter().any(|c| c.accepts(item, root, visits)),
            Self::And(conditions) => conditions.iter().all(|c| c.accepts(item, root, visits)),
            Self::Not(condition) => !condition.accepts(item, root, visits),
            Self::Exists(operand) => operand
                .value(item, root)
                .is_some_and(|found| !found.value.is_null()),
            Self::Compare(left, operator, right) => {
                match (left.value(item, root), right.value(item, root)) {
                    (Some(left), Some(right)) => operator.holds(&left, &right, visits),
                    _ => false,
                }
            }
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, item: &'a Value, root: &'a Value) -> Option<Operated<'a>> {
        let (steps, from) = match self {
            Self::Literal(value, text) => {
                return Some(Operated {
                    value: Cow::Borrowed(value),
                    literal: Some(text),
                });
            }
            // AWS documents that a bare `@` matches objects only.
            Self::Item(steps) if steps.list.is_empty() && item.depth() == 0 => return None,
            Self::Item(steps) => (steps, item),
            Self::Root(steps) => (steps, root),
        };
        let value = match steps.shape {
            Shape::Plain => Cow::Borrowed(walk(&steps.list, from).ok()?),
            Shape::Built | Shape::Many => Cow::Owned(select::find(&steps.list, from, root).ok()?),
        };
        Some(Operated {
            value,
            literal: None,
        })
    }
}
