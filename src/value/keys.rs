//! The keys of an object, kept apart from its values: objects that are made alike share one list of keys.
//!
//! A template, or an object that looks like the last one parsed, costs no key then: none is copied, measured or compared
//! with the others.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use triomphe::ThinArc;

use super::Text;
use super::scan::plain_bytes;
use super::write::string_bytes;

/// Lists of at least so many keys carry an index; below it a scan is faster.
pub(super) const INDEXED_FROM: usize = 48;

/// Distinct keys in the order of the object; cloning never copies them.
#[derive(Clone)]
pub struct Keys(ThinArc<Facts, Text>);

/// What is known of the keys without walking them.
struct Facts {
    /// Length of the compact JSON text of an object with these keys, its values left out.
    json_bytes: usize,
    /// No key needs an escape in JSON.
    plain: bool,
    /// `,"key":` for each key, one behind the other; only lists that many objects are made of have it, if no key needs an escape.
    fragments: Option<Box<[u8]>>,
    /// Positions in the order of the keys; only lists of [`INDEXED_FROM`] or more have it.
    index: Option<Box<[u32]>>,
    /// These keys and one more, as they were last asked for: what adds a member to one object mostly adds it to the next.
    longer: OnceLock<Keys>,
}

/// Where a key was when it was last looked up, to be tried first: what reads a member reads it from many objects alike.
#[derive(Debug, Default)]
pub struct Hint(AtomicU32);

impl Keys {
    /// These keys, if no two are equal, for many objects to come.
    #[must_use]
    pub fn distinct(keys: Vec<Text>) -> Option<Self> {
        let mut order: Vec<&Text> = keys.iter().collect();
        order.sort_unstable();
        let repeated = order.windows(2).any(|pair| pair.first() == pair.last());
        if repeated {
            return None;
        }
        let mut made = Self::new(keys.into_iter());
        if made.plain() {
            let fragments = fragments(made.as_slice());
            made.facts_mut(|facts| facts.fragments = Some(fragments));
        }
        Some(made)
    }

    /// These keys, which must be distinct.
    pub(super) fn new(keys: impl ExactSizeIterator<Item = Text>) -> Self {
        let facts = Facts {
            json_bytes: 0,
            plain: true,
            fragments: None,
            index: None,
            longer: OnceLock::new(),
        };
        let keys = ThinArc::from_header_and_iter(facts, keys);
        let commas = keys.slice.len().saturating_sub(1);
        let texts: usize = keys.slice.iter().map(|key| string_bytes(key) + 1).sum();
        let plain = keys
            .slice
            .iter()
            .all(|key| plain_bytes(key.as_bytes()) == key.len());
        let index = index(&keys.slice);
        let mut keys = Self(keys);
        keys.facts_mut(|facts| {
            facts.json_bytes = 2 + commas + texts;
            facts.plain = plain;
            facts.index = index;
        });
        keys
    }

    /// Changes what is known of keys that nobody else has yet.
    fn facts_mut(&mut self, change: impl FnOnce(&mut Facts)) {
        self.0.with_arc_mut(|arc| {
            let own = triomphe::Arc::get_mut(arc).expect("it was made just now");
            change(own.header_mut());
        });
    }

    /// The keys in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Text] {
        &self.0.slice
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.slice.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.slice.is_empty()
    }

    /// Length of the compact JSON text of an object with these keys, its values left out.
    pub(super) fn json_bytes(&self) -> usize {
        self.0.header.header.json_bytes
    }

    /// Whether each key stands in JSON as it is.
    pub(super) fn plain(&self) -> bool {
        self.0.header.header.plain
    }

    /// What stands before each value in JSON, its comma first, one behind the other: each is [`FRAGMENT_BYTES`] longer than its key.
    pub(super) fn fragments(&self) -> Option<&[u8]> {
        self.0.header.header.fragments.as_deref()
    }

    pub(super) fn position(&self, key: &str) -> Option<usize> {
        let keys = self.as_slice();
        match &self.0.header.header.index {
            None => keys.iter().position(|k| k == key),
            Some(index) => index
                .binary_search_by(|at| at_position(keys, *at).cmp(key))
                .ok()
                .and_then(|at| index.get(at))
                .map(|at| *at as usize),
        }
    }

    /// The same, tried where the hint says first.
    pub(super) fn position_near(&self, key: &str, hint: &Hint) -> Option<usize> {
        let near = hint.0.load(Ordering::Relaxed) as usize;
        if self.as_slice().get(near).is_some_and(|k| k == key) {
            return Some(near);
        }
        let found = self.position(key)?;
        if let Ok(found) = u32::try_from(found) {
            hint.0.store(found, Ordering::Relaxed);
        }
        Some(found)
    }

    /// These keys and `key`, which must not be one of them, at the end.
    pub(super) fn and(&self, key: &str) -> Self {
        let longer = &self.0.header.header.longer;
        if let Some(known) = longer.get()
            && known.as_slice().last().is_some_and(|last| last == key)
        {
            return known.clone();
        }
        let mut keys = Vec::with_capacity(self.len() + 1);
        keys.extend_from_slice(self.as_slice());
        keys.push(Text::new(key));
        let made = Self::new(keys.into_iter());
        // What long lists led to is not remembered: an object that grows key by key would keep them all.
        if self.len() < INDEXED_FROM {
            longer.get_or_init(|| made.clone());
        }
        made
    }

    /// All but the one at `position`.
    pub(super) fn without(&self, position: usize) -> Self {
        let mut keys = self.as_slice().to_vec();
        keys.remove(position);
        Self::new(keys.into_iter())
    }

    /// Whether it is the same list, not only an equal one.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.ptr() == other.0.ptr()
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

/// What stands around a key in JSON: comma, quotes and colon.
pub(super) const FRAGMENT_BYTES: usize = 4;

fn fragments(keys: &[Text]) -> Box<[u8]> {
    let mut fragments = Vec::with_capacity(keys.iter().map(|key| key.len() + FRAGMENT_BYTES).sum());
    for key in keys {
        fragments.extend_from_slice(b",\"");
        fragments.extend_from_slice(key.as_bytes());
        fragments.extend_from_slice(b"\":");
    }
    fragments.into_boxed_slice()
}

fn index(keys: &[Text]) -> Option<Box<[u32]>> {
    (keys.len() >= INDEXED_FROM)
        .then(|| order_by_key(keys))
        .flatten()
}

/// `None` if there are more keys than positions can tell apart; they are found by scanning then.
fn order_by_key(keys: &[Text]) -> Option<Box<[u32]>> {
    let mut order: Vec<u32> = (0..u32::try_from(keys.len()).ok()?).collect();
    order.sort_unstable_by(|a, b| {
        at_position(keys, *a)
            .cmp(at_position(keys, *b))
            .then(a.cmp(b))
    });
    Some(order.into_boxed_slice())
}

fn at_position(keys: &[Text], position: u32) -> &str {
    keys.get(position as usize).map_or("", Text::as_str)
}

/// Of equal keys keeps the first place and the last value. `keys` and `values[from..]` are as long as each other.
///
/// Takes O(n log n) steps at most, and one look at each key where there are few and all differ. Tells whether members
/// were dropped.
pub(super) fn settle<V: Default>(
    keys: &mut Vec<Text>,
    keys_from: usize,
    values: &mut Vec<V>,
    values_from: usize,
) -> bool {
    let fresh = keys.get(keys_from..).unwrap_or_default();
    if fresh.len() < INDEXED_FROM && !has_repeated_key(fresh) {
        return false;
    }
    let Some(order) = order_by_key(fresh) else {
        return false;
    };
    let repeated =
        |pair: &&[u32]| matches!(pair, [a, b] if at_position(fresh, *a) == at_position(fresh, *b));
    let repeats: Vec<(usize, usize)> = order
        .windows(2)
        .filter(repeated)
        .filter_map(|pair| Some((*pair.first()? as usize, *pair.last()? as usize)))
        .collect();
    if repeats.is_empty() {
        return false;
    }
    let mut keep = vec![true; fresh.len()];
    // From the back, so that the last value of a key wanders from place to place up to the first.
    for (earlier, later) in repeats.into_iter().rev() {
        let last = values.get_mut(values_from + later).map(std::mem::take);
        if let (Some(value), Some(last)) = (values.get_mut(values_from + earlier), last) {
            *value = last;
        }
        if let Some(keep) = keep.get_mut(later) {
            *keep = false;
        }
    }
    retain(keys, keys_from, &keep);
    retain(values, values_from, &keep);
    true
}

/// Keeps those of `items[from..]` that `keep` says; those before are not touched.
fn retain<T>(items: &mut Vec<T>, from: usize, keep: &[bool]) {
    let mut keep = keep.iter();
    let mut fresh = items.split_off(from);
    fresh.retain(|_| keep.next().copied().unwrap_or(true));
    items.append(&mut fresh);
}

/// For few keys: one bit per hash of a key; only where two keys share a bit are keys compared.
fn has_repeated_key(keys: &[Text]) -> bool {
    let mut seen = 0u64;
    for (at, key) in keys.iter().enumerate() {
        let bytes = key.as_bytes();
        let (first, last) = (bytes.first().copied(), bytes.last().copied());
        let hash =
            bytes.len() * 31 + usize::from(first.unwrap_or(0)) * 7 + usize::from(last.unwrap_or(0));
        let bit = 1u64 << (hash % 64);
        if seen & bit != 0 && keys.iter().take(at).any(|earlier| earlier == key) {
            return true;
        }
        seen |= bit;
    }
    false
}
