//! A borrowed object: entries in the order they came, found by key.

use triomphe::ThinArc;

use super::node::Header;
use super::{Text, Value};

/// Objects of at least so many entries carry an index; below it a scan is faster.
pub(super) const INDEXED_FROM: usize = 48;

/// The entries of an object.
#[derive(Clone, Copy)]
pub struct Object<'a>(pub(super) &'a ThinArc<Header, (Text, Value)>);

impl<'a> Object<'a> {
    /// The value of `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<&'a Value> {
        self.position(key)
            .and_then(|i| self.entries().get(i))
            .map(|(_, v)| v)
    }

    /// The entries in order.
    #[must_use]
    pub fn entries(self) -> &'a [(Text, Value)] {
        &self.0.slice
    }

    /// The entries in order.
    pub fn iter(
        self,
    ) -> impl DoubleEndedIterator<Item = (&'a Text, &'a Value)> + ExactSizeIterator {
        self.entries().iter().map(|(k, v)| (k, v))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.entries().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.entries().is_empty()
    }

    pub(super) fn position(self, key: &str) -> Option<usize> {
        let entries = self.entries();
        match &self.0.header.header.index {
            None => entries.iter().position(|(k, _)| k == key),
            Some(index) => index
                .binary_search_by(|i| entries.get(*i as usize).map_or("", |(k, _)| k).cmp(key))
                .ok()
                .and_then(|at| index.get(at))
                .map(|i| *i as usize),
        }
    }
}

impl std::fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
