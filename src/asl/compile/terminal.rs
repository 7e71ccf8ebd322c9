//! Fail. (Succeed has no fields of its own.)

use super::Compiler;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use crate::asl::{Fail, FailText, Kind};

impl<'s> Compiler<'s> {
    pub(super) fn fail(&mut self, state: &StateSource<'s>) -> Kind {
        Kind::Fail(Fail {
            error: self.fail_text(state, "Error", "ErrorPath"),
            cause: self.fail_text(state, "Cause", "CausePath"),
        })
    }

    fn fail_text(
        &mut self,
        state: &StateSource<'s>,
        literal: &str,
        path: &str,
    ) -> Option<FailText> {
        let node = state.node;
        self.exclusive_fields(node, &[literal, path], false);
        if let Some(query) = self.query(state, node, literal) {
            return Some(FailText::Query(query));
        }
        if state.language == QueryLanguage::JsonPath {
            self.looks_like_a_path(node, literal);
        }
        let read = self.string_expression(node, path).map(FailText::Path);
        let text = self.string(node, literal).cloned().map(FailText::Literal);
        text.or(read)
    }
}
