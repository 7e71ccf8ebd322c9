//! Events a second through one worker: decode, run, tell the sink; no Kafka, no threads.

#![cfg(feature = "engine")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use divan::Bencher;
use divan::counter::ItemsCount;
use stepstream::engine::{
    Batch, Clock, Definition, EngineOptions, Finished, Inbox, Input, NoConnectors, Registry,
    Revision, Room, Sink, Start, Starter, SystemClock, Token, Worker,
};
use stepstream::machine::{ExecutionKind, Identity, Status};
use stepstream::value::{Text, Value};

/// Events of a batch, as many as a Kafka poll gives under load.
const BATCH: usize = 500;

/// Enrich, classify, annotate, select: five states, as IoT ingest does it.
const DEFINITION: &str = r#"{
  "StartAt": "Enrich",
  "States": {
    "Enrich": {"Type": "Pass", "Next": "Classify", "Parameters": {
      "id.$": "$.deviceId", "ts.$": "$.ts", "temperature.$": "$.temperature", "battery.$": "$.battery",
      "label.$": "States.Format('{}@{}:{}', $.type, $.location.site, $.deviceId)", "readings.$": "$.readings"}},
    "Classify": {"Type": "Choice", "Default": "Normal", "Choices": [
      {"Variable": "$.temperature", "NumericGreaterThan": 30, "Next": "Hot"},
      {"Variable": "$.battery", "NumericLessThan": 10, "Next": "LowBattery"}]},
    "Hot": {"Type": "Pass", "Result": {"level": "critical"}, "ResultPath": "$.alert", "Next": "Select"},
    "LowBattery": {"Type": "Pass", "Result": {"level": "warning"}, "ResultPath": "$.alert", "Next": "Select"},
    "Normal": {"Type": "Pass", "Result": {"level": "none"}, "ResultPath": "$.alert", "Next": "Select"},
    "Select": {"Type": "Pass", "Next": "Done", "Parameters": {
      "device.$": "$.id", "ts.$": "$.ts", "label.$": "$.label", "alert.$": "$.alert", "readings.$": "$.readings",
      "metrics": {"temperature.$": "$.temperature", "battery.$": "$.battery"}}},
    "Done": {"Type": "Succeed"}
  }
}"#;

const PASS: &str = r#"{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}"#;

const WAIT: &str =
    r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}"#;

const EVENT: &str = r#"{"deviceId": "dev-000417", "type": "thermo", "ts": "2026-01-01T00:00:00.000Z", "seq": 417,
  "location": {"site": "plant-7", "building": "B3", "lat": 52.520008, "lon": 13.404954}, "temperature": 21.37, "battery": 83,
  "humidity": 44.2, "firmware": "4.2.1", "readings": [{"t": 0, "v": 21.1}, {"t": 1, "v": 21.3}, {"t": 2, "v": 21.4}],
  "tags": ["indoor", "hvac", "calibrated"], "status": "ok"}"#;

fn main() {
    divan::main();
}

/// The whole way of a pure execution but for parsing.
#[divan::bench]
fn run_iot(bencher: Bencher<'_, '_>) {
    run(bencher, DEFINITION, false);
}

/// The same with the parsing of each event.
#[divan::bench]
fn parse_and_run_iot(bencher: Bencher<'_, '_>) {
    run(bencher, DEFINITION, true);
}

/// What the engine itself costs: one state that does nothing.
#[divan::bench]
fn run_pass(bencher: Bencher<'_, '_>) {
    run(bencher, PASS, false);
}

/// Executions that are parked and woken by a timer.
#[divan::bench]
fn park_and_wake(bencher: Bencher<'_, '_>) {
    run(bencher, WAIT, false);
}

fn run(bencher: Bencher<'_, '_>, definition: &str, parse: bool) {
    let registry = Registry::new(Arc::new(NoConnectors));
    let revision = registry
        .put(Definition::new("iot", definition))
        .expect("it is a definition");
    let sink = Arc::new(Counted::default());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (inbox, _wakes) = Inbox::new();
    let room = Arc::new(Room::new(&EngineOptions::default()));
    let mut worker = Worker::new(Arc::clone(&clock), room, inbox);
    let event = Value::parse(EVENT.as_bytes()).expect("the event is JSON");
    bencher.counter(ItemsCount::new(BATCH)).bench_local(|| {
        let events = Events {
            revision: Arc::clone(&revision),
            sink: Arc::clone(&sink) as Arc<dyn Sink>,
            event: (!parse).then(|| event.clone()),
        };
        worker.handle(Input::Batch(Box::new(events)), clock.now());
        while let Some(at) = worker.next_wakeup() {
            worker.handle(Input::Tick, at);
        }
    });
    let succeeded = sink.succeeded.load(Ordering::Relaxed);
    assert!(
        succeeded > 0 && succeeded.is_multiple_of(BATCH),
        "{succeeded}"
    );
}

struct Events {
    revision: Arc<Revision>,
    sink: Arc<dyn Sink>,
    /// `None` has each event parsed.
    event: Option<Value>,
}

impl Batch for Events {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        for number in 0..BATCH as u64 {
            let parse = || Value::parse(EVENT.as_bytes()).expect("the event is JSON");
            starter.start(Start {
                revision: Arc::clone(&self.revision),
                input: self.event.clone().unwrap_or_else(parse),
                identity: Identity {
                    machine: Arc::clone(&self.revision.machine),
                    name: Text::new_static("iot-events-0-123456789"),
                    uuid: number.into(),
                    kind: ExecutionKind::Express,
                },
                context: Value::NULL,
                order: None,
                sink: Arc::clone(&self.sink),
                token: Token(number),
                journal: None,
            });
        }
    }
}

#[derive(Debug, Default)]
struct Counted {
    succeeded: AtomicUsize,
}

impl Sink for Counted {
    fn finish(&self, finished: Finished) {
        if finished.outcome.status == Status::Succeeded {
            self.succeeded.fetch_add(1, Ordering::Relaxed);
        }
    }
}
