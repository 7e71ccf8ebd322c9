//! The engine without Kafka: values in, values out, in this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::super::Failure;
use super::super::stopwatch::Stopwatch;
use super::events::Event;
use super::load::Service;
use super::tally::{Answer, Tally};
use crate::engine::{Batch, Engine, Finished, Revision, Sink, Start, Starter, Token};
use crate::machine::{ExecutionKind, Identity};
use crate::value::{Text, Value};

/// An engine that is handed events in batches, worker after worker.
#[derive(Debug)]
pub(super) struct Inside {
    pub(super) engine: Engine,
    pub(super) revision: Arc<Revision>,
    pub(super) events: Arc<Vec<Event>>,
    pub(super) tally: Arc<Mutex<Tally>>,
    pub(super) stopwatch: Stopwatch,
    pub(super) worker: usize,
}

impl Service for Inside {
    fn send(&mut self, first: u64, due: &[Duration]) -> Result<(), Failure> {
        let mut batch: Box<dyn Batch> = Box::new(Values {
            revision: Arc::clone(&self.revision),
            events: Arc::clone(&self.events),
            first,
            due: due.to_vec(),
            tally: Arc::clone(&self.tally),
            stopwatch: self.stopwatch,
        });
        self.worker = (self.worker + 1) % self.engine.workers();
        while let Err(refused) = self.engine.try_submit(self.worker, batch) {
            if !self.engine.is_alive() {
                return Err(Failure::Broken("a worker has ended".to_owned()));
            }
            batch = refused;
            super::pause(Duration::from_micros(50));
        }
        Ok(())
    }

    fn broken(&mut self) -> Option<String> {
        (!self.engine.is_alive()).then(|| "a worker has ended".to_owned())
    }
}

/// Events that are parsed on the worker's thread.
struct Values {
    revision: Arc<Revision>,
    events: Arc<Vec<Event>>,
    first: u64,
    due: Vec<Duration>,
    tally: Arc<Mutex<Tally>>,
    stopwatch: Stopwatch,
}

impl Batch for Values {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        let Self {
            revision,
            events,
            first,
            due,
            tally,
            stopwatch,
        } = *self;
        let count = first..first + due.len() as u64;
        let answers = Arc::new(Answers {
            first,
            due,
            tally,
            stopwatch,
        });
        for (number, event) in count.zip(from(&events, first)) {
            let Ok(input) = Value::parse(event.value.as_bytes()) else {
                answers.answer(number, Answer::DeadLetter, event.value.len());
                continue;
            };
            starter.start(Start {
                revision: Arc::clone(&revision),
                input,
                identity: Identity {
                    machine: Arc::clone(&revision.machine),
                    name: Text::from(format!("bench-{number}")),
                    uuid: number.into(),
                    kind: ExecutionKind::Express,
                },
                context: Value::NULL,
                order: None,
                journal: None,
                sink: Arc::clone(&answers) as Arc<dyn Sink>,
                token: Token(number),
            });
        }
    }
}

/// The events from number `first` on, again and again.
pub(super) fn from(events: &[Event], first: u64) -> impl Iterator<Item = &Event> {
    let skipped = first % (events.len() as u64).max(1);
    let skipped = usize::try_from(skipped).expect("less than the number of events");
    events.iter().cycle().skip(skipped)
}

/// The answers to one batch.
#[derive(Debug)]
struct Answers {
    first: u64,
    due: Vec<Duration>,
    tally: Arc<Mutex<Tally>>,
    stopwatch: Stopwatch,
}

impl Answers {
    fn answer(&self, number: u64, answer: Answer, bytes: usize) {
        let index = usize::try_from(number - self.first).unwrap_or(usize::MAX);
        let due = self.due.get(index).copied().unwrap_or_default();
        let now = self.stopwatch.elapsed();
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.answer(Some(number), answer, bytes, due, now);
    }
}

impl Sink for Answers {
    fn finish(&self, finished: Finished) {
        let mut bytes = Vec::new();
        let answer = match (finished.bug, &finished.outcome.output) {
            (true, _) => Answer::DeadLetter,
            (false, Some(output)) => {
                output.write_json(&mut bytes);
                Answer::Result
            }
            (false, None) => Answer::Failure,
        };
        self.answer(finished.token.0, answer, bytes.len());
    }
}
