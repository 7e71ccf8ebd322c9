//! Access to the values of a table as written.

use std::time::Duration;

use crate::config::fault::Place;
use crate::config::kind::Value;
use crate::config::raw::Table;

/// Access to values. What is absent here has a fault, or is optional.
impl Table {
    pub(super) fn value(&self, key: &str) -> Option<&Value> {
        let known = self.section.is_some_and(|s| s.setting(key).is_some());
        debug_assert!(known, "{}.{key} is not in the table of settings", self.path);
        self.values.get(key).map(|(value, _)| value)
    }

    pub(super) fn place_of(&self, key: &str) -> Place {
        self.values
            .get(key)
            .map_or_else(|| self.place.clone(), |(_, place)| place.clone())
    }

    pub(super) fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// A section that is always there, because all its keys have defaults.
    pub(super) fn table(&self, name: &str) -> &Self {
        self.optional_table(name).unwrap_or(self)
    }

    pub(super) fn optional_table(&self, name: &str) -> Option<&Self> {
        self.list(name).first()
    }

    pub(super) fn list(&self, name: &str) -> &[Self] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn optional_text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::Text(text) => Some(text.clone()),
            Value::Texts(_) | Value::Flag(_) | Value::Integer(_) => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.optional_text(key).unwrap_or_default()
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        match self.value(key) {
            Some(Value::Texts(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    pub(super) fn flag(&self, key: &str) -> bool {
        matches!(self.value(key), Some(Value::Flag(true)))
    }

    pub(super) fn optional_integer(&self, key: &str) -> Option<u64> {
        match self.value(key)? {
            Value::Integer(integer) => Some(*integer),
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) => None,
        }
    }

    pub(super) fn integer(&self, key: &str) -> u64 {
        self.optional_integer(key).unwrap_or_default()
    }

    pub(super) fn optional_count(&self, key: &str) -> Option<usize> {
        self.optional_integer(key)
            .map(|integer| usize::try_from(integer).unwrap_or(usize::MAX))
    }

    pub(super) fn count(&self, key: &str) -> usize {
        self.optional_count(key).unwrap_or_default()
    }

    pub(super) fn millis(&self, key: &str) -> Duration {
        Duration::from_millis(self.integer(key))
    }
}
