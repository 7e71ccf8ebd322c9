//! Definite paths as plain walks: nothing is built, and the value is borrowed.

use super::miss::{Stop, Why};
use super::{Place, Step};
use crate::value::Value;

/// What names and indices lead to, if all goes well; why not is for [`walk`] to tell.
pub(super) fn glance<'a>(steps: &[Step], root: &'a Value) -> Option<&'a Value> {
    steps.iter().try_fold(root, |value, step| {
        if let Step::Name(name, near) = step {
            return value.as_object()?.get_near(name, near);
        }
        next(step, value).ok().map(|(_, value)| value)
    })
}

/// Follows names and indices.
pub(super) fn walk<'a>(steps: &[Step], root: &'a Value) -> Result<&'a Value, Stop> {
    let mut value = root;
    for (at, step) in steps.iter().enumerate() {
        value = match next(step, value) {
            Ok((_, next)) => next,
            Err(why) => return Err(missed(steps, root, at, why)),
        };
    }
    Ok(value)
}

/// Where a step leads, with the index if it is one.
fn next<'a>(step: &Step, value: &'a Value) -> Result<(Option<usize>, &'a Value), Why> {
    let indexed = |(index, element)| (Some(index), element);
    match step {
        Step::Name(name, near) => match value.as_object() {
            Some(object) => object.get_near(name, near).map(|member| (None, member)),
            None => return Err(Why::NotAnObject),
        }
        .ok_or(Why::Property),
        Step::Index(index) => element(array(value)?, *index).map(indexed),
        Step::FromEnd(back) => from_end(array(value)?, *back).map(indexed),
        Step::Names(_)
        | Step::Indexes(_)
        | Step::Slice(_)
        | Step::Wildcard
        | Step::Scan
        | Step::Filter(_)
        | Step::Function(_) => unreachable!("a plain path has only names and indices"),
    }
}

/// Names the way to the step that led nowhere, but for a way that the steps themselves tell.
#[cold]
fn missed(steps: &[Step], root: &Value, at: usize, why: Why) -> Stop {
    let before = steps.get(..at).unwrap_or_default();
    let mut stop = Stop::new(at, why);
    if before.iter().any(|step| matches!(step, Step::FromEnd(_))) {
        let mut value = root;
        let mut trail = Vec::with_capacity(at);
        for step in before {
            let Ok((index, found)) = next(step, value) else {
                break;
            };
            trail.extend(match (index, step) {
                (Some(index), _) => Some(Place::Index(index)),
                (None, Step::Name(name, _)) => Some(Place::Name(name.clone())),
                (None, _) => None,
            });
            value = found;
        }
        trail.reverse();
        stop.trail = Some(trail);
    }
    stop
}

/// An element and its index.
pub(super) fn element(array: &[Value], index: i64) -> Result<(usize, &Value), Why> {
    let place = usize::try_from(index).map_err(|_| Why::OutOfBounds(index))?;
    let element = array.get(place).ok_or(Why::OutOfBounds(index))?;
    Ok((place, element))
}

pub(super) fn from_end(array: &[Value], back: i64) -> Result<(usize, &Value), Why> {
    element(array, length(array) - back)
}

pub(super) fn length(array: &[Value]) -> i64 {
    i64::try_from(array.len()).unwrap_or(i64::MAX)
}

/// The elements of what an index or a slice is asked of.
pub(super) fn array(value: &Value) -> Result<&[Value], Why> {
    match value.as_array() {
        Some(array) => Ok(array),
        None if value.is_null() => Err(Why::NullArray),
        None => Err(Why::NotAnArray(value.clone())),
    }
}
