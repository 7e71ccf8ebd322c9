//! The events of one batch, from the worker's first look at them to their answers.
//!
//! While the batch runs, key, headers and payload are read where librdkafka put them. What has not ended when the batch has run is
//! copied, since one message keeps the memory of a whole fetch response.

mod copied;
mod parked;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(in crate::kafka) use copied::Copied;
pub(in crate::kafka) use parked::Parked;

use crate::engine::{self, Batch, Finished, Revision, Sink, Start, Starter};
use crate::kafka::answer::{Answers, Event, Owed};
use crate::kafka::dead_letter::Reason;
use crate::kafka::decode::{Decoded, Undecodable, decode};
use crate::kafka::duplicate::Recognizer;
use crate::kafka::event;
use crate::kafka::group::{Input, Once};
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::native::{Message, Records};
use crate::kafka::order::order_key;
use crate::kafka::reply::Admission;
use crate::kafka::report::Reporter;
use crate::kafka::route::Routes;
use crate::kafka::slot::{Slot, SlotTable};
use crate::kafka::token::Token;
use crate::machine::Timestamp;
use crate::value::{Parser, Value};

/// What all flights of a group share.
#[derive(Debug)]
pub(in crate::kafka) struct Flights {
    pub(in crate::kafka) group: String,
    pub(in crate::kafka) routes: Routes,
    pub(in crate::kafka) answers: Arc<Answers>,
    pub(in crate::kafka) reporter: Reporter,
    pub(in crate::kafka) record_bytes_max: usize,
    /// The flights with events that may be given up; `None` where they never are.
    pub(in crate::kafka) parked: Option<Parked>,
    pub(in crate::kafka) test_case_header: Option<String>,
    /// Of each workflow how it tells its events apart, if it runs each once.
    pub(in crate::kafka) recognizers: Vec<Option<Recognizer>>,
}

/// Received records for one worker.
#[derive(Debug)]
pub(in crate::kafka) struct FlightPlan {
    pub(in crate::kafka) flights: Arc<Flights>,
    pub(in crate::kafka) slots: Arc<SlotTable>,
    pub(in crate::kafka) records: Records,
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
    /// Has seen the batch's payloads so far, which mostly look alike.
    parser: Parser,
    /// The revisions that this batch's executions run, by workflow.
    revisions: Vec<(usize, Arc<Revision>)>,
    /// What the poll loop is to be told; all at once when the batch has run.
    inputs: Vec<Input>,
    runs: bool,
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
            parser: Parser::new(),
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
        flight.land(&flight);
        flight.flights.reporter.wake();
    }
}

impl Flights {
    /// What is to be run once, if the record's event is.
    pub(in crate::kafka) fn once(&self, workflow: usize, message: &Message) -> Option<Once> {
        let recognizer = self.recognizers.get(workflow)?.as_ref()?;
        recognizer.once(|| message.headers(), message.payload())
    }

    /// Counts an event that is not run, since it was received before.
    pub(in crate::kafka) fn repeated(&self, workflow: usize) {
        if let Some(Some(recognizer)) = self.recognizers.get(workflow) {
            recognizer.repeated.increment(1);
        }
    }

    /// The revision as it runs in the test case that the event chooses, if it may choose and does.
    fn mocked(&self, revision: Arc<Revision>, message: &Message) -> Result<Arc<Revision>, String> {
        let Some(header) = &self.test_case_header else {
            return Ok(revision);
        };
        let named = message
            .headers()
            .filter(|(name, _)| *name == header.as_bytes());
        match named.last() {
            Some((_, Some(value))) => {
                let test_case = String::from_utf8_lossy(value);
                self.answers.test_case(&revision, &test_case)
            }
            Some((_, None)) | None => Ok(revision),
        }
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
        let taker = workflow.unwrap_or_else(|| topic.answerable());
        flights.answers.consumed(taker, message.payload());
        let answers = &*flights.answers;
        let owed = match workflow {
            _ if answers.is_stopped(taker) => None,
            None => {
                let cause = format!("no workflow's `when` holds for a record of {}", topic.name);
                answers.dead_letter(taker, &event, Reason::NoRoute, &cause)
            }
            Some(workflow) => match answers.admit(workflow, &event, now) {
                Admission::Expired => Some(Owed::Records(0)),
                Admission::DeadLetter(reason, cause) => {
                    answers.dead_letter(workflow, &event, reason, &cause)
                }
                Admission::Run => match decode(
                    message.payload(),
                    message.headers(),
                    flights.record_bytes_max,
                    &mut state.parser,
                ) {
                    Ok(decoded) => {
                        let revision = answers.revision(workflow, &mut state.revisions);
                        match flights.mocked(revision, message) {
                            Ok(revision) => {
                                let place = (index, sink);
                                return Some(
                                    self.start(workflow, revision, decoded, message, slot, place),
                                );
                            }
                            Err(cause) => {
                                answers.dead_letter(workflow, &event, Reason::TestCase, &cause)
                            }
                        }
                    }
                    Err(Undecodable { reason, cause }) => {
                        answers.dead_letter(workflow, &event, reason, &cause)
                    }
                },
            },
        };
        match owed {
            Some(owed) => state.answered(index, token, owed),
            None => {
                // What comes behind it in the partition must not be done before it.
                slot.fence();
                state.records.free(index);
                state.inputs.push(Input::Dropped(token));
            }
        }
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
            journal: None,
            revision,
        }
    }

    /// The batch has run: copies what has not ended, frees the rest, tells the poll loop.
    fn land(&self, flight: &Arc<Self>) {
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
        state.parser = Parser::new();
        self.tell(&mut state);
        let has_copies = !state.copies.is_empty();
        drop(state);
        if let Some(parked) = self.flights.parked.as_ref().filter(|_| has_copies) {
            parked.add(flight);
        }
    }

    fn tell(&self, state: &mut State) {
        if !state.runs {
            self.flights
                .reporter
                .report(std::mem::take(&mut state.inputs));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Its worker is here alone, save for a poll loop that gives an event up.
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
                // Its event was given up.
                (None, None) => return,
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
