//! One event through the machine: bytes in, workflow of seven states, bytes out; in either language.

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use stepstream::asl::{Program, compile};
use stepstream::history::LogLevel;
use stepstream::machine::{
    Effect, Event, Execution, ExecutionKind, Identity, Limits, MachineIdentity, Options, Outcome,
    Recording, Timestamp,
};
use stepstream::value::{Parser, Value};

/// Enrich, classify, annotate, select: what IoT ingest does.
const DEFINITION: &str = include_str!("instructions/iot.asl.json");

/// The same in JSONata.
const QUERIES: &str = include_str!("instructions/iot-jsonata.asl.json");

const INPUT: &[u8] = include_bytes!("instructions/event.json").trim_ascii();

const OUTPUT: &[u8] = include_bytes!("instructions/result.json").trim_ascii();

const MAP: &str = r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
  "StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"v.$": "$"}, "End": true}}}}}}"#;

const PARALLEL: &str = r#"{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
  {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"id.$": "$.deviceId"}, "End": true}}},
  {"StartAt": "B", "States": {"B": {"Type": "Pass", "Parameters": {"ts.$": "$.ts"}, "End": true}}}]}}}"#;

/// The binary's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

struct World {
    program: Arc<Program>,
    machine: Arc<MachineIdentity>,
    recording: Recording,
    effects: Vec<Effect>,
}

impl World {
    fn of(definition: &str, level: LogLevel) -> Self {
        let (program, diagnostics) = compile(definition);
        let machine = MachineIdentity {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "123456789012".into(),
            name: "iot".into(),
            role_arn: "arn:aws:iam::123456789012:role/iot".into(),
        };
        Self {
            program: Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}"))),
            machine: Arc::new(machine),
            recording: Recording {
                level,
                include_execution_data: true,
            },
            effects: Vec::new(),
        }
    }

    fn run(&mut self, input: Value) -> Outcome {
        let options = Options {
            identity: Identity {
                machine: Arc::clone(&self.machine),
                name: "iot-in-0-1000000".into(),
                uuid: 1,
                kind: ExecutionKind::Express,
            },
            limits: Limits::default(),
            seed: 1,
            recording: self.recording,
            context: Value::NULL,
        };
        let now = Timestamp::from_millis(1_763_800_000_000);
        let mut execution = Execution::start(Arc::clone(&self.program), input, options, now);
        execution.step(Event::Begin, now, &mut self.effects);
        let Some(Effect::Finish(outcome)) = self.effects.pop() else {
            panic!("a pure execution ends in its first step");
        };
        self.effects.clear();
        outcome
    }
}

/// Parse, run, write.
#[divan::bench(args = [LogLevel::Off, LogLevel::All])]
fn bytes_to_bytes(bencher: Bencher<'_, '_>, level: LogLevel) {
    bytes_through(DEFINITION, level, bencher);
}

/// The same workflow in JSONata.
#[divan::bench(args = [LogLevel::Off, LogLevel::All])]
fn bytes_to_bytes_jsonata(bencher: Bencher<'_, '_>, level: LogLevel) {
    bytes_through(QUERIES, level, bencher);
}

fn bytes_through(definition: &str, level: LogLevel, bencher: Bencher<'_, '_>) {
    let mut world = World::of(definition, level);
    let mut output = Vec::new();
    let mut parser = Parser::new();
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        output.clear();
        let input = parser
            .parse(divan::black_box(INPUT))
            .expect("the input is JSON");
        let outcome = world.run(input);
        outcome.output.expect("it succeeds").write_json(&mut output);
        assert_eq!(output, OUTPUT);
    });
}

/// The same without parsing and writing.
#[divan::bench]
fn value_to_value(bencher: Bencher<'_, '_>) {
    let mut world = World::of(DEFINITION, LogLevel::Off);
    let input = Value::parse(INPUT).expect("the input is JSON");
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| world.run(divan::black_box(&input).clone()));
}

/// A Map over forty numbers, one Pass each; the items are iterations.
#[divan::bench(args = [LogLevel::Off, LogLevel::All])]
fn map_of_forty(bencher: Bencher<'_, '_>, level: LogLevel) {
    let mut world = World::of(MAP, level);
    let items: Vec<String> = (0..40).map(|i| i.to_string()).collect();
    let input = Value::parse(format!("[{}]", items.join(",")).as_bytes()).expect("it is JSON");
    bencher
        .counter(ItemsCount::new(40_usize))
        .bench_local(|| world.run(divan::black_box(&input).clone()));
}

/// A Parallel of two branches, one Pass each.
#[divan::bench]
fn parallel_of_two(bencher: Bencher<'_, '_>) {
    let mut world = World::of(PARALLEL, LogLevel::Off);
    let input = Value::parse(INPUT).expect("the input is JSON");
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| world.run(divan::black_box(&input).clone()));
}
