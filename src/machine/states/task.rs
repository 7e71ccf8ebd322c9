//! Task: asks for work, and waits for its answer or its time-out.
//!
//! *Not here*: what becomes of its problems (`recover`), and its events in the history (`task_events`).

use super::task_events;
use crate::asl::{Kind, ResourceKind, Seconds, State, Task};
use crate::expr::{Query, Seen};
use crate::machine::flow::Flow;
use crate::machine::frame::Phase;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::machine::{Effect, TaskCall, TaskError, TaskResult};
use crate::value::{Number, Value};

/// An attempt: the first, or a later one.
pub(super) fn enter(flow: &mut Flow<'_>, state: &State, task: &Task) -> Result<Turn, Problem> {
    let input = flow.effective_input(state)?;
    let payload = match &task.parameters {
        Some(payload) => flow.evaluate(payload, Seen::Input(&input), state)?,
        None => input.clone(),
    };
    let timeout = seconds(
        flow,
        state,
        task.timeout.as_ref(),
        &input,
        "TimeoutSecondsPath",
    )?;
    let heartbeat = seconds(
        flow,
        state,
        task.heartbeat.as_ref(),
        &input,
        "HeartbeatSecondsPath",
    )?;
    let credentials = match &task.credentials {
        Some(payload) => Some(flow.evaluate(payload, Seen::Input(&input), state)?),
        None => None,
    };
    if flow.core.is_too_large(&payload) {
        return Err(Problem::parameters_too_large(subject(task)));
    }

    let schedule = task_events::Schedule {
        payload: &payload,
        timeout,
        heartbeat,
        credentials: credentials.as_ref(),
    };
    task_events::scheduled(flow, task, &schedule);
    task_events::started(flow, task);

    let call = flow.core.next_call();
    flow.effects.push(Effect::Call(TaskCall {
        call,
        state: flow.frame.state,
        payload,
        retry_count: u32::try_from(flow.frame.retry_count()).unwrap_or(u32::MAX),
    }));
    let timeout = timeout.map(|seconds| {
        let at = flow.now.plus_millis(seconds.saturating_mul(1000));
        (flow.arm(at), at)
    });
    flow.frame.phase = Phase::Calling { call, timeout };
    Ok(Turn::Park)
}

/// The task has answered.
pub(in crate::machine) fn task_ended(
    flow: &mut Flow<'_>,
    state: &State,
    result: TaskResult,
) -> Turn {
    let task = task_of(state);
    let problem = match result {
        TaskResult::Succeeded(result) if !flow.core.is_too_large(&result) => {
            task_events::succeeded(flow, task, &result);
            let selector = task.result_selector.as_ref();
            let delivered = flow.deliver(result, selector, &task.result_path, state);
            return delivered.unwrap_or_else(Turn::Fail);
        }
        TaskResult::Succeeded(_) => Problem::result_too_large(subject(task)),
        TaskResult::Failed(TaskError { error, cause }) => Problem {
            error: Some(error),
            cause,
            query: None,
        },
        TaskResult::TimedOut => return task_timed_out(flow, state),
    };
    task_events::failed(flow, task, &problem);
    Turn::Fail(problem)
}

/// The task has used its time.
pub(in crate::machine) fn task_timed_out(flow: &mut Flow<'_>, state: &State) -> Turn {
    let problem = Problem::timeout();
    task_events::timed_out(flow, task_of(state), &problem);
    Turn::Fail(problem)
}

/// The Task state that a frame with a task under way is in.
fn task_of(state: &State) -> &Task {
    let Kind::Task(task) = &state.kind else {
        unreachable!("only a Task state calls");
    };
    task
}

/// A positive number of seconds.
fn seconds(
    flow: &Flow<'_>,
    state: &State,
    setting: Option<&Seconds>,
    input: &Value,
    field: &str,
) -> Result<Option<i64>, Problem> {
    let path = match setting {
        None => return Ok(None),
        Some(Seconds::Literal(seconds)) => {
            return Ok(Some(i64::try_from(*seconds).unwrap_or(i64::MAX)));
        }
        Some(Seconds::Path(path)) => path,
        Some(Seconds::Query(query)) => return queried_seconds(flow, state, query).map(Some),
    };
    let value = path
        .find(&flow.scope(input))
        .map_err(|miss| flow.missing(&miss, state))?;
    value
        .as_number()
        .and_then(Number::as_i64)
        .filter(|seconds| *seconds > 0)
        .map(Some)
        .ok_or_else(|| {
            let path = path.text();
            let detail = format!(
                "The {field} parameter must reference a positive integer: {path} == {value}"
            );
            flow.runtime(detail, state)
        })
}

fn queried_seconds(flow: &Flow<'_>, state: &State, query: &Query) -> Result<i64, Problem> {
    let value = flow.query(query, "number", state)?;
    let seconds = value.as_number().and_then(Number::as_i64);
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
        let field = query.field();
        let detail = format!("The {field} field must be a positive integer: {value}");
        flow.field_problem(query, detail, state)
    })
}

/// Who a limit's text blames: the service, or the function's ARN.
fn subject(task: &Task) -> &str {
    match &task.resource.kind {
        ResourceKind::LambdaFunction => &task.resource.arn,
        ResourceKind::Integration { resource_type, .. } => resource_type,
    }
}
