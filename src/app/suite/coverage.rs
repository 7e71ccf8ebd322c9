//! Which states and transitions the tests went through.

use std::collections::{BTreeMap, BTreeSet};

use super::{entered, exited};
use crate::asl::Program;
use crate::history::HistoryEvent;

/// What there is, in the order of the definition, and how often the tests went through it.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// States by name.
    pub states: Vec<(String, usize)>,
    /// From one state to another.
    pub transitions: Vec<((String, String), usize)>,
}

impl Coverage {
    /// Of a program, before any test.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        let name = |id| program.state(id).name.to_string();
        let states = program.states().iter();
        let mut seen = BTreeSet::new();
        let transitions = program.transitions().into_iter();
        Self {
            states: states.map(|state| (state.name.to_string(), 0)).collect(),
            transitions: transitions
                .map(|(from, to)| (name(from), name(to)))
                .filter(|transition| seen.insert(transition.clone()))
                .map(|transition| (transition, 0))
                .collect(),
        }
    }

    /// Counts one execution. All its events must be there.
    pub(super) fn count(&mut self, records: &[HistoryEvent]) {
        let by_id: BTreeMap<u64, &HistoryEvent> = records.iter().map(|r| (r.id, r)).collect();
        for event in records {
            let Some(to) = entered(event) else {
                continue;
            };
            if let Some((_, count)) = self.states.iter_mut().find(|(name, _)| name == to) {
                *count += 1;
            }
            let Some(from) = by_id.get(&event.previous_id).and_then(|e| exited(e)) else {
                continue;
            };
            let is_it = |((a, b), _): &&mut ((String, String), usize)| a == from && b == to;
            if let Some((_, count)) = self.transitions.iter_mut().find(is_it) {
                *count += 1;
            }
        }
    }

    /// States that no test has entered.
    pub fn states_missed(&self) -> impl Iterator<Item = &str> {
        let missed = self.states.iter().filter(|(_, count)| *count == 0);
        missed.map(|(name, _)| name.as_str())
    }

    /// Transitions that no test has taken.
    pub fn transitions_missed(&self) -> impl Iterator<Item = &(String, String)> {
        let missed = self.transitions.iter().filter(|(_, count)| *count == 0);
        missed.map(|(transition, _)| transition)
    }
}
