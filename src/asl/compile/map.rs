//! Map: inline ones are compiled, distributed ones are checked and refused.

use super::Compiler;
use super::block::Block;
use super::code;
use super::report::Fault;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use crate::asl::source::Node;
use crate::asl::{Kind, Map, MaxConcurrency, StateId};
use crate::expr::Path;

const PROCESSOR_FIELDS: [&str; 4] = ["States", "StartAt", "Comment", "ProcessorConfig"];

/// What only a distributed Map has.
const DISTRIBUTED_FIELDS: [&str; 3] = ["ItemReader", "ItemBatcher", "ResultWriter"];

/// The longest `Label`, in characters.
const LABEL_CHARS_MAX: usize = 40;

impl<'s> Compiler<'s> {
    pub(super) fn map(&mut self, state: &StateSource<'s>, block: &mut Block<'s>) -> Option<Kind> {
        let node = state.node;
        self.exclusive_fields(node, &["ItemProcessor", "Iterator"], true);
        self.exclusive_fields(node, &["ItemSelector", "Parameters"], false);
        let assigned_from = self.assigned.len();
        let mut start = None;
        for name in ["ItemProcessor", "Iterator"] {
            if let Some(processor) = node.get(name) {
                start = self.processor(node, processor);
            }
        }
        block.inner(state.id, assigned_from..self.assigned.len());
        let items_path = self.path(node, "ItemsPath");
        let item_selector = self.jsonpath_template(state, "ItemSelector");
        let max_concurrency = self.number_or_path(state, node, "MaxConcurrency", u64::MAX);
        let count = self.number_or_path(state, node, "ToleratedFailureCount", u64::MAX);
        let percentage = self.number_or_path(state, node, "ToleratedFailurePercentage", 100);
        self.distributed_fields(state);
        self.label(node);
        let retry = self.retry(state);
        let catch = self.catch(state, block);
        let parameters = self.jsonpath_template(state, "Parameters");
        let result_selector = self.jsonpath_template(state, "ResultSelector");
        let result_path = self.result_path(node);
        if state.language == QueryLanguage::Jsonata {
            return None;
        }
        Some(Kind::Map(Box::new(Map {
            start: start?,
            items_path,
            item_selector: item_selector.or(parameters),
            max_concurrency: match max_concurrency {
                (Some(number), _) => Some(MaxConcurrency::Literal(number)),
                (None, path) => path.map(MaxConcurrency::Path),
            },
            tolerated_failure_count: count.1,
            tolerated_failure_percentage: percentage.1,
            result_selector,
            result_path: result_path?,
            retry,
            catch,
        })))
    }

    /// Reads a field of which there may be one: a number, or the path to it.
    fn number_or_path(
        &mut self,
        state: &StateSource<'s>,
        object: &'s Node,
        name: &str,
        max: u64,
    ) -> (Option<u64>, Option<Path>) {
        let path = format!("{name}Path");
        self.exclusive_fields(object, &[name, &path], false);
        let number = self.integer_or_expression(object, name, 0..=max, state.language);
        (number, self.definite_path(object, &path))
    }

    fn processor(&mut self, node: &'s Node, processor: &'s Node) -> Option<StateId> {
        let start = self.inner_block(processor, &PROCESSOR_FIELDS);
        if self.is_distributed(processor) || self.takes_standard {
            return start;
        }
        for name in DISTRIBUTED_FIELDS {
            if node.get(name).is_some() {
                self.not_supported(node, name, &format!("'{name}' of an inline Map"));
            }
        }
        start
    }

    /// Checks `ProcessorConfig`, and refuses a distributed Map: in Express as AWS does, otherwise as not there yet.
    fn is_distributed(&mut self, processor: &'s Node) -> bool {
        let Some(config) = self.object(processor, "ProcessorConfig") else {
            return false;
        };
        self.known_fields(config, &["Mode", "ExecutionType"]);
        let mode = self.one_of(config, "Mode", &["INLINE", "DISTRIBUTED"]);
        self.one_of(config, "ExecutionType", &["STANDARD", "EXPRESS"]);
        if mode != Some("DISTRIBUTED") {
            return false;
        }
        self.required_fields(config, &["ExecutionType"]);
        match config.get("Mode").filter(|_| self.options.express) {
            Some(node) => {
                let message =
                    "Express state machine does not support 'DISTRIBUTED' mode of Map states";
                self.report.push(Fault::schema(node, message));
            }
            None if self.takes_standard => {}
            None => self.not_supported(config, "Mode", "'DISTRIBUTED' mode of Map states"),
        }
        true
    }

    fn distributed_fields(&mut self, state: &StateSource<'s>) {
        let node = state.node;
        if let Some(batcher) = self.object(node, "ItemBatcher") {
            self.number_or_path(state, batcher, "MaxItemsPerBatch", u64::MAX);
            self.number_or_path(state, batcher, "MaxInputBytesPerBatch", 262_144);
        }
        if let Some(reader) = self.object(node, "ItemReader")
            && let Some(config) = self.object(reader, "ReaderConfig")
        {
            self.number_or_path(state, config, "MaxItems", 100_000_000);
        }
    }

    fn label(&mut self, node: &'s Node) {
        const FORBIDDEN: &str = "?*<>{}[]:;,\\|^~$#%&\"`";
        let Some(label) = self.string(node, "Label") else {
            return;
        };
        let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || FORBIDDEN.contains(c);
        if label.chars().count() > LABEL_CHARS_MAX || label.contains(is_forbidden) {
            let at = node.get("Label").unwrap_or(node);
            let message = format!(
                "A label has at most {LABEL_CHARS_MAX} characters, no blanks and none of {FORBIDDEN}"
            );
            self.report
                .push(Fault::new(code::INVALID_LABEL_NAME, message).of(at));
        }
    }
}
