//! What becomes of a problem in a state: the retriers are asked, then the catchers, in the order of the text.

use crate::asl::{Catcher, Kind, Retrier, State};
use crate::expr::Seen;
use crate::history::EventType;
use crate::machine::exit::Way;
use crate::machine::flow::Flow;
use crate::machine::frame::Phase;
use crate::machine::problem::Problem;
use crate::machine::retry;
use crate::machine::step::Turn;

/// A retrier's delay, or a catcher's way out of the state.
///
/// # Errors
/// The problem, if nobody wants it, or the one that its catcher ran into.
pub(in crate::machine) fn recover(
    flow: &mut Flow<'_>,
    state: &State,
    problem: Problem,
) -> Result<Turn, Problem> {
    let (retry, catch, failed) = match &state.kind {
        Kind::Task(task) => (&task.retry, &task.catch, None),
        Kind::Parallel(parallel) => {
            let failed = EventType::ParallelStateFailed;
            (&parallel.retry, &parallel.catch, Some(failed))
        }
        Kind::Map(map) => (&map.retry, &map.catch, Some(EventType::MapStateFailed)),
        Kind::Pass(_) | Kind::Choice(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => {
            return Err(problem);
        }
    };
    let has_forked = flow.frame.fork.take().is_some();
    if back_off(flow, &problem, retry) {
        return Ok(Turn::Park);
    }
    // One that could not fork fails without a word, unless a query is to blame.
    if let Some(failed) = failed.filter(|_| has_forked || problem.query.is_some()) {
        flow.record(failed, |_| {});
    }
    let mut catchers = catch.iter();
    match catchers.find(|catcher| problem.is_named_by(&catcher.error_equals)) {
        Some(catcher) => {
            let turn = caught(flow, state, catcher, &problem);
            if let Err(problem) = &turn {
                flow.record_failed_query(problem, state);
            }
            turn
        }
        None => Err(problem),
    }
}

/// The first retrier that names the error decides, by its own count of attempts.
fn back_off(flow: &mut Flow<'_>, problem: &Problem, retriers: &[Retrier]) -> bool {
    let mut numbered = retriers.iter().enumerate();
    let found = numbered.find(|(_, retrier)| problem.is_named_by(&retrier.error_equals));
    let Some((index, retrier)) = found else {
        return false;
    };
    flow.frame.retries.resize(retriers.len(), 0);
    let spent = flow
        .frame
        .retries
        .get_mut(index)
        .expect("one count a retrier");
    if *spent >= retrier.max_attempts {
        return false;
    }
    let delay_ms = retry::delay_ms(retrier, *spent, &flow.core.randomness);
    *spent += 1;
    let until = flow.now.plus_millis(delay_ms);
    let timer = flow.arm(until);
    flow.frame.phase = Phase::BackingOff { timer, until };
    true
}

/// The catcher has its own `ResultPath`; the state's `ResultPath` and `OutputPath` are passed by.
fn caught(
    flow: &mut Flow<'_>,
    state: &State,
    catcher: &Catcher,
    problem: &Problem,
) -> Result<Turn, Problem> {
    let error = problem.error_output();
    let leaving = flow.leave_by(Way::from(catcher), Seen::Error(&error), state)?;
    leaving.with(|| {
        let output = flow.put_result(&catcher.result_path, error, state)?;
        flow.bounded(output, state)
    })
}
