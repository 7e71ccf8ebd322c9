//! The answers: what an event owes, and what each of its records looks like.
//!
//! | event | record | topic |
//! | --- | --- | --- |
//! | succeeded | the output as JSON | `results` |
//! | failed, timed out, aborted | the envelope | `failures` |
//! | undecodable, without a route, a bug | its own bytes | `dead_letters` |
//! | any execution whose level asks for it | log entries | `log.topic` |
//!
//! All carry the event's key and headers. Those of an execution have `asl-execution-arn`, `asl-execution-name`,
//! `asl-definition-revision` and `asl-dedup-id` (`topic/partition/offset`), which is the same for a record that is delivered again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::dead_letter::{self, Origin, Reason};
use super::envelope;
use super::log_record;
use super::native::{Headers, Message};
use super::producer::{Producer, TooLarge, TopicNumber, VALUE_OMITTED};
use super::route::Header;
use super::settings::{DeadLetterHeaders, Order, WorkflowSettings};
use super::statistics::Counters;
use super::token::Token;
use crate::engine::{Finished, Registry, Revision};
use crate::machine::Status;
use crate::metrics::EventMetrics;

/// Who answers for all groups of the process.
#[derive(Debug)]
pub(super) struct Answers {
    workflows: Vec<Workflow>,
    registry: Arc<Registry>,
    producer: Arc<Producer>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Workflow {
    settings: WorkflowSettings,
    results: Option<TopicNumber>,
    failures: Option<TopicNumber>,
    dead_letters: TopicNumber,
    logs: Option<(TopicNumber, super::settings::LogRecord)>,
    metrics: EventMetrics,
    reasons: Vec<metrics::Counter>,
}

/// A record as an answer needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event<'a> {
    pub(super) token: Token,
    pub(super) group: &'a str,
    pub(super) topic: &'a str,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) timestamp: Option<i64>,
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) source: HeaderSource<'a>,
}

/// What an event owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owed {
    /// One record whose token says that it is the only one: nothing else need be told.
    Sole,
    /// So many records, which the ledger must be told.
    Records(u32),
}

/// Where an event's headers are.
#[derive(Clone, Copy, Debug)]
pub(super) enum HeaderSource<'a> {
    Message(&'a Message),
    List(&'a Headers),
}

/// Headers that an answer of an execution gets beside the event's.
const ANSWER_HEADERS: usize = 5;
/// What stands behind the topic in a dedup id: two slashes, a partition and an offset.
const DEDUP_DIGITS_MAX: usize = 32;

impl Answers {
    pub(super) fn new(
        workflows: &[WorkflowSettings],
        registry: Arc<Registry>,
        producer: Arc<Producer>,
        counters: Arc<Counters>,
    ) -> Self {
        let number = |name: &str| {
            producer
                .topic(name)
                .expect("the producer was given the topics of all workflows")
        };
        let workflow = |settings: &WorkflowSettings| Workflow {
            results: settings.results.as_deref().map(number),
            failures: settings.failures.as_deref().map(number),
            dead_letters: number(&settings.dead_letters),
            logs: settings
                .logs
                .as_ref()
                .map(|logs| (number(&logs.topic), logs.record)),
            metrics: EventMetrics::new(&settings.name),
            reasons: Reason::ALL
                .iter()
                .map(|r| EventMetrics::dead_letters_by_reason(&settings.name, r.as_str()))
                .collect(),
            settings: settings.clone(),
        };
        let workflows = workflows.iter().map(workflow).collect();
        Self {
            workflows,
            registry,
            producer,
            counters,
        }
    }

    pub(super) fn order(&self, workflow: usize) -> Order {
        self.workflow(workflow).settings.order
    }

    /// The workflow's revision that was active when it was first asked for with these `seen`: once a batch.
    pub(super) fn revision(
        &self,
        workflow: usize,
        seen: &mut Vec<(usize, Arc<Revision>)>,
    ) -> Arc<Revision> {
        if let Some((_, revision)) = seen.iter().find(|(number, _)| *number == workflow) {
            return Arc::clone(revision);
        }
        let name = &self.workflow(workflow).settings.name;
        let revision = self
            .registry
            .get(name)
            .expect("a workflow is never taken out of the registry");
        seen.push((workflow, Arc::clone(&revision)));
        revision
    }

    /// Counts a record's value.
    pub(super) fn consumed(&self, workflow: usize, value: Option<&[u8]>) {
        self.workflow(workflow)
            .metrics
            .consumed_bytes
            .increment(value.map_or(0, <[u8]>::len) as u64);
    }

    /// Answers a record of which no execution is made.
    pub(super) fn dead_letter(
        &self,
        workflow: usize,
        event: &Event<'_>,
        reason: Reason,
        cause: &str,
    ) -> Owed {
        self.send_dead_letter(self.workflow(workflow), event, reason, cause, true);
        Owed::Sole
    }

    /// Answers an event whose execution has ended.
    pub(super) fn answer(&self, workflow: usize, event: &Event<'_>, finished: &Finished) -> Owed {
        let workflow = self.workflow(workflow);
        let arn = finished.identity.arn();
        let logs = log_values(workflow, finished, &arn);
        let sole = logs.is_empty();
        let mut owed = 0;
        if let Some((topic, _)) = workflow.logs {
            for log in &logs {
                let headers = self.answer_headers(event, finished, &arn, None);
                match self
                    .producer
                    .produce(topic, event.key, Some(log), headers, event.token)
                {
                    Ok(()) => owed += 1,
                    Err(TooLarge) => tracing::warn!(
                        arn,
                        bytes = log.len(),
                        "a log record is too large to be written"
                    ),
                }
            }
            self.counters
                .log_records
                .fetch_add(u64::from(owed), Ordering::Relaxed);
        }
        let answered = self.outcome(workflow, event, finished, &arn, sole);
        if sole && answered {
            Owed::Sole
        } else {
            Owed::Records(owed + u32::from(answered))
        }
    }

    /// Produces the record that says how the execution ended. Returns whether there is one.
    fn outcome(
        &self,
        workflow: &Workflow,
        event: &Event<'_>,
        finished: &Finished,
        arn: &str,
        sole: bool,
    ) -> bool {
        if finished.bug {
            let cause = "the machine panicked: please report this definition and event";
            self.send_dead_letter(workflow, event, Reason::Bug, cause, sole);
            return true;
        }
        let mut value = Vec::new();
        let (topic, error) = match (finished.outcome.status, &finished.outcome.output) {
            (Status::Succeeded, Some(output)) => {
                workflow.metrics.results.increment(1);
                self.counters.results.fetch_add(1, Ordering::Relaxed);
                if workflow.results.is_some() {
                    value.reserve(output.json_bytes());
                    output.write_json(&mut value);
                }
                (workflow.results, None)
            }
            _ => {
                workflow.metrics.failures.increment(1);
                self.counters.failures.fetch_add(1, Ordering::Relaxed);
                if workflow.failures.is_some() {
                    envelope::write(finished, arn, &mut value);
                }
                // AWS names no error for these two and for a Fail state without one.
                let unnamed = match finished.outcome.status {
                    Status::TimedOut => "States.Timeout",
                    Status::Aborted => "aborted",
                    Status::Failed | Status::Succeeded => "States.TaskFailed",
                };
                let error = finished.outcome.error.as_deref();
                (workflow.failures, Some(error.unwrap_or(unnamed)))
            }
        };
        let Some(topic) = topic else {
            return false;
        };
        let headers = self.answer_headers(event, finished, arn, error);
        let token = event.token_of_answer(sole);
        if self
            .producer
            .produce(topic, event.key, Some(&value), headers, token)
            == Err(TooLarge)
        {
            let cause = format!(
                "the answer has {} bytes, which the producer may not send",
                value.len()
            );
            self.send_dead_letter(workflow, event, Reason::OutputTooLarge, &cause, sole);
        }
        true
    }

    fn send_dead_letter(
        &self,
        workflow: &Workflow,
        event: &Event<'_>,
        reason: Reason,
        cause: &str,
        sole: bool,
    ) {
        workflow.metrics.dead_letters.increment(1);
        if let Some(counter) = Reason::ALL
            .iter()
            .position(|r| *r == reason)
            .and_then(|i| workflow.reasons.get(i))
        {
            counter.increment(1);
        }
        self.counters.dead_letters.fetch_add(1, Ordering::Relaxed);
        let origin = Origin {
            group: event.group,
            workflow: &workflow.settings.name,
            topic: event.topic,
            partition: event.partition,
            offset: event.offset,
            timestamp: event.timestamp,
        };
        let token = event.token_of_answer(sole);
        let letter = |profile| {
            let mut headers = event.copy_headers(dead_letter::HEADERS_MAX);
            dead_letter::headers(profile, reason, cause, &origin, |n, v| headers.add(n, v));
            headers
        };
        let profile: DeadLetterHeaders = workflow.settings.dead_letter_headers;
        let sent = self.producer.produce(
            workflow.dead_letters,
            event.key,
            event.value,
            letter(profile),
            token,
        );
        if sent == Err(TooLarge) {
            // Larger than the producer's message.max.bytes: only where it came from can be said.
            let mut headers = letter(profile);
            headers.add(VALUE_OMITTED, b"true");
            let sent =
                self.producer
                    .produce(workflow.dead_letters, event.key, None, headers, token);
            debug_assert!(
                sent.is_ok(),
                "key and headers were received, so they can be sent"
            );
        }
    }

    fn answer_headers(
        &self,
        event: &Event<'_>,
        finished: &Finished,
        arn: &str,
        error: Option<&str>,
    ) -> Headers {
        let mut headers = event.copy_headers(ANSWER_HEADERS);
        headers.add("asl-execution-arn", arn.as_bytes());
        headers.add("asl-execution-name", finished.identity.name.as_bytes());
        let mut digits = itoa::Buffer::new();
        let mut id = String::with_capacity(event.topic.len() + DEDUP_DIGITS_MAX);
        id.extend([event.topic, "/", digits.format(event.partition), "/"]);
        id.push_str(digits.format(event.offset));
        headers.add("asl-dedup-id", id.as_bytes());
        headers.add(
            "asl-definition-revision",
            digits.format(finished.revision.number).as_bytes(),
        );
        if let Some(error) = error {
            headers.add("asl-error", error.as_bytes());
        }
        headers
    }

    fn workflow(&self, number: usize) -> &Workflow {
        self.workflows
            .get(number)
            .expect("routes are made of the same workflows")
    }
}

/// The values of the log records that are owed.
fn log_values(workflow: &Workflow, finished: &Finished, arn: &str) -> Vec<Vec<u8>> {
    let Some((_, record)) = workflow.logs else {
        return Vec::new();
    };
    let (values, left_out) = log_record::values(&finished.records, arn, record);
    if left_out > 0 {
        tracing::warn!(
            arn,
            left_out,
            "an execution's log is longer than {} bytes, and entries are left out",
            log_record::LOG_BYTES_MAX
        );
    }
    values
}

impl<'a> Event<'a> {
    pub(super) fn of_message(
        message: &'a Message,
        token: Token,
        topic: &'a str,
        group: &'a str,
    ) -> Self {
        Self {
            token,
            group,
            topic,
            partition: message.partition(),
            offset: message.offset(),
            timestamp: message.timestamp(),
            key: message.key(),
            value: message.payload(),
            source: HeaderSource::Message(message),
        }
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = Header<'a>> + use<'a> {
        match self.source {
            HeaderSource::Message(message) => message.headers(),
            HeaderSource::List(list) => list.iter(),
        }
    }

    /// `sole`: nothing else is owed for the event.
    const fn token_of_answer(&self, sole: bool) -> Token {
        if sole { self.token.sole() } else { self.token }
    }

    fn copy_headers(&self, more: usize) -> Headers {
        match self.source {
            HeaderSource::Message(message) => message.copy_headers(more),
            HeaderSource::List(list) => list.clone(),
        }
    }
}
