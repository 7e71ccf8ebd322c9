//! Pass: gives a literal, a template's value or its input.

use crate::asl::{Pass, State};
use crate::expr::Seen;
use crate::machine::exit::Way;
use crate::machine::flow::Flow;
use crate::machine::problem::Problem;
use crate::machine::step::Turn;

pub(super) fn enter(flow: &mut Flow<'_>, state: &State, pass: &Pass) -> Result<Turn, Problem> {
    let result = {
        // Dropped before the result is put, so that an unshared input is changed in place.
        let input = flow.effective_input(state)?;
        match (&pass.result, &pass.parameters) {
            (Some(literal), _) => literal.clone(),
            (None, Some(template)) => flow.fill(template, &input, state)?,
            (None, None) => input,
        }
    };
    let leaving = flow.leave_by(Way::from(state), Seen::Input(&result), state)?;
    leaving.with(|| {
        let data = flow.put_result(&pass.result_path, result, state)?;
        flow.output(data, state)
    })
}
