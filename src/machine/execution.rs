//! The execution: its contract, its beginning and its end.

use std::sync::Arc;

use super::core::Core;
use super::frame::Frame;
use super::frames::{FrameId, Frames};
use super::problem::Problem;
use super::step::End;
use super::tree::Tree;
use super::{Effect, Event, Identity, Options, Outcome, Status, TimerId, Timestamp};
use crate::asl::Program;
use crate::history::EventType;
use crate::value::{Text, Value};

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
    program: Arc<Program>,
    core: Core,
    frames: Frames,
    deadline_timer: Option<TimerId>,
    outcome: Option<Outcome>,
}

/// Why an execution must be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// The execution has used its time.
    Deadline,
    /// A Wait state ends.
    Wait,
    /// The next attempt of a task, a Parallel or a Map is due.
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
        let deadline = now.plus_millis(options.limits.duration_ms.min(timeout_ms));
        Self {
            frames: Frames::new(Frame::new(program.start, input.clone())),
            core: Core::new(options, input, now, deadline),
            program,
            deadline_timer: None,
            outcome: None,
        }
    }

    /// Tells what happened; appends to `effects` what is to be done.
    pub fn step(&mut self, event: Event, now: Timestamp, effects: &mut Vec<Effect>) {
        if self.outcome.is_some() {
            return;
        }
        let is_beginning = match event {
            Event::Stop { error, cause } => return self.abort(error, cause, now, effects),
            _ if now >= self.core.deadline => return self.time_out(now, effects),
            Event::Begin => true,
            Event::Continue | Event::TaskEnded { .. } | Event::TimerDue { .. } => false,
        };
        if is_beginning && let Err(problem) = self.begin(now, effects) {
            return self.end(End::Failed(problem), now, effects);
        }

        let mut tree = Tree {
            program: &self.program,
            core: &mut self.core,
            frames: &mut self.frames,
            now,
            effects,
        };
        match tree.wake(event) {
            Some(end) => self.end(end, now, effects),
            None if self.frames.has_ready() => {}
            None => self.arm_deadline(effects),
        }
    }

    /// When it must be woken next, and why. `None` if it has ended or can go on at once. It looks at every branch and
    /// iteration: a driver of many executions keeps its own book of what was armed.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<(Timestamp, Wakeup)> {
        if self.outcome.is_some() {
            return None;
        }
        if self.frames.has_ready() {
            return None;
        }
        let own = self.frames.earliest_timer();
        let deadline = self.core.deadline;
        Some(
            own.filter(|(at, _)| *at < deadline)
                .unwrap_or((deadline, Wakeup::Deadline)),
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
        &self.core.input
    }

    /// Who it is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.core.options.identity
    }

    /// When it began.
    #[must_use]
    pub const fn began(&self) -> Timestamp {
        self.core.began
    }

    fn begin(&mut self, now: Timestamp, effects: &mut Vec<Effect>) -> Result<(), Problem> {
        let Core {
            recorder,
            input,
            options,
            ..
        } = &mut self.core;
        // The first StateEntered points to 0 too, as AWS has it.
        recorder.record(EventType::ExecutionStarted, 0, now, effects, |details| {
            details.data("input", input);
            details.text("roleArn", options.identity.machine.role_arn.clone());
        });
        if self.core.is_too_large(&self.core.input) {
            return Err(Problem::input_too_large());
        }
        Ok(())
    }

    fn arm_deadline(&mut self, effects: &mut Vec<Effect>) {
        if self.deadline_timer.is_none() {
            let timer = self.core.next_timer();
            let at = self.core.deadline;
            effects.push(Effect::Arm { timer, at });
            self.deadline_timer = Some(timer);
        }
    }

    /// The root flow has ended.
    fn end(&mut self, end: End, now: Timestamp, effects: &mut Vec<Effect>) {
        let recorder = &mut self.core.recorder;
        let previous_id = self.frames.get(FrameId::ROOT).previous_id;
        match end {
            End::Succeeded(output) => {
                let event_type = EventType::ExecutionSucceeded;
                recorder.record(event_type, previous_id, now, effects, |details| {
                    details.data("output", &output);
                });
                let outcome = Outcome {
                    output: Some(output),
                    ..self.outcome_at(now, Status::Succeeded)
                };
                self.finish(outcome, effects);
            }
            End::Failed(Problem { error, cause, .. }) => {
                let event_type = EventType::ExecutionFailed;
                recorder.record(event_type, previous_id, now, effects, |details| {
                    details.error(error.as_ref(), cause.as_deref());
                });
                let outcome = Outcome {
                    error,
                    cause,
                    ..self.outcome_at(now, Status::Failed)
                };
                self.finish(outcome, effects);
            }
        }
    }

    /// AWS reports neither error nor cause for an execution that exceeded its own time.
    fn time_out(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.cancel_calls(effects);
        let recorder = &mut self.core.recorder;
        recorder.record(EventType::ExecutionTimedOut, 0, now, effects, |_| {});
        self.finish(self.outcome_at(now, Status::TimedOut), effects);
    }

    fn abort(
        &mut self,
        error: Option<Text>,
        cause: Option<String>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.cancel_calls(effects);
        let recorder = &mut self.core.recorder;
        recorder.record(EventType::ExecutionAborted, 0, now, effects, |details| {
            details.error(error.as_ref(), cause.as_deref());
        });
        let outcome = Outcome {
            error,
            cause,
            ..self.outcome_at(now, Status::Aborted)
        };
        self.finish(outcome, effects);
    }

    fn cancel_calls(&self, effects: &mut Vec<Effect>) {
        let cancel = |call| Effect::Cancel {
            call,
            timed_out: false,
        };
        effects.extend(self.frames.calls().map(cancel));
    }

    /// An outcome of the last event that was counted, without output, error and cause.
    const fn outcome_at(&self, now: Timestamp, status: Status) -> Outcome {
        Outcome {
            status,
            output: None,
            error: None,
            cause: None,
            start: self.core.began,
            stop: now,
            last_event_id: self.core.recorder.last_id(),
        }
    }

    fn finish(&mut self, outcome: Outcome, effects: &mut Vec<Effect>) {
        assert!(self.outcome.is_none(), "an execution ends once");
        self.outcome = Some(outcome.clone());
        effects.push(Effect::Finish(outcome));
    }
}
