//! What each type of state does; one file each, and here only the way to them.

mod choice;
mod join;
mod map;
mod parallel;
mod pass;
mod recover;
mod task;
mod task_events;
mod terminal;
mod wait;

pub(super) use join::{aborted, delivered, inner, inner_failed, inner_succeeded, joined};
pub(super) use recover::recover;
pub(super) use task::{task_ended, task_timed_out};
pub(super) use wait::wait_ended;

use super::flow::Flow;
use super::step::Turn;
use crate::asl::{Kind, State};
use crate::history::EventType;

/// The first turn of a state.
pub(super) fn enter(flow: &mut Flow<'_>, state: &State) -> Turn {
    let turn = match &state.kind {
        Kind::Pass(pass) => pass::enter(flow, state, pass),
        Kind::Task(task) => task::enter(flow, state, task),
        Kind::Choice(choice) => choice::enter(flow, state, choice),
        Kind::Wait(wait) => wait::enter(flow, state, wait),
        Kind::Succeed => terminal::succeed(flow, state),
        Kind::Fail(fail) => terminal::fail(flow, state, fail),
        Kind::Parallel(parallel) => parallel::enter(flow, state, parallel),
        Kind::Map(map) => map::enter(flow, state, map),
    };
    turn.unwrap_or_else(Turn::Fail)
}

/// A further turn, after a retrier's delay: without an entry of its own in the history.
pub(super) fn retry(flow: &mut Flow<'_>, state: &State) -> Turn {
    match flow.refresh_context(state) {
        Ok(()) => enter(flow, state),
        Err(problem) => Turn::Fail(problem),
    }
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
        Kind::Parallel(_) => EventType::ParallelStateEntered,
        Kind::Map(_) => EventType::MapStateEntered,
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
        Kind::Parallel(_) => Some(EventType::ParallelStateExited),
        Kind::Map(_) => Some(EventType::MapStateExited),
    }
}
