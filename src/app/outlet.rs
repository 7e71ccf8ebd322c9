//! Executions that the API or another execution started → the topics of the Kafka edge.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::{Ended, Outlet};
use crate::connectors::NestedOutlet;
use crate::engine::Finished;
use crate::kafka::Outbox;

/// The way from the one edge to the other.
#[derive(Debug)]
pub struct KafkaOutlet {
    /// Where records are left.
    pub outbox: Arc<Outbox>,
    /// Topics by names of log groups.
    pub log_groups: BTreeMap<String, String>,
}

impl Outlet for KafkaOutlet {
    fn ended(&self, ended: &Ended<'_>) {
        if ended.owes_outcome {
            self.outbox.outcome(ended.finished);
        }
        match ended.log_group {
            None => self.outbox.workflow_logs(ended.finished),
            Some(arn) => {
                if let Some(topic) = self.log_groups.get(name_of(arn)) {
                    self.outbox.logs(topic, ended.finished);
                }
            }
        }
    }

    fn is_full(&self) -> bool {
        self.outbox.is_full()
    }
}

impl NestedOutlet for KafkaOutlet {
    fn ended(&self, finished: &Finished, is_awaited: bool) {
        if !is_awaited {
            self.outbox.outcome(finished);
        }
        self.outbox.workflow_logs(finished);
    }
}

/// The name in the ARN of a log group, `arn:P:logs:R:A:log-group:NAME:*`.
fn name_of(arn: &str) -> &str {
    let name = arn.split_once(":log-group:").map_or(arn, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_group_is_known_by_its_name() {
        let head = "arn:aws:logs:us-east-1:123456789012:log-group:";
        for (tail, name) in [
            (
                "/aws/vendedlogs/states/x-Logs:*",
                "/aws/vendedlogs/states/x-Logs",
            ),
            ("plain", "plain"),
        ] {
            assert_eq!(name_of(&format!("{head}{tail}")), name);
        }
    }
}
