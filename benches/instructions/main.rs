//! One case, run so many times, for an instrument that counts instructions: `instructions CASE TIMES`.
//!
//! `run.py` beside it runs it under callgrind and compares with what is expected.

use std::hint::black_box;
use std::sync::Arc;

use stepstream::asl::{Program, compile};
use stepstream::history::LogLevel;
use stepstream::machine::{
    Effect, Event, Execution, ExecutionKind, Identity, Limits, MachineIdentity, Options, Outcome,
    Recording, Timestamp,
};
use stepstream::value::{Parser, Value};

/// The workflow and the event of the bench workload, in either language.
const JSONPATH: &str = include_str!("iot.asl.json");
const JSONATA: &str = include_str!("iot-jsonata.asl.json");
const EVENT: &[u8] = include_bytes!("event.json").trim_ascii();
const RESULT: &[u8] = include_bytes!("result.json").trim_ascii();

/// The binary's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let (Some(case), Some(times)) = (arguments.next(), arguments.next()) else {
        // `cargo bench` runs all benches, and names no case.
        return;
    };
    let times: usize = times.parse().expect("TIMES is a number");
    let mut run = case_of(&case);
    // Whatever is made once is made now.
    run();
    for _ in 0..times {
        run();
    }
}

fn case_of(name: &str) -> Box<dyn FnMut()> {
    match name {
        "parse" => {
            let mut parser = Parser::new();
            Box::new(move || {
                black_box(parser.parse(black_box(EVENT)).expect("it is JSON"));
            })
        }
        "write" => {
            let value = Value::parse(EVENT).expect("it is JSON");
            let mut out = Vec::with_capacity(EVENT.len());
            Box::new(move || {
                out.clear();
                black_box(&value).write_json(&mut out);
                assert_eq!(out, EVENT);
            })
        }
        "jsonpath" => bytes_to_bytes(JSONPATH, LogLevel::Off),
        "jsonpath-all" => bytes_to_bytes(JSONPATH, LogLevel::All),
        "jsonata" => bytes_to_bytes(JSONATA, LogLevel::Off),
        other => panic!("no case is called {other}"),
    }
}

/// Parse, run, write.
fn bytes_to_bytes(definition: &str, level: LogLevel) -> Box<dyn FnMut()> {
    let (program, diagnostics) = compile(definition);
    let program = Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let machine = Arc::new(MachineIdentity {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        name: "iot".into(),
        role_arn: "arn:aws:iam::123456789012:role/iot".into(),
    });
    let mut parser = Parser::new();
    let mut effects = Vec::new();
    let mut out = Vec::with_capacity(RESULT.len());
    Box::new(move || {
        let input = parser.parse(black_box(EVENT)).expect("it is JSON");
        let outcome = run(&program, &machine, level, input, &mut effects);
        out.clear();
        outcome.output.expect("it succeeds").write_json(&mut out);
        assert_eq!(out, RESULT);
    })
}

fn run(
    program: &Arc<Program>,
    machine: &Arc<MachineIdentity>,
    level: LogLevel,
    input: Value,
    effects: &mut Vec<Effect>,
) -> Outcome {
    let options = Options {
        identity: Identity {
            machine: Arc::clone(machine),
            name: "iot-in-0-1000000".into(),
            uuid: 1,
            kind: ExecutionKind::Express,
        },
        limits: Limits::default(),
        seed: 1,
        recording: Recording {
            level,
            include_execution_data: true,
        },
        context: Value::NULL,
    };
    let now = Timestamp::from_millis(1_763_800_000_000);
    let mut execution = Execution::start(Arc::clone(program), input, options, now);
    execution.step(Event::Begin, now, effects);
    let Some(Effect::Finish(outcome)) = effects.pop() else {
        panic!("a pure execution ends in its first step");
    };
    effects.clear();
    outcome
}
