//! Wait.

use super::fields::is_jsonata;
use super::report::Fault;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use super::{Compiler, SECONDS_MAX};
use crate::asl::source::Node;
use crate::asl::{Kind, Wait};
use crate::machine::Timestamp;

const FIELDS: [&str; 4] = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];

impl<'s> Compiler<'s> {
    pub(super) fn wait(&mut self, state: &StateSource<'s>) -> Option<Kind> {
        let node = state.node;
        self.exclusive_fields(node, &FIELDS, true);
        let seconds = self.integer_or_expression(node, "Seconds", 0..=SECONDS_MAX, state.language);
        let seconds = seconds.map(Wait::Seconds);
        let seconds_path = self
            .definite_path(node, "SecondsPath")
            .map(Wait::SecondsPath);
        let timestamp = self.timestamp(node, "Timestamp", state.language);
        let timestamp = timestamp.map(Wait::Timestamp);
        let timestamp_path = self
            .definite_path(node, "TimestampPath")
            .map(Wait::TimestampPath);
        let seconds_query = self.query(state, node, "Seconds").map(Wait::SecondsQuery);
        let timestamp_query = self.query(state, node, "Timestamp");
        let timestamp_query = timestamp_query.map(Wait::TimestampQuery);
        let wait = seconds.or(seconds_path).or(timestamp).or(timestamp_path);
        let wait = wait.or(seconds_query).or(timestamp_query);
        wait.map(Kind::Wait)
    }

    /// A literal instant.
    pub(super) fn timestamp(
        &mut self,
        object: &'s Node,
        name: &str,
        language: QueryLanguage,
    ) -> Option<Timestamp> {
        let node = object.get(name)?;
        if language == QueryLanguage::Jsonata && is_jsonata(node) {
            return None;
        }
        let instant = Timestamp::parse(self.string(object, name)?);
        if instant.is_none() {
            let fault = Fault::schema(node, "String does not match RFC3339 timestamp");
            self.report
                .push(fault.hint("write it like 2016-08-18T17:33:00Z"));
        }
        instant
    }
}
