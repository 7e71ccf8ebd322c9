//! Pass: gives a literal, a template's value or its input.

use crate::asl::{Pass, State};
use crate::machine::flow::Flow;
use crate::machine::problem::Problem;
use crate::machine::step::{Exit, Turn};

pub(super) fn enter(flow: &mut Flow<'_>, state: &State, pass: &Pass) -> Result<Turn, Problem> {
    let result = {
        // Dropped before the result is put, so that an unshared input is changed in place.
        let input = flow.effective_input(state)?;
        match (&pass.result, &pass.parameters) {
            (Some(literal), _) => literal.clone(),
            (None, Some(template)) => flow.evaluate(template, &input, state)?,
            (None, None) => input,
        }
    };
    let assigned = flow.assigned(state.assign.as_ref(), &result, state)?;
    let data = flow.put_result(&pass.result_path, result, state)?;
    let output = flow.output(data, state)?;
    Ok(Turn::Leave(Exit {
        output,
        next: state.next,
        assigned,
    }))
}
