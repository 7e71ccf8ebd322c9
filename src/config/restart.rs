//! Which settings differ from those that a process runs with, and cannot be changed while it does.
//!
//! What is not listed here is taken over by a reload: definitions, substitutions, mocks, levels of logs, limits, and what tasks may call.
//! The fields are named one by one, so that a new one must be thought of.

use super::settings::{ServerSettings, Settings, Workflow};
use crate::engine::EngineOptions;
use crate::history::LogLevel;
use crate::kafka::settings::{KafkaSettings, WorkflowSettings};

/// The keys that take effect only after a restart, in the order of the documentation.
#[must_use]
pub fn restart_needed(running: &Settings, new: &Settings) -> Vec<String> {
    let Settings {
        kafka,
        // Taken over.
        kafka_tasks: _,
        server,
        api,
        engine,
        identity,
        // Taken over by the settings' workflows; for machines of the API they are part of `api`.
        limits: _,
        tasks: _,
        mocks_file: _,
        workflows,
    } = new;
    let mut keys = Vec::new();
    kafka_keys(&running.kafka, kafka, &mut keys);
    server_keys(&running.server, server, &mut keys);
    engine_keys(&running.engine, engine, &mut keys);
    note(&mut keys, "identity", running.identity == *identity);
    note(&mut keys, "api", running.api == *api);
    let named = |all: &[Workflow], name: &str| all.iter().position(|w| w.kafka.name == name);
    for workflow in workflows {
        let name = &workflow.kafka.name;
        match named(&running.workflows, name).and_then(|at| running.workflows.get(at)) {
            Some(before) => workflow_keys(before, workflow, &mut keys),
            None => keys.push(format!("workflows.{name} (is new)")),
        }
    }
    for before in &running.workflows {
        let name = &before.kafka.name;
        if named(workflows, name).is_none() {
            keys.push(format!("workflows.{name} (is gone)"));
        }
    }
    keys
}

fn note(keys: &mut Vec<String>, key: impl Into<String>, is_same: bool) {
    if !is_same {
        keys.push(key.into());
    }
}

fn kafka_keys(running: &KafkaSettings, new: &KafkaSettings, keys: &mut Vec<String>) {
    let KafkaSettings {
        bootstrap_servers,
        group,
        properties,
        consumer_properties,
        producer_properties,
        commit_interval,
        carries_answered,
        revoke_grace,
        offset_gap_max,
        head_block,
        head_block_after,
        // Part of `api`.
        log_topics: _,
        test_case_header,
        record_bytes_max,
    } = new;
    for (key, is_same) in [
        (
            "bootstrap_servers",
            running.bootstrap_servers == *bootstrap_servers,
        ),
        ("group", running.group == *group),
        ("properties", running.properties == *properties),
        (
            "consumer",
            running.consumer_properties == *consumer_properties,
        ),
        (
            "producer",
            running.producer_properties == *producer_properties,
        ),
        (
            "commit_interval_ms",
            running.commit_interval == *commit_interval,
        ),
        (
            "carry_answered",
            running.carries_answered == *carries_answered,
        ),
        ("revoke_grace_ms", running.revoke_grace == *revoke_grace),
        ("head_block", running.head_block == *head_block),
        (
            "head_block_ms",
            running.head_block_after == *head_block_after,
        ),
        ("offset_gap_max", running.offset_gap_max == *offset_gap_max),
        (
            "record_bytes_max",
            running.record_bytes_max == *record_bytes_max,
        ),
    ] {
        note(keys, format!("kafka.{key}"), is_same);
    }
    let is_same = running.test_case_header == *test_case_header;
    note(keys, "mocks.header", is_same);
}

fn server_keys(running: &ServerSettings, new: &ServerSettings, keys: &mut Vec<String>) {
    let ServerSettings {
        listen,
        tokens,
        tls,
        shutdown_grace,
        watch_interval,
    } = new;
    for (key, is_same) in [
        ("listen", running.listen == *listen),
        ("tokens_file", running.tokens == *tokens),
        ("tls", running.tls == *tls),
        (
            "shutdown_grace_ms",
            running.shutdown_grace == *shutdown_grace,
        ),
        (
            "watch_interval_ms",
            running.watch_interval == *watch_interval,
        ),
    ] {
        note(keys, format!("server.{key}"), is_same);
    }
}

fn engine_keys(running: &EngineOptions, new: &EngineOptions, keys: &mut Vec<String>) {
    let EngineOptions {
        workers,
        queue_batches_max,
        executions_in_flight_max,
        workflow_executions_in_flight_max,
        bytes_held_max,
        records_per_execution_max,
    } = *new;
    for (key, before, now) in [
        ("workers", running.workers, workers),
        (
            "queue_batches_max",
            running.queue_batches_max,
            queue_batches_max,
        ),
        (
            "executions_in_flight_max",
            running.executions_in_flight_max,
            executions_in_flight_max,
        ),
        (
            "workflow_executions_in_flight_max",
            running.workflow_executions_in_flight_max,
            workflow_executions_in_flight_max,
        ),
        ("bytes_held_max", running.bytes_held_max, bytes_held_max),
        (
            "records_per_execution_max",
            running.records_per_execution_max,
            records_per_execution_max,
        ),
    ] {
        note(keys, format!("engine.{key}"), before == now);
    }
}

fn workflow_keys(running: &Workflow, new: &Workflow, keys: &mut Vec<String>) {
    let Workflow {
        kafka,
        recording,
        // Taken over.
        definition: _,
        substitutions: _,
        executions_in_flight_max: _,
        mocks: _,
    } = new;
    let WorkflowSettings {
        name,
        topics,
        group,
        when,
        order,
        results,
        failures,
        dead_letters,
        // Taken over.
        dead_letter_limit: _,
        dead_letter_headers,
        deduplicate,
        logs,
        reply,
    } = kafka;
    let before = &running.kafka;
    // A level other than OFF needs a topic, which is opened at the start.
    let log_is_same = match (&before.logs, logs) {
        (Some(_), None) => recording.level == LogLevel::Off,
        (before, now) => before == now,
    };
    for (key, is_same) in [
        ("topics", before.topics == *topics),
        ("group", before.group == *group),
        ("when", before.when == *when),
        ("order", before.order == *order),
        ("results", before.results == *results),
        ("failures", before.failures == *failures),
        ("dead_letters", before.dead_letters == *dead_letters),
        (
            "dead_letter_headers",
            before.dead_letter_headers == *dead_letter_headers,
        ),
        ("deduplicate", before.deduplicate == *deduplicate),
        ("log", log_is_same),
        ("reply", before.reply == *reply),
    ] {
        note(keys, format!("workflows.{name}.{key}"), is_same);
    }
}
