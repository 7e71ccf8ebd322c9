//! Workflow variables: the slots that a program gives to their names, and the values that a flow of states sees in them.
//!
//! *Not here*: who may assign what (`asl`), and when (`machine`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::value::{Text, Value};

/// The longest name of a variable, in characters (AWS).
const NAME_CHARS_MAX: usize = 80;

/// The number of a variable's name within its program. Variables of inner and outer scopes share the slot of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(u32);

impl Slot {
    /// Of a name that no program has given a slot to yet: nothing is ever assigned to it.
    pub(in crate::expr) const NONE: Self = Self(u32::MAX);
}

/// The names of all variables that a program reads or assigns.
#[derive(Debug, Default)]
pub struct VariableNames {
    slots: BTreeMap<Text, Slot>,
}

impl VariableNames {
    /// The slot of a name, which is given one if it has none.
    pub fn slot(&mut self, name: &Text) -> Slot {
        if let Some(slot) = self.slots.get(name) {
            return *slot;
        }
        // A definition of at most a mebibyte has far fewer names than 2^32.
        let slot = Slot(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.insert(name.clone(), slot);
        slot
    }

    /// The slot of a name, if it has one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Slot> {
        self.slots.get(name).copied()
    }
}

/// What is assigned where a flow of states stands. A clone is a scope of its own that begins with these values.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// In the order of slots; `None` until something is assigned, so that most flows allocate nothing.
    values: Option<Arc<Vec<(Slot, Value)>>>,
    json_bytes: usize,
}

impl Variables {
    /// No variable is assigned.
    pub const NONE: &'static Self = &Self::new();

    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            values: None,
            json_bytes: 0,
        }
    }

    /// The value in a slot, if one was assigned.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Value> {
        let values = self.values.as_deref()?;
        let at = values.binary_search_by_key(&slot, |(s, _)| *s).ok()?;
        values.get(at).map(|(_, value)| value)
    }

    /// Assigns a value.
    pub fn set(&mut self, slot: Slot, value: Value) {
        self.json_bytes += value.json_bytes();
        let values = Arc::make_mut(self.values.get_or_insert_default());
        match values.binary_search_by_key(&slot, |(s, _)| *s) {
            Ok(at) => {
                if let Some((_, old)) = values.get_mut(at) {
                    self.json_bytes -= old.json_bytes();
                    *old = value;
                }
            }
            Err(at) => values.insert(at, (slot, value)),
        }
    }

    /// The JSON of all values, in bytes.
    #[must_use]
    pub const fn json_bytes(&self) -> usize {
        self.json_bytes
    }
}

/// Whether a text can be the name of a variable: letters, then letters, digits and underscores.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    name.chars().count() <= NAME_CHARS_MAX
        && name.starts_with(is_name_start)
        && name.chars().all(is_name_part)
}

pub(in crate::expr) fn is_name_start(c: char) -> bool {
    c.is_alphabetic()
}

pub(in crate::expr) fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests;
