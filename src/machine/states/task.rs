//! Task: asks for work, waits for its answer or its time-out, tries again, catches.

use crate::asl::{Catcher, Kind, Next, ResourceKind, Retrier, Seconds, State, Task};
use crate::history::{Details, EventType};
use crate::machine::frame::Phase;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::machine::{
    CallId, Effect, Execution, TaskCall, TaskError, TaskResult, Timestamp, retry as arithmetic,
};
use crate::value::{Number, Text, Value};

/// The first attempt, and each later one.
pub(super) fn enter(
    execution: &mut Execution,
    state: &State,
    task: &Task,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<Turn, Problem> {
    let input = execution.effective_input(state)?;
    let payload = match &task.parameters {
        Some(template) => execution.evaluate(template, &input, state)?,
        None => input.clone(),
    };
    let timeout = seconds(
        execution,
        state,
        task.timeout.as_ref(),
        &input,
        "TimeoutSecondsPath",
    )?;
    let heartbeat = seconds(
        execution,
        state,
        task.heartbeat.as_ref(),
        &input,
        "HeartbeatSecondsPath",
    )?;
    let credentials = match &task.credentials {
        Some(template) => Some(execution.evaluate(template, &input, state)?),
        None => None,
    };
    if execution.is_too_large(&payload) {
        return Err(Problem::parameters_too_large(subject(task)));
    }
    record(
        execution,
        task,
        Happening::Scheduled,
        now,
        effects,
        |details, region| {
            scheduled(
                details,
                task,
                &payload,
                region,
                timeout,
                heartbeat,
                credentials.as_ref(),
            );
        },
    );
    record(
        execution,
        task,
        Happening::Started,
        now,
        effects,
        |details, _| resource(details, task),
    );

    execution.calls += 1;
    let call = CallId(execution.calls);
    effects.push(Effect::Call(TaskCall {
        call,
        state: execution.root.state,
        payload,
        retry_count: u32::try_from(execution.root.retry_count()).unwrap_or(u32::MAX),
    }));
    let timeout = timeout.map(|seconds| {
        let at = now.plus_millis(seconds.saturating_mul(1000));
        (execution.arm(at, effects), at)
    });
    execution.root.phase = Phase::Calling { call, timeout };
    Ok(Turn::Park)
}

/// The next attempt, after its delay.
pub(in crate::machine) fn retry(
    execution: &mut Execution,
    state: &State,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Turn {
    let Kind::Task(task) = &state.kind else {
        return Turn::Park;
    };
    let entered = execution
        .refresh_context(state)
        .and_then(|()| enter(execution, state, task, now, effects));
    entered.unwrap_or_else(Turn::Fail)
}

/// The task has answered.
pub(in crate::machine) fn task_ended(
    execution: &mut Execution,
    state: &State,
    result: TaskResult,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Turn {
    let Kind::Task(task) = &state.kind else {
        return Turn::Park;
    };
    match result {
        TaskResult::Succeeded(result) if execution.is_too_large(&result) => failed(
            execution,
            task,
            Problem::result_too_large(subject(task)),
            now,
            effects,
        ),
        TaskResult::Succeeded(result) => {
            record(
                execution,
                task,
                Happening::Succeeded,
                now,
                effects,
                |details, _| {
                    details.data("output", &result);
                    resource(details, task);
                },
            );
            leave(execution, state, task, result).unwrap_or_else(Turn::Fail)
        }
        TaskResult::Failed(TaskError { error, cause }) => failed(
            execution,
            task,
            Problem {
                error: Some(error),
                cause,
            },
            now,
            effects,
        ),
        TaskResult::TimedOut => task_timed_out(execution, state, now, effects),
    }
}

/// The task has used its time.
pub(in crate::machine) fn task_timed_out(
    execution: &mut Execution,
    state: &State,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Turn {
    let Kind::Task(task) = &state.kind else {
        return Turn::Park;
    };
    let problem = Problem::timeout();
    record(
        execution,
        task,
        Happening::TimedOut,
        now,
        effects,
        |details, _| {
            details.error(problem.error.as_ref(), problem.cause.as_deref());
            resource(details, task);
        },
    );
    Turn::Fail(problem)
}

/// Asks the retriers, then the catchers of the state.
///
/// # Errors
/// The problem, if nobody wants it.
pub(in crate::machine) fn handle(
    execution: &mut Execution,
    problem: Problem,
    state: &State,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<Turn, Problem> {
    let Kind::Task(task) = &state.kind else {
        return Err(problem);
    };
    if back_off(execution, &problem, &task.retry, now, effects) {
        return Ok(Turn::Park);
    }
    match task
        .catch
        .iter()
        .find(|catcher| problem.is_named_by(&catcher.error_equals))
    {
        Some(catcher) => caught(execution, state, catcher, &problem),
        None => Err(problem),
    }
}

/// The first retrier that names the error decides, by its own count of attempts.
fn back_off(
    execution: &mut Execution,
    problem: &Problem,
    retriers: &[Retrier],
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> bool {
    let found = retriers
        .iter()
        .enumerate()
        .find(|(_, retrier)| problem.is_named_by(&retrier.error_equals));
    let Some((index, retrier)) = found else {
        return false;
    };
    execution.root.retries.resize(retriers.len(), 0);
    let Some(spent) = execution.root.retries.get_mut(index) else {
        return false;
    };
    if *spent >= retrier.max_attempts {
        return false;
    }
    let until = now.plus_millis(arithmetic::delay_ms(retrier, *spent, &execution.randomness));
    *spent += 1;
    let timer = execution.arm(until, effects);
    execution.root.phase = Phase::BackingOff { timer, until };
    true
}

/// The catcher's way out of the state: its own `ResultPath`, and no `OutputPath`.
fn caught(
    execution: &mut Execution,
    state: &State,
    catcher: &Catcher,
    problem: &Problem,
) -> Result<Turn, Problem> {
    let output = execution.put_result(&catcher.result_path, problem.error_output(), state)?;
    if execution.is_too_large(&output) {
        return Err(Problem::result_too_large(&state.name));
    }
    Ok(Turn::Leave(output, Next::State(catcher.next)))
}

fn leave(
    execution: &mut Execution,
    state: &State,
    task: &Task,
    result: Value,
) -> Result<Turn, Problem> {
    let selected = match &task.result_selector {
        Some(template) => execution.evaluate(template, &result, state)?,
        None => result,
    };
    // Kept for a catcher: what goes wrong from here on can still be caught, and its ResultPath wants the raw input.
    let raw = execution.root.data.clone();
    let output = execution
        .put_result(&task.result_path, selected, state)
        .and_then(|data| execution.output(data, state));
    if output.is_err() {
        execution.root.data = raw;
    }
    Ok(Turn::Leave(output?, state.next))
}

fn failed(
    execution: &mut Execution,
    task: &Task,
    problem: Problem,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Turn {
    record(
        execution,
        task,
        Happening::Failed,
        now,
        effects,
        |details, _| {
            details.error(problem.error.as_ref(), problem.cause.as_deref());
            resource(details, task);
        },
    );
    Turn::Fail(problem)
}

/// A positive number of seconds.
fn seconds(
    execution: &Execution,
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
    };
    let value = path
        .find(&execution.scope(input))
        .map_err(|miss| execution.missing(&miss, state))?;
    value
        .as_number()
        .and_then(Number::as_i64)
        .filter(|seconds| *seconds > 0)
        .map(Some)
        .ok_or_else(|| {
            let detail = format!(
                "The {field} parameter must reference a positive integer: {} == {value}",
                path.text()
            );
            execution.runtime(detail, state)
        })
}

/// Who a limit's text blames: the service, or the function's ARN.
fn subject(task: &Task) -> &str {
    match &task.resource.kind {
        ResourceKind::LambdaFunction => &task.resource.arn,
        ResourceKind::Integration { resource_type, .. } => resource_type,
    }
}

/// What happens to a task, under the names of its family of resources.
#[derive(Clone, Copy)]
enum Happening {
    Scheduled,
    Started,
    Succeeded,
    Failed,
    TimedOut,
}

const fn event_type(kind: &ResourceKind, happening: Happening) -> EventType {
    match (kind, happening) {
        (ResourceKind::LambdaFunction, Happening::Scheduled) => EventType::LambdaFunctionScheduled,
        (ResourceKind::LambdaFunction, Happening::Started) => EventType::LambdaFunctionStarted,
        (ResourceKind::LambdaFunction, Happening::Succeeded) => EventType::LambdaFunctionSucceeded,
        (ResourceKind::LambdaFunction, Happening::Failed) => EventType::LambdaFunctionFailed,
        (ResourceKind::LambdaFunction, Happening::TimedOut) => EventType::LambdaFunctionTimedOut,
        (ResourceKind::Integration { .. }, Happening::Scheduled) => EventType::TaskScheduled,
        (ResourceKind::Integration { .. }, Happening::Started) => EventType::TaskStarted,
        (ResourceKind::Integration { .. }, Happening::Succeeded) => EventType::TaskSucceeded,
        (ResourceKind::Integration { .. }, Happening::Failed) => EventType::TaskFailed,
        (ResourceKind::Integration { .. }, Happening::TimedOut) => EventType::TaskTimedOut,
    }
}

fn record(
    execution: &mut Execution,
    task: &Task,
    happening: Happening,
    now: Timestamp,
    effects: &mut Vec<Effect>,
    details: impl FnOnce(&mut Details, &Text),
) {
    let Execution {
        recorder,
        root,
        options,
        ..
    } = execution;
    root.previous_id = recorder.record(
        event_type(&task.resource.kind, happening),
        root.previous_id,
        now,
        effects,
        |d| {
            details(d, &options.identity.machine.region);
        },
    );
}

fn scheduled(
    details: &mut Details,
    task: &Task,
    payload: &Value,
    region: &Text,
    timeout: Option<i64>,
    heartbeat: Option<i64>,
    credentials: Option<&Value>,
) {
    if let Some(seconds) = heartbeat {
        details.number("heartbeatInSeconds", seconds);
    }
    match &task.resource.kind {
        ResourceKind::LambdaFunction => {
            details.data("input", payload);
            details.text("resource", task.resource.arn.clone());
        }
        ResourceKind::Integration { .. } => {
            details.json_text("parameters", payload);
            details.text("region", region.clone());
            resource(details, task);
        }
    }
    if let Some(role) = credentials.and_then(|c| c.get("RoleArn")) {
        details.role("taskCredentials", role);
    }
    if let Some(seconds) = timeout {
        details.number("timeoutInSeconds", seconds);
    }
}

fn resource(details: &mut Details, task: &Task) {
    if let ResourceKind::Integration {
        resource_type,
        resource,
    } = &task.resource.kind
    {
        details.text("resource", resource.clone());
        details.text("resourceType", resource_type.clone());
    }
}
