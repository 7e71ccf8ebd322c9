//! What must hold for any bytes: the bodies of the fuzz targets, which `tests/corpora.rs` replays over the kept corpora.

use std::sync::Arc;

use stepstream::asl::{self, CompileOptions, answer};
use stepstream::expr::jsonata::{self, Environment, Evaluated, Expression};
use stepstream::expr::{Path, Randomness, ReferencePath, Scope, Template, Variables};
use stepstream::history::LogLevel;
use stepstream::machine::{
    ExecutionKind, Identity, Limits, MachineIdentity, Options, Recording, TaskResult, Timestamp,
    VirtualRun, run_virtual,
};
use stepstream::value::{ObjectBuilder, Parser, Value};

#[path = "programs/mod.rs"]
mod programs;

/// A document with something of every kind.
const DOCUMENT: &[u8] = br#"{"a":{"b":[1,2.50,-3e2,{"c":"d"}],"n":null,"t":true},"s":"text, more","x":9007199254740993,"l":[[1,2],[3]],"":0}"#;
/// In virtual time; a loop of states costs a tenth of a second for every thousand.
const RUN_MS_MAX: i64 = 2_000;

/// A definition that is taken runs to its end; it ends the same way when it is run again; whatever is wrong with one has a place.
pub(crate) fn definition(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for express in [true, false] {
        let options = CompileOptions { express };
        let (program, diagnostics) = asl::compile_with(text, &options);
        for diagnostic in &diagnostics {
            assert!(
                diagnostic.line > 0 && diagnostic.column > 0,
                "{diagnostic:?}"
            );
        }
        let refused = diagnostics.iter().any(asl::Diagnostic::is_error);
        assert_eq!(program.is_none(), refused, "{diagnostics:?}");
        let Some(program) = program else { continue };
        let program = Arc::new(program);
        let input = Value::parse(DOCUMENT).expect("the document is JSON");
        let first = run(&program, &input);
        let outcome = first.outcome.as_ref().expect("every task answers");
        let again = run(&program, &input);
        assert_eq!(Some(outcome), again.outcome.as_ref());
        assert_eq!(first.records.len(), again.records.len());
        if let Some(output) = &outcome.output {
            assert!(output.json_bytes() <= Limits::default().payload_bytes_max);
        }
    }
    drop(asl::lint(text));
    drop(answer::variable_references(text));
    drop(answer::validate(&answer::ValidateRequest::new(text)));
}

fn options(limits: Limits) -> Options {
    let machine = MachineIdentity {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        name: "fuzzed".into(),
        role_arn: "arn:aws:iam::123456789012:role/fuzzed".into(),
    };
    Options {
        identity: Identity {
            machine: Arc::new(machine),
            name: "one".into(),
            uuid: 1,
            kind: ExecutionKind::Express,
        },
        limits,
        seed: 7,
        recording: Recording {
            level: LogLevel::Error,
            include_execution_data: true,
        },
        context: Value::NULL,
    }
}

/// Every task answers, the second time with an error.
fn run(program: &Arc<asl::Program>, input: &Value) -> VirtualRun {
    let options = options(Limits {
        duration_ms: RUN_MS_MAX,
        ..Limits::default()
    });
    let mut calls = 0;
    let begin = Timestamp::from_millis(1_767_225_600_000);
    run_virtual(
        Arc::clone(program),
        input.clone(),
        options,
        begin,
        |call, _| {
            calls += 1;
            let result = if calls % 3 == 2 {
                TaskResult::Failed(stepstream::machine::TaskError {
                    error: "Lambda.ServiceException".into(),
                    cause: Some("fuzzed".to_owned()),
                })
            } else {
                TaskResult::Succeeded(call.payload.clone())
            };
            Some(result.into())
        },
    )
}

/// A program ends as an interpreter says that is nothing but recursion. Tells whether that is with an output (0), an error (1), or
/// one of several errors (2).
pub(crate) fn program(data: &[u8]) -> usize {
    let (definition, text, expected) = programs::of(data);
    let (program, diagnostics) = asl::compile(&definition);
    let program = Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}\n{definition}")));
    let limits = Limits {
        duration_ms: i64::MAX / 2,
        payload_bytes_max: usize::MAX,
        ..Limits::default()
    };
    let input = Value::parse(text.as_bytes()).expect("the input is JSON");
    let begin = Timestamp::from_millis(0);
    let names = Arc::clone(&program);
    let run = run_virtual(program, input, options(limits), begin, |call, _| {
        let name = &names.state(call.state).name;
        let mut parts = name.split(' ').skip(1);
        let fails: u32 = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
        Some(match parts.next() {
            Some("States.Timeout") if call.retry_count < fails => TaskResult::TimedOut.into(),
            Some(error) if call.retry_count < fails => {
                TaskResult::Failed(stepstream::machine::TaskError {
                    error: error.into(),
                    cause: None,
                })
                .into()
            }
            _ => TaskResult::Succeeded(call.payload.clone()).into(),
        })
    });
    let outcome = run.outcome.expect("every task answers");
    if expected == programs::End::Unknown {
        return 2;
    }
    let ended = match (outcome.output, outcome.error) {
        (Some(output), None) => {
            let mut output: serde_json::Value =
                serde_json::from_str(&output.to_json()).expect("our text is JSON");
            forget_causes(&mut output);
            programs::End::Output(output)
        }
        (_, error) => programs::End::Error(error.unwrap_or_default().to_string()),
    };
    assert_eq!(ended, expected, "{definition} {text}");
    match expected {
        programs::End::Output(_) => 0,
        programs::End::Error(_) => 1,
        programs::End::Unknown => unreachable!("it was left above"),
    }
}

/// Texts of errors are compared elsewhere.
fn forget_causes(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(forget_causes),
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "Cause" => *member = "".into(),
                    _ => forget_causes(member),
                }
            }
        }
        _ => {}
    }
}

/// A record becomes an input or a dead letter, the same way twice; an input is JSON, and so is what the context object shows.
#[cfg(feature = "kafka")]
pub(crate) fn event(data: &[u8]) {
    use stepstream::kafka::decode::decode;
    use stepstream::kafka::event::{Record, context};
    use stepstream::kafka::route::Header;

    const RECORD_BYTES_MAX: usize = 4096;
    // Lines that end with CR are headers, name and value; what follows is the record's value.
    let (mut headers, mut payload): (Vec<Header<'_>>, _) = (Vec::new(), data);
    while let Some(end) = payload.windows(2).position(|two| two == b"\r\n") {
        let (line, rest) = payload.split_at(end);
        let colon = line.iter().position(|byte| *byte == b':');
        headers.push(match colon {
            Some(at) => (&line[..at], Some(&line[at + 1..])),
            None => (line, None),
        });
        payload = &rest[2..];
    }
    let payload = (payload != b"null").then_some(payload);
    let mut parser = Parser::new();
    let mut decode = || {
        decode(
            payload,
            headers.iter().copied(),
            RECORD_BYTES_MAX,
            &mut parser,
        )
    };
    let decoded = decode();
    assert_eq!(decoded, decode());
    let record = Record {
        topic: "in",
        partition: 0,
        offset: 1,
        timestamp: None,
        key: payload,
    };
    match decoded {
        Ok(decoded) => {
            let json = decoded.input.to_json();
            assert_eq!(Value::parse(json.as_bytes()), Ok(decoded.input));
            let shown = context(&record, || headers.iter().copied(), decoded.attributes);
            let json = shown.to_json();
            assert_eq!(Value::parse(json.as_bytes()), Ok(shown));
        }
        Err(refused) => assert!(!refused.cause.is_empty(), "{refused:?}"),
    }
}

fn with_scope<T>(work: impl FnOnce(&Scope<'_>) -> T) -> T {
    let document = Value::parse(DOCUMENT).expect("the document is JSON");
    work(&Scope {
        input: &document,
        context: &document,
        variables: Variables::NONE,
        randomness: &Randomness::new(7),
    })
}

/// A path that compiles finds the same each time, an indefinite one an array; a miss has a text; what a reference path puts, it finds.
pub(crate) fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(path) = Path::compile(text) {
        with_scope(|scope| match (path.find(scope), path.find(scope)) {
            (Ok(found), Ok(again)) => {
                assert_eq!(found, again);
                assert!(path.is_definite() || found.as_array().is_some(), "{text}");
            }
            (Err(miss), Err(_)) => assert!(!miss.to_string().is_empty(), "{text}"),
            _ => panic!("{text} finds something only once"),
        });
    }
    if let Ok(reference) = ReferencePath::compile(text) {
        let document = Value::parse(DOCUMENT).expect("the document is JSON");
        let mark = Value::from("mark");
        if let Ok(changed) = reference.put(document, mark.clone()) {
            let path = Path::compile(reference.text()).expect("a reference path is a path");
            let scope = Scope {
                input: &changed,
                context: &Value::NULL,
                variables: Variables::NONE,
                randomness: &Randomness::new(7),
            };
            let found = path.find(&scope).expect("what was put is there");
            assert_eq!(*found, mark, "{text}");
        }
    }
}

/// A payload template, or the text of an intrinsic call, that compiles gives a value or a named error, the same each time.
pub(crate) fn template(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let json = Value::parse(data).unwrap_or_else(|_| {
        let mut object = ObjectBuilder::with_capacity(1);
        object.insert("x.$", Value::from(text));
        object.finish().expect("a member of depth 1")
    });
    let Ok(template) = Template::compile(&json) else {
        return;
    };
    let eval = || with_scope(|scope| template.eval(scope));
    match (eval(), eval()) {
        (Ok(value), again) => assert_eq!(Ok(value), again),
        (Err(failure), again) => {
            assert!(failure.error.starts_with("States."), "{failure:?}");
            assert_eq!(Err(failure), again);
        }
    }
}

/// Bytes are JSON for us if they are for serde_json and are no deeper than we take; the text of a value parses to the same value,
/// and has the length that it says.
pub(crate) fn value(data: &[u8]) {
    let theirs: Result<serde_json::Value, _> = serde_json::from_slice(data);
    match (Value::parse(data), theirs) {
        (Ok(ours), theirs) => {
            let json = ours.to_json();
            assert_eq!(json.len(), ours.json_bytes());
            assert_eq!(Value::parse(json.as_bytes()).as_ref(), Ok(&ours));
            // serde_json refuses numbers beyond f64.
            if let Ok(theirs) = theirs {
                let ours: serde_json::Value =
                    serde_json::from_str(&json).expect("our text is JSON");
                assert_eq!(ours, theirs);
            }
        }
        (Err(error), Ok(_)) => {
            let text = error.to_string();
            assert!(
                text.contains("deep"),
                "only depth is refused beyond JSON: {text}"
            );
        }
        (Err(_), Err(_)) => {}
    }
}

/// An expression that compiles ends within its limits, the same way each time; one that fails has a code.
pub(crate) fn jsonata(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(expression) = Expression::compile(text) else {
        return;
    };
    let document = Value::parse(DOCUMENT).expect("the document is JSON");
    let limits = jsonata::Limits {
        steps: 20_000,
        bytes: 1 << 20,
        depth: 64,
    };
    let eval = || {
        expression.eval(&Environment {
            input: Some(&document),
            variables: &(),
            now_ms: 1_767_225_600_000,
            randomness: &|| 7,
            limits,
        })
    };
    match (eval(), eval()) {
        (Ok(Evaluated::Value(value)), Ok(Evaluated::Value(again))) => {
            assert_eq!(value.to_json(), again.to_json(), "{text}");
            assert!(value.json_bytes() <= limits.bytes, "{text}");
        }
        (Ok(Evaluated::Nothing), Ok(Evaluated::Nothing))
        | (Ok(Evaluated::Function), Ok(Evaluated::Function)) => {}
        (Err(error), Err(again)) => {
            assert_eq!((&error.code, &error.message), (&again.code, &again.message));
            assert!(!error.message.is_empty(), "{text}");
        }
        _ => panic!("{text} ends in two ways"),
    }
}
