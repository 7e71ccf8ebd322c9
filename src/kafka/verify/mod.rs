//! What a cluster holds, looked at by the checker that simulations use: inputs, answers and commits of a consumer group.
//!
//! On a live system things happen meanwhile, so what is read first decides what must be there: first the committed
//! positions, then the ends of all topics, then the records up to these ends. An answer to an input below a committed position
//! was acknowledged before the commit, so it must be found.
//!
//! *Not here*: log records, whose number only an execution knows; and what stands on the terminal.

mod owed;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};

use self::owed::{Debt, Debts};
pub use self::report::{Report, VIOLATIONS_MAX};
use super::checker::{Checker, InputId, Partition, Violation};
use super::dead_letter::Reason;
use super::dead_letters::{Source, read_letter};
use super::error::KafkaError;
use super::group::{EventId, Once};
use super::reply::allows;
use super::route::Routes;
use super::settings::{KafkaSettings, WorkflowSettings};
use super::topic_reader::TopicReader;

/// What is looked at, and what is expected of it.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Inputs that are older are left out: milliseconds since the epoch.
    pub since_ms: Option<i64>,
    /// Nothing is under way: inputs that are not committed must have their answers too.
    pub settled: bool,
    /// So many inputs are looked at, at most; each takes some 100 bytes of memory.
    pub inputs_max: usize,
}

/// Answers are read from so much before [`Choice::since_ms`], as clocks differ.
const CLOCKS_DIFFER_MS: i64 = 600_000;

/// There are more inputs than may be looked at, or the cluster cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// See [`Choice::inputs_max`].
    #[error("group {group} has more than {max} inputs")]
    TooMany {
        /// The group.
        group: String,
        /// The bound.
        max: usize,
    },
    /// What Kafka says.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
}

/// The consumer groups of these workflows, in their order.
#[must_use]
pub fn groups(settings: &KafkaSettings, workflows: &[WorkflowSettings]) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for workflow in workflows {
        let group = workflow.group.as_ref().unwrap_or(&settings.group);
        if !groups.contains(group) {
            groups.push(group.clone());
        }
    }
    groups
}

/// Looks at all that one group has to do.
///
/// # Errors
/// If the cluster cannot be read, or there is too much to look at.
pub fn verify(
    settings: &KafkaSettings,
    workflows: &[WorkflowSettings],
    group: &str,
    choice: &Choice,
) -> Result<Report, VerifyError> {
    let routes = Routes::new(workflows, &settings.group, group);
    let reader = TopicReader::new(settings, group, "workflows")?;
    let inputs = inputs(&reader, &routes, choice)?;
    let outputs = outputs(
        &reader,
        &Outputs::of(&reader, workflows, settings, group)?,
        choice,
    )?;
    let mut look = Look {
        checker: Checker::default(),
        report: Report::new(group),
        debts: Debts::new(workflows, &routes, settings.record_bytes_max),
        suspects: BTreeMap::new(),
    };
    for input in &inputs {
        look.read_input(&reader, input, choice, group)?;
    }
    for (number, output) in (0..).zip(&outputs) {
        look.read_output(&reader, output, number)?;
    }
    for (_, violation) in look.suspects.values() {
        look.report.violation(violation);
    }
    for input in &inputs {
        let partition = &input.partition;
        if let Some(position) = input.committed
            && let Err(ahead) = look.checker.committed(partition, position)
        {
            look.report.violation(&ahead);
        }
    }
    let committed = |partition: &Partition| {
        let found = inputs.iter().find(|input| input.partition == *partition);
        found.and_then(|input| input.committed).unwrap_or(0)
    };
    look.report.close(&look.checker, choice.settled, committed);
    Ok(look.report)
}

/// A partition of an input topic.
struct Input {
    partition: Partition,
    /// The topic's number among the routes.
    topic: u32,
    committed: Option<i64>,
    bounds: (i64, i64),
}

/// A partition of an output topic.
struct Output {
    topic: String,
    partition: i32,
    bounds: (i64, i64),
    holds: Holds,
}

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Outcomes,
    DeadLetters,
    Replies,
}

/// The positions first, then the ends.
fn inputs(
    reader: &TopicReader,
    routes: &Routes,
    choice: &Choice,
) -> Result<Vec<Input>, KafkaError> {
    let mut inputs = Vec::new();
    for (number, topic) in (0..).zip(routes.topics()) {
        for partition in reader.partitions(&topic.name)? {
            inputs.push(Input {
                committed: reader.committed(&topic.name, partition)?,
                partition: (topic.name.clone(), partition),
                topic: number,
                bounds: (0, 0),
            });
        }
    }
    for input in &mut inputs {
        let (topic, partition) = &input.partition;
        input.bounds = bounds(reader, topic, *partition, choice.since_ms)?;
    }
    Ok(inputs)
}

fn outputs(
    reader: &TopicReader,
    topics: &Outputs,
    choice: &Choice,
) -> Result<Vec<Output>, KafkaError> {
    let since_ms = choice.since_ms.map(|since| since - CLOCKS_DIFFER_MS);
    let mut outputs = Vec::new();
    for (topic, holds) in &topics.0 {
        for partition in reader.partitions(topic)? {
            outputs.push(Output {
                topic: topic.clone(),
                partition,
                bounds: bounds(reader, topic, partition, since_ms)?,
                holds: *holds,
            });
        }
    }
    Ok(outputs)
}

fn bounds(
    reader: &TopicReader,
    topic: &str,
    partition: i32,
    since_ms: Option<i64>,
) -> Result<(i64, i64), KafkaError> {
    let (low, high) = reader.bounds(topic, partition)?;
    let from = match since_ms {
        Some(since) => reader.since(topic, partition, since)?.unwrap_or(high),
        None => low,
    };
    Ok((from.max(low), high))
}

/// The topics in which answers are looked for. A topic that holds both outcomes and dead letters counts as one of dead letters, where
/// both are understood.
struct Outputs(Vec<(String, Holds)>);

impl Outputs {
    fn of(
        reader: &TopicReader,
        workflows: &[WorkflowSettings],
        settings: &KafkaSettings,
        group: &str,
    ) -> Result<Self, KafkaError> {
        let own = |workflow: &&WorkflowSettings| {
            workflow.group.as_deref().unwrap_or(&settings.group) == group
        };
        let inputs: BTreeSet<&String> = workflows.iter().flat_map(|w| &w.topics).collect();
        let mut found: Vec<(String, Holds)> = Vec::new();
        let mut add = |topic: &str, holds: Holds| match found.iter_mut().find(|(t, _)| t == topic) {
            Some((_, known)) if holds == Holds::DeadLetters => *known = holds,
            Some(_) => {}
            None => found.push((topic.to_owned(), holds)),
        };
        for workflow in workflows.iter().filter(own) {
            for topic in workflow.results.iter().chain(&workflow.failures) {
                add(topic, Holds::Outcomes);
            }
            add(&workflow.dead_letters, Holds::DeadLetters);
            if let Some(reply) = &workflow.reply {
                let asked = |name: &str| {
                    let named = reply.topics.iter().any(|pattern| allows(pattern, name));
                    named && !inputs.contains(&name.to_owned())
                };
                for topic in reader.topics(asked)? {
                    add(&topic, Holds::Replies);
                }
            }
        }
        Ok(Self(found))
    }
}

/// The look at one group.
struct Look<'s> {
    checker: Checker,
    report: Report,
    debts: Debts<'s>,
    /// Inputs that one log has behind later ones of their order. One that another log has too may have been answered there before:
    /// it was delivered again, and came to something else.
    suspects: BTreeMap<InputId, (u64, Violation)>,
}

impl Look<'_> {
    fn read_input(
        &mut self,
        reader: &TopicReader,
        input: &Input,
        choice: &Choice,
        group: &str,
    ) -> Result<(), VerifyError> {
        let (topic, number) = &input.partition;
        let mut room = choice.inputs_max.saturating_sub(self.report.inputs);
        // Of this partition the last input of each event that is run once.
        let mut events: BTreeMap<(usize, EventId), InputId> = BTreeMap::new();
        let read = reader.read(topic, *number, input.bounds, |message| {
            if room == 0 {
                return ControlFlow::Break(());
            }
            room -= 1;
            self.report.inputs += 1;
            match self.debts.of(input.topic, *number, message) {
                // What it repeats may stand before what is looked at.
                Debt::Owes {
                    once: Some(once), ..
                } if is_soon_after(choice, &once, message) => {
                    self.report.unchecked += 1;
                }
                Debt::Owes { owed, order, once } => {
                    let offset = message.offset();
                    let id = self.checker.input(&input.partition, offset, owed, order);
                    let event = once.map(|once| (once.workflow, once.id));
                    if let Some(earlier) = event.and_then(|event| events.insert(event, id)) {
                        self.checker.repeats(id, earlier);
                    }
                }
                Debt::Unknown => self.report.unchecked += 1,
            }
            ControlFlow::Continue(())
        })?;
        if read.is_break() {
            return Err(VerifyError::TooMany {
                group: group.to_owned(),
                max: choice.inputs_max,
            });
        }
        Ok(())
    }

    /// `log` tells the partitions of all outputs apart.
    fn read_output(
        &mut self,
        reader: &TopicReader,
        output: &Output,
        log: u64,
    ) -> Result<(), KafkaError> {
        let (topic, partition) = (&output.topic, output.partition);
        let read = reader.read(topic, partition, output.bounds, |message| {
            let headers = message.headers();
            let dedup_id = headers
                .into_iter()
                .flat_map(|headers| headers.iter())
                .filter(|header| header.key == "asl-dedup-id")
                .last()
                .and_then(|header| std::str::from_utf8(header.value?).ok());
            let source = match output.holds {
                Holds::DeadLetters => read_letter(message).source(),
                Holds::Outcomes | Holds::Replies => Source::default(),
            };
            let is_reply = output.holds == Holds::Replies
                || source.reason.as_deref() == Some(Reason::ReplyUndeliverable.as_str());
            let of_letter = source.topic.zip(source.partition).zip(source.offset);
            let is_letter = of_letter.is_some();
            let input = of_letter
                .or_else(|| dedup_id.and_then(parse_dedup_id))
                .and_then(|(partition, offset)| self.checker.find(&partition, offset));
            let Some(id) = input else {
                self.report.foreign += 1;
                return ControlFlow::Continue(());
            };
            if is_reply {
                self.checker.reply_acknowledged(id);
            } else {
                self.outcome(id, log, is_letter);
            }
            ControlFlow::Continue(())
        });
        read.map(|_| ())
    }

    /// A dead letter is all that its input is given, whatever it has asked for; unless it stands for the reply.
    fn outcome(&mut self, id: InputId, log: u64, is_letter: bool) {
        self.checker.outcome_acknowledged(id);
        if is_letter {
            self.checker.reply_acknowledged(id);
        }
        match self.checker.outcome_written(id, log) {
            Err(violation) => {
                self.suspects.insert(id, (log, violation));
            }
            Ok(())
                if self
                    .suspects
                    .get(&id)
                    .is_some_and(|(in_log, _)| *in_log != log) =>
            {
                self.suspects.remove(&id);
            }
            Ok(()) => {}
        }
    }
}

/// Whether a record was written so soon after the first that is looked at that it may repeat an earlier one.
fn is_soon_after(choice: &Choice, once: &Once, message: &BorrowedMessage<'_>) -> bool {
    let since_ms = choice.since_ms.zip(message.timestamp().to_millis());
    since_ms.is_some_and(|(since, at)| at < since.saturating_add(once.bounds.age_ms_max))
}

/// `topic/partition/offset`; a topic has no slash.
fn parse_dedup_id(text: &str) -> Option<(Partition, i64)> {
    let mut parts = text.rsplitn(3, '/');
    let offset = parts.next()?.parse().ok()?;
    let partition = parts.next()?.parse().ok()?;
    Some(((parts.next()?.to_owned(), partition), offset))
}
