//! A borrowed object: entries in the order they came, found by key.

use super::keys::{Hint, Keys};
use super::node::ObjectNode;
use super::{Text, Value};

/// The entries of an object.
#[derive(Clone, Copy)]
pub struct Object<'a>(pub(super) &'a ObjectNode);

impl<'a> Object<'a> {
    /// The value of `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<&'a Value> {
        self.values().get(self.keys().position(key)?)
    }

    /// The value of `key`, which is looked for where the hint saw it last.
    #[must_use]
    pub fn get_near(self, key: &str, hint: &Hint) -> Option<&'a Value> {
        self.values().get(self.keys().position_near(key, hint)?)
    }

    /// The keys in order.
    #[must_use]
    pub fn keys(self) -> &'a Keys {
        &self.0.header.header.keys
    }

    /// The values in the order of their keys.
    #[must_use]
    pub fn values(self) -> &'a [Value] {
        &self.0.slice
    }

    /// The entry at a position.
    #[must_use]
    pub fn entry(self, position: usize) -> Option<(&'a Text, &'a Value)> {
        let key = self.keys().as_slice().get(position)?;
        Some((key, self.values().get(position)?))
    }

    /// The entries in order.
    pub fn iter(
        self,
    ) -> impl DoubleEndedIterator<Item = (&'a Text, &'a Value)> + ExactSizeIterator {
        self.keys().as_slice().iter().zip(self.values())
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.values().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.values().is_empty()
    }
}

impl std::fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
