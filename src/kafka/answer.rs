//! The answers: what an event owes, and what each of its records looks like.
//!
//! | event | record | topic |
//! | --- | --- | --- |
//! | succeeded | the output as JSON | `results` |
//! | failed, timed out, aborted | the envelope | `failures` |
//! | one that asks for a reply | the output, or the envelope | the one it names |
//! | undecodable, without a route, a bug | its own bytes | `dead_letters` |
//! | any execution whose level asks for it | log entries | `log.topic` |
//!
//! All carry the event's key and headers. Those of an execution have `asl-execution-arn`, `asl-execution-name`,
//! `asl-definition-revision` and `asl-dedup-id` (`topic/partition/offset`), which is the same for a record that is delivered again.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::dead_letter::Reason;
use super::envelope;
use super::gate::Gates;
use super::letters::Letters;
use super::log_record;
use super::mutant::{self, Mutant};
use super::native::{Headers, Message};
use super::producer::{Producer, TooLarge, TopicNumber};
use super::reply::{Address, Admission, Desk, Replies};
use super::route::Header;
use super::settings::{LogRecord, Order, WorkflowSettings};
use super::statistics::Counters;
use super::token::Token;
use crate::engine::{Finished, Registry, Revision};
use crate::machine::Timestamp;
use crate::metrics::EventMetrics;

/// Who answers for all groups of the process.
#[derive(Debug)]
pub(super) struct Answers {
    workflows: Vec<Workflow>,
    registry: Arc<Registry>,
    producer: Arc<Producer>,
    letters: Arc<Letters>,
    gates: Arc<Gates>,
    /// Only where a workflow replies.
    replies: Option<Arc<Replies>>,
    counters: Arc<Counters>,
}

#[derive(Debug)]
struct Workflow {
    settings: WorkflowSettings,
    results: Option<TopicNumber>,
    failures: Option<TopicNumber>,
    logs: Option<(TopicNumber, LogRecord)>,
    reply: Option<Desk>,
    metrics: EventMetrics,
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
        letters: Arc<Letters>,
        gates: Arc<Gates>,
        replies: Option<Arc<Replies>>,
        counters: Arc<Counters>,
    ) -> Self {
        let number = |name: &str| {
            producer
                .topic(name)
                .expect("the producer was given the topics of all workflows")
        };
        let workflow = |(settings, reply): (&WorkflowSettings, Option<Desk>)| Workflow {
            results: settings.results.as_deref().map(number),
            failures: settings.failures.as_deref().map(number),
            reply,
            logs: settings
                .logs
                .as_ref()
                .map(|logs| (number(&logs.topic), logs.record)),
            metrics: EventMetrics::new(&settings.name),
            settings: settings.clone(),
        };
        let desks = Desk::all(workflows);
        let workflows = workflows.iter().zip(desks).map(workflow).collect();
        Self {
            workflows,
            registry,
            producer,
            letters,
            gates,
            replies,
            counters,
        }
    }

    /// Whether no event of the workflow is to be begun.
    pub(super) fn is_stopped(&self, workflow: usize) -> bool {
        self.gates.is_closed(workflow)
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

    /// A revision as it runs in a test case.
    pub(super) fn test_case(
        &self,
        revision: &Arc<Revision>,
        test_case: &str,
    ) -> Result<Arc<Revision>, String> {
        self.registry.test_case(revision, test_case)
    }

    /// Counts a record's value.
    pub(super) fn consumed(&self, workflow: usize, value: Option<&[u8]>) {
        self.workflow(workflow)
            .metrics
            .consumed_bytes
            .increment(value.map_or(0, <[u8]>::len) as u64);
    }

    /// Answers a record of which no execution is made; `None` if the workflow was stopped before it could.
    pub(super) fn dead_letter(
        &self,
        workflow: usize,
        event: &Event<'_>,
        reason: Reason,
        cause: &str,
    ) -> Option<Owed> {
        if !self.gates.admit_letter(workflow) {
            return None;
        }
        self.letters.send(workflow, event, reason, cause, true);
        Some(Owed::Sole)
    }

    /// Answers an event by a letter that is owed whatever the workflow's limit is.
    pub(super) fn owed_letter(&self, workflow: usize, event: &Event<'_>, why: Reason, cause: &str) {
        self.letters.send(workflow, event, why, cause, true);
    }

    /// Whether an execution may be made of a record, by what its headers ask for.
    pub(super) fn admit(&self, workflow: usize, event: &Event<'_>, now: Timestamp) -> Admission {
        let desk = self.workflow(workflow).reply.as_ref();
        desk.map_or(Admission::Run, |desk| desk.admit(event, now))
    }

    /// Answers an event whose execution has ended.
    pub(super) fn answer(&self, number: usize, event: &Event<'_>, finished: &Finished) -> Owed {
        let workflow = self.workflow(number);
        let arn = finished.identity.arn();
        if !finished.bug {
            self.gates.answered(number);
        }
        let logs = match workflow.logs {
            Some((_, record)) => log_values(record, finished, &arn),
            None => Vec::new(),
        };
        let desk = workflow.reply.as_ref();
        let reply = desk.and_then(|desk| Some((desk, desk.address(event)?)));
        let sole = logs.is_empty() && reply.is_none();
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
        let answers = self.outcome(number, event, finished, &arn, reply, sole);
        if sole && answers == 1 {
            Owed::Sole
        } else {
            Owed::Records(owed + answers)
        }
    }

    /// Produces the records that say how the execution ended. Returns how many there are.
    fn outcome(
        &self,
        number: usize,
        event: &Event<'_>,
        finished: &Finished,
        arn: &str,
        reply: Option<(&Desk, Address<'_>)>,
        sole: bool,
    ) -> u32 {
        let error = envelope::error(&finished.outcome);
        let topic = if finished.bug {
            // Its letter is owed, whatever the limit.
            self.gates.admit_letter(number);
            let cause = "the machine panicked: please report this definition and event";
            self.letters.send(number, event, Reason::Bug, cause, sole);
            None
        } else {
            self.count(self.workflow(number), error.is_none())
        };
        let mut records = u32::from(finished.bug);
        if topic.is_none() && reply.is_none() {
            return records;
        }
        let value = envelope::value(finished, arn);
        if let Some(topic) = topic {
            let headers = self.answer_headers(event, finished, arn, error);
            let token = event.token_of_answer(sole);
            if self
                .producer
                .produce(topic, event.key, Some(&value), headers, token)
                == Err(TooLarge)
            {
                let bytes = value.len();
                let cause =
                    format!("the answer has {bytes} bytes, which the producer may not send");
                let reason = Reason::OutputTooLarge;
                self.letters.send(number, event, reason, &cause, sole);
            }
            records += 1;
        }
        if let (Some((desk, address)), Some(replies)) = (reply, &self.replies) {
            let mut headers = self.answer_headers(event, finished, arn, error);
            desk.address_headers(&mut headers, &address);
            headers.add("asl-status", finished.outcome.status.as_str().as_bytes());
            replies.send(number, event, &address, headers, value);
            records += u32::from(!mutant::is(Mutant::ReplyNotAwaited));
        }
        records
    }

    /// Counts an outcome. Returns the topic that it goes to.
    fn count(&self, workflow: &Workflow, succeeded: bool) -> Option<TopicNumber> {
        if succeeded {
            workflow.metrics.results.increment(1);
            self.counters.results.fetch_add(1, Ordering::Relaxed);
            workflow.results
        } else {
            workflow.metrics.failures.increment(1);
            self.counters.failures.fetch_add(1, Ordering::Relaxed);
            workflow.failures
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
            digits.format(self.revision_number(finished)).as_bytes(),
        );
        if let Some(error) = error {
            headers.add("asl-error", error.as_bytes());
        }
        headers
    }

    fn revision_number(&self, finished: &Finished) -> u64 {
        let ran = &finished.revision;
        if mutant::is(Mutant::RevisionNotKept) {
            return self.registry.get(&ran.name).map_or(0, |r| r.number);
        }
        ran.number
    }

    fn workflow(&self, number: usize) -> &Workflow {
        self.workflows
            .get(number)
            .expect("routes are made of the same workflows")
    }
}

/// The values of the log records that are owed.
pub(super) fn log_values(record: LogRecord, finished: &Finished, arn: &str) -> Vec<Vec<u8>> {
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
    pub(super) const fn token_of_answer(&self, sole: bool) -> Token {
        if sole { self.token.sole() } else { self.token }
    }

    pub(super) fn copy_headers(&self, more: usize) -> Headers {
        match self.source {
            HeaderSource::Message(message) => message.copy_headers(more),
            HeaderSource::List(list) => list.clone(),
        }
    }
}
