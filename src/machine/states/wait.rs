//! Wait: a delay, or until an instant.

use crate::asl::{State, Wait};
use crate::expr::{Path, Query, Seen};
use crate::machine::Timestamp;
use crate::machine::exit::Way;
use crate::machine::flow::Flow;
use crate::machine::frame::Phase;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::value::{Number, Value};

/// The longest delay that a Wait state accepts (ASL: `Seconds` up to 99,999,999).
const SECONDS_MAX: i64 = 99_999_999;

pub(super) fn enter(flow: &mut Flow<'_>, state: &State, wait: &Wait) -> Result<Turn, Problem> {
    let input = flow.effective_input(state)?;
    let until = match wait {
        Wait::Seconds(seconds) => after(flow.now, i64::try_from(*seconds).unwrap_or(i64::MAX)),
        Wait::SecondsPath(path) => after(flow.now, seconds(flow, state, path, &input)?),
        Wait::Timestamp(at) => Some(*at),
        Wait::TimestampPath(path) => Some(timestamp(flow, state, path, &input)?),
        Wait::SecondsQuery(query) => after(flow.now, queried_seconds(flow, state, query)?),
        Wait::TimestampQuery(query) => Some(queried_timestamp(flow, state, query)?),
    };
    let latest = flow.now.plus_millis(SECONDS_MAX * 1000);
    let Some(until) = until.filter(|at| *at <= latest) else {
        return Err(flow.runtime("Wait state delay is too long.", state));
    };
    if until <= flow.now {
        return Ok(wait_ended(flow, state));
    }
    let timer = flow.arm(until);
    flow.frame.phase = Phase::Waiting { timer, until };
    Ok(Turn::Park)
}

/// The wait is over.
pub(in crate::machine) fn wait_ended(flow: &Flow<'_>, state: &State) -> Turn {
    let leave = || {
        let input = flow.effective_input(state)?;
        let leaving = flow.leave_by(Way::from(state), Seen::Input(&input), state)?;
        leaving.with(|| flow.output(input, state))
    };
    leave().unwrap_or_else(Turn::Fail)
}

fn after(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    (seconds <= SECONDS_MAX).then(|| now.plus_millis(seconds * 1000))
}

fn seconds(flow: &Flow<'_>, state: &State, path: &Path, input: &Value) -> Result<i64, Problem> {
    let value = referenced(flow, state, path, input, "SecondsPath")?;
    let fault = match value.as_number().and_then(Number::as_i64) {
        Some(seconds) if seconds >= 0 => return Ok(seconds),
        Some(_) => "references a negative value",
        None => "cannot be parsed as a long value",
    };
    let (path, value) = (path.text(), plain(&value));
    Err(flow.runtime(
        format!("The SecondsPath parameter {fault}: {path} == {value}"),
        state,
    ))
}

fn timestamp(
    flow: &Flow<'_>,
    state: &State,
    path: &Path,
    input: &Value,
) -> Result<Timestamp, Problem> {
    let value = referenced(flow, state, path, input, "TimestampPath")?;
    value.as_str().and_then(Timestamp::parse).ok_or_else(|| {
        let fault = "does not reference a valid ISO-8601 extended offset date-time format string";
        let (path, value) = (path.text(), plain(&value));
        flow.runtime(
            format!("The TimestampPath parameter {fault}: {path} == {value}"),
            state,
        )
    })
}

fn queried_seconds(flow: &Flow<'_>, state: &State, query: &Query) -> Result<i64, Problem> {
    let value = flow.query(query, "number", state)?;
    let fault = match value.as_number().and_then(Number::as_i64) {
        Some(seconds) if seconds >= 0 => return Ok(seconds),
        Some(_) => "cannot be negative",
        None => "cannot be parsed as a long value",
    };
    Err(flow.field_problem(query, format!("The Seconds field {fault}: {value}"), state))
}

fn queried_timestamp(flow: &Flow<'_>, state: &State, query: &Query) -> Result<Timestamp, Problem> {
    let value = flow.query(query, "string", state)?;
    value.as_str().and_then(Timestamp::parse).ok_or_else(|| {
        let fault = "cannot be parsed as an ISO-8601 extended offset date-time format string";
        let detail = format!("The Timestamp field {fault}: {}", plain(&value));
        flow.field_problem(query, detail, state)
    })
}

fn referenced(
    flow: &Flow<'_>,
    state: &State,
    path: &Path,
    input: &Value,
    field: &str,
) -> Result<Value, Problem> {
    let found = path.find(&flow.scope(input));
    found.map(std::borrow::Cow::into_owned).map_err(|_| {
        let path = path.text();
        flow.runtime(
            format!("The {field} parameter does not reference an input value: {path}"),
            state,
        )
    })
}

/// A string without its quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_json(), str::to_owned)
}
