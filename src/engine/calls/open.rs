//! One call, from the state's asking to its end; and those of one execution.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gate::{Entry, Gate, Ticket};
use crate::engine::{Answer, Call, Clock, Connector, ExecutionKey, Inbox, TaskEnded};
use crate::machine::{CallId, TaskResult, Timestamp};
use crate::metrics::TaskMetrics;

/// A call under way. Its worker holds it, and so does the right to answer it.
pub(in crate::engine) struct OpenCall {
    place: Place,
    clock: Arc<dyn Clock>,
    metrics: Arc<TaskMetrics>,
    scheduled: Timestamp,
    gates: Vec<Arc<Gate>>,
    state: Mutex<State>,
}

/// Where the answer goes.
#[derive(Debug)]
pub(in crate::engine) struct Place {
    pub(in crate::engine) inbox: Arc<Inbox>,
    pub(in crate::engine) execution: ExecutionKey,
    pub(in crate::engine) call: CallId,
}

enum State {
    /// Before its last gate.
    Scheduled {
        asked: Box<Asked>,
        /// Gates that it is inside of.
        passed: usize,
        /// Its place before the next one.
        ticket: Option<Ticket>,
    },
    /// The connector has it.
    Started {
        at: Timestamp,
        on_given_up: Option<Box<dyn FnOnce() + Send>>,
    },
    Ended,
}

struct Asked {
    call: Call,
    connector: Arc<dyn Connector>,
}

impl OpenCall {
    /// A call that has passed none of its gates; [`Self::advance`] does the rest.
    pub(super) fn new(
        asked: (Call, Arc<dyn Connector>),
        place: Place,
        gates: Vec<Arc<Gate>>,
        metrics: Arc<TaskMetrics>,
        clock: &Arc<dyn Clock>,
        now: Timestamp,
    ) -> Self {
        metrics.scheduled.increment(1);
        let (call, connector) = asked;
        Self {
            place,
            clock: Arc::clone(clock),
            metrics,
            scheduled: now,
            gates,
            state: Mutex::new(State::Scheduled {
                asked: Box::new(Asked { call, connector }),
                passed: 0,
                ticket: None,
            }),
        }
    }

    /// Goes through the gates as far as they let it, and starts behind the last one.
    pub(super) fn advance(self: &Arc<Self>) {
        loop {
            let mut state = self.lock();
            let State::Scheduled { passed, ticket, .. } = &mut *state else {
                return;
            };
            let Some(gate) = self.gates.get(*passed) else {
                drop(state);
                return self.start();
            };
            match gate.enter(self) {
                Entry::Inside => *passed += 1,
                Entry::Waits(place) => {
                    *ticket = Some(place);
                    return;
                }
                Entry::Refused => {
                    drop(state);
                    return self.refuse();
                }
            }
        }
    }

    /// A gate has let it in. Returns whether it still wants to be.
    pub(super) fn passed(&self) -> bool {
        match &mut *self.lock() {
            State::Scheduled { passed, ticket, .. } => {
                *passed += 1;
                *ticket = None;
                true
            }
            State::Started { .. } | State::Ended => false,
        }
    }

    /// The connector has answered. A late answer is ignored.
    pub(in crate::engine) fn answered(&self, result: TaskResult) {
        let State::Started { at, .. } = std::mem::replace(&mut *self.lock(), State::Ended) else {
            return;
        };
        let now = self.clock.now();
        let (of_all, of_run) = (seconds(self.scheduled, now), seconds(at, now));
        match &result {
            TaskResult::Succeeded(_) => self.metrics.succeeded.increment(1),
            TaskResult::Failed(_) => self.metrics.failed.increment(1),
            TaskResult::TimedOut => self.metrics.timed_out.increment(1),
        }
        self.metrics.run_time.record(of_run);
        self.metrics.time.record(of_all);
        self.deliver(result);
        self.leave(self.gates.len());
    }

    /// Its answer is not wanted any more; `timed_out` says why.
    fn give_up(&self, timed_out: bool) {
        let state = std::mem::replace(&mut *self.lock(), State::Ended);
        let inside = match &state {
            State::Scheduled { passed, ticket, .. } => {
                if let (Some(gate), Some(ticket)) = (self.gates.get(*passed), ticket) {
                    gate.forget(*ticket);
                }
                *passed
            }
            State::Started { .. } => self.gates.len(),
            State::Ended => return,
        };
        if timed_out {
            self.metrics.timed_out.increment(1);
            let time = seconds(self.scheduled, self.clock.now());
            self.metrics.time.record(time);
        }
        if let State::Started {
            on_given_up: Some(tell),
            ..
        } = state
        {
            tell();
        }
        self.leave(inside);
    }

    /// What to do when it is given up; at once if it was already.
    pub(in crate::engine) fn on_given_up(&self, tell: Box<dyn FnOnce() + Send>) {
        match &mut *self.lock() {
            State::Started { on_given_up, .. } => {
                *on_given_up = Some(tell);
                return;
            }
            State::Scheduled { .. } | State::Ended => {}
        }
        tell();
    }

    pub(in crate::engine) const fn inbox(&self) -> &Arc<Inbox> {
        &self.place.inbox
    }

    fn start(self: &Arc<Self>) {
        let at = match self.gates.is_empty() {
            true => self.scheduled,
            false => self.clock.now(),
        };
        let asked = {
            let mut state = self.lock();
            let started = State::Started {
                at,
                on_given_up: None,
            };
            match std::mem::replace(&mut *state, started) {
                State::Scheduled { asked, .. } => asked,
                other @ (State::Started { .. } | State::Ended) => {
                    *state = other;
                    return;
                }
            }
        };
        self.metrics.started.increment(1);
        let waited = seconds(self.scheduled, at);
        self.metrics.schedule_time.record(waited);
        let Asked { call, connector } = *asked;
        let answer = Answer::of(Arc::clone(self));
        // A panic drops the answer, which fails the task; the thread goes on.
        drop(catch_unwind(AssertUnwindSafe(|| {
            connector.call(call, answer);
        })));
    }

    /// Too many wait: it fails without having been started.
    fn refuse(&self) {
        let state = std::mem::replace(&mut *self.lock(), State::Ended);
        if let State::Scheduled { asked, passed, .. } = state {
            self.metrics.failed.increment(1);
            let error = asked.connector.overloaded(&asked.call);
            self.deliver(TaskResult::Failed(error));
            self.leave(passed);
        }
    }

    fn deliver(&self, result: TaskResult) {
        self.place.inbox.put(TaskEnded {
            execution: self.place.execution,
            call: self.place.call,
            result,
        });
    }

    fn leave(&self, inside: usize) {
        for gate in self.gates.iter().take(inside) {
            gate.leave();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for OpenCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenCall")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// The calls of one execution that are under way. Dropped, it gives them up.
#[derive(Debug, Default)]
pub(in crate::engine) struct OpenCalls {
    /// Few: one, and one for each branch or iteration under way.
    calls: Vec<(Arc<OpenCall>, Option<Timestamp>)>,
}

impl OpenCalls {
    /// Adds one that must have ended by `deadline`.
    pub(in crate::engine) fn push(&mut self, call: Arc<OpenCall>, deadline: Option<Timestamp>) {
        self.calls.push((call, deadline));
    }

    /// Forgets a call that has answered.
    pub(in crate::engine) fn close(&mut self, call: CallId) {
        drop(self.take(call));
    }

    /// Ends a call whose answer is not wanted any more.
    pub(in crate::engine) fn give_up(&mut self, call: CallId, timed_out: bool) {
        if let Some(call) = self.take(call) {
            call.give_up(timed_out);
        }
    }

    /// Gives up those that have not been started.
    pub(in crate::engine) fn withdraw(&self) {
        for (call, _) in &self.calls {
            let is_waiting = matches!(*call.lock(), State::Scheduled { .. });
            if is_waiting {
                call.give_up(false);
            }
        }
    }

    /// The earliest deadline.
    pub(in crate::engine) fn earliest(&self) -> Option<Timestamp> {
        self.calls
            .iter()
            .filter_map(|(_, deadline)| *deadline)
            .min()
    }

    /// Ends a call whose deadline has come.
    pub(in crate::engine) fn take_due(&mut self, now: Timestamp) -> Option<CallId> {
        let earliest = self.earliest().filter(|at| *at <= now);
        let is_due =
            |(_, deadline): &(_, Option<Timestamp>)| deadline.is_some() && *deadline == earliest;
        let (call, _) = self.calls.remove(self.calls.iter().position(is_due)?);
        call.give_up(true);
        Some(call.place.call)
    }

    fn take(&mut self, call: CallId) -> Option<Arc<OpenCall>> {
        let place = self.calls.iter().position(|(c, _)| c.place.call == call)?;
        Some(self.calls.remove(place).0)
    }
}

impl Drop for OpenCalls {
    fn drop(&mut self) {
        for (call, _) in self.calls.drain(..) {
            call.give_up(false);
        }
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.as_millis().saturating_sub(from.as_millis()).max(0) as f64 / 1_000.0
}
