//! One element of `[[workflows]]`.

use std::path::Path;
use std::time::Duration;

use crate::config::raw::Table;
use crate::config::settings::{MocksSettings, Workflow};
use crate::history::LogLevel;
use crate::kafka::settings::{
    DeadLetterHeaders, DeadLetterLimit, DeduplicateBy, DeduplicateSettings, HeaderEquals,
    LogRecord, LogSettings, Order, ReplySettings, WorkflowSettings,
};
use crate::machine::Recording;

pub(super) fn workflow(table: &Table, folder: &Path) -> Workflow {
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
            dead_letter_limit: table
                .optional_table("dead_letter_limit")
                .map(dead_letter_limit),
            deduplicate: table.optional_table("deduplicate").map(deduplicate),
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
            reply: table.optional_table("reply").map(|reply| ReplySettings {
                topics: reply.texts("topics"),
                topic_header: reply.text("topic_header"),
                correlation_id_header: reply.text("correlation_id_header"),
                partition_header: reply.text("partition_header"),
                deadline_header: reply.text("deadline_header"),
            }),
        },
    }
}

fn deduplicate(table: &Table) -> DeduplicateSettings {
    DeduplicateSettings {
        by: match table.text("by").as_str() {
            "name" => DeduplicateBy::Name,
            "cloudevents" => DeduplicateBy::CloudEvent,
            // That there is one is a rule.
            _ => DeduplicateBy::Header(table.optional_text("header").unwrap_or_default()),
        },
        window: Duration::from_millis(table.count("window_ms") as u64),
        events_max: table.count("events_max"),
    }
}

fn dead_letter_limit(limit: &Table) -> DeadLetterLimit {
    let percent = limit.optional_count("percent");
    DeadLetterLimit {
        run: limit.optional_count("run"),
        percent: percent.and_then(|percent| u8::try_from(percent).ok()),
        events: limit.count("events"),
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
