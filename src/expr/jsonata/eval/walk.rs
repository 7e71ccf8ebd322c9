//! Walks: fields within fields, by reference as long as nothing but plain JSON is met.

use super::Evaluator;
use crate::expr::jsonata::datum::{Datum, sequence, whole_sequence};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::program::{Field, Node, Program};
use crate::expr::jsonata::{Environment, Evaluated};
use crate::value::{ArrayBuilder, Text, Value};

impl Evaluator<'_> {
    pub(super) fn walk(&mut self, input: &Datum, fields: &[Field]) -> Result<Datum, Fault> {
        if let Some(value) = input.as_value() {
            return self.walk_value(value, fields);
        }
        let mut current = input.clone();
        for (at, field) in fields.iter().enumerate() {
            let last = at + 1 == fields.len();
            current = self.field_step(&current, &field.name, last)?;
            if current.is_nothing() {
                break;
            }
        }
        Ok(current.settled())
    }

    /// One field of each element of what is no plain JSON.
    fn field_step(&mut self, input: &Datum, field: &Text, last: bool) -> Result<Datum, Fault> {
        let elements = input.each();
        self.steps(elements.len())?;
        let mut results = Vec::new();
        for element in elements.iter() {
            let member = lookup(&element, field)?.settled();
            if !member.is_nothing() {
                results.push(member);
            }
        }
        super::step::joined(self, results, last)
    }

    pub(super) fn walk_value(&mut self, value: &Value, fields: &[Field]) -> Result<Datum, Fault> {
        let mut current = value;
        for (at, field) in fields.iter().enumerate() {
            if let Some(array) = current.as_array() {
                return self.walk_array(array, fields.get(at..).unwrap_or_default());
            }
            match field.of(current) {
                Some(member) => current = member,
                None => return Ok(Datum::Nothing),
            }
        }
        Ok(Datum::Value(current.clone()))
    }

    /// Walks on from each element; what is found is one flat list, save where one array is found by the last field.
    fn walk_array(&mut self, array: &[Value], fields: &[Field]) -> Result<Datum, Fault> {
        let mut current: Vec<&Value> = array.iter().collect();
        for (at, field) in fields.iter().enumerate() {
            self.steps(current.len())?;
            let mut found = Vec::with_capacity(current.len());
            let mut arrays = false;
            for value in current {
                if let Some(inner) = value.as_array() {
                    let from = found.len();
                    gather(inner, &|value| field.of(value), &mut found);
                    // One value that an array in the array gave may itself be an array; more are a list of their own.
                    arrays |= found.len() == from + 1
                        && found.last().is_some_and(|v| v.as_array().is_some());
                } else if let Some(member) = field.of(value) {
                    arrays |= member.as_array().is_some();
                    found.push(member);
                }
            }
            let last = at + 1 == fields.len();
            if arrays && !(last && found.len() == 1) {
                found = found.into_iter().fold(Vec::new(), |mut flat, value| {
                    match value.as_array() {
                        Some(inner) => flat.extend(inner),
                        None => flat.push(value),
                    }
                    flat
                });
            }
            self.take_elements(found.len())?;
            current = found;
        }
        Ok(match current.as_slice() {
            [] => Datum::Nothing,
            [one] => Datum::Value((*one).clone()),
            many => {
                let array: ArrayBuilder = many.iter().map(|value| (*value).clone()).collect();
                whole_sequence(array.finish()?)?
            }
        })
    }
}

/// The result of an expression that is nothing but fields of a variable from outside, where no array is on the way:
/// the most frequent expression of all, and one that needs no evaluator.
pub(super) fn at_a_glance(program: &Program, environment: &Environment<'_>) -> Option<Evaluated> {
    let Node::VariableWalk(walk) = program.nodes.get(program.root as usize)? else {
        return None;
    };
    let (variable, fields) = &**walk;
    if !variable.places.is_empty() || environment.limits.steps == 0 {
        return None;
    }
    let (first, rest) = fields.split_first()?;
    let member = environment.variables.member(&variable.name, &first.name)?;
    let mut current: &Value = &member;
    for field in rest {
        match field.of(current) {
            Some(inner) => current = inner,
            None if current.as_array().is_some() => return None,
            None => return Some(Evaluated::Nothing),
        }
    }
    Some(Evaluated::Value(current.clone()))
}

/// Fields of objects within one another; `None` where an array is met, or nothing.
pub(super) fn walked<'v>(value: &'v Value, fields: &[Field]) -> Option<&'v Value> {
    fields
        .iter()
        .try_fold(value, |current, field| field.of(current))
}

/// A field of each element of an array; what is an array there is taken apart. Recursion is bounded by how deep a
/// value may be.
fn gather<'v>(
    array: &'v [Value],
    field: &impl Fn(&'v Value) -> Option<&'v Value>,
    found: &mut Vec<&'v Value>,
) {
    for value in array {
        if let Some(inner) = value.as_array() {
            gather(inner, field, found);
        } else if let Some(member) = field(value) {
            match member.as_array() {
                Some(inner) => found.extend(inner),
                None => found.push(member),
            }
        }
    }
}

fn lookup_value(value: &Value, field: &str) -> Result<Datum, Fault> {
    let Some(array) = value.as_array() else {
        let member = value.get(field).cloned();
        return Ok(member.map_or(Datum::Nothing, Datum::Value));
    };
    let mut found = Vec::new();
    gather(array, &|value: &Value| value.get(field), &mut found);
    sequence(found.into_iter().cloned().map(Datum::Value).collect())
}

/// A field of an object, or of each element of an array. Recursion is bounded by how deep a datum may be.
pub(in super::super) fn lookup(datum: &Datum, field: &str) -> Result<Datum, Fault> {
    match datum {
        Datum::Nothing | Datum::Function(_) => Ok(Datum::Nothing),
        Datum::Record(record) => {
            let member = record.members.iter().find(|(key, _)| key == field);
            Ok(member.map_or(Datum::Nothing, |(_, member)| member.clone()))
        }
        Datum::Value(value) => lookup_value(value, field),
        Datum::Sequence(value) => lookup_value(value, field),
        Datum::Array(array) => {
            let mut found = Vec::new();
            for item in &array.items {
                let member = lookup(item, field)?;
                if !member.is_nothing() {
                    found.extend(member.each().iter());
                }
            }
            sequence(found)
        }
    }
}
