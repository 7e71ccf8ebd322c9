//! The events of one batch, from the worker's first look at them to their answers.
//!
//! While the batch runs, key, headers and payload are read where librdkafka put them. What has not ended when the batch has run is
//! copied, since one message keeps the memory of a whole fetch response.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::answer::{Answers, Event, HeaderSource, Owed};
use super::dead_letter::Reason;
use super::decode::{Decoded, Undecodable, decode};
use super::event::{self, hash};
use super::group::{Input, PartitionId};
use super::mutant::{self, Mutant};
use super::native::{Headers, Message, Records};
use super::report::Reporter;
use super::route::Routes;
use super::settings::Order;
use super::slot::{Slot, SlotTable};
use super::token::Token;
use crate::engine::{self, Batch, Finished, OrderKey, Revision, Sink, Start, Starter};
use crate::machine::Timestamp;
use crate::value::Value;

/// What all flights of a group share.
#[derive(Debug)]
pub(super) struct Flights {
    pub(super) group: String,
    pub(super) routes: Routes,
    pub(super) answers: Arc<Answers>,
    pub(super) reporter: Reporter,
    pub(super) record_bytes_max: usize,
}

/// Received records for one worker.
#[derive(Debug)]
pub(super) struct FlightPlan {
    pub(super) flights: Arc<Flights>,
    pub(super) slots: Arc<SlotTable>,
    pub(super) records: Records,
}

/// The events of a batch that have not ended.
#[derive(Debug)]
struct Flight {
    flights: Arc<Flights>,
    slots: Arc<SlotTable>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    records: Records,
    /// What outlives the batch, by the place in it.
    copies: BTreeMap<usize, Copied>,
    /// The revisions that this batch's executions run, by workflow.
    revisions: Vec<(usize, Arc<Revision>)>,
    /// What the poll loop is to be told; all at once when the batch has run.
    inputs: Vec<Input>,
    runs: bool,
}

/// What an answer needs of a record.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) token: Token,
    offset: i64,
    timestamp: Option<i64>,
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
    headers: Headers,
}

impl Batch for FlightPlan {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        let Self {
            flights,
            slots,
            records,
        } = *self;
        let count = records.len();
        let state = State {
            records,
            copies: BTreeMap::new(),
            revisions: Vec::new(),
            inputs: Vec::new(),
            runs: true,
        };
        let flight = Arc::new(Flight {
            flights,
            slots,
            state: Mutex::new(state),
        });
        for index in 0..count {
            if let Some(start) = flight.decode(index, &flight, starter.now()) {
                starter.start(start);
            }
        }
        flight.land();
        flight.flights.reporter.wake();
    }
}

impl Flight {
    /// Makes an execution of a record, or answers it at once.
    fn decode(&self, index: usize, sink: &Arc<Self>, now: Timestamp) -> Option<Start> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let (message, mark) = state.records.get(index)?;
        let token = Token::from_bits(mark);
        let slot = self
            .slots
            .get(&token.slot())
            .filter(|slot| slot.may_begin());
        let Some(slot) = slot else {
            state.records.free(index);
            state.inputs.push(Input::Dropped(token));
            return None;
        };
        let flights = &*self.flights;
        // A slot is made of one of the routes' topics.
        let topic = flights.routes.topic(slot.id.topic)?;
        let workflow = topic.workflow(|| message.headers());
        let event = Event::of_message(message, token, &topic.name, &flights.group);
        flights.answers.consumed(
            workflow.unwrap_or_else(|| topic.answerable()),
            message.payload(),
        );
        let owed = match workflow {
            None => {
                let cause = format!("no workflow's `when` holds for a record of {}", topic.name);
                flights
                    .answers
                    .dead_letter(topic.answerable(), &event, Reason::NoRoute, &cause)
            }
            Some(workflow) => match flights.answers.refuse(workflow, &event, now) {
                Some(owed) => owed,
                None => match decode(
                    message.payload(),
                    message.headers(),
                    flights.record_bytes_max,
                ) {
                    Ok(decoded) => {
                        let revision = flights.answers.revision(workflow, &mut state.revisions);
                        let place = (index, sink);
                        return Some(self.start(workflow, revision, decoded, message, slot, place));
                    }
                    Err(Undecodable { reason, cause }) => flights
                        .answers
                        .dead_letter(workflow, &event, reason, &cause),
                },
            },
        };
        state.answered(index, token, owed);
        None
    }

    fn start(
        &self,
        workflow: usize,
        revision: Arc<Revision>,
        decoded: Decoded,
        message: &Message,
        slot: &Slot,
        (index, sink): (usize, &Arc<Self>),
    ) -> Start {
        let answers = &self.flights.answers;
        let offset = message.offset();
        let topic = self
            .flights
            .routes
            .topic(slot.id.topic)
            .map_or("", |topic| &topic.name);
        let context = if revision.program.uses_context {
            let record = event::Record {
                topic,
                partition: slot.id.partition,
                offset,
                timestamp: message.timestamp(),
                key: message.key(),
            };
            event::context(&record, || message.headers(), decoded.attributes)
        } else {
            Value::NULL
        };
        Start {
            input: decoded.input,
            identity: slot.namer.identity(&revision.machine, offset),
            context,
            order: order_key(answers.order(workflow), workflow, message.key(), slot.id),
            sink: Arc::clone(sink) as Arc<dyn Sink>,
            token: engine::Token(index as u64),
            revision,
        }
    }

    /// The batch has run: copies what has not ended, frees the rest, tells the poll loop.
    fn land(&self) {
        let mut state = self.lock();
        state.runs = false;
        for index in 0..state.records.len() {
            if let Some((message, mark)) = state.records.get(index) {
                let copied = Copied::new(message, Token::from_bits(mark));
                state.copies.insert(index, copied);
            }
        }
        state.records.clear();
        state.revisions = Vec::new();
        self.tell(&mut state);
    }

    fn tell(&self, state: &mut State) {
        if !state.runs {
            self.flights
                .reporter
                .report(std::mem::take(&mut state.inputs));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Only one thread is ever here; the lock is for what the compiler cannot know.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Flight {
    fn finish(&self, finished: Finished) {
        let index = finished.token.0 as usize;
        let mut state = self.lock();
        let copied = state.copies.remove(&index);
        let (token, owed) = {
            let message = state.records.get(index);
            let (token, event) = match (&copied, message) {
                (Some(copied), _) => (copied.token, None),
                (None, Some((message, mark))) => (Token::from_bits(mark), Some(message)),
                (None, None) => unreachable!("an execution ends once"),
            };
            let Some(slot) = self
                .slots
                .get(&token.slot())
                .filter(|slot| slot.may_answer())
            else {
                state.records.free(index);
                return;
            };
            let topic = self
                .flights
                .routes
                .topic(slot.id.topic)
                .map_or("", |topic| &topic.name);
            let group = &self.flights.group;
            let event = match (event, &copied) {
                (Some(message), _) => Event::of_message(message, token, topic, group),
                (None, Some(copied)) => copied.event(slot.id.partition, topic, group),
                (None, None) => unreachable!("one of them is there"),
            };
            let workflow = self
                .flights
                .routes
                .topic(slot.id.topic)
                .and_then(|t| t.workflow(|| event.headers()))
                .expect("what was started has a route, and headers do not change");
            (
                token,
                self.flights.answers.answer(workflow, &event, &finished),
            )
        };
        state.answered(index, token, owed);
        self.tell(&mut state);
    }

    fn wanted(&self, token: engine::Token) -> bool {
        let index = token.0 as usize;
        let mut state = self.lock();
        let mark = state
            .records
            .get(index)
            .map(|(_, mark)| Token::from_bits(mark));
        let token = mark.or_else(|| Some(state.copies.get(&index)?.token));
        let Some(token) = token else {
            return false;
        };
        if self
            .slots
            .get(&token.slot())
            .is_some_and(|slot| slot.may_begin())
        {
            return true;
        }
        state.copies.remove(&index);
        state.records.free(index);
        state.inputs.push(Input::Dropped(token));
        self.tell(&mut state);
        false
    }
}

impl State {
    /// The event has been given its answer.
    fn answered(&mut self, index: usize, token: Token, owed: Owed) {
        self.records.free(index);
        if mutant::is(Mutant::CommitBeforeAck) {
            self.inputs.push(Input::Ended {
                token,
                records_owed: 0,
            });
            return;
        }
        match owed {
            // Its acknowledgement says it all.
            Owed::Sole => {}
            Owed::Records(records_owed) => self.inputs.push(Input::Ended {
                token,
                records_owed,
            }),
        }
    }
}

impl Copied {
    fn new(message: &Message, token: Token) -> Self {
        Self {
            token,
            offset: message.offset(),
            timestamp: message.timestamp(),
            key: message.key().map(Box::from),
            value: message.payload().map(Box::from),
            headers: message.copy_headers(0),
        }
    }

    pub(super) fn of_event(event: &Event<'_>) -> Self {
        Self {
            token: event.token,
            offset: event.offset,
            timestamp: event.timestamp,
            key: event.key.map(Box::from),
            value: event.value.map(Box::from),
            headers: event.copy_headers(0),
        }
    }

    pub(super) fn event<'a>(&'a self, partition: i32, topic: &'a str, group: &'a str) -> Event<'a> {
        Event {
            token: self.token,
            group,
            topic,
            partition,
            offset: self.offset,
            timestamp: self.timestamp,
            key: self.key.as_deref(),
            value: self.value.as_deref(),
            source: HeaderSource::List(&self.headers),
        }
    }
}

/// Which events run one after the other: those of one key of a workflow, or of one partition.
pub(super) fn order_key(
    order: Order,
    workflow: usize,
    key: Option<&[u8]>,
    id: PartitionId,
) -> Option<OrderKey> {
    let by_partition = || {
        let number = u64::from(id.partition.cast_unsigned()) | (u64::from(id.topic) << 32);
        OrderKey(hash(&number.to_le_bytes(), workflow as u64 ^ u64::MAX))
    };
    match (order, key) {
        (Order::None, _) => None,
        _ if mutant::is(Mutant::OrderByKeyBroken) => None,
        (Order::Key, Some(key)) => Some(OrderKey(hash(key, workflow as u64))),
        (Order::Key, None) | (Order::Partition, _) => Some(by_partition()),
    }
}
