//! Workflows that stop when too many of their events become dead letters, as after a bad deployment of whoever writes them.
//!
//! When the last letter that its limit allows has been written, a workflow is stopped: no further event of it is begun and no letter
//! written, so that the offsets of all that follows are kept. Its topics are paused. It goes on when somebody says so who has seen to it.
//!
//! *Not here*: how topics are paused and received again, see `group`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::mutant::{self, Mutant};
use super::settings::{DeadLetterLimit, WorkflowSettings};
use crate::metrics::EventMetrics;

/// One gate for each workflow, in their order.
#[derive(Debug)]
pub(super) struct Gates(Vec<Gate>);

#[derive(Debug)]
struct Gate {
    workflow: String,
    dead_letters: String,
    /// Without a limit nothing is counted.
    is_limited: AtomicBool,
    is_closed: AtomicBool,
    /// How often it was closed.
    closings: AtomicU64,
    count: Mutex<Count>,
    /// 1 while it is closed.
    shown: metrics::Gauge,
}

/// The dead letters among the last events.
#[derive(Debug, Default)]
struct Count {
    limit: DeadLetterLimit,
    run: usize,
    /// Whether each was a dead letter; at most as many as the percentage is of.
    recent: VecDeque<bool>,
    letters: usize,
    /// Why the gate was closed.
    cause: String,
}

impl Gates {
    pub(super) fn new(workflows: &[WorkflowSettings]) -> Self {
        let gate = |workflow: &WorkflowSettings| Gate {
            workflow: workflow.name.clone(),
            dead_letters: workflow.dead_letters.clone(),
            is_limited: AtomicBool::new(workflow.dead_letter_limit.is_some()),
            is_closed: AtomicBool::new(false),
            closings: AtomicU64::new(0),
            count: Mutex::new(Count::new(workflow.dead_letter_limit.unwrap_or_default())),
            shown: EventMetrics::stopped(&workflow.name),
        };
        Self(workflows.iter().map(gate).collect())
    }

    /// Whether no event of the workflow is to be begun.
    pub(super) fn is_closed(&self, workflow: usize) -> bool {
        let gate = self.0.get(workflow);
        gate.is_some_and(Gate::is_closed) && !mutant::is(Mutant::StoppedGoesOn)
    }

    /// An event of the workflow is a dead letter. Returns whether the letter may be written.
    pub(super) fn admit_letter(&self, workflow: usize) -> bool {
        let gate = self.limited(workflow);
        gate.is_none_or(|gate| gate.count(true)) || mutant::is(Mutant::StoppedGoesOn)
    }

    /// An event of the workflow has been answered by other than a dead letter.
    pub(super) fn answered(&self, workflow: usize) {
        if let Some(gate) = self.limited(workflow) {
            gate.count(false);
        }
    }

    /// Workflows that are stopped, or were since this was asked with the same `seen`: whether each still is.
    pub(super) fn changed(&self, seen: &mut Vec<u64>) -> Option<Vec<(usize, bool)>> {
        seen.resize(self.0.len(), 0);
        let mut changed = Vec::new();
        for (number, (gate, seen)) in self.0.iter().zip(seen.iter_mut()).enumerate() {
            let closings = gate.closings.load(Ordering::SeqCst);
            let is_closed = gate.is_closed();
            if is_closed || closings != *seen {
                changed.push((number, is_closed));
            }
            *seen = closings;
        }
        (!changed.is_empty()).then_some(changed)
    }

    /// Lets all that is stopped go on, and forgets what was counted. Returns the names of what was stopped.
    pub(super) fn reopen(&self) -> Vec<String> {
        let reopened = self.0.iter().filter(|gate| gate.reopen());
        reopened.map(|gate| gate.workflow.clone()).collect()
    }

    /// Takes over the limits of these workflows, by their names.
    pub(super) fn set_limits(&self, workflows: &[WorkflowSettings]) {
        for gate in &self.0 {
            if let Some(new) = workflows.iter().find(|w| w.name == gate.workflow) {
                let limit = new.dead_letter_limit;
                let mut count = gate.lock();
                if count.limit != limit.unwrap_or_default() {
                    let cause = std::mem::take(&mut count.cause);
                    *count = Count {
                        cause,
                        ..Count::new(limit.unwrap_or_default())
                    };
                }
                drop(count);
                gate.is_limited.store(limit.is_some(), Ordering::SeqCst);
            }
        }
    }

    /// What has stopped, why, and what to do about it.
    pub(super) fn causes(&self) -> Vec<String> {
        let closed = self.0.iter().filter(|gate| gate.is_closed());
        closed.map(|gate| gate.lock().cause.clone()).collect()
    }

    fn limited(&self, workflow: usize) -> Option<&Gate> {
        let gate = self.0.get(workflow);
        gate.filter(|gate| gate.is_limited.load(Ordering::Relaxed))
    }
}

impl Gate {
    fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Counts an event. Returns whether the gate was open before.
    fn count(&self, is_letter: bool) -> bool {
        let mut count = self.lock();
        if self.is_closed() {
            return false;
        }
        if let Some(what) = count.add(is_letter) {
            let Self {
                workflow,
                dead_letters,
                ..
            } = self;
            count.cause = format!(
                "workflow {workflow} has stopped: {what}. Offsets are kept and its topics paused. Look into the topic \
                 {dead_letters}, see to the cause, and reload (SIGHUP, or POST /reload) or restart"
            );
            tracing::error!("{}", count.cause);
            self.is_closed.store(true, Ordering::SeqCst);
            self.closings.fetch_add(1, Ordering::SeqCst);
            self.shown.set(1.0);
        }
        true
    }

    fn reopen(&self) -> bool {
        let mut count = self.lock();
        let was_closed = self.is_closed();
        if was_closed {
            *count = Count::new(count.limit);
            self.is_closed.store(false, Ordering::SeqCst);
            self.shown.set(0.0);
        }
        was_closed
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Count {
    fn new(limit: DeadLetterLimit) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Counts an event. What is too much, if it is.
    fn add(&mut self, is_letter: bool) -> Option<String> {
        self.run = if is_letter { self.run + 1 } else { 0 };
        if let Some(run) = self.limit.run.filter(|run| self.run >= *run) {
            return Some(format!("{run} dead letters in a row"));
        }
        let percent = self.limit.percent?;
        let events = self.limit.events.max(1);
        self.recent.push_back(is_letter);
        self.letters += usize::from(is_letter);
        if self.recent.len() > events {
            self.letters -= usize::from(self.recent.pop_front() == Some(true));
        }
        let is_full = self.recent.len() == events;
        let is_too_much = self.letters * 100 >= events * usize::from(percent);
        (is_full && is_letter && is_too_much).then(|| {
            format!(
                "{} of its last {events} events are dead letters",
                self.letters
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_closes_a_gate() {
        let by_run = DeadLetterLimit {
            run: Some(3),
            ..DeadLetterLimit::default()
        };
        let by_percent = DeadLetterLimit {
            run: None,
            percent: Some(50),
            events: 4,
        };
        let both = DeadLetterLimit {
            run: Some(2),
            ..by_percent
        };
        // x is a dead letter, . something else; the last event of each is the one that closes.
        for (limit, events, cause) in [
            (by_run, "xx.xx.xxx", Some("3 dead letters in a row")),
            (by_run, "xx.xx.xx", None),
            (
                by_percent,
                "xxx.x",
                Some("3 of its last 4 events are dead letters"),
            ),
            (by_percent, "x...x...x", None),
            (
                by_percent,
                "x....x.x",
                Some("2 of its last 4 events are dead letters"),
            ),
            (by_percent, "xx..", None),
            (both, ".xx", Some("2 dead letters in a row")),
            (DeadLetterLimit::default(), "xxxxxxxxx", None),
        ] {
            let mut count = Count::new(limit);
            let causes = events.chars().map(|event| count.add(event == 'x'));
            let causes: Vec<_> = causes.collect();
            let (last, before) = causes.split_last().expect("there are events");
            assert_eq!(last.as_deref(), cause, "{limit:?} {events}");
            assert!(before.iter().all(Option::is_none), "{limit:?} {events}");
        }
    }

    #[test]
    fn a_percentage_is_of_the_last_events_only() {
        let limit = DeadLetterLimit {
            run: None,
            percent: Some(100),
            events: 1_000,
        };
        let mut count = Count::new(limit);
        for number in 0..10_000 {
            assert_eq!(count.add(number % 1_000 != 0), None);
        }
        assert_eq!(count.recent.len(), 1_000);
        assert_eq!(count.letters, 999);
    }
}
