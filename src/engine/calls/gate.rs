//! A bound on how many calls are under way at once. Further ones wait in line, up to a bound of their own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::open::OpenCall;

/// What calls of one kind go through.
#[derive(Debug)]
pub(super) struct Gate {
    calls_max: usize,
    waiting_max: usize,
    state: Mutex<State>,
}

/// The place of a call in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// What a call that comes is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Inside,
    /// It is let in later.
    Waits(Ticket),
    /// Too many wait.
    Refused,
}

#[derive(Debug, Default)]
struct State {
    inside: usize,
    waiting: BTreeMap<Ticket, Arc<OpenCall>>,
    tickets: u64,
    /// A thread lets calls in already. Others leave it to that one, else a chain of calls that end at once would fill the stack.
    admits: bool,
}

impl Gate {
    pub(super) fn new(calls_max: usize, waiting_max: usize) -> Self {
        Self {
            calls_max: calls_max.max(1),
            waiting_max,
            state: Mutex::default(),
        }
    }

    /// First come, first served.
    pub(super) fn enter(&self, call: &Arc<OpenCall>) -> Entry {
        let mut state = self.lock();
        if state.inside < self.calls_max && state.waiting.is_empty() {
            state.inside += 1;
            return Entry::Inside;
        }
        if state.waiting.len() >= self.waiting_max {
            return Entry::Refused;
        }
        let ticket = Ticket(state.tickets);
        state.tickets += 1;
        state.waiting.insert(ticket, Arc::clone(call));
        Entry::Waits(ticket)
    }

    /// Takes a call out of the line, unless it was let in meanwhile.
    pub(super) fn forget(&self, ticket: Ticket) {
        self.lock().waiting.remove(&ticket);
    }

    /// A call that was inside is not any more: lets the next ones in, on this thread.
    pub(super) fn leave(&self) {
        let mut state = self.lock();
        state.inside -= 1;
        if state.admits {
            return;
        }
        state.admits = true;
        loop {
            if state.inside >= self.calls_max {
                break;
            }
            let Some((_, next)) = state.waiting.pop_first() else {
                break;
            };
            state.inside += 1;
            drop(state);
            let is_wanted = next.passed();
            if is_wanted {
                next.advance();
            }
            state = self.lock();
            if !is_wanted {
                state.inside -= 1;
            }
        }
        state.admits = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
