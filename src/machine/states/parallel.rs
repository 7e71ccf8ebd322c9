//! Parallel: the same input for several branches, and an array of what they give.
//!
//! *Not here*: how branches begin and end (`join`), and whose turn it is (`tree`).

use crate::asl::{Parallel, State};
use crate::expr::Seen;
use crate::history::EventType;
use crate::machine::flow::Flow;
use crate::machine::fork::Fork;
use crate::machine::frame::Phase;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::value::Value;

/// An attempt: the first, or a later one.
pub(super) fn enter(
    flow: &mut Flow<'_>,
    state: &State,
    parallel: &Parallel,
) -> Result<Turn, Problem> {
    let mut input = flow.effective_input(state)?;
    if let Some(payload) = &parallel.parameters {
        input = flow.evaluate(payload, Seen::Input(&input), state)?;
        if flow.core.is_too_large(&input) {
            return Err(Problem::parameters_too_large(&state.name));
        }
    }
    flow.record(EventType::ParallelStateStarted, |_| {});
    let branches = parallel.branches.len();
    let bytes_max = flow.core.options.limits.payload_bytes_max;
    let fork = Fork::new(input, Value::NULL, branches, branches, bytes_max);
    flow.frame.fork = Some(Box::new(fork));
    flow.frame.phase = Phase::Forked;
    Ok(Turn::Park)
}
