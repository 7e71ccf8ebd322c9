//! Map: checked, not compiled yet.

use super::Compiler;
use super::block::Block;
use super::code;
use super::report::Fault;
use super::state::StateSource;
use crate::asl::Kind;
use crate::asl::source::Node;

const PROCESSOR_FIELDS: [&str; 4] = ["States", "StartAt", "Comment", "ProcessorConfig"];

/// Fields of which there may be one: a number, or the path to it.
const NUMBERS: [(&str, u64); 3] = [
    ("MaxConcurrency", u64::MAX),
    ("ToleratedFailureCount", u64::MAX),
    ("ToleratedFailurePercentage", 100),
];

/// The longest `Label`, in characters.
const LABEL_CHARS_MAX: usize = 40;

impl<'s> Compiler<'s> {
    pub(super) fn map(&mut self, state: &StateSource<'s>, block: &mut Block<'s>) -> Option<Kind> {
        let node = state.node;
        self.not_supported(node, "Type", "state type 'Map'");
        self.exclusive_fields(node, &["ItemProcessor", "Iterator"], true);
        self.exclusive_fields(node, &["ItemSelector", "Parameters"], false);
        for name in ["ItemProcessor", "Iterator"] {
            if let Some(processor) = node.get(name) {
                self.inner_block(processor, &PROCESSOR_FIELDS);
                self.processor_config(processor);
            }
        }
        self.path(node, "ItemsPath");
        self.jsonpath_template(state, "ItemSelector");
        for (name, max) in NUMBERS {
            self.number_or_path(state, node, name, max);
        }
        if let Some(batcher) = self.object(node, "ItemBatcher") {
            self.number_or_path(state, batcher, "MaxItemsPerBatch", u64::MAX);
            self.number_or_path(state, batcher, "MaxInputBytesPerBatch", 262_144);
        }
        if let Some(reader) = self.object(node, "ItemReader")
            && let Some(config) = self.object(reader, "ReaderConfig")
        {
            self.number_or_path(state, config, "MaxItems", 100_000_000);
        }
        self.label(node);
        self.task_like_fields(state, block);
        None
    }

    fn number_or_path(&mut self, state: &StateSource<'s>, object: &'s Node, name: &str, max: u64) {
        let path = format!("{name}Path");
        self.exclusive_fields(object, &[name, &path], false);
        self.integer_or_expression(object, name, 0..=max, state.language);
        self.definite_path(object, &path);
    }

    fn processor_config(&mut self, processor: &'s Node) {
        let Some(config) = self.object(processor, "ProcessorConfig") else {
            return;
        };
        self.known_fields(config, &["Mode", "ExecutionType"]);
        let mode = self.one_of(config, "Mode", &["INLINE", "DISTRIBUTED"]);
        self.one_of(config, "ExecutionType", &["STANDARD", "EXPRESS"]);
        if mode != Some("DISTRIBUTED") {
            return;
        }
        self.required_fields(config, &["ExecutionType"]);
        if let Some(node) = config.get("Mode").filter(|_| self.options.express) {
            let message = "Express state machine does not support 'DISTRIBUTED' mode of Map states";
            self.report.push(Fault::schema(node, message));
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
