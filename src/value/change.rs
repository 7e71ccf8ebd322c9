//! Changing a value: a container that is shared is copied, one that is not is changed or moved without
//! touching the reference counts of its members.

use triomphe::{Arc, ThinArc};

use super::node::{Extent, Header, Member, index};
use super::object::{INDEXED_FROM, Object};
use super::{DEPTH_MAX, Repr, Text, TooDeep, Value, build, write};

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
            let entry = [(Text::new(key), value)];
            let header = Header {
                extent: Extent::of(&entry),
                index: None,
            };
            *self = build::object(header, entry.into_iter());
            return Ok(());
        };
        match Object(node).position(key) {
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
        let at = Object(node).position(key)?;
        let mut entries = node.with_arc_mut(|arc| match Arc::get_mut(arc) {
            Some(own) => own.slice_mut().iter_mut().map(std::mem::take).collect(),
            None => arc.slice().to_vec(),
        });
        let (_, value) = entries.remove(at);
        let header = Header {
            extent: Extent::of(&entries),
            index: index(&entries),
        };
        *self = build::object(header, entries.into_iter());
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

/// Replaces the value of the member at `at`, which must be there.
fn replace<M: Member>(node: &mut ThinArc<Header, M>, at: usize, value: Value) {
    let copy = node.with_arc_mut(|arc| {
        if let Some(own) = Arc::get_mut(arc) {
            let extent = own.header().extent;
            let members = own.slice_mut();
            let extent = put(members, at, value, extent);
            own.header_mut().extent = extent;
            return None;
        }
        let mut members = arc.slice().to_vec();
        let header = Header {
            extent: put(&mut members, at, value, arc.header().extent),
            index: arc.header().index.clone(),
        };
        Some(ThinArc::from_header_and_iter(header, members.into_iter()))
    });
    if let Some(copy) = copy {
        *node = copy;
    }
}

/// Puts a value at a place that must be there, and tells the new extent.
fn put<M: Member>(members: &mut [M], at: usize, value: Value, extent: Extent) -> Extent {
    let place = members.get_mut(at).expect("the position was looked up");
    let old = std::mem::replace(place.value_mut(), value);
    let members = &*members;
    let new = members.get(at).map_or(&old, M::value);
    extent.replaced(&old, new, members)
}

/// Adds an entry whose key is not there yet.
fn append(node: &mut ThinArc<Header, (Text, Value)>, key: &str, value: Value) {
    let old = &node.header.header;
    let count = node.slice.len();
    let comma = usize::from(count > 0);
    let extent = Extent {
        json_bytes: old.extent.json_bytes
            + comma
            + write::string_bytes(key)
            + 1
            + value.json_bytes(),
        depth: old.extent.depth.max(value.depth() + 1),
    };
    let last = (Text::new(key), value);
    if count + 1 >= INDEXED_FROM {
        let mut entries = Vec::with_capacity(count + 1);
        node.with_arc_mut(|arc| match Arc::get_mut(arc) {
            Some(own) => entries.extend(own.slice_mut().iter_mut().map(std::mem::take)),
            None => entries.extend_from_slice(arc.slice()),
        });
        entries.push(last);
        let index = index(&entries);
        *node = ThinArc::from_header_and_iter(Header { extent, index }, entries.into_iter());
        return;
    }
    let header = Header {
        extent,
        index: None,
    };
    *node = node.with_arc_mut(|arc| match Arc::get_mut(arc) {
        Some(own) => {
            let moved = own.slice_mut().iter_mut().map(std::mem::take);
            ThinArc::from_header_and_iter(header, Then::new(moved, last))
        }
        None => ThinArc::from_header_and_iter(header, Then::new(arc.slice().iter().cloned(), last)),
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
