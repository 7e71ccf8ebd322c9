//! Fail. (Succeed has no fields of its own.)

use super::Compiler;
use super::state::StateSource;
use crate::asl::source::Node;
use crate::asl::{Fail, FailText, Kind};

impl<'s> Compiler<'s> {
    pub(super) fn fail(&mut self, state: &StateSource<'s>) -> Kind {
        Kind::Fail(Fail {
            error: self.fail_text(state.node, "Error", "ErrorPath"),
            cause: self.fail_text(state.node, "Cause", "CausePath"),
        })
    }

    fn fail_text(&mut self, node: &'s Node, literal: &str, path: &str) -> Option<FailText> {
        self.exclusive_fields(node, &[literal, path], false);
        self.looks_like_a_path(node, literal);
        let read = self.string_expression(node, path).map(FailText::Path);
        let text = self.string(node, literal).cloned().map(FailText::Literal);
        text.or(read)
    }
}
