//! The only dispatcher: events to the state that waits for them, and states to their successors.

use std::sync::Arc;

use super::frame::{Frame, Phase};
use super::problem::Problem;
use super::states;
use super::{Effect, Event, Execution, Outcome, Status, TimerId, Timestamp};
use crate::asl::{Next, State};
use crate::history::EventType;
use crate::value::{Text, Value};

/// What a state did with its turn.
pub(super) enum Turn {
    /// It is done: the flow goes on with this output.
    Leave(Value, Next),
    /// It waits; its phase says for what.
    Park,
    /// Something went wrong: retriers and catchers are asked.
    Fail(Problem),
    /// A Fail state: the execution ends.
    End(Problem),
}

impl Execution {
    pub(super) fn dispatch(&mut self, event: Event, now: Timestamp, effects: &mut Vec<Effect>) {
        match event {
            Event::Stop { error, cause } => return self.stop(error, cause, now, effects),
            _ if now >= self.deadline => return self.time_out(now, effects),
            Event::Begin => self.begin(now, effects),
            Event::Continue => {}
            Event::TaskEnded { call, result } => {
                if matches!(self.root.phase, Phase::Calling { call: pending, .. } if pending == call)
                {
                    self.task_ended(result, now, effects);
                }
            }
            Event::TimerDue { timer } => self.timer_due(timer, now, effects),
        }
        self.run(now, effects);
    }

    /// Enters states until the flow waits or ends, or the fuel of this step is used up.
    fn run(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let program = Arc::clone(&self.program);
        let mut fuel = self.options.limits.fuel_per_step;
        while self.root.phase == Phase::Entering {
            if fuel == 0 {
                effects.push(Effect::Yield);
                return;
            }
            fuel -= 1;
            let state = program.state(self.root.state);
            let turn = match self.enter(state, now, effects) {
                Ok(()) => states::enter(self, state, now, effects),
                Err(problem) => Turn::Fail(problem),
            };
            self.take(turn, state, now, effects);
        }
        if self.root.phase != Phase::Ended && self.deadline_timer.is_none() {
            let timer = self.arm(self.deadline, effects);
            self.deadline_timer = Some(timer);
        }
    }

    fn begin(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let (input, machine) = (&self.input, &self.options.identity.machine);
        self.recorder
            .record(EventType::ExecutionStarted, 0, now, effects, |details| {
                details.data("input", input);
                details.text("roleArn", machine.role_arn.clone());
            });
        if self.input.json_bytes() > self.options.limits.payload_bytes_max {
            let problem = Problem::new(
                "States.DataLimitExceeded",
                "The execution's input has a size exceeding the maximum number of bytes service limit.",
            );
            self.fail(problem, now, effects);
        }
    }

    /// Counts and records the entry of a state, and makes its context object if the program reads it.
    fn enter(
        &mut self,
        state: &State,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Result<(), Problem> {
        let Frame {
            data, previous_id, ..
        } = &self.root;
        let id = self.recorder.record(
            states::entered(&state.kind),
            *previous_id,
            now,
            effects,
            |details| {
                details.data("input", data);
                details.text("name", state.name.clone());
            },
        );
        self.root.entered = now;
        self.root.entered_id = id;
        self.root.previous_id = id;
        self.root.retries.clear();
        self.refresh_context(state)
    }

    /// Does what a turn asks for.
    pub(super) fn take(
        &mut self,
        turn: Turn,
        state: &State,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        match turn {
            Turn::Leave(output, next) => self.leave(output, next, state, now, effects),
            Turn::Park => {}
            Turn::Fail(problem) => match states::handle(self, problem, state, now, effects) {
                Ok(turn) => self.take(turn, state, now, effects),
                Err(problem) => self.fail(problem, now, effects),
            },
            Turn::End(problem) => self.fail(problem, now, effects),
        }
    }

    fn leave(
        &mut self,
        output: Value,
        next: Next,
        state: &State,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(exited) = states::exited(&state.kind) {
            self.root.previous_id =
                self.recorder
                    .record(exited, self.root.previous_id, now, effects, |details| {
                        details.text("name", state.name.clone());
                        details.data("output", &output);
                    });
        }
        match next {
            Next::State(id) => {
                self.root.state = id;
                self.root.data = output;
                self.root.phase = Phase::Entering;
            }
            Next::End => {
                self.recorder.record(
                    EventType::ExecutionSucceeded,
                    self.root.previous_id,
                    now,
                    effects,
                    |details| details.data("output", &output),
                );
                self.finish(Status::Succeeded, Some(output), None, None, now, effects);
            }
        }
    }

    fn timer_due(&mut self, timer: TimerId, now: Timestamp, effects: &mut Vec<Effect>) {
        let program = Arc::clone(&self.program);
        let state = program.state(self.root.state);
        match self.root.phase {
            Phase::Waiting { timer: own, .. } if own == timer => {
                let turn = states::wait_ended(self, state);
                self.take(turn, state, now, effects);
            }
            Phase::BackingOff { timer: own, .. } if own == timer => {
                let turn = states::retry(self, state, now, effects);
                self.take(turn, state, now, effects);
            }
            Phase::Calling {
                call,
                timeout: Some((own, _)),
            } if own == timer => {
                effects.push(Effect::Cancel { call });
                let turn = states::task_timed_out(self, state, now, effects);
                self.take(turn, state, now, effects);
            }
            Phase::Entering
            | Phase::Waiting { .. }
            | Phase::Calling { .. }
            | Phase::BackingOff { .. }
            | Phase::Ended => {}
        }
    }

    fn task_ended(&mut self, result: super::TaskResult, now: Timestamp, effects: &mut Vec<Effect>) {
        if let Phase::Calling {
            timeout: Some((timer, _)),
            ..
        } = self.root.phase
        {
            effects.push(Effect::Disarm { timer });
        }
        let program = Arc::clone(&self.program);
        let state = program.state(self.root.state);
        let turn = states::task_ended(self, state, result, now, effects);
        self.take(turn, state, now, effects);
    }

    pub(super) fn arm(&mut self, at: Timestamp, effects: &mut Vec<Effect>) -> TimerId {
        self.timers += 1;
        let timer = TimerId(self.timers);
        effects.push(Effect::Arm { timer, at });
        timer
    }

    fn fail(&mut self, problem: Problem, now: Timestamp, effects: &mut Vec<Effect>) {
        let Problem { error, cause } = problem;
        self.recorder.record(
            EventType::ExecutionFailed,
            self.root.previous_id,
            now,
            effects,
            |details| {
                details.error(error.as_ref(), cause.as_deref());
            },
        );
        self.finish(Status::Failed, None, error, cause, now, effects);
    }

    /// AWS reports neither error nor cause for an execution that exceeded its own time.
    fn time_out(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.cancel_call(effects);
        self.recorder
            .record(EventType::ExecutionTimedOut, 0, now, effects, |_| {});
        self.finish(Status::TimedOut, None, None, None, now, effects);
    }

    fn stop(
        &mut self,
        error: Option<Text>,
        cause: Option<String>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        self.cancel_call(effects);
        self.recorder
            .record(EventType::ExecutionAborted, 0, now, effects, |details| {
                details.error(error.as_ref(), cause.as_deref());
            });
        self.finish(Status::Aborted, None, error, cause, now, effects);
    }

    fn cancel_call(&self, effects: &mut Vec<Effect>) {
        if let Phase::Calling { call, .. } = self.root.phase {
            effects.push(Effect::Cancel { call });
        }
    }

    fn finish(
        &mut self,
        status: Status,
        output: Option<Value>,
        error: Option<Text>,
        cause: Option<String>,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) {
        assert!(self.outcome.is_none(), "an execution ends once");
        self.root.phase = Phase::Ended;
        let outcome = Outcome {
            status,
            output,
            error,
            cause,
            start: self.began,
            stop: now,
            last_event_id: self.recorder.last_id(),
        };
        self.outcome = Some(outcome.clone());
        effects.push(Effect::Finish(outcome));
    }
}
