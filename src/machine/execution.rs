//! The execution: its contract, its start, and what can be asked of it.

use std::sync::Arc;

use super::frame::{Frame, Phase};
use super::recorder::Recorder;
use super::{Effect, Event, Identity, Options, Outcome, TimerId, Timestamp};
use crate::asl::Program;
use crate::expr::Randomness;
use crate::value::Value;

/// One run of a program.
///
/// # Contract
///
/// 1. [`Execution::start`] makes it; nothing has happened yet.
/// 2. The driver tells what happens by [`Execution::step`], first [`Event::Begin`]. Each step appends the effects that the
///    driver must do, in their order, and runs until the execution waits for something, has used the step's fuel
///    ([`Effect::Yield`], to be answered by [`Event::Continue`]), or has ended.
/// 3. After [`Effect::Finish`], the last effect, given once, every event is ignored; its timers and calls are void.
///
/// `now` must not go backwards. Events that come late (an answer after a time-out, a disarmed timer) are
/// ignored. Neither function can fail: a workflow's failure is an [`Outcome`]. At or after the deadline any event ends the
/// execution as `TIMED_OUT`, so a loop of states that only yields is ended by it too. A timer for the deadline is armed
/// when the execution first waits: one that ends in its first step costs none.
#[derive(Debug)]
pub struct Execution {
    pub(super) program: Arc<Program>,
    pub(super) options: Options,
    pub(super) input: Value,
    pub(super) began: Timestamp,
    pub(super) deadline: Timestamp,
    pub(super) deadline_timer: Option<TimerId>,
    pub(super) randomness: Randomness,
    pub(super) recorder: Recorder,
    /// The one flow of states; Map and Parallel will put further frames beside it.
    pub(super) root: Frame,
    /// The context object of the current state, null for programs that do not read it.
    pub(super) context: Value,
    pub(super) calls: u64,
    pub(super) timers: u64,
    pub(super) outcome: Option<Outcome>,
}

/// Why an execution must be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// The execution has used its time.
    Deadline,
    /// A Wait state ends.
    Wait,
    /// The next attempt of a task is due.
    Retry,
    /// A task has used its time.
    TaskTimeout,
}

impl Execution {
    /// An execution about to begin. `input` is what `$` is in its first state.
    #[must_use]
    pub fn start(program: Arc<Program>, input: Value, options: Options, now: Timestamp) -> Self {
        let timeout_ms = program.timeout_seconds.map_or(i64::MAX, |s| {
            i64::try_from(s).unwrap_or(i64::MAX).saturating_mul(1000)
        });
        Self {
            root: Frame::new(program.start, input.clone()),
            deadline: now.plus_millis(options.limits.duration_ms.min(timeout_ms)),
            deadline_timer: None,
            randomness: Randomness::new(options.seed),
            recorder: Recorder::new(options.recording),
            program,
            options,
            input,
            began: now,
            context: Value::NULL,
            calls: 0,
            timers: 0,
            outcome: None,
        }
    }

    /// Tells what happened; appends to `effects` what is to be done.
    pub fn step(&mut self, event: Event, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.outcome.is_none() {
            self.dispatch(event, now, effects);
        }
    }

    /// When it must be woken next, and why. `None` if it has ended or can go on at once.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<(Timestamp, Wakeup)> {
        let own = match self.root.phase {
            Phase::Entering | Phase::Ended => return None,
            Phase::Waiting { until, .. } => Some((until, Wakeup::Wait)),
            Phase::BackingOff { until, .. } => Some((until, Wakeup::Retry)),
            Phase::Calling { timeout, .. } => timeout.map(|(_, at)| (at, Wakeup::TaskTimeout)),
        };
        let deadline = (self.deadline, Wakeup::Deadline);
        Some(
            own.filter(|(at, _)| *at < self.deadline)
                .unwrap_or(deadline),
        )
    }

    /// How it ended, once it has.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What it runs.
    #[must_use]
    pub const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// What it was given.
    #[must_use]
    pub const fn input(&self) -> &Value {
        &self.input
    }

    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.options.identity
    }

    /// When it began.
    #[must_use]
    pub const fn began(&self) -> Timestamp {
        self.began
    }
}
