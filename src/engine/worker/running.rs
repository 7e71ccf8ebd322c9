//! One execution on a worker: the machine and what its driver remembers beside it.

use super::timers::WakeupNumber;
use crate::engine::calls::OpenCalls;
use crate::engine::{EngineOptions, Start, journal};
use crate::history::HistoryEvent;
use crate::machine::Execution;
use crate::machine::{Event, Options, StateId, TaskResult, TimerId, Timestamp};
use crate::value::Value;

#[derive(Debug)]
pub(super) struct Running {
    pub(super) execution: Execution,
    pub(super) start: Start,
    pub(super) records: Records,
    /// Armed and not yet due; an execution has few: one or two, and one for each branch or iteration under way.
    timers: Vec<(Timestamp, TimerId)>,
    /// Calls that have not answered.
    pub(super) open: OpenCalls,
    /// How often each Task state has called.
    calls: Vec<(StateId, u32)>,
    /// Its entry in the worker's timers.
    pub(super) wakeup: Option<(Timestamp, WakeupNumber)>,
    /// It has yielded and stands in the worker's queue.
    pub(super) runnable: bool,
    /// Its last step ended by yielding.
    pub(super) yielded: bool,
    pub(super) began: Timestamp,
    /// What it is counted with while it is parked.
    pub(super) bytes: usize,
}

impl Running {
    pub(super) fn new(execution: Execution, start: Start, bytes: usize, began: Timestamp) -> Self {
        Self {
            bytes,
            execution,
            start,
            records: Records::default(),
            timers: Vec::new(),
            open: OpenCalls::default(),
            calls: Vec::new(),
            wakeup: None,
            runnable: false,
            yielded: false,
            began,
        }
    }

    pub(super) fn arm(&mut self, timer: TimerId, at: Timestamp) {
        self.timers.push((at, timer));
    }

    pub(super) fn disarm(&mut self, timer: TimerId) {
        self.timers.retain(|(_, t)| *t != timer);
    }

    /// Counts a call of a state: 0 for its first one.
    pub(super) fn count_call(&mut self, state: StateId) -> u32 {
        match self.calls.iter_mut().find(|(s, _)| *s == state) {
            Some((_, calls)) => {
                *calls = calls.saturating_add(1);
                *calls
            }
            None => {
                self.calls.push((state, 0));
                0
            }
        }
    }

    /// The earliest instant at which a timer is due, or the time of a call is over.
    pub(super) fn earliest(&self) -> Option<Timestamp> {
        let timer = self.earliest_timer();
        timer.into_iter().chain(self.open.earliest()).min()
    }

    fn earliest_timer(&self) -> Option<Timestamp> {
        self.timers.iter().map(|(at, _)| *at).min()
    }

    /// Takes the earliest timer that is due; of equal ones the one that was armed first. If there is none, a call whose time is over.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<Event> {
        let earliest = self.earliest_timer().filter(|at| *at <= now);
        let place = self.timers.iter().position(|(at, _)| Some(*at) == earliest);
        if let Some(place) = place {
            let (_, timer) = self.timers.remove(place);
            return Some(Event::TimerDue { timer });
        }
        let call = self.open.take_due(now)?;
        Some(Event::TaskEnded {
            call,
            result: TaskResult::TimedOut,
        })
    }
}

/// The history events of an execution.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) events: Vec<HistoryEvent>,
    pub(super) dropped: u64,
}

impl Records {
    /// Keeps an event; at the bound it takes the place of the last one.
    pub(super) fn push(&mut self, event: HistoryEvent, max: usize) {
        if self.events.len() >= max {
            self.dropped += u64::from(self.events.pop().is_some());
        }
        self.events.push(event);
    }
}

/// What a parked or waiting start is counted with.
pub(super) fn bytes(start: &Start) -> usize {
    start.input.json_bytes() + start.context.json_bytes() + EngineOptions::EXECUTION_BYTES
}

/// The machine's options for `start`; its context moves into them.
pub(super) fn options(start: &mut Start) -> Options {
    let context = std::mem::replace(&mut start.context, Value::NULL);
    let recording = start.revision.recording;
    journal::options(&start.revision, &start.identity, recording, context)
}
