//! Settings as written → resolved, and the rules that concern more than one key.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::fault::{Faults, Place};
use super::kind::Value;
use super::raw::Table;
use super::settings::{IdentitySettings, MocksSettings, ServerSettings, Settings, Workflow};
use crate::engine::EngineOptions;
use crate::history::LogLevel;
use crate::kafka::settings::{
    DeadLetterHeaders, HeaderEquals, KafkaSettings, LogRecord, LogSettings, Order, WorkflowSettings,
};
use crate::machine::{Limits, Recording};

/// Resolves what was read. After a fault, placeholders stand where a value is missing: the caller drops the result.
pub(super) fn resolve(path: &Path, root: &Table, faults: &mut Faults) -> Settings {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let kafka = kafka(root.table("kafka"));
    let written = root.list("workflows");
    let workflows: Vec<Workflow> = written.iter().map(|t| workflow(t, folder)).collect();
    if workflows.is_empty() && faults.is_empty() {
        let message = "missing: without a [[workflows]] there is nothing to do".to_owned();
        faults.push(root.place.clone(), "workflows", message);
    }
    names_differ(written, &workflows, faults);
    no_loop_of_topics(written, &workflows, faults);
    no_workflow_in_anothers_shadow(written, &workflows, &kafka.group, faults);
    Settings {
        kafka,
        server: server(root.table("server"), faults),
        engine: engine(root.table("engine")),
        identity: identity(root.table("identity")),
        limits: limits(root.table("limits")),
        workflows,
    }
}

fn kafka(table: &Table) -> KafkaSettings {
    KafkaSettings {
        bootstrap_servers: table.text("bootstrap_servers"),
        group: table.text("group"),
        properties: table.table("properties").properties.clone(),
        consumer_properties: table.table("consumer").properties.clone(),
        producer_properties: table.table("producer").properties.clone(),
        commit_interval: table.millis("commit_interval_ms"),
        revoke_grace: table.millis("revoke_grace_ms"),
        offset_gap_max: table.count("offset_gap_max"),
        record_bytes_max: table.count("record_bytes_max"),
    }
}

fn server(table: &Table, faults: &mut Faults) -> ServerSettings {
    let unspecified = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let listen = table.text("listen").parse().unwrap_or(unspecified);
    if !listen.ip().is_loopback() && !table.flag("allow_remote") {
        let message = format!(
            "{listen} can be reached from other machines, and the endpoint asks nobody who he is; \
             if that is meant, set server.allow_remote = true"
        );
        faults.push(table.place_of("listen"), "server.listen", message);
    }
    ServerSettings {
        listen,
        shutdown_grace: table.millis("shutdown_grace_ms"),
    }
}

fn engine(table: &Table) -> EngineOptions {
    EngineOptions {
        workers: table.count("workers"),
        queue_batches_max: table.count("queue_batches_max"),
        executions_in_flight_max: table.count("executions_in_flight_max"),
        workflow_executions_in_flight_max: table.count("workflow_executions_in_flight_max"),
        bytes_held_max: table.count("bytes_held_max"),
        records_per_execution_max: table.count("records_per_execution_max"),
    }
}

fn identity(table: &Table) -> IdentitySettings {
    IdentitySettings {
        partition: table.text("partition"),
        region: table.text("region"),
        account: table.text("account"),
        role_arn: table.text("role_arn"),
    }
}

fn limits(table: &Table) -> Limits {
    Limits {
        duration_ms: i64::try_from(table.integer("execution_ms")).unwrap_or(i64::MAX),
        payload_bytes_max: table.count("payload_bytes_max"),
        map_concurrency_max: table.count("map_concurrency_max"),
        frames_max: table.count("branches_max"),
        ..Limits::default()
    }
}

fn workflow(table: &Table, folder: &Path) -> Workflow {
    let log = table.optional_table("log");
    Workflow {
        definition: folder.join(table.text("definition")),
        substitutions: table
            .optional_table("substitutions")
            .map(|table| table.properties.iter().cloned().collect())
            .unwrap_or_default(),
        recording: Recording {
            level: log.map_or(LogLevel::Off, level),
            include_execution_data: log.is_some_and(|log| log.flag("include_execution_data")),
        },
        executions_in_flight_max: table.optional_count("executions_in_flight_max"),
        mocks: table.optional_table("mocks").map(|mocks| MocksSettings {
            file: folder.join(mocks.text("file")),
            test_case: mocks.optional_text("test_case"),
        }),
        kafka: WorkflowSettings {
            name: table.text("name"),
            topics: table.texts("topics"),
            group: table.optional_text("group"),
            when: table.optional_table("when").map(|when| HeaderEquals {
                header: when.text("header"),
                equals: when.text("equals"),
            }),
            order: match table.text("order").as_str() {
                "key" => Order::Key,
                "partition" => Order::Partition,
                _ => Order::None,
            },
            results: table.optional_text("results"),
            failures: table.optional_text("failures"),
            dead_letters: table.text("dead_letters"),
            dead_letter_headers: match table.text("dead_letter_headers").as_str() {
                "spring" => DeadLetterHeaders::Spring,
                "connect" => DeadLetterHeaders::Connect,
                "streams" => DeadLetterHeaders::Streams,
                _ => DeadLetterHeaders::None,
            },
            logs: log
                .filter(|log| level(log) > LogLevel::Off)
                .map(|log| LogSettings {
                    topic: log.text("topic"),
                    record: match log.text("record").as_str() {
                        "execution" => LogRecord::Execution,
                        _ => LogRecord::Entry,
                    },
                }),
        },
    }
}

fn level(log: &Table) -> LogLevel {
    match log.text("level").as_str() {
        "ALL" => LogLevel::All,
        "ERROR" => LogLevel::Error,
        "FATAL" => LogLevel::Fatal,
        _ => LogLevel::Off,
    }
}

fn names_differ(written: &[Table], workflows: &[Workflow], faults: &mut Faults) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (table, workflow) in written.iter().zip(workflows) {
        let name = workflow.kafka.name.as_str();
        if name.is_empty() {
            continue;
        }
        if let Some(first) = seen.get(name) {
            let message = format!("{first} has the same name");
            faults.push(table.place_of("name"), table.key("name"), message);
        } else {
            seen.insert(name, &table.path);
        }
    }
}

/// An output topic that is an input topic of the same process would feed a workflow its own answers for ever.
fn no_loop_of_topics(written: &[Table], workflows: &[Workflow], faults: &mut Faults) {
    let mut inputs: BTreeMap<&str, &str> = BTreeMap::new();
    for (table, workflow) in written.iter().zip(workflows) {
        for topic in &workflow.kafka.topics {
            inputs.entry(topic).or_insert(&table.path);
        }
    }
    for (table, workflow) in written.iter().zip(workflows) {
        let outputs = [
            (table, "results", workflow.kafka.results.as_deref()),
            (table, "failures", workflow.kafka.failures.as_deref()),
            (
                table,
                "dead_letters",
                Some(workflow.kafka.dead_letters.as_str()),
            ),
        ];
        let log = table.optional_table("log");
        let logs = workflow.kafka.logs.as_ref().map(|logs| logs.topic.as_str());
        let outputs = outputs
            .into_iter()
            .chain(log.map(|log| (log, "topic", logs)));
        for (table, key, topic) in outputs {
            let reader = topic.and_then(|topic| Some((topic, inputs.get(topic)?)));
            if let Some((topic, reader)) = reader {
                let message = format!(
                    "{topic} is an input topic of {reader}: its answers would be events again, without an end"
                );
                faults.push(table.place_of(key), table.key(key), message);
            }
        }
    }
}

/// A workflow that stands behind one that takes every record of a topic would never see an event of it.
fn no_workflow_in_anothers_shadow(
    written: &[Table],
    workflows: &[Workflow],
    group: &str,
    faults: &mut Faults,
) {
    let mut takes_all: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (table, workflow) in written.iter().zip(workflows) {
        let group = workflow.kafka.group.as_deref().unwrap_or(group);
        for topic in &workflow.kafka.topics {
            if let Some(first) = takes_all.get(&(topic.as_str(), group)) {
                let message = format!(
                    "{first} takes every record of {topic} in the group {group}: give it a `when`, or one of them another group"
                );
                faults.push(table.place_of("topics"), table.key("topics"), message);
            } else if workflow.kafka.when.is_none() {
                takes_all.insert((topic, group), &table.path);
            }
        }
    }
}

/// Access to values. What is absent here has a fault, or is optional.
impl Table {
    fn value(&self, key: &str) -> Option<&Value> {
        let known = self.section.is_some_and(|s| s.setting(key).is_some());
        debug_assert!(known, "{}.{key} is not in the table of settings", self.path);
        self.values.get(key).map(|(value, _)| value)
    }

    fn place_of(&self, key: &str) -> Place {
        self.values
            .get(key)
            .map_or_else(|| self.place.clone(), |(_, place)| place.clone())
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// A section that is always there, because all its keys have defaults.
    fn table(&self, name: &str) -> &Self {
        self.optional_table(name).unwrap_or(self)
    }

    fn optional_table(&self, name: &str) -> Option<&Self> {
        self.list(name).first()
    }

    fn list(&self, name: &str) -> &[Self] {
        self.tables.get(name).map_or(&[], Vec::as_slice)
    }

    fn optional_text(&self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::Text(text) => Some(text.clone()),
            Value::Texts(_) | Value::Flag(_) | Value::Integer(_) => None,
        }
    }

    fn text(&self, key: &str) -> String {
        self.optional_text(key).unwrap_or_default()
    }

    fn texts(&self, key: &str) -> Vec<String> {
        match self.value(key) {
            Some(Value::Texts(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    fn flag(&self, key: &str) -> bool {
        matches!(self.value(key), Some(Value::Flag(true)))
    }

    fn optional_integer(&self, key: &str) -> Option<u64> {
        match self.value(key)? {
            Value::Integer(integer) => Some(*integer),
            Value::Text(_) | Value::Texts(_) | Value::Flag(_) => None,
        }
    }

    fn integer(&self, key: &str) -> u64 {
        self.optional_integer(key).unwrap_or_default()
    }

    fn optional_count(&self, key: &str) -> Option<usize> {
        self.optional_integer(key)
            .map(|integer| usize::try_from(integer).unwrap_or(usize::MAX))
    }

    fn count(&self, key: &str) -> usize {
        self.optional_count(key).unwrap_or_default()
    }

    fn millis(&self, key: &str) -> Duration {
        Duration::from_millis(self.integer(key))
    }
}
