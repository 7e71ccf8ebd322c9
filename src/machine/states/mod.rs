//! What each type of state does; one file each, and here only the way to them.

mod choice;
mod pass;
mod task;
mod terminal;
mod wait;

pub(super) use task::{handle, retry, task_ended, task_timed_out};
pub(super) use wait::wait_ended;

use super::step::Turn;
use super::{Effect, Execution, Timestamp};
use crate::asl::{Kind, State};
use crate::history::EventType;

/// The first turn of a state.
pub(super) fn enter(
    execution: &mut Execution,
    state: &State,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Turn {
    let turn = match &state.kind {
        Kind::Pass(pass) => pass::enter(execution, state, pass),
        Kind::Task(task) => task::enter(execution, state, task, now, effects),
        Kind::Choice(choice) => choice::enter(execution, state, choice),
        Kind::Wait(wait) => wait::enter(execution, state, wait, now, effects),
        Kind::Succeed => terminal::succeed(execution, state),
        Kind::Fail(fail) => terminal::fail(execution, state, fail),
    };
    turn.unwrap_or_else(Turn::Fail)
}

/// The event of entering a state of this kind.
pub(super) const fn entered(kind: &Kind) -> EventType {
    match kind {
        Kind::Pass(_) => EventType::PassStateEntered,
        Kind::Task(_) => EventType::TaskStateEntered,
        Kind::Choice(_) => EventType::ChoiceStateEntered,
        Kind::Wait(_) => EventType::WaitStateEntered,
        Kind::Succeed => EventType::SucceedStateEntered,
        Kind::Fail(_) => EventType::FailStateEntered,
    }
}

/// The event of leaving it; a Fail state is never left.
pub(super) const fn exited(kind: &Kind) -> Option<EventType> {
    match kind {
        Kind::Pass(_) => Some(EventType::PassStateExited),
        Kind::Task(_) => Some(EventType::TaskStateExited),
        Kind::Choice(_) => Some(EventType::ChoiceStateExited),
        Kind::Wait(_) => Some(EventType::WaitStateExited),
        Kind::Succeed => Some(EventType::SucceedStateExited),
        Kind::Fail(_) => None,
    }
}
