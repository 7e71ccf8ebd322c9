//! The operators of filters.

use std::cmp::Ordering;

use super::{Operated, Operator};
use crate::value::{Number, Value, View};

impl Operator {
    pub(super) fn holds(
        self,
        left: &Operated<'_>,
        right: &Operated<'_>,
        visits: &mut usize,
    ) -> bool {
        let (a, b) = (left.value.as_ref(), right.value.as_ref());
        let nulls = a.is_null() != b.is_null();
        let ordered =
            |accepted: fn(Ordering) -> bool| !nulls && order(left, right).is_some_and(accepted);
        match self {
            Self::Equal => equal(left, right) == Some(true),
            Self::NotEqual => equal(left, right) == Some(false),
            Self::Less => ordered(Ordering::is_lt),
            Self::LessOrEqual => ordered(Ordering::is_le),
            Self::Greater => ordered(Ordering::is_gt),
            Self::GreaterOrEqual => ordered(Ordering::is_ge),
            Self::In => contains(b, a, visits),
            Self::NotIn => b.as_array().is_some() && !contains(b, a, visits),
            Self::SubsetOf => elements(a, b, visits).is_some_and(|mut found| found.all(|f| f)),
            Self::AnyOf => elements(a, b, visits).is_some_and(|mut found| found.any(|f| f)),
            Self::NoneOf => elements(a, b, visits).is_some_and(|mut found| !found.any(|f| f)),
            Self::Contains => match (a.as_str(), b.as_str()) {
                (Some(text), Some(part)) => text.contains(part),
                _ => contains(a, b, visits),
            },
            Self::Size => match (size(a), size(b)) {
                (Some(a_size), None) => b.as_number().and_then(Number::as_i64) == Some(a_size),
                (Some(a_size), b_size) => Some(a_size) == b_size,
                _ => false,
            },
            Self::Empty => {
                let empty = size(a).map(|size| size == 0);
                empty.is_some() && empty == b.as_bool()
            }
        }
    }
}

/// `None` if the two cannot be compared.
fn equal(left: &Operated<'_>, right: &Operated<'_>) -> Option<bool> {
    let (a, b) = (left.value.as_ref(), right.value.as_ref());
    match (a.view(), b.view()) {
        (View::Null, _) | (_, View::Null) => Some(a.is_null() && b.is_null()),
        (View::Array(_) | View::Object(_), View::Array(_) | View::Object(_)) => Some(a == b),
        _ => order(left, right).map(Ordering::is_eq),
    }
}

/// The order of two scalars; a literal takes the type of what it is compared with.
fn order(left: &Operated<'_>, right: &Operated<'_>) -> Option<Ordering> {
    let (a, b) = (left.value.as_ref(), right.value.as_ref());
    match (a.view(), b.view()) {
        (View::Null, View::Null) => Some(Ordering::Equal),
        (View::Number(a), View::Number(b)) => Some(a.compare(b)),
        (View::Bool(a), View::Bool(b)) => Some(a.cmp(&b)),
        (View::String(a), View::String(b)) => Some(a.cmp(b)),
        (View::String(a), _) if let Some(b) = right.literal => Some(a.cmp(b)),
        (_, View::String(b)) if let Some(a) = left.literal => Some(a.cmp(b)),
        (View::Number(a), View::String(b)) if right.literal.is_some() => {
            Some(a.compare(Number::Float(number(b)?)))
        }
        (View::String(a), View::Number(b)) if left.literal.is_some() => {
            Some(Number::Float(number(a)?).compare(b))
        }
        (View::Bool(a), View::String(b)) if right.literal.is_some() => Some(a.cmp(&boolean(b))),
        (View::String(a), View::Bool(b)) if left.literal.is_some() => Some(boolean(a).cmp(&b)),
        _ => None,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|n| n.is_finite())
}

fn boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true")
}

fn contains(array: &Value, value: &Value, visits: &mut usize) -> bool {
    let array = array.as_array().unwrap_or_default();
    *visits += array.len();
    array.contains(value)
}

/// For each element of `a` whether it is in `b`, if both are arrays.
fn elements<'a>(
    a: &'a Value,
    b: &'a Value,
    visits: &'a mut usize,
) -> Option<impl Iterator<Item = bool> + use<'a>> {
    b.as_array()?;
    Some(
        a.as_array()?
            .iter()
            .map(|element| contains(b, element, visits)),
    )
}

fn size(value: &Value) -> Option<i64> {
    let size = match value.view() {
        View::Array(array) => array.len(),
        View::Object(object) => object.len(),
        View::String(s) => s.encode_utf16().count(),
        View::Null | View::Bool(_) | View::Number(_) => return None,
    };
    i64::try_from(size).ok()
}
