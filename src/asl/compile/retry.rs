//! `Retry` and `Catch`.

use super::block::Block;
use super::query::Stage;
use super::report::Fault;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use super::{Compiler, SECONDS_MAX};
use crate::asl::source::{Json, Node};
use crate::asl::{Catcher, Retrier};
use crate::value::Text;

const RETRIER_FIELDS: [&str; 7] = [
    "ErrorEquals",
    "IntervalSeconds",
    "MaxAttempts",
    "BackoffRate",
    "MaxDelaySeconds",
    "JitterStrategy",
    "Comment",
];

const CATCHER_FIELDS: [&str; 6] = [
    "ErrorEquals",
    "Next",
    "ResultPath",
    "Output",
    "Assign",
    "Comment",
];

/// The longest delay between two attempts.
const DELAY_SECONDS_MAX: u64 = 31_622_400;

impl<'s> Compiler<'s> {
    pub(super) fn retry(&mut self, state: &StateSource<'s>) -> Vec<Retrier> {
        let nodes = self.array(state.node, "Retry", true).unwrap_or_default();
        let mut retriers = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            let is_last = i + 1 == nodes.len();
            retriers.extend(self.retrier(node, is_last));
        }
        retriers
    }

    fn retrier(&mut self, node: &'s Node, is_last: bool) -> Option<Retrier> {
        if !matches!(node.json, Json::Object(_)) {
            self.wrong_type(node, "Object");
            return None;
        }
        self.known_fields(node, &RETRIER_FIELDS);
        self.required_fields(node, &["ErrorEquals"]);
        self.string(node, "Comment");
        let error_equals = self.error_equals(node, is_last);
        let interval_seconds = self.integer(node, "IntervalSeconds", 1..=SECONDS_MAX);
        let max_attempts = self.integer(node, "MaxAttempts", 0..=SECONDS_MAX);
        let max_delay_seconds = self.integer(node, "MaxDelaySeconds", 1..=DELAY_SECONDS_MAX);
        let backoff_rate = self.backoff_rate(node);
        let jitter = self.one_of(node, "JitterStrategy", &["FULL", "NONE"]);
        Some(Retrier {
            error_equals: error_equals?,
            interval_seconds: interval_seconds.unwrap_or(1),
            max_attempts: max_attempts.unwrap_or(3),
            backoff_rate: backoff_rate.unwrap_or(2.0),
            max_delay_seconds,
            full_jitter: jitter == Some("FULL"),
        })
    }

    fn backoff_rate(&mut self, retrier: &'s Node) -> Option<f64> {
        let node = retrier.get("BackoffRate")?;
        let Json::Number(value) = &node.json else {
            self.wrong_type(node, "Number");
            return None;
        };
        let rate = value.as_number()?.as_f64();
        if rate < 1.0 {
            self.out_of_range(node, "Minimum", "1.0");
            return None;
        }
        if !rate.is_finite() {
            self.out_of_range(node, "Maximum", f64::MAX);
            return None;
        }
        Some(rate)
    }

    pub(super) fn catch(&mut self, state: &StateSource<'s>, block: &mut Block<'s>) -> Vec<Catcher> {
        let nodes = self.array(state.node, "Catch", true).unwrap_or_default();
        let mut catchers = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            let is_last = i + 1 == nodes.len();
            catchers.extend(self.catcher(state, node, is_last, block));
        }
        catchers
    }

    fn catcher(
        &mut self,
        state: &StateSource<'s>,
        node: &'s Node,
        is_last: bool,
        block: &mut Block<'s>,
    ) -> Option<Catcher> {
        if !matches!(node.json, Json::Object(_)) {
            self.wrong_type(node, "Object");
            return None;
        }
        self.known_fields(node, &CATCHER_FIELDS);
        let other = match state.language {
            QueryLanguage::JsonPath => "Output",
            QueryLanguage::Jsonata => "ResultPath",
        };
        self.field_of_other_language(node, other, state.language);
        self.required_fields(node, &["ErrorEquals", "Next"]);
        self.string(node, "Comment");
        let assign = self.assign(state, node, Stage::Error);
        let output = self.query_template(state, node, "Output", Stage::Error);
        let error_equals = self.error_equals(node, is_last);
        let result_path = self.result_path(node);
        let next = self.target(node, "Next", block)?;
        block.edge(state.id, next);
        Some(Catcher {
            error_equals: error_equals?,
            result_path: result_path?,
            next,
            assign,
            output,
        })
    }

    /// `ErrorEquals`: names without a rule of their own; an unknown `States.…` is not refused, since AWS adds to them.
    fn error_equals(&mut self, object: &'s Node, is_last: bool) -> Option<Vec<Text>> {
        let nodes = self.array(object, "ErrorEquals", false)?;
        let mut names = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.as_text() {
                Some(name) => names.push(name.clone()),
                None => self.wrong_type(node, "String"),
            }
        }
        if let Some(node) = nodes
            .iter()
            .find(|n| n.as_text().is_some_and(|t| t == "States.ALL"))
        {
            let message = match (nodes.len() > 1, is_last) {
                (true, _) => "'States.ALL' must appear alone in 'ErrorEquals'",
                (false, false) => "'States.ALL' must appear only in the last element",
                (false, true) => return Some(names),
            };
            self.report
                .push(Fault::schema(object, message).at(node.span.start));
        }
        (names.len() == nodes.len()).then_some(names)
    }
}
