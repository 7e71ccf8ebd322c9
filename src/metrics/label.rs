//! A bound on the number of series: labels come from definitions and records, which are not ours.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use crate::value::Text;

/// Values that a label of one family may have; any further one is shown as `OTHER`.
pub const SERIES_MAX: usize = 1_000;

/// What stands for all label values beyond the bound.
const OTHER: Text = Text::new_static("other");

/// The values that a label has taken. One for each family of metrics that share the label.
#[derive(Debug)]
pub struct LabelBound {
    max: usize,
    seen: Mutex<HashSet<Text>>,
}

impl LabelBound {
    /// A bound of `max` values.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self {
            max,
            seen: Mutex::default(),
        }
    }

    /// `value` if it is known or there is room for it, else `other`.
    pub fn label(&self, value: &str) -> Text {
        // A set of texts is whole at any time.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = seen.get(value) {
            return known.clone();
        }
        if seen.len() >= self.max {
            return OTHER;
        }
        let text = Text::new(value);
        seen.insert(text.clone());
        text
    }
}

impl Default for LabelBound {
    fn default() -> Self {
        Self::new(SERIES_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_beyond_the_bound_are_other() {
        let bound = LabelBound::new(2);
        let labels = ["a", "b", "c", "a", "d"].map(|v| bound.label(v).to_string());
        assert_eq!(labels, ["a", "b", "other", "a", "other"]);
    }
}
