//! One worker: its executions, timers and queues, driven by [`Input`]s with the time as an argument.
//!
//! A thread drives it with a clock ([`super::Engine`]), a simulation several of them on one thread with virtual time.
//! Everything that happens is told to [`Worker::handle`]; when it wants to be called next, even if nothing happens, says
//! [`Worker::next_wakeup`].
//!
//! *Not here*: threads and channels. The clock is asked only while a batch runs, whose length the worker does not know.

mod drive;
mod running;
mod slab;
mod tally;
#[cfg(test)]
mod tests;
mod timers;
mod waiting;

use std::collections::VecDeque;
use std::sync::Arc;

pub use slab::ExecutionKey;

use self::running::Running;
use self::slab::Slab;
use self::tally::Tally;
use self::timers::Timers;
use self::waiting::Waiting;
use super::{Batch, Clock, Inbox, OrderKey, Room, Start, Starter, Stop};
use crate::machine::{CallId, Effect, TaskResult, Timestamp};

/// All that can happen to a worker.
pub enum Input {
    /// Events to start executions of.
    Batch(Box<dyn Batch>),
    /// A task has ended, as taken from its inbox. Late ones, whose execution has ended, are ignored.
    TaskEnded(TaskEnded),
    /// An execution that one of its own waits for: begun at whatever bound.
    Nested(Box<Start>),
    /// An execution is to end, as taken from its inbox. One that has ended is left alone.
    Stop(ExecutionKey, Stop),
    /// Time has passed, or there is room again: timers, executions that have yielded, and waiting starts have their turn.
    Tick,
}

/// The end of a task.
#[derive(Debug)]
pub struct TaskEnded {
    /// Whose task.
    pub execution: ExecutionKey,
    /// Which of its tasks.
    pub call: CallId,
    /// How it ended.
    pub result: TaskResult,
}

/// What was dropped unfinished when a worker stopped. None of their sinks was called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GivenUp {
    /// Executions that had begun.
    pub executions: usize,
    /// Starts that waited for their turn.
    pub waiting: usize,
    /// Batches that nobody had begun.
    pub batches: usize,
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Batch(_) => f.debug_tuple("Batch").finish_non_exhaustive(),
            Self::TaskEnded(ended) => f.debug_tuple("TaskEnded").field(ended).finish(),
            Self::Nested(start) => f.debug_tuple("Nested").field(start).finish(),
            Self::Stop(key, stop) => f.debug_tuple("Stop").field(key).field(stop).finish(),
            Self::Tick => f.write_str("Tick"),
        }
    }
}

/// The executions of one thread.
#[derive(Debug)]
pub struct Worker {
    clock: Arc<dyn Clock>,
    room: Arc<Room>,
    inbox: Arc<Inbox>,
    now: Timestamp,
    /// Starts since the clock was read.
    starts: u32,
    parked: Slab<Box<Running>>,
    timers: Timers,
    /// Executions that have yielded, in turn.
    runnable: VecDeque<ExecutionKey>,
    waiting: Waiting,
    /// Busy order keys whose execution has ended since waiting starts were last looked at.
    freed: VecDeque<OrderKey>,
    /// The last look at waiting starts ended before there was none left.
    more_waiting: bool,
    /// Empty between steps, kept for its capacity.
    effects: Vec<Effect>,
    tally: Tally,
}

/// Starts of one batch between two readings of the clock.
const STARTS_PER_READING: u32 = 64;
/// Waiting starts begun at one input.
const STARTS_PER_TICK: usize = 1_000;
/// Steps that executions that have yielded get at each tick at most, so that batches, answers and timers come between.
const STEPS_PER_TICK: usize = 16;

impl Worker {
    /// An idle worker. Answers to its tasks arrive in `inbox`; `room` is shared with the other workers.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, room: Arc<Room>, inbox: Arc<Inbox>) -> Self {
        Self {
            now: clock.now(),
            clock,
            room,
            inbox,
            starts: 0,
            parked: Slab::new(),
            timers: Timers::default(),
            runnable: VecDeque::new(),
            waiting: Waiting::default(),
            freed: VecDeque::new(),
            more_waiting: false,
            effects: Vec::new(),
            tally: Tally::new(),
        }
    }

    /// Does what is to do about `input`. `now` must not be before that of an earlier call.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        self.now = self.now.max(now);
        match input {
            Input::Batch(batch) => {
                batch.run(&mut Starter { worker: self });
            }
            Input::TaskEnded(ended) => self.task_ended(ended),
            Input::Nested(start) => self.begin(*start),
            Input::Stop(execution, stop) => self.stop(execution, stop),
            Input::Tick => {
                self.fire_timers();
                self.run_runnable();
            }
        }
        self.start_waiting();
        self.tally.flush();
    }

    /// When it wants an [`Input::Tick`]; an instant that has passed means at once.
    pub fn next_wakeup(&mut self) -> Option<Timestamp> {
        if !self.runnable.is_empty() || self.more_waiting {
            return Some(self.now);
        }
        self.peek_timer().map(|(at, _, _)| at)
    }

    /// Whether it waits for room: no further batch fits in, or a start waits at its workflow's bound.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.waiting.is_at_bound() || !self.room.has_room()
    }

    /// Whether no execution is parked and none waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.parked.len() == 0 && self.waiting.len() == 0
    }

    /// Drops everything unfinished without a word to the sinks.
    pub fn give_up(&mut self) -> GivenUp {
        self.drop_all()
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }
}
