//! What a container knows of itself without being walked: its size, its depth, where its keys are.

use super::object::INDEXED_FROM;
use super::{DEPTH_MAX, Text, TooDeep, Value, write};

/// The head of an array or object.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) extent: Extent,
    /// Positions of the entries in the order of their keys; only objects of [`INDEXED_FROM`] entries or more have it.
    pub(super) index: Option<Box<[u32]>>,
}

/// Size and depth of a container.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Length of the compact JSON text.
    pub(super) json_bytes: usize,
    /// 1 for a container of scalars.
    pub(super) depth: usize,
}

/// An element of an array or an entry of an object.
pub(super) trait Member: Clone + Default {
    fn value(&self) -> &Value;
    fn value_mut(&mut self) -> &mut Value;
    fn json_bytes(&self) -> usize;
}

impl Member for Value {
    fn value(&self) -> &Value {
        self
    }

    fn value_mut(&mut self) -> &mut Value {
        self
    }

    fn json_bytes(&self) -> usize {
        self.json_bytes()
    }
}

impl Member for (Text, Value) {
    fn value(&self) -> &Value {
        &self.1
    }

    fn value_mut(&mut self) -> &mut Value {
        &mut self.1
    }

    fn json_bytes(&self) -> usize {
        write::string_bytes(&self.0) + 1 + self.1.json_bytes()
    }
}

impl Extent {
    /// Of `[]` and `{}`.
    pub(super) const EMPTY: Self = Self {
        json_bytes: 2,
        depth: 1,
    };

    /// Of a container of these members.
    pub(super) fn of<M: Member>(members: &[M]) -> Self {
        let commas = members.len().saturating_sub(1);
        Self {
            json_bytes: 2 + commas + members.iter().map(M::json_bytes).sum::<usize>(),
            depth: depth_over(members),
        }
    }

    /// The same after `old` gave way to `new`, where `members` are what is there now.
    pub(super) fn replaced<M: Member>(self, old: &Value, new: &Value, members: &[M]) -> Self {
        Self {
            json_bytes: self.json_bytes - old.json_bytes() + new.json_bytes(),
            depth: if new.depth() + 1 >= self.depth {
                new.depth() + 1
            } else if old.depth() + 1 < self.depth {
                self.depth
            } else {
                depth_over(members)
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

fn depth_over<M: Member>(members: &[M]) -> usize {
    1 + members.iter().map(|m| m.value().depth()).max().unwrap_or(0)
}

/// The positions of entries with distinct keys in the order of their keys, if there are enough of them to need it.
pub(super) fn index(entries: &[(Text, Value)]) -> Option<Box<[u32]>> {
    (entries.len() >= INDEXED_FROM)
        .then(|| order_by_key(entries))
        .flatten()
}

/// `None` if there are more entries than positions can tell apart; they are found by scanning then.
fn order_by_key(entries: &[(Text, Value)]) -> Option<Box<[u32]>> {
    let mut order: Vec<u32> = (0..u32::try_from(entries.len()).ok()?).collect();
    order.sort_unstable_by(|a, b| key(entries, *a).cmp(key(entries, *b)).then(a.cmp(b)));
    Some(order.into_boxed_slice())
}

fn key(entries: &[(Text, Value)], position: u32) -> &str {
    entries.get(position as usize).map_or("", |(key, _)| key)
}

/// What [`distinct`] found.
pub(super) struct Distinct {
    /// See [`index`].
    pub(super) index: Option<Box<[u32]>>,
    /// Whether entries were dropped.
    pub(super) dropped: bool,
}

/// Of equal keys in `entries[from..]` keeps the first place and the last value.
///
/// Takes O(n log n) steps at most, and one look at each key where there are few entries and all keys differ.
pub(super) fn distinct(entries: &mut Vec<(Text, Value)>, from: usize) -> Distinct {
    let fresh = entries.get(from..).unwrap_or_default();
    if fresh.len() < INDEXED_FROM && !has_repeated_key(fresh) {
        return Distinct {
            index: None,
            dropped: false,
        };
    }
    let Some(order) = order_by_key(fresh) else {
        return Distinct {
            index: None,
            dropped: false,
        };
    };
    let repeated = |pair: &&[u32]| matches!(pair, [a, b] if key(fresh, *a) == key(fresh, *b));
    let repeats: Vec<(u32, u32)> = order
        .windows(2)
        .filter(repeated)
        .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
        .collect();
    if repeats.is_empty() {
        let index = (fresh.len() >= INDEXED_FROM).then_some(order);
        return Distinct {
            index,
            dropped: false,
        };
    }
    let mut fresh = entries.split_off(from);
    let mut keep = vec![true; fresh.len()];
    // From the back, so that the last value of a key wanders from place to place up to the first.
    for (earlier, later) in repeats.into_iter().rev() {
        let last = fresh
            .get_mut(later as usize)
            .map(|(_, v)| std::mem::take(v));
        if let (Some((_, value)), Some(last)) = (fresh.get_mut(earlier as usize), last) {
            *value = last;
        }
        if let Some(keep) = keep.get_mut(later as usize) {
            *keep = false;
        }
    }
    let mut keep = keep.into_iter();
    fresh.retain(|_| keep.next().unwrap_or(true));
    let index = index(&fresh);
    entries.append(&mut fresh);
    Distinct {
        index,
        dropped: true,
    }
}

/// For few entries: one bit per hash of a key; only where two keys share a bit are keys compared.
fn has_repeated_key(entries: &[(Text, Value)]) -> bool {
    let mut seen = 0u64;
    for (at, (key, _)) in entries.iter().enumerate() {
        let bytes = key.as_bytes();
        let (first, last) = (bytes.first().copied(), bytes.last().copied());
        let hash =
            bytes.len() * 31 + usize::from(first.unwrap_or(0)) * 7 + usize::from(last.unwrap_or(0));
        let bit = 1u64 << (hash % 64);
        if seen & bit != 0 && entries.iter().take(at).any(|(earlier, _)| earlier == key) {
            return true;
        }
        seen |= bit;
    }
    false
}
