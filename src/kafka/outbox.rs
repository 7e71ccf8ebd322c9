//! Answers for executions that no event started, such as those of the API: results, failures and logs to the topics of
//! their workflow, as if an event had come.
//!
//! No offset waits for these records. The producer tries each until the broker has acknowledged it or the process ends.
//!
//! *Not here*: replies and dead letters, which need an event.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::answer::log_values;
use super::envelope;
use super::native::Headers;
use super::producer::{Producer, TooLarge, TopicNumber};
use super::settings::{KafkaSettings, LogRecord, WorkflowSettings};
use super::statistics::Counters;
use super::token::Token;
use crate::engine::Finished;

/// Where the records of executions without an event are left.
#[derive(Debug)]
pub struct Outbox {
    /// By the workflow's name.
    workflows: BTreeMap<String, Topics>,
    /// Topics of logs that belong to no workflow, by their names.
    logs: BTreeMap<String, TopicNumber>,
    producer: Arc<Producer>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Topics {
    results: Option<TopicNumber>,
    failures: Option<TopicNumber>,
    logs: Option<(TopicNumber, LogRecord)>,
}

/// Headers of a record: who, which revision, how it failed.
const HEADERS: usize = 5;

impl Outbox {
    pub(super) fn new(
        settings: &KafkaSettings,
        workflows: &[WorkflowSettings],
        producer: Arc<Producer>,
        counters: Arc<Counters>,
    ) -> Self {
        let number = |name: &str| {
            producer
                .topic(name)
                .expect("the producer was given the topics of all workflows and logs")
        };
        let topics = |workflow: &WorkflowSettings| Topics {
            results: workflow.results.as_deref().map(number),
            failures: workflow.failures.as_deref().map(number),
            logs: workflow
                .logs
                .as_ref()
                .map(|logs| (number(&logs.topic), logs.record)),
        };
        Self {
            workflows: workflows
                .iter()
                .map(|workflow| (workflow.name.clone(), topics(workflow)))
                .collect(),
            logs: settings
                .log_topics
                .iter()
                .map(|topic| (topic.clone(), number(topic)))
                .collect(),
            producer,
            counters,
        }
    }

    /// Whether the broker is behind: nothing more should be begun that will leave something here.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.producer.is_congested()
    }

    /// Sends how an execution of a workflow ended to the workflow's results or failures.
    pub fn outcome(&self, finished: &Finished) {
        let Some(topics) = self.workflows.get(finished.revision.name.as_str()) else {
            return;
        };
        let error = envelope::error(&finished.outcome);
        let (topic, count) = match error {
            None => (topics.results, &self.counters.results),
            Some(_) => (topics.failures, &self.counters.failures),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Some(topic) = topic {
            let arn = finished.identity.arn();
            let value = envelope::value(finished, &arn);
            self.send(topic, finished, &arn, &value, error);
        }
    }

    /// Sends the log records of an execution to its workflow's topic.
    pub fn workflow_logs(&self, finished: &Finished) {
        let topics = self.workflows.get(finished.revision.name.as_str());
        if let Some(logs) = topics.and_then(|topics| topics.logs) {
            self.send_logs(logs, finished);
        }
    }

    /// Sends the log records of an execution to one of [`KafkaSettings::log_topics`].
    pub fn logs(&self, topic: &str, finished: &Finished) {
        if let Some(number) = self.logs.get(topic) {
            self.send_logs((*number, LogRecord::Entry), finished);
        }
    }

    fn send_logs(&self, (topic, record): (TopicNumber, LogRecord), finished: &Finished) {
        let arn = finished.identity.arn();
        for log in log_values(record, finished, &arn) {
            if self.send(topic, finished, &arn, &log, None) {
                self.counters.log_records.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn send(
        &self,
        topic: TopicNumber,
        finished: &Finished,
        arn: &str,
        value: &[u8],
        error: Option<&str>,
    ) -> bool {
        let mut headers = Headers::with_capacity(HEADERS);
        headers.add("asl-execution-arn", arn.as_bytes());
        headers.add("asl-execution-name", finished.identity.name.as_bytes());
        headers.add("asl-dedup-id", arn.as_bytes());
        let mut digits = itoa::Buffer::new();
        let revision = digits.format(finished.revision.number);
        headers.add("asl-definition-revision", revision.as_bytes());
        if let Some(error) = error {
            headers.add("asl-error", error.as_bytes());
        }
        let sent = self
            .producer
            .produce(topic, None, Some(value), headers, Token::UNOWNED);
        if sent == Err(TooLarge) {
            let bytes = value.len();
            tracing::warn!(arn, bytes, "a record is too large to be written");
        }
        sent.is_ok()
    }
}
