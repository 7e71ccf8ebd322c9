//! Changing a value: a container that is shared is copied, one that is not is changed or moved without
//! touching the reference counts of its members.

use triomphe::{Arc, ThinArc};

use super::keys::Keys;
use super::node::{Extent, ObjectFacts, ObjectNode};
use super::{DEPTH_MAX, Repr, Text, TooDeep, Value, build};

impl Value {
    /// Sets a member of an object.
    ///
    /// A member that is there keeps its place, a new one comes last. Anything but an object is replaced by an
    /// object with this one member.
    ///
    /// # Errors
    /// If the object would be nested too deeply; it is unchanged then.
    pub fn insert(&mut self, key: &str, value: Self) -> Result<(), TooDeep> {
        if value.depth() >= DEPTH_MAX {
            return Err(TooDeep);
        }
        let Repr::Object(node) = &mut self.0 else {
            let keys = Keys::new([Text::new(key)].into_iter());
            let values = [value];
            let extent = Extent::of_object(&keys, &values);
            *self = build::object(ObjectFacts { extent, keys }, values.into_iter());
            return Ok(());
        };
        match node.header.header.keys.position(key) {
            Some(at) => replace(node, at, value),
            None => append(node, key, value),
        }
        Ok(())
    }

    /// Takes a member out of an object; the others keep their order. `None` if there is no such member.
    pub fn remove(&mut self, key: &str) -> Option<Self> {
        let Repr::Object(node) = &mut self.0 else {
            return None;
        };
        let at = node.header.header.keys.position(key)?;
        let keys = node.header.header.keys.without(at);
        let mut values = node.with_arc_mut(|arc| match Arc::get_mut(arc) {
            Some(own) => own.slice_mut().iter_mut().map(std::mem::take).collect(),
            None => arc.slice().to_vec(),
        });
        let value = values.remove(at);
        let extent = Extent::of_object(&keys, &values);
        *self = build::object(ObjectFacts { extent, keys }, values.into_iter());
        Some(value)
    }

    /// Replaces the element at `position` of an array; `false` if there is none, and nothing changes then.
    ///
    /// # Errors
    /// If the array would be nested too deeply; it is unchanged then.
    pub fn set_index(&mut self, position: usize, value: Self) -> Result<bool, TooDeep> {
        let Repr::Array(node) = &mut self.0 else {
            return Ok(false);
        };
        if position >= node.slice.len() {
            return Ok(false);
        }
        if value.depth() >= DEPTH_MAX {
            return Err(TooDeep);
        }
        replace(node, position, value);
        Ok(true)
    }
}

/// What both kinds of containers have.
trait Facts: Clone {
    fn extent_mut(&mut self) -> &mut Extent;
}

impl Facts for Extent {
    fn extent_mut(&mut self) -> &mut Extent {
        self
    }
}

impl Facts for ObjectFacts {
    fn extent_mut(&mut self) -> &mut Extent {
        &mut self.extent
    }
}

/// Replaces the member at `at`, which must be there.
fn replace<F: Facts>(node: &mut ThinArc<F, Value>, at: usize, value: Value) {
    let copy = node.with_arc_mut(|arc| {
        if let Some(own) = Arc::get_mut(arc) {
            let extent = *own.header_mut().extent_mut();
            let extent = put(own.slice_mut(), at, value, extent);
            *own.header_mut().extent_mut() = extent;
            return None;
        }
        let mut members = arc.slice().to_vec();
        let mut facts = arc.header().clone();
        *facts.extent_mut() = put(&mut members, at, value, *facts.extent_mut());
        Some(ThinArc::from_header_and_iter(facts, members.into_iter()))
    });
    if let Some(copy) = copy {
        *node = copy;
    }
}

/// Puts a value at a place that must be there, and tells the new extent.
fn put(members: &mut [Value], at: usize, value: Value, extent: Extent) -> Extent {
    let place = members.get_mut(at).expect("the position was looked up");
    let old = std::mem::replace(place, value);
    let members = &*members;
    extent.replaced(&old, members.get(at).unwrap_or(&old), members)
}

/// Adds an entry whose key is not there yet.
fn append(node: &mut ObjectNode, key: &str, value: Value) {
    let old = &node.header.header;
    let keys = old.keys.and(key);
    let extent = Extent {
        json_bytes: old.extent.json_bytes - old.keys.json_bytes()
            + keys.json_bytes()
            + value.json_bytes(),
        depth: old.extent.depth.max(value.depth() + 1),
    };
    let facts = ObjectFacts { extent, keys };
    *node = node.with_arc_mut(|arc| match Arc::get_mut(arc) {
        Some(own) => {
            let moved = own.slice_mut().iter_mut().map(std::mem::take);
            ThinArc::from_header_and_iter(facts, Then::new(moved, value))
        }
        None => ThinArc::from_header_and_iter(facts, Then::new(arc.slice().iter().cloned(), value)),
    });
}

/// An iterator and one more item, of known length.
struct Then<I: Iterator> {
    items: I,
    last: Option<I::Item>,
}

impl<I: Iterator> Then<I> {
    const fn new(items: I, last: I::Item) -> Self {
        Self {
            items,
            last: Some(last),
        }
    }
}

impl<I: ExactSizeIterator> Iterator for Then<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.items.next().or_else(|| self.last.take())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.items.len() + usize::from(self.last.is_some());
        (left, Some(left))
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Then<I> {}
