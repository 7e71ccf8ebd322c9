//! What a container knows of itself without being walked: its size, its depth, and its keys if it is an object.

use triomphe::ThinArc;

use super::keys::Keys;
use super::{DEPTH_MAX, TooDeep, Value};

/// An array: its extent and its elements.
pub(super) type ArrayNode = ThinArc<Extent, Value>;
/// An object: its extent and keys, and the values in the order of the keys.
pub(super) type ObjectNode = ThinArc<ObjectFacts, Value>;

/// The head of an object.
#[derive(Clone, Debug)]
pub(super) struct ObjectFacts {
    pub(super) extent: Extent,
    pub(super) keys: Keys,
}

/// Size and depth of a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Length of the compact JSON text.
    pub(super) json_bytes: usize,
    /// 1 for a container of scalars.
    pub(super) depth: usize,
}

impl Extent {
    /// Of `[]` and `{}`.
    pub(super) const EMPTY: Self = Self {
        json_bytes: 2,
        depth: 1,
    };

    /// Of an array.
    pub(super) fn of_array(elements: &[Value]) -> Self {
        let commas = elements.len().saturating_sub(1);
        Self::around(2 + commas, elements)
    }

    /// Of an object.
    pub(super) fn of_object(keys: &Keys, values: &[Value]) -> Self {
        Self::around(keys.json_bytes(), values)
    }

    /// Of these members and so many bytes of JSON around them.
    fn around(bytes: usize, members: &[Value]) -> Self {
        let mut extent = Self {
            json_bytes: bytes,
            depth: 1,
        };
        for member in members {
            extent.add(member);
        }
        extent
    }

    /// Adds a member, whose comma and key are counted.
    pub(super) fn add(&mut self, member: &Value) {
        self.json_bytes += member.json_bytes();
        self.depth = self.depth.max(member.depth() + 1);
    }

    /// The same after `old` gave way to `new`, where `members` are what is there now.
    pub(super) fn replaced(self, old: &Value, new: &Value, members: &[Value]) -> Self {
        Self {
            json_bytes: self.json_bytes - old.json_bytes() + new.json_bytes(),
            depth: if new.depth() + 1 >= self.depth {
                new.depth() + 1
            } else if old.depth() + 1 < self.depth {
                self.depth
            } else {
                1 + members.iter().map(Value::depth).max().unwrap_or(0)
            },
        }
    }

    /// Refuses what is deeper than a value may be.
    pub(super) const fn bounded(self) -> Result<Self, TooDeep> {
        if self.depth > DEPTH_MAX {
            return Err(TooDeep);
        }
        Ok(self)
    }
}
