//! Parallel: checked, not compiled yet.

use super::Compiler;
use super::block::Block;
use super::state::StateSource;
use crate::asl::Kind;
use crate::asl::source::{Json, Node};

/// The fields of a branch; an iterator has one more.
const BRANCH_FIELDS: [&str; 3] = ["States", "StartAt", "Comment"];

impl<'s> Compiler<'s> {
    pub(super) fn parallel(
        &mut self,
        state: &StateSource<'s>,
        block: &mut Block<'s>,
    ) -> Option<Kind> {
        let node = state.node;
        self.not_supported(node, "Type", "state type 'Parallel'");
        self.required_fields(node, &["Branches"]);
        for branch in self.array(node, "Branches", false).unwrap_or_default() {
            self.inner_block(branch, &BRANCH_FIELDS);
        }
        self.task_like_fields(state, block);
        None
    }

    /// A branch or an iterator.
    pub(super) fn inner_block(&mut self, container: &'s Node, fields: &[&'static str]) {
        if !matches!(container.json, Json::Object(_)) {
            self.wrong_type(container, "Object");
            return;
        }
        self.known_fields(container, fields);
        self.required_fields(container, &["States", "StartAt"]);
        self.string(container, "Comment");
        self.block(container);
    }

    /// What Parallel and Map share with Task.
    pub(super) fn task_like_fields(&mut self, state: &StateSource<'s>, block: &mut Block<'s>) {
        self.retry(state);
        self.catch(state, block);
        self.jsonpath_template(state, "Parameters");
        self.jsonpath_template(state, "ResultSelector");
        self.result_path(state.node);
    }

    pub(super) fn jsonpath_template(&mut self, state: &StateSource<'s>, name: &str) {
        if state.language == super::QueryLanguage::JsonPath {
            self.template(state.node, name);
        }
    }
}
