//! Pass.

use super::Compiler;
use super::state::StateSource;
use crate::asl::{Kind, Pass};

impl<'s> Compiler<'s> {
    pub(super) fn pass(&mut self, state: &StateSource<'s>) -> Option<Kind> {
        let result = state.node.get("Result");
        if let Some(result) = result {
            self.static_result(result);
        }
        Some(Kind::Pass(Pass {
            parameters: self.template(state.node, "Parameters"),
            result: result.map(|node| node.to_value()),
            result_path: self.result_path(state.node)?,
        }))
    }
}
