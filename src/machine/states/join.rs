//! What Parallel and Map have in common: the beginning of a branch or an iteration, what is told of its end, and the result.

use super::map;
use crate::asl::{Kind, State};
use crate::history::EventType;
use crate::machine::flow::Flow;
use crate::machine::fork::JoinError;
use crate::machine::frame::{Frame, Origin};
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::value::Value;

/// The frame of a branch or an iteration that begins.
pub(in crate::machine) fn inner(
    flow: &mut Flow<'_>,
    state: &State,
    origin: Origin,
) -> Result<Frame, Problem> {
    match &state.kind {
        Kind::Parallel(parallel) => {
            let start = parallel.branches.get(origin.index);
            let start = start.expect("a fork is as long as the state has branches");
            let fork = flow.frame.fork.as_deref();
            let input = &fork.expect("a fork begins its branches").input;
            Ok(flow.frame.inner(origin, *start, input.clone()))
        }
        Kind::Map(map) => map::iteration(flow, state, map, origin),
        Kind::Pass(_)
        | Kind::Task(_)
        | Kind::Choice(_)
        | Kind::Wait(_)
        | Kind::Succeed
        | Kind::Fail(_) => unreachable!("only Parallel and Map fork"),
    }
}

/// Tells that a branch or an iteration has succeeded. Returns the id of the last event.
pub(in crate::machine) fn inner_succeeded(flow: &mut Flow<'_>, state: &State, index: usize) -> u64 {
    iteration_event(flow, state, index, EventType::MapIterationSucceeded)
}

/// Tells that a branch or an iteration has failed.
pub(in crate::machine) fn inner_failed(flow: &mut Flow<'_>, state: &State, index: usize) {
    iteration_event(flow, state, index, EventType::MapIterationFailed);
}

/// The event that tells of leaving this kind of state unfinished.
pub(in crate::machine) const fn aborted(kind: &Kind) -> Option<EventType> {
    match kind {
        Kind::Task(_) => Some(EventType::TaskStateAborted),
        Kind::Wait(_) => Some(EventType::WaitStateAborted),
        Kind::Parallel(_) => Some(EventType::ParallelStateAborted),
        Kind::Map(_) => Some(EventType::MapStateAborted),
        Kind::Pass(_) | Kind::Choice(_) | Kind::Succeed | Kind::Fail(_) => None,
    }
}

/// All branches or iterations have succeeded.
pub(in crate::machine) fn joined(flow: &mut Flow<'_>, state: &State) -> Turn {
    let fork = flow.frame.fork.as_deref_mut();
    let result = match fork.expect("a fork ends once").join() {
        Ok(result) => result,
        Err(JoinError::TooLarge) => return Turn::Fail(Problem::result_too_large(&state.name)),
        Err(JoinError::TooDeep(why)) => return Turn::Fail(flow.runtime(why.to_string(), state)),
    };
    delivered(flow, state, result)
}

/// Leaves a Parallel or Map state with the result of all branches or iterations.
pub(in crate::machine) fn delivered(flow: &mut Flow<'_>, state: &State, result: Value) -> Turn {
    flow.frame.fork = None;
    let (succeeded, selector, path) = match &state.kind {
        Kind::Parallel(parallel) => (
            EventType::ParallelStateSucceeded,
            &parallel.result_selector,
            &parallel.result_path,
        ),
        Kind::Map(map) => (
            EventType::MapStateSucceeded,
            &map.result_selector,
            &map.result_path,
        ),
        Kind::Pass(_)
        | Kind::Task(_)
        | Kind::Choice(_)
        | Kind::Wait(_)
        | Kind::Succeed
        | Kind::Fail(_) => unreachable!("only Parallel and Map fork"),
    };
    flow.note(succeeded, |_| {});
    let delivered = flow.deliver(result, selector.as_ref(), path, state);
    delivered.unwrap_or_else(Turn::Fail)
}

/// An event about an iteration; of branches there are none. Returns the id of the last event.
pub(super) fn iteration_event(
    flow: &mut Flow<'_>,
    state: &State,
    index: usize,
    event_type: EventType,
) -> u64 {
    if !matches!(state.kind, Kind::Map(_)) {
        return flow.frame.previous_id;
    }
    let name = state.name.clone();
    flow.note(event_type, |details| {
        details.number("index", i64::try_from(index).unwrap_or(i64::MAX));
        details.text("name", name);
    })
}
