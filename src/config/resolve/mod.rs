//! Settings as written → resolved.

mod access;
mod api;
mod door;
mod rules;
mod tasks;
mod workflow;

use std::path::Path;

use super::environment::Environment;
use super::fault::Faults;
use super::raw::Table;
use super::settings::{IdentitySettings, ServerSettings, Settings, Workflow};
use crate::engine::EngineOptions;
use crate::kafka::settings::{HeadBlock, KafkaSettings, KafkaTaskSettings};
use crate::machine::Limits;

/// Resolves what was read. After a fault, placeholders stand where a value is missing: the caller drops the result.
pub(super) fn resolve(
    path: &Path,
    root: &Table,
    environment: &Environment,
    faults: &mut Faults,
) -> Settings {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let mut kafka = kafka(root.table("kafka"));
    let mocks = root.table("mocks");
    kafka.test_case_header = mocks.optional_text("header");
    let written = root.list("workflows");
    let workflows: Vec<Workflow> = written
        .iter()
        .map(|t| workflow::workflow(t, folder))
        .collect();
    let identity = identity(root.table("identity"));
    let limits = limits(root.table("limits"));
    let api = api::api(
        root.table("api"),
        folder,
        environment,
        &identity,
        limits,
        faults,
    );
    let log_groups = api.iter().flat_map(|api| api.log_groups.values().cloned());
    kafka.log_topics = log_groups.collect();
    if workflows.is_empty() && api.is_none() && faults.is_empty() {
        let message = "missing: without a [[workflows]] and without the API there is nothing to do";
        let message = message.to_owned();
        faults.push(root.place.clone(), "workflows", message);
    }
    rules::names_differ(written, &workflows, faults);
    rules::deduplication_has_its_header(written, faults);
    rules::no_loop_of_topics(written, &workflows, faults);
    rules::no_workflow_in_anothers_shadow(written, &workflows, &kafka.group, faults);
    Settings {
        kafka,
        kafka_tasks: kafka_tasks(root.table("kafka")),
        server: server(root.table("server"), folder, environment, faults),
        engine: engine(root.table("engine")),
        identity,
        limits,
        api,
        tasks: tasks::tasks(root, folder, environment, faults),
        mocks_file: mocks.optional_text("file").map(|file| folder.join(file)),
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
        carries_answered: table.flag("carry_answered"),
        revoke_grace: table.millis("revoke_grace_ms"),
        offset_gap_max: table.count("offset_gap_max"),
        head_block: match table.text("head_block").as_str() {
            "dead_letter" => HeadBlock::DeadLetter,
            _ => HeadBlock::Wait,
        },
        head_block_after: table.millis("head_block_ms"),
        log_topics: Vec::new(),
        record_bytes_max: table.count("record_bytes_max"),
        test_case_header: None,
    }
}

fn kafka_tasks(table: &Table) -> KafkaTaskSettings {
    let tasks = table.table("tasks");
    KafkaTaskSettings {
        topics: tasks.texts("topics"),
        reply_topics: tasks.texts("reply_topics"),
        timeout: tasks.millis("timeout_ms"),
        requests_max: tasks.count("requests_max"),
        queues: table.table("queues").properties.clone(),
        sns_topics: table.table("sns_topics").properties.clone(),
        event_buses: table.table("event_buses").properties.clone(),
    }
}

fn server(
    table: &Table,
    folder: &Path,
    environment: &Environment,
    faults: &mut Faults,
) -> ServerSettings {
    let tokens = door::secret(table, "tokens_file", "SERVER_TOKENS", folder, environment);
    ServerSettings {
        listen: door::listen(table, tokens.is_some(), "server.tokens_file", faults),
        tokens,
        tls: door::tls(table, folder, faults),
        shutdown_grace: table.millis("shutdown_grace_ms"),
        watch_interval: Some(table.millis("watch_interval_ms")).filter(|ms| !ms.is_zero()),
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
        variable_bytes_max: table.count("variable_bytes_max"),
        variables_bytes_max: table.count("variables_bytes_max"),
        query_steps_max: table.integer("query_steps_max"),
        query_bytes_max: table.count("query_bytes_max"),
        query_depth_max: table.count("query_depth_max"),
        map_concurrency_max: table.count("map_concurrency_max"),
        frames_max: table.count("branches_max"),
        fuel_per_step: Limits::default().fuel_per_step,
    }
}
