//! Putting data together, within what may be held.
//!
//! *Not here*: what an evaluation may take altogether.

use std::rc::Rc;

use super::{DEPTH_MAX, Datum, Nature, Record};
use crate::expr::jsonata::error::{Fault, OUT_OF_MEMORY, STACK_OVERFLOW, fault};
use crate::value::{ArrayBuilder, ObjectBuilder, Text, Value};

/// An array of these elements that is no sequence.
pub(in crate::expr::jsonata) fn plain_array(items: Vec<Datum>) -> Result<Datum, Fault> {
    match plain_values(items)? {
        Ok(value) => Ok(Datum::Value(value)),
        Err(items) => Datum::array(items, Nature::Plain),
    }
}

/// The elements as a plain array, or themselves if there is one that is no plain JSON.
fn plain_values(items: Vec<Datum>) -> Result<Result<Value, Vec<Datum>>, Fault> {
    if items.iter().all(Datum::is_plain) {
        let mut builder = ArrayBuilder::with_capacity(items.len());
        for item in items {
            builder.push(match item {
                Datum::Value(value) => value,
                other => other.to_value()?,
            });
        }
        let value = builder.finish()?;
        bounded_bytes([value.json_bytes()])?;
        return Ok(Ok(value));
    }
    Ok(Err(items))
}

/// A sequence of these elements.
pub(in crate::expr::jsonata) fn sequence(items: Vec<Datum>) -> Result<Datum, Fault> {
    if items.len() < 2 {
        return Datum::array(items, Nature::Sequence);
    }
    match plain_values(items)? {
        Ok(value) => Ok(Datum::Sequence(Rc::new(value))),
        Err(items) => Datum::array(items, Nature::Sequence),
    }
}

/// A sequence of these elements, of which there are two or more, if it is not too large.
pub(in crate::expr::jsonata) fn whole_sequence(value: Value) -> Result<Datum, Fault> {
    bounded_bytes([value.json_bytes()])?;
    Ok(Datum::Sequence(Rc::new(value)))
}

/// An object of these members; the last of equal keys wins.
pub(in crate::expr::jsonata) fn object(members: Vec<(Text, Datum)>) -> Result<Datum, Fault> {
    if members.iter().all(|(_, member)| member.is_plain()) {
        let mut builder = ObjectBuilder::with_capacity(members.len());
        for (key, member) in members {
            builder.insert(
                key,
                match member {
                    Datum::Value(value) => value,
                    other => other.to_value()?,
                },
            );
        }
        return whole(builder.finish()?);
    }
    let mut record: Vec<(Text, Datum)> = Vec::with_capacity(members.len());
    for (key, member) in members {
        match record.iter_mut().find(|(known, _)| *known == key) {
            Some((_, place)) => *place = member,
            None => record.push((key, member)),
        }
    }
    let depth = bounded(deepest(record.iter().map(|(_, member)| member)))?;
    let bytes = bounded_bytes(
        record
            .iter()
            .map(|(key, member)| key.len() + member.bytes()),
    )?;
    Ok(Datum::Record(Rc::new(Record {
        members: record,
        depth,
        bytes,
    })))
}

/// The longest JSON text that a value may have. What is shared within it counts each time, since whatever looks at all of a value,
/// such as its text or a comparison, does as much work: without this bound a value of sixty objects could have 2^60 members.
const JSON_BYTES_MAX: usize = 16 << 20;

/// A value that was put together, if it is not too large.
pub(in crate::expr::jsonata) fn whole(value: Value) -> Result<Datum, Fault> {
    bounded_bytes([value.json_bytes()])?;
    Ok(Datum::Value(value))
}

pub(super) fn bounded_bytes(inner: impl IntoIterator<Item = usize>) -> Result<usize, Fault> {
    let bytes = inner.into_iter().fold(0, |all: usize, one| {
        all.saturating_add(one).saturating_add(1)
    });
    if bytes > JSON_BYTES_MAX {
        return Err(fault("U1001", OUT_OF_MEMORY));
    }
    Ok(bytes)
}

pub(super) fn deepest<'a>(data: impl IntoIterator<Item = &'a Datum>) -> usize {
    data.into_iter().map(Datum::depth).max().unwrap_or(0)
}

/// The depth of what holds something so deep.
pub(super) fn bounded(inner: usize) -> Result<usize, Fault> {
    if inner >= DEPTH_MAX {
        return Err(fault("U1001", STACK_OVERFLOW));
    }
    Ok(inner + 1)
}

/// Both as the elements of one array; what is nothing adds nothing.
pub(in crate::expr::jsonata) fn append(left: Datum, right: Datum) -> Result<Datum, Fault> {
    if left.is_nothing() {
        return Ok(right);
    }
    if right.is_nothing() {
        return Ok(left);
    }
    let mut items = Vec::with_capacity(left.each().len() + right.each().len());
    items.extend(left.each().iter());
    items.extend(right.each().iter());
    plain_array(items)
}
