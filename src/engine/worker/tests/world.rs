//! A worker with all that it talks to, under the test's hand.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use crate::asl::Resource;
use crate::engine::{
    Answer, Batch, Call, CallBounds, Clock, Connector, Connectors, Definition, EngineOptions,
    Finished, Inbox, Input, Journal, ManualClock, OrderKey, Registry, Revision, Room, Sink, Start,
    Starter, Token, Worker,
};
use crate::machine::{ExecutionKind, Identity, TaskResult, Timestamp};
use crate::value::{Text, Value};

/// A worker with all that it talks to.
pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) room: Arc<Room>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) worker: Worker,
    pub(super) revision: Arc<Revision>,
    pub(super) connector: Arc<Held>,
    pub(super) sink: Arc<Ends>,
}

impl World {
    pub(super) fn new(definition: &str) -> Self {
        Self::with(definition, |_| ())
    }

    pub(super) fn with(text: &str, change: impl FnOnce(&mut Definition)) -> Self {
        Self::make(text, change, None)
    }

    pub(super) fn bounded(text: &str, bounds: CallBounds) -> Self {
        Self::make(text, |_| (), Some(Arc::new(bounds)))
    }

    fn make(
        text: &str,
        change: impl FnOnce(&mut Definition),
        bounds: Option<Arc<CallBounds>>,
    ) -> Self {
        let connector = Arc::new(Held::default());
        let anything = Anything(Arc::clone(&connector), bounds);
        let registry = Registry::new(Arc::new(anything));
        let mut definition = Definition::new("test", text);
        change(&mut definition);
        let clock = Arc::new(ManualClock::default());
        let room = Arc::new(Room::new(&EngineOptions::default()));
        let (inbox, _wakes) = Inbox::new();
        Self {
            worker: Worker::new(
                Arc::clone(&clock) as Arc<dyn Clock>,
                Arc::clone(&room),
                Arc::clone(&inbox),
            ),
            clock,
            room,
            inbox,
            revision: registry.put(definition).unwrap(),
            connector,
            sink: Arc::default(),
        }
    }

    pub(super) fn use_options(&mut self, options: &EngineOptions) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.room = Arc::new(Room::new(options));
        self.worker = Worker::new(clock, Arc::clone(&self.room), Arc::clone(&self.inbox));
    }

    pub(super) fn start(&mut self, starts: &[Wanted]) {
        let make = |wanted: &Wanted| Start {
            revision: Arc::clone(&self.revision),
            input: wanted.input.clone(),
            identity: self.identity(wanted.token),
            context: Value::NULL,
            order: wanted.order.map(OrderKey),
            sink: Arc::clone(&self.sink) as Arc<dyn Sink>,
            token: Token(wanted.token),
            journal: wanted.journal.clone(),
        };
        let batch = Starts(starts.iter().map(make).collect());
        self.worker
            .handle(Input::Batch(Box::new(batch)), self.clock.now());
    }

    pub(super) fn identity(&self, token: u64) -> Identity {
        Identity {
            machine: Arc::clone(&self.revision.machine),
            name: Text::new(token.to_string()),
            uuid: token.into(),
            kind: ExecutionKind::Express,
        }
    }

    pub(super) fn tick(&mut self, now_ms: i64) {
        self.clock.advance_to(at(now_ms));
        self.worker.handle(Input::Tick, self.clock.now());
    }

    /// Answers the open call of the execution `token` and lets the worker have it.
    pub(super) fn answer(&mut self, token: u64) {
        let name = token.to_string();
        let mut open = self.connector.open.lock().unwrap();
        let place = open
            .iter()
            .position(|(n, _)| *n == name)
            .expect("it has called");
        let (_, answer) = open.remove(place);
        drop(open);
        answer.complete(TaskResult::Succeeded(Value::NULL));
        self.deliver();
    }

    pub(super) fn deliver(&mut self) {
        let mut ended = Vec::new();
        self.inbox.take(&mut ended);
        for ended in ended {
            self.worker
                .handle(Input::TaskEnded(ended), self.clock.now());
        }
        for (execution, stop) in self.inbox.take_stops() {
            self.worker
                .handle(Input::Stop(execution, stop), self.clock.now());
        }
    }

    /// Executions that have called since this was asked last.
    pub(super) fn called(&self) -> Vec<u64> {
        let calls = std::mem::take(&mut *self.connector.calls.lock().unwrap());
        calls
            .iter()
            .map(|call| call.identity.name.parse().unwrap())
            .collect()
    }

    /// Executions that have ended since this was asked last.
    pub(super) fn finished(&self) -> Vec<Finished> {
        std::mem::take(&mut *self.sink.ends.lock().unwrap())
    }

    pub(super) fn ended(&self) -> Vec<u64> {
        self.finished().iter().map(|f| f.token.0).collect()
    }
}

#[derive(Clone)]
pub(super) struct Wanted {
    token: u64,
    order: Option<u64>,
    input: Value,
    journal: Option<Arc<Journal>>,
}

pub(super) fn start(token: u64) -> Wanted {
    Wanted {
        token,
        order: None,
        input: Value::empty_object(),
        journal: None,
    }
}

impl Wanted {
    pub(super) fn order(mut self, key: u64) -> Self {
        self.order = Some(key);
        self
    }

    pub(super) fn journal(mut self, journal: &Arc<Journal>) -> Self {
        self.journal = Some(Arc::clone(journal));
        self
    }

    pub(super) fn input(mut self, json: &str) -> Self {
        self.input = Value::parse(json.as_bytes()).unwrap();
        self
    }
}

struct Starts(Vec<Start>);

impl Batch for Starts {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        for start in self.0 {
            starter.start(start);
        }
    }
}

/// Keeps calls until the test answers them; a payload `"panic"` or `"drop"` says what else to do.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) calls: Mutex<Vec<Call>>,
    pub(super) open: Mutex<Vec<(String, Answer)>>,
}

impl Connector for Held {
    fn call(&self, call: Call, answer: Answer) {
        match call.payload.as_str() {
            Some("panic") => panic!("a bug of the connector, wanted by the test"),
            Some("drop") => drop(answer),
            _ => {
                let name = call.identity.name.to_string();
                self.calls.lock().unwrap().push(call);
                self.open.lock().unwrap().push((name, answer));
            }
        }
    }

    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        call.payload.get("to")?.as_str().map(Cow::Borrowed)
    }
}

#[derive(Debug)]
struct Anything(Arc<Held>, Option<Arc<CallBounds>>);

impl Connectors for Anything {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Ok(Arc::clone(&self.0) as Arc<dyn Connector>)
    }

    fn bounds(&self, _: &Resource) -> Option<Arc<CallBounds>> {
        self.1.clone()
    }
}

#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) ends: Mutex<Vec<Finished>>,
    pub(super) unwanted: Mutex<HashSet<Token>>,
}

impl Sink for Ends {
    fn finish(&self, finished: Finished) {
        self.ends.lock().unwrap().push(finished);
    }

    fn wanted(&self, token: Token) -> bool {
        !self.unwanted.lock().unwrap().contains(&token)
    }
}

pub(super) fn copy(revision: &Revision) -> Revision {
    revision.with(Vec::new())
}

pub(super) const fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}
