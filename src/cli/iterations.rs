//! Which iterations an event of a history is within: found by following the events that events point to.

use std::collections::BTreeMap;

use crate::history::{Detail, EventType, HistoryEvent};

/// The iterations that the events so far were within.
#[derive(Debug, Default)]
pub(super) struct Iterations {
    /// By event; those within none are left out.
    within: BTreeMap<u64, Within>,
}

/// The Map state and the index of each iteration, the outermost first.
type Within = Vec<(String, i64)>;

/// So many events are remembered; of a longer history, an event that points further back seems to be within none.
const EVENTS_MAX: usize = 100_000;

impl Iterations {
    /// Notes an event, and gives the indices of the iterations that it is within, as `[2][0]`.
    pub(super) fn note(&mut self, event: &HistoryEvent) -> String {
        let mut within = match self.within.get(&event.previous_id) {
            Some(within) => within.clone(),
            None => Within::new(),
        };
        if let Some(name) = text(event, "name") {
            // A Map's own events, and those of its iterations, point to events within iterations.
            let is_own = |(map, _): &(String, i64)| *map == name;
            let depth = within.iter().position(is_own).unwrap_or(within.len());
            within.truncate(depth);
            if let Some(index) = number(event, "index") {
                within.push((name, index));
            }
        }
        let shown = within
            .iter()
            .map(|(_, index)| format!("[{index}]"))
            .collect();
        // The next iteration, and what follows the last one, point to the same event.
        if event.event_type == EventType::MapStateFailed {
            within.pop();
        }
        if !within.is_empty() {
            self.within.insert(event.id, within);
            if self.within.len() > EVENTS_MAX {
                self.within.pop_first();
            }
        }
        shown
    }
}

fn text(event: &HistoryEvent, name: &str) -> Option<String> {
    if let Some(Detail::Text(text)) = particular(event, name) {
        Some(text.to_string())
    } else {
        None
    }
}

fn number(event: &HistoryEvent, name: &str) -> Option<i64> {
    if let Some(Detail::Number(number)) = particular(event, name) {
        Some(*number)
    } else {
        None
    }
}

fn particular<'e>(event: &'e HistoryEvent, name: &str) -> Option<&'e Detail> {
    let mut entries = event.details.entries().iter();
    entries
        .find(|(found, _)| *found == name)
        .map(|(_, detail)| detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Details;
    use crate::machine::Timestamp;

    #[test]
    fn events_are_within_the_iterations_that_they_follow() {
        use EventType::{
            MapIterationStarted, MapIterationSucceeded, MapStateEntered, MapStateExited,
            MapStateFailed, MapStateStarted, PassStateEntered,
        };
        let events = [
            (2, 0, MapStateEntered, "M", None, ""),
            (3, 2, MapStateStarted, "", None, ""),
            (4, 3, MapIterationStarted, "M", Some(0), "[0]"),
            (5, 3, MapIterationStarted, "M", Some(1), "[1]"),
            (6, 4, MapStateEntered, "N", None, "[0]"),
            (7, 6, MapStateStarted, "", None, "[0]"),
            (8, 7, MapIterationStarted, "N", Some(0), "[0][0]"),
            (9, 8, PassStateEntered, "P", None, "[0][0]"),
            (10, 9, MapIterationSucceeded, "N", Some(0), "[0][0]"),
            (11, 9, MapIterationStarted, "N", Some(1), "[0][1]"),
            (12, 11, PassStateEntered, "P", None, "[0][1]"),
            (13, 12, MapStateFailed, "", None, "[0][1]"),
            (14, 13, MapStateExited, "N", None, "[0]"),
            (15, 14, MapIterationSucceeded, "M", Some(0), "[0]"),
            (16, 15, MapStateExited, "M", None, ""),
            (17, 16, PassStateEntered, "Q", None, ""),
        ];
        let mut iterations = Iterations::default();
        for (id, previous_id, event_type, name, index, expected) in events {
            let mut details = Details::new(true);
            if !name.is_empty() {
                details.text("name", name.into());
            }
            if let Some(index) = index {
                details.number("index", index);
            }
            let event = HistoryEvent {
                id,
                previous_id,
                timestamp: Timestamp::from_millis(0),
                event_type,
                details,
            };
            assert_eq!(iterations.note(&event), expected, "{id}");
        }
    }
}
