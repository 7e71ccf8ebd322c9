//! Task.

use super::block::Block;
use super::query::Stage;
use super::report::Fault;
use super::state::StateSource;
use super::state_type::QueryLanguage;
use super::{Compiler, SECONDS_MAX};
use crate::asl::source::Node;
use crate::asl::{Kind, Seconds, Task};
use crate::expr::Payload;

impl<'s> Compiler<'s> {
    pub(super) fn task(&mut self, state: &StateSource<'s>, block: &mut Block<'s>) -> Option<Kind> {
        let node = state.node;
        self.required_fields(node, &["Resource"]);
        let resource = self.resource(node);
        let timeout = self.seconds(state, "TimeoutSeconds", "TimeoutSecondsPath");
        let heartbeat = self.seconds(state, "HeartbeatSeconds", "HeartbeatSecondsPath");
        self.heartbeat_below_timeout(node, timeout.as_ref(), heartbeat.as_ref());
        let credentials = self.credentials(state);
        let retry = self.retry(state);
        let catch = self.catch(state, block);
        let result_path = self.result_path(node);
        Some(Kind::Task(Box::new(Task {
            parameters: self.parameters(state),
            result_selector: self.jsonpath_template(state, "ResultSelector"),
            resource: resource?,
            result_path: result_path?,
            timeout,
            heartbeat,
            credentials,
            retry,
            catch,
        })))
    }

    /// `Parameters`, or `Arguments` in JSONata.
    pub(super) fn parameters(&mut self, state: &StateSource<'s>) -> Option<Payload> {
        let name = match state.language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        self.payload(state, state.node, name, Stage::Input)
    }

    fn seconds(&mut self, state: &StateSource<'s>, literal: &str, path: &str) -> Option<Seconds> {
        self.exclusive_fields(state.node, &[literal, path], false);
        let seconds =
            self.integer_or_expression(state.node, literal, 1..=SECONDS_MAX, state.language);
        let read = self.definite_path(state.node, path);
        let read = read.map(Seconds::Path);
        let query = self.query(state, state.node, literal).map(Seconds::Query);
        seconds.map(Seconds::Literal).or(read).or(query)
    }

    fn heartbeat_below_timeout(
        &mut self,
        node: &'s Node,
        timeout: Option<&Seconds>,
        heartbeat: Option<&Seconds>,
    ) {
        let (Some(Seconds::Literal(timeout)), Some(Seconds::Literal(heartbeat))) =
            (timeout, heartbeat)
        else {
            return;
        };
        if heartbeat >= timeout {
            let at = node.get("HeartbeatSeconds").unwrap_or(node);
            let message = "The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'";
            self.report.push(Fault::schema(at, message));
        }
    }

    fn credentials(&mut self, state: &StateSource<'s>) -> Option<Payload> {
        let credentials = self.object(state.node, "Credentials")?;
        if credentials.get("RoleArn").is_none() && credentials.get("RoleArn.$").is_none() {
            let message = "The field 'RoleArn' is required but was missing";
            self.report.push(Fault::schema(credentials, message));
        }
        self.payload(state, state.node, "Credentials", Stage::Input)
    }
}
