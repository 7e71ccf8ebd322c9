//! The operators of filters.

use std::cmp::Ordering;

use super::{Operated, Operator};
use crate::expr::path::miss::Why;
use crate::expr::path::select::Budget;
use crate::value::{Number, Value, View};

impl Operator {
    /// Whether it can hold although the left operand is missing.
    pub(super) fn holds_without_left(self) -> bool {
        self == Self::NotIn
    }

    /// Whether it holds between two operands, of which a missing one is `None`.
    pub(super) fn holds(
        self,
        left: Option<&Operated<'_>>,
        right: Option<&Operated<'_>>,
        budget: &mut Budget,
    ) -> Result<bool, Why> {
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(self.holds_without_left() && right.is_some());
        };
        let (a, b) = (left.value.as_ref(), right.value.as_ref());
        budget.bytes(bytes(a).saturating_add(bytes(b)))?;
        let ordered = |accepted: fn(Ordering) -> bool| {
            left.is_null() == right.is_null() && order(left, right).is_some_and(accepted)
        };
        Ok(match self {
            Self::Equal => equal(left, right) == Some(true),
            Self::NotEqual => equal(left, right) == Some(false),
            Self::Less => ordered(Ordering::is_lt),
            Self::LessOrEqual => ordered(Ordering::is_le),
            Self::Greater => ordered(Ordering::is_gt),
            Self::GreaterOrEqual => ordered(Ordering::is_ge),
            Self::In => contains(b, a),
            Self::NotIn => b.depth() > 0 && !contains(b, a),
            Self::SubsetOf => found(a, b, budget)?.is_some_and(|mut found| found.all(|f| f)),
            Self::AnyOf => found(a, b, budget)?.is_some_and(|mut found| found.any(|f| f)),
            Self::NoneOf => found(a, b, budget)?.is_some_and(|mut found| !found.any(|f| f)),
            Self::Contains => match (a.as_str(), b.as_str()) {
                (Some(text), Some(part)) => text.contains(part),
                _ => contains(a, b),
            },
            Self::Size => {
                let wanted = b.as_number().and_then(Number::as_i64);
                wanted.is_some() && wanted == size(a)
            }
            Self::Empty => {
                let empty = match a.as_object() {
                    Some(object) => Some(object.is_empty()),
                    None => size(a).map(|size| size == 0),
                };
                empty.is_some() && empty == b.as_bool()
            }
        })
    }
}

impl Operated<'_> {
    /// Whether it is null in Java: a literal is a text there.
    fn is_null(&self) -> bool {
        self.literal.is_none() && self.value.is_null()
    }

    /// Whether it counts as null: the text `null` does.
    fn is_nullish(&self) -> bool {
        self.value.is_null() || self.literal.or(self.value.as_str()) == Some("null")
    }
}

/// `None` if the two cannot be compared.
fn equal(left: &Operated<'_>, right: &Operated<'_>) -> Option<bool> {
    let (a, b) = (left.value.as_ref(), right.value.as_ref());
    match (a.view(), b.view()) {
        (View::Array(_) | View::Object(_), View::Array(_) | View::Object(_)) => Some(a == b),
        _ => order(left, right).map(Ordering::is_eq),
    }
}

/// The order of two scalars. What stands on the right takes the type of what stands on the left if it is a text, as every
/// literal is for 2.0.0; a literal on the left changes sides.
fn order(left: &Operated<'_>, right: &Operated<'_>) -> Option<Ordering> {
    match (left.is_nullish(), right.is_nullish()) {
        (true, true) => return Some(Ordering::Equal),
        (true, false) => return Some(Ordering::Less),
        (false, true) => return Some(Ordering::Greater),
        (false, false) => {}
    }
    if left.literal.is_some() && right.literal.is_none() {
        return order(right, left).map(Ordering::reverse);
    }
    let (a, b) = (left.value.as_ref(), right.value.as_ref());
    let text = right.literal.or(b.as_str());
    match (a.view(), b.view(), text) {
        (View::Number(a), View::Number(b), _) => Some(a.compare(b)),
        (View::Bool(a), View::Bool(b), _) => Some(a.cmp(&b)),
        (View::String(a), _, Some(text)) => Some(a.encode_utf16().cmp(text.encode_utf16())),
        (View::Number(a), _, Some(text)) => {
            Some(a.compare(Value::parse(text.as_bytes()).ok()?.as_number()?))
        }
        (View::Bool(a), _, Some(text)) => Some(a.cmp(&boolean(text))),
        _ => None,
    }
}

fn boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

/// Whether an array has the value; a number and its text are the same.
fn contains(array: &Value, value: &Value) -> bool {
    let elements = array.as_array().unwrap_or_default();
    elements.iter().any(|element| is_same(value, element))
}

fn is_same(value: &Value, element: &Value) -> bool {
    match (value.view(), element.view()) {
        (View::Number(number), View::String(text)) => Value::parse(text.as_bytes())
            .is_ok_and(|parsed| parsed.as_number().is_some_and(|n| n.is_same(number))),
        (View::String(text), View::Number(_)) => text == element.to_json(),
        _ => value == element,
    }
}

/// For each element of `a` whether it is in `b`, if both are arrays.
fn found<'a>(
    a: &'a Value,
    b: &'a Value,
    budget: &mut Budget,
) -> Result<Option<impl Iterator<Item = bool> + use<'a>>, Why> {
    let (Some(elements), Some(_)) = (a.as_array(), b.as_array()) else {
        return Ok(None);
    };
    // Each element may be compared with all of the other array.
    budget.bytes(elements.len().saturating_mul(b.json_bytes()))?;
    Ok(Some(elements.iter().map(|element| contains(b, element))))
}

fn size(value: &Value) -> Option<i64> {
    let size = match value.view() {
        View::Array(array) => array.len(),
        View::String(s) => s.encode_utf16().count(),
        View::Object(_) | View::Null | View::Bool(_) | View::Number(_) => return None,
    };
    i64::try_from(size).ok()
}

/// What a comparison may look at.
fn bytes(value: &Value) -> usize {
    match value.view() {
        View::Array(_) | View::Object(_) => value.json_bytes(),
        View::String(text) => text.len(),
        View::Null | View::Bool(_) | View::Number(_) => 0,
    }
}
