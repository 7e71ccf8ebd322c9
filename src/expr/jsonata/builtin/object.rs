//! `$keys`, `$lookup`, `$spread`, `$merge`, `$clone`.

use std::collections::HashMap;

use super::Arguments;
use crate::expr::jsonata::datum::{self, Datum, Elements, plain_array, sequence};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::eval::{self, Evaluator};
use crate::value::{Object, Text, Value};

pub(super) fn keys(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let mut found = Vec::new();
    let mut known = HashMap::new();
    gather_keys(evaluator, arguments.at(0), &mut found, &mut known)?;
    sequence(found)
}

/// Recursion is bounded by how deep a datum may be.
fn gather_keys(
    evaluator: &mut Evaluator<'_>,
    datum: &Datum,
    found: &mut Vec<Datum>,
    known: &mut HashMap<Text, ()>,
) -> Result<(), Fault> {
    if let Some(elements) = datum.elements() {
        for element in elements.iter() {
            gather_keys(evaluator, &element, found, known)?;
        }
        return Ok(());
    }
    let members = datum.members().unwrap_or_default();
    evaluator.take_elements(members.len())?;
    for (key, _) in members {
        if known.insert(key.clone(), ()).is_none() {
            found.push(Datum::text(key));
        }
    }
    Ok(())
}

pub(super) fn lookup(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    match arguments.text(1) {
        Some(key) => eval::lookup(arguments.at(0), key),
        None => Ok(Datum::Nothing),
    }
}

pub(super) fn spread(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    if datum.elements().is_none() && datum.members().is_none() {
        return Ok(match datum {
            Datum::Function(_) => Datum::text(""),
            other => other.clone(),
        });
    }
    let mut found = Vec::new();
    spread_into(datum, &mut found)?;
    evaluator.take_elements(found.len() * 3)?;
    match datum.elements() {
        Some(elements) if elements.len() > 0 => plain_array(found),
        _ => sequence(found),
    }
}

/// Recursion is bounded by how deep a datum may be.
fn spread_into(datum: &Datum, found: &mut Vec<Datum>) -> Result<(), Fault> {
    if let Some(elements) = datum.elements() {
        return elements
            .iter()
            .try_for_each(|element| spread_into(&element, found));
    }
    match datum.members() {
        Some(members) => {
            for member in members {
                found.push(datum::object(vec![member])?);
            }
        }
        None => found.push(datum.clone()),
    }
    Ok(())
}

pub(super) fn merge(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    if datum.is_nothing() {
        return Ok(Datum::Nothing);
    }
    if let Some(merged) = extended(evaluator, datum)? {
        return Ok(merged);
    }
    let mut merged: Vec<(Text, Datum)> = Vec::new();
    for element in datum.each().iter() {
        merged.extend(element.members().unwrap_or_default());
    }
    evaluator.take_elements(merged.len() * 2)?;
    datum::object(merged)
}

/// More members than so many are not put one by one, since each may copy the object.
const PUT_MAX: usize = 8;

/// The first object with the members of the others put into it, where all are plain and those are few: it keeps its keys, and
/// leads to the same list of more keys each time.
fn extended(evaluator: &mut Evaluator<'_>, datum: &Datum) -> Result<Option<Datum>, Fault> {
    let Some(Elements::Values([first, others @ ..])) = datum.elements() else {
        return Ok(None);
    };
    let count = |value: &Value| value.as_object().map(Object::len);
    let more: Option<usize> = others.iter().map(count).sum();
    let (Some(own), Some(more @ ..=PUT_MAX)) = (count(first), more) else {
        return Ok(None);
    };
    evaluator.take_elements((own + more) * 2)?;
    let mut merged = first.clone();
    for (key, value) in others
        .iter()
        .filter_map(Value::as_object)
        .flat_map(Object::iter)
    {
        merged.insert(key, value.clone())?;
    }
    datum::whole(merged).map(Some)
}

pub(super) fn clone(_: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let datum = arguments.at(0);
    Ok(if datum.is_nothing() {
        Datum::Nothing
    } else {
        Datum::Value(datum.to_value()?)
    })
}
