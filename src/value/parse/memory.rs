//! Which keys the objects of earlier texts had.
//!
//! Objects are counted in the order in which they open; those of an array's elements are counted from the same number each
//! time. A wrong expectation costs time, never an answer.

use crate::value::Text;
use crate::value::keys::Keys;

/// So many objects of a text are remembered.
const SLOTS_MAX: usize = 64;
/// So many looks of the object in one place.
const LOOKS_MAX: usize = 4;
/// Longer lists of keys, as JSON, are not.
const KEYS_BYTES_MAX: usize = 4096;

/// The looks of the object in one place, the latest first.
type Slot = [Option<Keys>; LOOKS_MAX];

#[derive(Debug, Default)]
pub(super) struct Memory {
    slots: Vec<Slot>,
}

impl Memory {
    /// The keys that the object in this place had the last time. They need no escape in JSON.
    pub(super) fn latest(&self, slot: usize) -> Option<Keys> {
        self.slots.get(slot)?.first()?.clone()
    }

    /// The first keys of this place that are right; they are the latest from now on.
    pub(super) fn find(&mut self, slot: usize, right: impl Fn(&Keys) -> bool) -> Option<Keys> {
        let looks = self.slots.get_mut(slot)?;
        let at = looks.iter().position(|l| l.as_ref().is_some_and(&right))?;
        looks.swap(0, at);
        looks.first()?.clone()
    }

    /// These distinct keys, shared with an earlier object if they were remembered, and remembered if not.
    pub(super) fn keys(&mut self, slot: usize, keys: std::vec::Drain<'_, Text>) -> Keys {
        if let Some(known) = self.find(slot, |known| known.as_slice() == keys.as_slice()) {
            return known;
        }
        let keys = Keys::new(keys);
        if slot < SLOTS_MAX && keys.plain() && keys.json_bytes() <= KEYS_BYTES_MAX {
            if self.slots.len() <= slot {
                self.slots.resize_with(slot + 1, Slot::default);
            }
            if let Some(looks) = self.slots.get_mut(slot) {
                looks.rotate_right(1);
                let [latest, ..] = looks;
                *latest = Some(keys.clone());
            }
        }
        keys
    }
}
