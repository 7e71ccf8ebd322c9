//! Parallel, and what it shares with Map.

use super::Compiler;
use super::block::Block;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use crate::asl::source::{Json, Node};
use crate::asl::{Kind, Parallel, StateId};
use crate::expr::Template;

/// The fields of a branch; an iterator has one more.
const BRANCH_FIELDS: [&str; 3] = ["States", "StartAt", "Comment"];

impl<'s> Compiler<'s> {
    pub(super) fn parallel(
        &mut self,
        state: &StateSource<'s>,
        block: &mut Block<'s>,
    ) -> Option<Kind> {
        let node = state.node;
        self.required_fields(node, &["Branches"]);
        let nodes = self.array(node, "Branches", false).unwrap_or_default();
        let assigned_from = self.assigned.len();
        let branches: Vec<_> = nodes
            .iter()
            .map(|branch| self.inner_block(branch, &BRANCH_FIELDS))
            .collect();
        block.inner(state.id, assigned_from..self.assigned.len());
        let retry = self.retry(state);
        let catch = self.catch(state, block);
        let parameters = self.parameters(state);
        let result_selector = self.jsonpath_template(state, "ResultSelector");
        let result_path = self.result_path(node);
        Some(Kind::Parallel(Box::new(Parallel {
            branches: branches.into_iter().collect::<Option<_>>()?,
            parameters,
            result_selector,
            result_path: result_path?,
            retry,
            catch,
        })))
    }

    /// A branch or an iterator: gives where it starts.
    pub(super) fn inner_block(
        &mut self,
        container: &'s Node,
        fields: &[&'static str],
    ) -> Option<StateId> {
        if !matches!(container.json, Json::Object(_)) {
            self.wrong_type(container, "Object");
            return None;
        }
        self.known_fields(container, fields);
        self.required_fields(container, &["States", "StartAt"]);
        self.string(container, "Comment");
        self.block(container)
    }

    pub(super) fn jsonpath_template(
        &mut self,
        state: &StateSource<'s>,
        name: &str,
    ) -> Option<Template> {
        match state.language {
            QueryLanguage::JsonPath => self.template(state.node, name),
            QueryLanguage::Jsonata => None,
        }
    }
}
