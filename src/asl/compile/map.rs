//! Map: inline ones are compiled, distributed ones are checked and refused.

use super::Compiler;
use super::block::Block;
use super::code;
use super::fields::is_jsonata;
use super::query::Stage;
use super::report::Fault;
use super::state::StateSource;
use crate::asl::source::{Json, Node};
use crate::asl::{Batcher, Items, Kind, Map, NumberField, StateId};
use crate::expr::Payload;

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
        let items = self.items(state);
        let item_selector = self.payload(state, node, "ItemSelector", Stage::Input);
        let max_concurrency = self.number_or_path(state, node, "MaxConcurrency", u64::MAX);
        let tolerated_failure_count =
            self.number_or_path(state, node, "ToleratedFailureCount", u64::MAX);
        let tolerated_failure_percentage =
            self.number_or_path(state, node, "ToleratedFailurePercentage", 100);
        let batcher = self.distributed_fields(state);
        self.label(node);
        let retry = self.retry(state);
        let catch = self.catch(state, block);
        let parameters = self.jsonpath_template(state, "Parameters");
        let parameters = parameters.map(Payload::JsonPath);
        let result_selector = self.jsonpath_template(state, "ResultSelector");
        let result_path = self.result_path(node);
        Some(Kind::Map(Box::new(Map {
            start: start?,
            items: items?,
            item_selector: item_selector.or(parameters),
            max_concurrency,
            tolerated_failure_count,
            tolerated_failure_percentage,
            batcher,
            result_selector,
            result_path: result_path?,
            retry,
            catch,
        })))
    }

    /// Reads a field of which there may be one: a number, in JSONata an expression, or the path to it.
    fn number_or_path(
        &mut self,
        state: &StateSource<'s>,
        object: &'s Node,
        name: &str,
        max: u64,
    ) -> Option<NumberField> {
        let path = format!("{name}Path");
        self.exclusive_fields(object, &[name, &path], false);
        let number = self.integer_or_expression(object, name, 0..=max, state.language);
        let path = self.definite_path(object, &path).map(NumberField::Path);
        let query = self.query(state, object, name).map(NumberField::Query);
        number.map(NumberField::Literal).or(path).or(query)
    }

    /// `ItemsPath` or `Items`.
    fn items(&mut self, state: &StateSource<'s>) -> Option<Items> {
        let path = self.path(state.node, "ItemsPath").map(Items::Path);
        let Some(node) = state.node.get("Items") else {
            return path.or_else(|| {
                let is_absent = state.node.get("ItemsPath").is_none();
                is_absent.then_some(Items::Input)
            });
        };
        if !matches!(node.json, Json::Array(_) | Json::Object(_)) && !is_jsonata(node) {
            self.wrong_type(node, "Array");
            return None;
        }
        self.query_template(state, state.node, "Items", Stage::Input)
            .map(Items::Payload)
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

    fn distributed_fields(&mut self, state: &StateSource<'s>) -> Option<Box<Batcher>> {
        let node = state.node;
        let batcher = self.object(node, "ItemBatcher").map(|batcher| {
            Box::new(Batcher {
                items_max: self.number_or_path(state, batcher, "MaxItemsPerBatch", u64::MAX),
                bytes_max: self.number_or_path(state, batcher, "MaxInputBytesPerBatch", 262_144),
                input: self.payload(state, batcher, "BatchInput", Stage::Input),
            })
        });
        if let Some(reader) = self.object(node, "ItemReader")
            && let Some(config) = self.object(reader, "ReaderConfig")
        {
            self.number_or_path(state, config, "MaxItems", 100_000_000);
        }
        batcher
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
