//! The logs of the input topics, and what each input must come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use stepstream::kafka::by_hand::{Header, Incoming, Outgoing};
use stepstream::kafka::checker::{InputId, Owed, Partition};
use stepstream::kafka::settings::{HeadBlock, Order, WorkflowSettings};

use crate::broker::Broker;
use crate::plan::{EVENT, NOWHERE, REPLIES, TOPICS};

/// One partition of an input topic.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) records: BTreeMap<i64, Arc<Incoming>>,
    pub(crate) end: i64,
    /// How often it was truncated, and to where.
    pub(crate) cuts: Vec<i64>,
    /// Kafka itself may skip what is appended below it: a commit of before a truncation is above.
    pub(crate) excused_below: i64,
}

/// An input, and what it must come to.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) id: Option<InputId>,
    partition: Partition,
    offset: i64,
    what: What,
    value: Vec<u8>,
    /// The topic in which it wants a reply.
    reply: Option<&'static str>,
    /// The number of the first input that is the same event.
    event: usize,
}

/// What a record answers an input with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Outcome,
    Log,
    Reply,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Pass,
    Large,
    Wait,
    Task,
    Hang,
    Fail,
    Poison,
}

/// The header by which an answer names its input.
const NUMBER: &str = "number";

impl Log {
    /// Where the last record ends: what must be committed in the end.
    pub(crate) fn last(&self) -> Option<i64> {
        Some(self.records.last_key_value()?.0 + 1)
    }
}

impl Broker {
    /// Appends one more input to any partition.
    pub(crate) fn feed(&mut self) {
        let number = self.expected.len();
        let topics = self.plan.workflows.len();
        let which = self.random.below(topics as u64) as usize;
        let faults = self.plan.faults;
        let partition = (
            TOPICS[which].to_owned(),
            self.random.range(0, i64::from(self.plan.partitions) - 1) as i32,
        );
        let what = if self.random.in_1000(faults.poison) {
            What::Poison
        } else if self.random.in_1000(faults.hang) {
            What::Hang
        } else if self.random.in_1000(faults.large) {
            What::Large
        } else {
            *self.random.choose(&[
                What::Pass,
                What::Pass,
                What::Task,
                What::Task,
                What::Task,
                What::Wait,
                What::Fail,
            ])
        };
        let key = (!self.random.in_1000(100)).then(|| self.random.below(self.plan.keys));
        // Of what cannot be decoded there is no execution that would have its turn.
        let order = order(&self.plan.workflows[which], key).filter(|_| what != What::Poison);
        let verb = match what {
            What::Pass | What::Large => "pass",
            What::Wait => "wait",
            What::Task | What::Hang => "task",
            What::Fail => "fail",
            What::Poison => "",
        };
        let slow = self.random.in_1000(faults.slow);
        let task_ms = if slow {
            self.random.range(100, 8_000)
        } else {
            self.random.range(0, 30)
        };
        let flaky = self.random.in_1000(faults.flaky);
        let lane = order.map_or_else(|| "null".to_owned(), |order| order.to_string());
        let value = if what == What::Poison {
            format!("{{\"n\":{number}")
        } else {
            format!(
                "{{\"n\":{number},\"do\":\"{verb}\",\"hang\":{},\"ms\":{task_ms},\"flaky\":{flaky},\"lane\":{lane},\"p\":{}}}",
                what == What::Hang,
                partition.1
            )
        };
        let (mut headers, reply) = self.reply_headers(which, number);
        // Of what is excused nobody knows whether it was answered.
        let log = self.logs.get(&partition);
        let is_watched = log.is_some_and(|log| log.end >= log.excused_below);
        let repeated = match is_watched {
            true => self.repeated(which, &partition),
            false => None,
        };
        let event = repeated.map_or(number, |earlier| self.expected[earlier].event);
        if self.plan.workflows[which].deduplicate.is_some() {
            headers.push((EVENT.to_owned(), Some(event.to_string().into_bytes())));
        }
        let mut gap = 0;
        if self.random.in_1000(faults.gap) {
            gap = self.random.range(1, 4);
        }
        let now = self.now;
        let log = self
            .logs
            .get_mut(&partition)
            .expect("all partitions are there");
        let offset = log.end + gap;
        log.end = offset + 1;
        let excused = offset < log.excused_below;
        log.records.insert(
            offset,
            Arc::new(Incoming {
                topic: Arc::clone(&self.topics[which]),
                partition: partition.1,
                offset,
                leader_epoch: Some(log.cuts.len() as i32),
                timestamp: Some(now),
                key: key.map(|key| format!("k{key}").into_bytes()),
                value: Some(value.clone().into_bytes()),
                headers,
            }),
        );
        let owed = owed(&self.plan.workflows[which], what, reply);
        // What owes nothing may still fail when it is run again, by a clock that jumps, long after later ones.
        let order = order.filter(|_| owed.outcome);
        let id = (!excused).then(|| self.checker.input(&partition, offset, owed, order));
        // Who asks for a reply is answered, however often.
        if let (Some(id), Some(earlier), None) = (id, repeated, reply)
            && let Some(earlier) = self.expected[earlier].id
        {
            self.checker.repeats(id, earlier);
        }
        self.note(format_args!(
            "input {number} (event {event}) {partition:?} {offset} {value}"
        ));
        self.expected.push(Expected {
            id,
            partition,
            offset,
            what,
            value: value.into_bytes(),
            reply,
            event,
        });
    }

    /// An earlier input of the partition that the next one is to be a repetition of: the last of its event.
    fn repeated(&mut self, workflow: usize, partition: &Partition) -> Option<usize> {
        self.plan.workflows[workflow].deduplicate.as_ref()?;
        if !self.random.in_1000(300) {
            return None;
        }
        let back = self.random.range(0, 8) as usize;
        let of_partition = |number: &usize| {
            let earlier = &self.expected[*number];
            earlier.partition == *partition && earlier.reply.is_none() && earlier.id.is_some()
        };
        let chosen = (0..self.expected.len())
            .rev()
            .filter(of_partition)
            .nth(back)?;
        let event = self.expected[chosen].event;
        let mut same = (0..self.expected.len()).rev().filter(of_partition);
        same.find(|number| self.expected[*number].event == event)
    }

    /// An input's headers, and where it wants its reply.
    fn reply_headers(
        &mut self,
        workflow: usize,
        number: usize,
    ) -> (Vec<Header>, Option<&'static str>) {
        let number = Some(number.to_string().into_bytes());
        let mut headers = vec![(NUMBER.to_owned(), number.clone())];
        let Some(settings) = self.plan.workflows[workflow].reply.clone() else {
            return (headers, None);
        };
        if self.random.in_1000(300) {
            return (headers, None);
        }
        let is_nowhere = self.random.in_1000(self.plan.faults.nowhere);
        let topic = if is_nowhere { NOWHERE } else { REPLIES };
        headers.push((settings.topic_header, Some(topic.into())));
        headers.push((settings.correlation_id_header, number));
        (headers, Some(topic))
    }

    /// A log loses its end, as when a replica without it becomes the leader.
    pub(crate) fn truncate(&mut self) {
        let partition = self.any_partition();
        let committed = self.committed(&partition);
        let cut = self.random.range(1, 8);
        let log = self
            .logs
            .get_mut(&partition)
            .expect("all partitions are there");
        if log.end == 0 {
            return;
        }
        let to = (log.end - cut).max(0);
        drop(log.records.split_off(&to));
        log.end = to;
        log.cuts.push(to);
        log.excused_below = log.excused_below.max(committed);
        self.checker.truncated(&partition, to);
        self.note(format_args!("truncated {partition:?} to {to}"));
        self.reposition(&partition);
    }

    /// A commit has named offsets of before a truncation: Kafka itself may skip what is there now.
    pub(crate) fn excuse(&mut self, partition: &Partition, below: i64) {
        let log = self
            .logs
            .get_mut(partition)
            .expect("all partitions are there");
        log.excused_below = log.excused_below.max(below);
        let from = log.cuts.iter().copied().min().unwrap_or(0);
        for offset in from..below {
            self.checker.excuse(partition, offset);
        }
    }

    /// The input that a record answers, if what it says is right.
    pub(crate) fn answered(&self, record: &Outgoing) -> Result<usize, String> {
        let header = |name: &str| header(&record.headers, name);
        let number = header(NUMBER).and_then(|number| number.parse::<usize>().ok());
        let (number, expected) = number
            .and_then(|number| Some((number, self.expected.get(number)?)))
            .ok_or("an answer does not say to what")?;
        let (topic, partition) = &expected.partition;
        let place = match header("asl-dedup-id") {
            Some(id) => id,
            None => ["asl-topic", "asl-partition", "asl-offset"]
                .map(|name| header(name).unwrap_or_default())
                .join("/"),
        };
        if place != format!("{topic}/{partition}/{}", expected.offset) {
            return Err(format!("the answer to {number} says that it is to {place}"));
        }
        let error = header("asl-error");
        let revision = header("asl-definition-revision").unwrap_or_default();
        let fits = match record.topic.as_str() {
            "logs" => expected.what != What::Poison,
            "results" => expected.what != What::Large && expected.succeeds(record, &revision),
            "failures" => expected.fails_with(error.as_deref()),
            REPLIES => {
                let fits = match header("asl-status").as_deref() {
                    Some("SUCCEEDED") => expected.succeeds(record, &revision),
                    Some("FAILED" | "TIMED_OUT") => expected.fails_with(error.as_deref()),
                    _ => false,
                };
                fits && expected.reply == Some(REPLIES)
                    && header("kafka_correlationId") == header(NUMBER)
                    && header("kafka_replyTopic").is_none()
            }
            "dead" if is_of_a_reply(record) => {
                expected.reply == Some(NOWHERE) && record.value.as_deref() == Some(&expected.value)
            }
            "dead" if is_given_up(record) => {
                self.plan.settings.head_block == HeadBlock::DeadLetter
                    && matches!(expected.what, What::Task | What::Hang | What::Wait)
                    && record.value.as_deref() == Some(&expected.value)
            }
            "dead" => match expected.what {
                What::Poison => {
                    error.as_deref() == Some("json")
                        && record.value.as_deref() == Some(&expected.value)
                }
                What::Large => header("asl-value-omitted").is_some() && record.value.is_none(),
                What::Pass | What::Task | What::Wait | What::Hang | What::Fail => false,
            },
            _ => false,
        };
        if fits {
            Ok(number)
        } else {
            Err(format!("the answer to {expected:?} is {record:?}"))
        }
    }

    /// Whether the broker never takes this record.
    pub(crate) fn is_too_large(&self, record: &Outgoing) -> bool {
        record.topic == "results"
            && self
                .answered_number(record)
                .is_some_and(|number| self.expected[number].what == What::Large)
    }

    pub(crate) fn topic_of(&self, number: usize) -> String {
        self.expected[number].partition.0.clone()
    }

    pub(crate) fn answered_number(&self, record: &Outgoing) -> Option<usize> {
        let number = header(&record.headers, NUMBER)?.parse().ok()?;
        (number < self.expected.len()).then_some(number)
    }
}

impl Expected {
    /// Whether the record has what a successful execution of this revision gives.
    fn succeeds(&self, record: &Outgoing, revision: &str) -> bool {
        record.value.as_deref() == Some(&self.result(revision))
            && matches!(
                self.what,
                What::Pass | What::Large | What::Task | What::Wait
            )
    }

    fn fails_with(&self, error: Option<&str>) -> bool {
        match self.what {
            What::Fail => error == Some("Asked"),
            What::Hang | What::Task | What::Wait => error == Some("States.Timeout"),
            What::Pass | What::Large | What::Poison => false,
        }
    }

    /// What an execution of this revision makes of the input.
    fn result(&self, revision: &str) -> Vec<u8> {
        let mut result = self.value.clone();
        result.pop();
        result.extend(format!(",\"began\":{revision},\"ended\":{revision}}}").bytes());
        result
    }
}

/// Inputs of one order are answered one after the other.
fn order(workflow: &WorkflowSettings, key: Option<u64>) -> Option<u64> {
    match (workflow.order, key) {
        (Order::None, _) => None,
        (Order::Key, Some(key)) => Some(key),
        (Order::Key, None) | (Order::Partition, _) => Some(1_000),
    }
}

impl Kind {
    pub(crate) fn of(record: &Outgoing) -> Self {
        match record.topic.as_str() {
            "logs" => Self::Log,
            REPLIES | NOWHERE => Self::Reply,
            _ if is_of_a_reply(record) => Self::Reply,
            _ => Self::Outcome,
        }
    }
}

/// Whether the record says that its input's reply could not be delivered.
fn is_of_a_reply(record: &Outgoing) -> bool {
    header(&record.headers, "asl-error").as_deref() == Some("reply-undeliverable")
}

/// Whether the record says that its input held up its partition.
pub(crate) fn is_given_up(record: &Outgoing) -> bool {
    header(&record.headers, "asl-error").as_deref() == Some("head-blocked")
}

fn owed(workflow: &WorkflowSettings, what: What, reply: Option<&str>) -> Owed {
    let outcome = match what {
        What::Pass | What::Large | What::Wait | What::Task => workflow.results.is_some(),
        What::Fail | What::Hang => workflow.failures.is_some(),
        What::Poison => true,
    };
    Owed {
        outcome,
        log: workflow.logs.is_some() && what != What::Poison,
        reply: reply.is_some() && what != What::Poison,
    }
}

fn header(headers: &[Header], name: &str) -> Option<String> {
    let (_, value) = headers.iter().rfind(|(n, _)| n == name)?;
    Some(String::from_utf8_lossy(value.as_deref()?).into_owned())
}
