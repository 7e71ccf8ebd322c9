//! The dispatcher of one flow: events to the state that waits for them, and from state to state.
//!
//! *Not here*: which flow an event is for, and whose turn it is (`tree`).

use super::exit::Exit;
use super::flow::Flow;
use super::frame::Phase;
use super::problem::Problem;
use super::{Effect, Event, states};
use crate::asl::{Next, State};
use crate::value::Value;

/// What a state did with its turn.
pub(super) enum Turn {
    /// It is done.
    Leave(Exit),
    /// It waits; the frame's phase says for what.
    Park,
    /// Something went wrong: retriers and catchers are asked.
    Fail(Problem),
    /// A Fail state: nobody is asked.
    End(Problem),
}

/// How a flow ended. The root's end is the execution's, that of a branch or an iteration is news for the state around it.
pub(super) enum End {
    /// With its last state's output.
    Succeeded(Value),
    /// With a problem that nobody caught.
    Failed(Problem),
}

impl Flow<'_> {
    /// Does what an event leads to that the flow waits for. Gives its end if it comes to it.
    pub(super) fn wake(&mut self, event: Event) -> Option<End> {
        let state = self.program.state(self.frame.state);
        let turn = match (event, self.frame.phase) {
            (Event::TaskEnded { call, result }, Phase::Calling { call: own, timeout })
                if call == own =>
            {
                if let Some((timer, _)) = timeout {
                    self.effects.push(Effect::Disarm { timer });
                }
                states::task_ended(self, state, result)
            }
            (
                Event::TimerDue { timer },
                Phase::Calling {
                    call,
                    timeout: Some((own, _)),
                },
            ) if timer == own => {
                self.effects.push(Effect::Cancel {
                    call,
                    timed_out: true,
                });
                states::task_timed_out(self, state)
            }
            (Event::TimerDue { timer }, Phase::BackingOff { timer: own, .. }) if timer == own => {
                states::retry(self, state)
            }
            (Event::TimerDue { timer }, Phase::Waiting { timer: own, .. }) if timer == own => {
                states::wait_ended(self, state)
            }
            // Late, or for nobody.
            _ => return None,
        };
        self.take(turn, state)
    }

    /// Enters states until the flow waits or ends, or the fuel is used up.
    pub(super) fn run(&mut self, fuel: &mut u32) -> Option<End> {
        while self.frame.phase == Phase::Entering && *fuel > 0 {
            *fuel -= 1;
            let state = self.program.state(self.frame.state);
            let turn = match self.enter(state) {
                Ok(()) => states::enter(self, state),
                Err(problem) => Turn::Fail(problem),
            };
            let end = self.take(turn, state);
            *fuel = fuel.saturating_sub(self.core.query_fuel());
            if end.is_some() {
                return end;
            }
        }
        None
    }

    /// Counts and records the entry of a state, and makes its context object if the program reads it.
    pub(super) fn enter(&mut self, state: &State) -> Result<(), Problem> {
        let Self {
            core, frame, now, ..
        } = self;
        frame.before_id = frame.previous_id;
        frame.previous_id = core.recorder.record(
            states::entered(&state.kind),
            frame.previous_id,
            *now,
            self.effects,
            |details| {
                details.data("input", &frame.data);
                details.text("name", state.name.clone());
            },
        );
        frame.entered = *now;
        frame.entered_id = frame.previous_id;
        frame.retries.clear();
        self.refresh_context(state)
    }

    /// Does what a turn asks for.
    pub(super) fn take(&mut self, turn: Turn, state: &State) -> Option<End> {
        match turn {
            Turn::Leave(exit) => self.leave(exit, state),
            Turn::Park => None,
            Turn::Fail(problem) => {
                self.record_failed_query(&problem, state);
                match states::recover(self, state, problem) {
                    Ok(turn) => self.take(turn, state),
                    Err(problem) => Some(End::Failed(problem.told())),
                }
            }
            Turn::End(problem) => Some(End::Failed(problem)),
        }
    }

    fn leave(&mut self, exit: Exit, state: &State) -> Option<End> {
        let Exit {
            output,
            next,
            assigned,
        } = exit;
        if let Some(exited) = states::exited(&state.kind) {
            self.record(exited, |details| {
                details.text("name", state.name.clone());
                details.data("output", &output);
                if let Some(assigned) = &assigned {
                    details.texts("assignedVariables", &assigned.values);
                }
            });
        }
        if let Some(assigned) = &assigned {
            self.assign(assigned);
        }
        match next {
            Next::State(id) => {
                self.frame.state = id;
                self.frame.data = output;
                self.frame.phase = Phase::Entering;
                None
            }
            Next::End => Some(End::Succeeded(output)),
        }
    }
}
