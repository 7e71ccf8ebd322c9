//! Building arrays and objects.

use triomphe::ThinArc;

use super::node::{Extent, Header, distinct};
use super::{DEPTH_MAX, Repr, Text, Value};

/// The value would nest deeper than [`DEPTH_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value would be nested deeper than {DEPTH_MAX} levels")]
pub struct TooDeep;

/// Collects the elements of an array.
#[derive(Debug, Default)]
pub struct ArrayBuilder {
    elements: Vec<Value>,
}

impl ArrayBuilder {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            elements: Vec::new(),
        }
    }

    /// One with room for `capacity` elements.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            elements: Vec::with_capacity(capacity),
        }
    }

    /// How many elements there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Appends an element.
    pub fn push(&mut self, value: Value) {
        self.elements.push(value);
    }

    /// The array.
    ///
    /// # Errors
    /// If it would be nested too deeply.
    pub fn finish(self) -> Result<Value, TooDeep> {
        let extent = Extent::of(&self.elements).bounded()?;
        Ok(array(extent, self.elements.into_iter()))
    }
}

impl FromIterator<Value> for ArrayBuilder {
    fn from_iter<I: IntoIterator<Item = Value>>(iter: I) -> Self {
        Self {
            elements: iter.into_iter().collect(),
        }
    }
}

impl IntoIterator for ArrayBuilder {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter()
    }
}

/// Collects the entries of an object. A key set twice keeps its first place and its last value.
#[derive(Debug, Default)]
pub struct ObjectBuilder {
    entries: Vec<(Text, Value)>,
}

impl ObjectBuilder {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// One with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
        }
    }

    /// Sets `key`. Whether it was set before is looked up when the object is finished.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) {
        self.entries.push((key.into(), value));
    }

    /// The object.
    ///
    /// # Errors
    /// If it would be nested too deeply.
    pub fn finish(mut self) -> Result<Value, TooDeep> {
        let index = distinct(&mut self.entries, 0).index;
        let extent = Extent::of(&self.entries).bounded()?;
        Ok(object(Header { extent, index }, self.entries.into_iter()))
    }
}

/// The extent must be that of the elements.
pub(super) fn array(extent: Extent, elements: impl ExactSizeIterator<Item = Value>) -> Value {
    let header = Header {
        extent,
        index: None,
    };
    Value(Repr::Array(ThinArc::from_header_and_iter(header, elements)))
}

/// The header must be that of the entries, and their keys distinct.
pub(super) fn object(
    header: Header,
    entries: impl ExactSizeIterator<Item = (Text, Value)>,
) -> Value {
    Value(Repr::Object(ThinArc::from_header_and_iter(header, entries)))
}
