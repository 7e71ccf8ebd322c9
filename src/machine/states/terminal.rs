//! Succeed and Fail: where an execution ends.

use crate::asl::{Fail, FailText, State};
use crate::expr::Seen;
use crate::machine::exit::Way;
use crate::machine::flow::Flow;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::value::Text;

/// The most characters of an error name and of a cause that AWS keeps.
const ERROR_CHARS_MAX: usize = 256;
const CAUSE_CHARS_MAX: usize = 32_768;

pub(super) fn succeed(flow: &Flow<'_>, state: &State) -> Result<Turn, Problem> {
    let input = flow.effective_input(state)?;
    let leaving = flow.leave_by(Way::from(state), Seen::Input(&input), state)?;
    leaving.with(|| flow.output(input, state))
}

pub(super) fn fail(flow: &Flow<'_>, state: &State, fail: &Fail) -> Result<Turn, Problem> {
    let error = text(
        flow,
        state,
        "ErrorPath",
        fail.error.as_ref(),
        ERROR_CHARS_MAX,
    )?;
    let cause = text(
        flow,
        state,
        "CausePath",
        fail.cause.as_ref(),
        CAUSE_CHARS_MAX,
    )?;
    Ok(Turn::End(Problem {
        error,
        cause: cause.map(|c| c.to_string()),
        query: None,
    }))
}

fn text(
    flow: &Flow<'_>,
    state: &State,
    field: &str,
    text: Option<&FailText>,
    chars_max: usize,
) -> Result<Option<Text>, Problem> {
    let value = match text {
        None => return Ok(None),
        Some(FailText::Literal(text)) => return Ok(Some(text.clone())),
        Some(FailText::Path(template)) => flow.fill(template, &flow.frame.data, state)?,
        Some(FailText::Query(query)) => flow.query(query, "string", state)?,
    };
    let Some(text) = value.as_text() else {
        let detail = format!("The field '{field}' must evaluate to a string, but was: {value}");
        return Err(flow.runtime(detail, state));
    };
    let cut = text
        .char_indices()
        .nth(chars_max)
        .and_then(|(at, _)| text.get(..at));
    Ok(Some(cut.map_or_else(|| text.clone(), Text::new)))
}
