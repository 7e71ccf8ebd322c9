//! Building arrays and objects, and copy-on-write changes: the only places where a container is made.

use triomphe::ThinArc;

use super::object::INDEXED_FROM;
use super::{DEPTH_MAX, Header, Repr, Text, Value, write};

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

    /// Appends an element.
    pub fn push(&mut self, value: Value) {
        self.elements.push(value);
    }

    /// The array.
    ///
    /// # Errors
    /// If it would be nested too deeply.
    pub fn finish(self) -> Result<Value, TooDeep> {
        array(self.elements.into_iter())
    }

    pub(super) fn finish_shallow(self) -> Value {
        self.finish().unwrap_or_default()
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
        dedup(&mut self.entries);
        object(self.entries.into_iter())
    }

    pub(super) fn finish_shallow(self) -> Value {
        self.finish().unwrap_or_default()
    }
}

impl FromIterator<Value> for ArrayBuilder {
    fn from_iter<I: IntoIterator<Item = Value>>(iter: I) -> Self {
        Self {
            elements: iter.into_iter().collect(),
        }
    }
}

impl Value {
    /// Sets a member of an object, copying the object only if it is shared.
    ///
    /// Anything but an object is replaced by an object with this one member.
    ///
    /// # Errors
    /// If the object would be nested too deeply; it is unchanged then.
    pub fn insert(&mut self, key: &str, value: Self) -> Result<(), TooDeep> {
        if value.depth() + 1 > DEPTH_MAX {
            return Err(TooDeep);
        }
        let Repr::Object(node) = &mut self.0 else {
            *self = object(vec![(Text::new(key), value)].into_iter())?;
            return Ok(());
        };
        let mut entries = take_entries(node);
        match entries.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((Text::new(key), value)),
        }
        *self = object(entries.into_iter())?;
        Ok(())
    }
}

/// Moves the entries out of a node that nobody else holds, else clones them.
fn take_entries(node: &mut ThinArc<Header, (Text, Value)>) -> Vec<(Text, Value)> {
    node.with_arc_mut(|arc| match triomphe::Arc::get_mut(arc) {
        Some(unique) => unique.slice_mut().iter_mut().map(std::mem::take).collect(),
        None => arc.slice().to_vec(),
    })
}

pub(super) fn array(
    elements: impl ExactSizeIterator<Item = Value> + AsSlice<Value>,
) -> Result<Value, TooDeep> {
    let slice = elements.peek_all();
    let commas = slice.len().saturating_sub(1);
    let header = Header {
        json_bytes: 2 + commas + slice.iter().map(Value::json_bytes).sum::<usize>(),
        depth: 1 + slice.iter().map(Value::depth).max().unwrap_or(0),
        index: None,
    };
    if header.depth > DEPTH_MAX {
        return Err(TooDeep);
    }
    Ok(Value(Repr::Array(ThinArc::from_header_and_iter(
        header, elements,
    ))))
}

/// The keys must be distinct.
pub(super) fn object(
    entries: impl ExactSizeIterator<Item = (Text, Value)> + AsSlice<(Text, Value)>,
) -> Result<Value, TooDeep> {
    let slice = entries.peek_all();
    let commas = slice.len().saturating_sub(1);
    let entry_bytes = |(k, v): &(Text, Value)| write::string_bytes(k) + 1 + v.json_bytes();
    let header = Header {
        json_bytes: 2 + commas + slice.iter().map(entry_bytes).sum::<usize>(),
        depth: 1 + slice.iter().map(|(_, v)| v.depth()).max().unwrap_or(0),
        index: (slice.len() >= INDEXED_FROM).then(|| index(slice)),
    };
    if header.depth > DEPTH_MAX {
        return Err(TooDeep);
    }
    Ok(Value(Repr::Object(ThinArc::from_header_and_iter(
        header, entries,
    ))))
}

/// An iterator whose rest can be looked at before it is consumed.
pub(super) trait AsSlice<T> {
    fn peek_all(&self) -> &[T];
}

impl<T> AsSlice<T> for std::vec::IntoIter<T> {
    fn peek_all(&self) -> &[T] {
        self.as_slice()
    }
}

impl<T> AsSlice<T> for std::vec::Drain<'_, T> {
    fn peek_all(&self) -> &[T] {
        self.as_slice()
    }
}

fn index(entries: &[(Text, Value)]) -> Box<[u32]> {
    let mut order: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
    order.sort_by(|a, b| {
        let key = |i: &u32| entries.get(*i as usize).map(|(k, _)| k.as_str());
        key(a).cmp(&key(b))
    });
    order.into_boxed_slice()
}

/// Of equal keys keeps the first place and the last value.
pub(super) fn dedup(entries: &mut Vec<(Text, Value)>) {
    // One bit per hash of length and last byte: with few keys a clash is rare, and only a clash costs a search.
    let mut seen = 0u64;
    let mut at = 0;
    while let Some((key, _)) = entries.get(at) {
        let bit = 1u64
            << ((key.len() * 31 + usize::from(key.as_bytes().last().copied().unwrap_or(0))) % 64);
        let first = if seen & bit == 0 {
            None
        } else {
            entries.iter().take(at).position(|(k, _)| k == key)
        };
        seen |= bit;
        match first {
            None => at += 1,
            Some(first) => {
                let (_, value) = entries.remove(at);
                if let Some(entry) = entries.get_mut(first) {
                    entry.1 = value;
                }
            }
        }
    }
}
