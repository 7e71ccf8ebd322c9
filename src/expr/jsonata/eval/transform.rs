//! `|pattern|update, delete|`: a copy of a value in which what the pattern finds is changed.
//!
//! The changes are worked out on a copy in which no two containers are the same, so that what the pattern finds is
//! known by its address; then the copy is rebuilt with them.

use std::collections::HashMap;

use super::{Evaluator, FrameId};
use crate::expr::jsonata::datum::{Datum, FunctionKind, kind_letter};
use crate::expr::jsonata::error::{CALLED, Fault, fault};
use crate::expr::jsonata::program::{Node, NodeId};
use crate::value::{ArrayBuilder, ObjectBuilder, Text, TooDeep, Value, View};

/// What is to become of an object.
#[derive(Default)]
struct Change {
    set: Vec<(Text, Value)>,
    delete: Vec<Text>,
}

/// Changes of one object, one after the other, by its address.
type Changes = HashMap<usize, Vec<Change>>;

impl Evaluator<'_> {
    pub(super) fn transform_function(
        &mut self,
        node: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        self.capture(frame);
        let input = input.clone();
        Datum::function(FunctionKind::Transform { node, input, frame })
    }

    pub(super) fn transform(
        &mut self,
        node: NodeId,
        target: Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let Node::Transform {
            pattern,
            update,
            delete,
        } = self.at(node)
        else {
            return Ok(Datum::Nothing);
        };
        if target.is_nothing() {
            return Ok(Datum::Nothing);
        }
        if !matches!(kind_letter(&target), b'o' | b'a') {
            let message =
                format!("Argument 1 of function {CALLED} does not match function signature");
            return Err(fault("T0410", message));
        }
        let target = target.to_value()?;
        self.take(target.json_bytes())?;
        let copy = rebuilt(&target, &Changes::new())?;
        let matches = self.eval(*pattern, &Datum::Value(copy.clone()), frame)?;
        let mut changes = Changes::new();
        if !matches.is_nothing() {
            for found in matches.each().iter() {
                let mut change = Change::default();
                let members = self.eval(*update, &found, frame)?;
                if !members.is_nothing() {
                    change.set = updates(&members)?;
                }
                if let Some(delete) = delete {
                    let names = self.eval(*delete, &found, frame)?;
                    if !names.is_nothing() {
                        change.delete = deletions(&names)?;
                    }
                }
                if let Some(address) = found.as_value().and_then(address) {
                    changes.entry(address).or_default().push(change);
                }
            }
        }
        let result = rebuilt(&copy, &changes)?;
        self.take(result.json_bytes())?;
        Ok(Datum::Value(result))
    }
}

fn updates(members: &Datum) -> Result<Vec<(Text, Value)>, Fault> {
    let Some(members) = members.members() else {
        let shown = members.to_value()?;
        let message = format!(
            "The insert/update clause of the transform expression must evaluate to an object: {shown}"
        );
        return Err(fault("T2011", message));
    };
    let members = members.into_iter();
    members
        .map(|(key, member)| Ok((key, member.to_value()?)))
        .collect()
}

fn deletions(names: &Datum) -> Result<Vec<Text>, Fault> {
    let texts: Option<Vec<Text>> = names
        .each()
        .iter()
        .map(|name| name.as_text().cloned())
        .collect();
    match texts {
        Some(texts) => Ok(texts),
        None => {
            let shown = names.to_value()?;
            let message = format!(
                "The delete clause of the transform expression must evaluate to a string or array of strings: {shown}"
            );
            Err(fault("T2012", message))
        }
    }
}

/// Where an object is in memory.
fn address(value: &Value) -> Option<usize> {
    Some(value.as_object()?.values().as_ptr().addr())
}

/// A copy with changes made. Recursion is bounded by how deep a value may be.
fn rebuilt(value: &Value, changes: &Changes) -> Result<Value, TooDeep> {
    match value.view() {
        View::Array(elements) => {
            let mut array = ArrayBuilder::with_capacity(elements.len());
            for element in elements {
                array.push(rebuilt(element, changes)?);
            }
            array.finish()
        }
        View::Object(object) => {
            let own = address(value).and_then(|address| changes.get(&address));
            let own = own.map(Vec::as_slice).unwrap_or_default();
            let mut members: Vec<(Text, Value)> = Vec::with_capacity(object.len());
            for (key, member) in object.iter() {
                members.push((key.clone(), rebuilt(member, changes)?));
            }
            for change in own {
                for (key, member) in &change.set {
                    match members.iter_mut().find(|(known, _)| known == key) {
                        Some((_, place)) => *place = member.clone(),
                        None => members.push((key.clone(), member.clone())),
                    }
                }
                members.retain(|(key, _)| !change.delete.contains(key));
            }
            let mut builder = ObjectBuilder::with_capacity(members.len());
            for (key, member) in members {
                builder.insert(key, member);
            }
            builder.finish()
        }
        View::Null | View::Bool(_) | View::Number(_) | View::String(_) => Ok(value.clone()),
    }
}
