//! The last events of a workflow in one partition, by what tells them from each other, so that one that was sent twice is run once.
//!
//! The window is of one assignment and ends with it: what another owner has seen is not known here, and what was not answered when the
//! partition was lost must be run again.
//!
//! *Not here*: what makes the id of an event, see `duplicate`.

use std::collections::{BTreeMap, VecDeque};

use crate::machine::Timestamp;

/// What tells an event from others of its workflow: a SHA-256, so that nobody can make two that are taken for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventId(pub [u8; 32]);

/// An event that is to be run once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// The workflow's place in the list of all workflows.
    pub workflow: usize,
    /// Which event.
    pub id: EventId,
    /// How far the window reaches.
    pub bounds: WindowBounds,
}

/// How far a window reaches: as far as the nearer of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowBounds {
    /// Events of one partition.
    pub events_max: usize,
    /// Milliseconds since the first of them was received.
    pub age_ms_max: i64,
}

/// The window of one workflow in one assignment of one partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The offset of the first event with each id.
    firsts: BTreeMap<EventId, i64>,
    /// When each was received, the oldest first.
    received: VecDeque<(Timestamp, EventId)>,
}

impl Window {
    /// The offset of the event that this one repeats; `None` if it is the first of its id.
    pub(super) fn repeats(&mut self, once: &Once, offset: i64, now: Timestamp) -> Option<i64> {
        let WindowBounds {
            events_max,
            age_ms_max,
        } = once.bounds;
        while let Some((at, oldest)) = self.received.front()
            && at.plus_millis(age_ms_max) <= now
        {
            self.firsts.remove(oldest);
            self.received.pop_front();
        }
        if let Some(first) = self.firsts.get(&once.id) {
            return Some(*first);
        }
        while self.received.len() >= events_max.max(1) {
            if let Some((_, oldest)) = self.received.pop_front() {
                self.firsts.remove(&oldest);
            }
        }
        self.firsts.insert(once.id, offset);
        self.received.push_back((now, once.id));
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: WindowBounds = WindowBounds {
        events_max: 4,
        age_ms_max: 100,
    };

    fn once(id: u8) -> Once {
        Once {
            workflow: 0,
            id: EventId([id; 32]),
            bounds: BOUNDS,
        }
    }

    proptest! {
        /// Beside the window walks a plain list of all first events, looked through from its end.
        #[test]
        fn a_window_is_its_last_first_events(events in vec((0u8..8, 0i64..60), 1..100)) {
            let mut window = Window::default();
            let mut firsts: Vec<(i64, u8, i64)> = Vec::new();
            let mut at = 0;
            for (offset, (id, later_ms)) in (0..).zip(events) {
                at += later_ms;
                let recent = firsts.iter().rev().take(BOUNDS.events_max);
                let mut recent = recent.filter(|(received, ..)| received + BOUNDS.age_ms_max > at);
                let expected = recent.find(|(_, other, _)| *other == id).map(|(.., first)| *first);
                let found = window.repeats(&once(id), offset, Timestamp::from_millis(at));
                prop_assert_eq!(found, expected, "offset {}", offset);
                if expected.is_none() {
                    firsts.push((at, id, offset));
                }
                prop_assert!(window.firsts.len() == window.received.len());
                prop_assert!(window.received.len() <= BOUNDS.events_max);
            }
        }
    }
}
