//! Wait: a delay, or until an instant.

use crate::asl::{State, Wait};
use crate::expr::Path;
use crate::machine::frame::Phase;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::machine::{Effect, Execution, Timestamp};
use crate::value::{Number, Value};

/// The longest delay that a Wait state accepts (ASL: `Seconds` up to 99,999,999).
const SECONDS_MAX: i64 = 99_999_999;

pub(super) fn enter(
    execution: &mut Execution,
    state: &State,
    wait: &Wait,
    now: Timestamp,
    effects: &mut Vec<Effect>,
) -> Result<Turn, Problem> {
    let until = match wait {
        Wait::Seconds(seconds) => after(now, i64::try_from(*seconds).unwrap_or(i64::MAX)),
        Wait::SecondsPath(path) => after(now, seconds(execution, state, path)?),
        Wait::Timestamp(at) => Some(*at),
        Wait::TimestampPath(path) => Some(timestamp(execution, state, path)?),
    };
    let latest = now.plus_millis(SECONDS_MAX * 1000);
    let Some(until) = until.filter(|at| *at <= latest) else {
        return Err(execution.runtime("Wait state delay is too long.", state));
    };
    if until <= now {
        return Ok(wait_ended(execution, state));
    }
    let timer = execution.arm(until, effects);
    execution.root.phase = Phase::Waiting { timer, until };
    Ok(Turn::Park)
}

/// The wait is over.
pub(in crate::machine) fn wait_ended(execution: &Execution, state: &State) -> Turn {
    let leave = || {
        let input = execution.effective_input(state)?;
        Ok(Turn::Leave(execution.output(input, state)?, state.next))
    };
    leave().unwrap_or_else(Turn::Fail)
}

fn after(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    (seconds <= SECONDS_MAX).then(|| now.plus_millis(seconds * 1000))
}

fn seconds(execution: &Execution, state: &State, path: &Path) -> Result<i64, Problem> {
    let value = referenced(execution, state, path, "SecondsPath")?;
    let whole = value.as_number().and_then(Number::as_i64);
    match whole {
        Some(seconds) if seconds >= 0 => Ok(seconds),
        Some(_) => {
            let detail = format!(
                "The SecondsPath parameter references a negative value: {} == {value}",
                path.text()
            );
            Err(execution.runtime(detail, state))
        }
        None => {
            let detail = format!(
                "The SecondsPath parameter cannot be parsed as a long value: {} == {}",
                path.text(),
                plain(&value)
            );
            Err(execution.runtime(detail, state))
        }
    }
}

fn timestamp(execution: &Execution, state: &State, path: &Path) -> Result<Timestamp, Problem> {
    let value = referenced(execution, state, path, "TimestampPath")?;
    value.as_str().and_then(Timestamp::parse).ok_or_else(|| {
        let detail = format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {} == {}",
            path.text(),
            plain(&value)
        );
        execution.runtime(detail, state)
    })
}

fn referenced(
    execution: &Execution,
    state: &State,
    path: &Path,
    field: &str,
) -> Result<Value, Problem> {
    let input = execution.effective_input(state)?;
    let found = path.find(&execution.scope(&input));
    found.map(std::borrow::Cow::into_owned).map_err(|_| {
        let detail = format!(
            "The {field} parameter does not reference an input value: {}",
            path.text()
        );
        execution.runtime(detail, state)
    })
}

/// A string without its quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_json(), str::to_owned)
}
