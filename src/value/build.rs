//! Building arrays and objects.

use triomphe::ThinArc;

use super::keys::{Keys, settle};
use super::node::{Extent, ObjectFacts};
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
        let extent = Extent::of_array(&self.elements).bounded()?;
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
    keys: Vec<Text>,
    values: Vec<Value>,
}

impl ObjectBuilder {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            keys: Vec::new(),
            values: Vec::new(),
        }
    }

    /// One with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            keys: Vec::with_capacity(capacity),
            values: Vec::with_capacity(capacity),
        }
    }

    /// Sets `key`. Whether it was set before is looked up when the object is finished.
    pub fn insert(&mut self, key: impl Into<Text>, value: Value) {
        self.keys.push(key.into());
        self.values.push(value);
    }

    /// The object.
    ///
    /// # Errors
    /// If it would be nested too deeply.
    pub fn finish(mut self) -> Result<Value, TooDeep> {
        settle(&mut self.keys, 0, &mut self.values, 0);
        let keys = Keys::new(self.keys.into_iter());
        let extent = Extent::of_object(&keys, &self.values).bounded()?;
        let facts = ObjectFacts { extent, keys };
        Ok(object(facts, self.values.into_iter()))
    }
}

impl Value {
    /// The object of these keys; `values` must be as many. Nothing further is asked of `values` after the first that is an error.
    ///
    /// The values are put where they stay, without being collected before.
    ///
    /// # Errors
    /// The first of `values`.
    pub fn of_keys<E>(
        keys: &Keys,
        mut values: impl ExactSizeIterator<Item = Result<Self, E>>,
    ) -> Result<Result<Self, TooDeep>, E> {
        let mut extent = Extent::of_object(keys, &[]);
        let mut failed = None;
        let mut made = 0;
        let places = (0..keys.len()).map(|_| {
            if failed.is_none() {
                match values.next() {
                    Some(Ok(value)) => {
                        made += 1;
                        extent.add(&value);
                        return value;
                    }
                    Some(Err(error)) => failed = Some(error),
                    None => {}
                }
            }
            Self::NULL
        });
        let facts = ObjectFacts {
            extent: Extent::EMPTY,
            keys: keys.clone(),
        };
        let mut node = ThinArc::from_header_and_iter(facts, places);
        if let Some(error) = failed {
            return Err(error);
        }
        assert_eq!(made, keys.len(), "each key has its value");
        node.with_arc_mut(|arc| {
            let own = triomphe::Arc::get_mut(arc).expect("it was made here");
            own.header_mut().extent = extent;
        });
        Ok(extent.bounded().map(|_| Self(Repr::Object(node))))
    }
}

/// The extent must be that of the elements.
pub(super) fn array(extent: Extent, elements: impl ExactSizeIterator<Item = Value>) -> Value {
    Value(Repr::Array(ThinArc::from_header_and_iter(extent, elements)))
}

/// The extent must be that of the object, and there must be a value for each key.
pub(super) fn object(facts: ObjectFacts, values: impl ExactSizeIterator<Item = Value>) -> Value {
    debug_assert_eq!(facts.keys.len(), values.len());
    Value(Repr::Object(ThinArc::from_header_and_iter(facts, values)))
}
