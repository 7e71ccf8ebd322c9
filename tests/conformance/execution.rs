//! Cases of the kind `execution`: status, output, error, cause, history and log entries.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use stepstream::asl::answer::{Running, StartRequest, check_start};
use stepstream::asl::{CompileOptions, Diagnostic, compile_with};
use stepstream::history::{Detail, HistoryEvent, LogLevel, write_log_entry};
use stepstream::machine::{
    Effect, Event, Execution, ExecutionKind, Identity, Limits, MachineIdentity, Options, Recording,
    Timestamp, VirtualRun, run_virtual,
};
use stepstream::value::Value;

use crate::Verdict;
use crate::case::Case;
use crate::compare::Names;
use crate::tasks::Tasks;

pub(crate) fn judge(case: &Case) -> Verdict {
    if let Some(expected) = case.expect().get("startError") {
        return start(case, expected);
    }
    let compared = ["status", "events", "logEvents", "endLogEvent"];
    if compared.iter().all(|key| case.expect().get(key).is_none()) {
        return Verdict::Failed(vec!["the case expects nothing".to_owned()]);
    }
    let (program, diagnostics) = compile_with(
        &case.definition(),
        &CompileOptions {
            express: case.is_express(),
        },
    );
    let Some(program) = program else {
        return refused(&diagnostics);
    };
    let program = Arc::new(program);

    let input = Value::parse(case.input().as_bytes()).expect("recorded inputs are JSON");
    let run = |recording: Recording| -> (VirtualRun, Vec<String>) {
        let options = options(case, recording);
        if let Some(stop) = case.json.get("stop") {
            let execution =
                Execution::start(Arc::clone(&program), input.clone(), options, clock(case));
            return (run_stopped(execution, stop, clock(case)), Vec::new());
        }
        let mut tasks = Tasks::new(case);
        let asked = Arc::clone(&program);
        let run = run_virtual(
            Arc::clone(&program),
            input.clone(),
            options,
            clock(case),
            |call, _| tasks.answer(&asked, call),
        );
        (run, tasks.finish())
    };

    let compares_history = case.expect().get("events").is_some();
    let (whole, mut differences) = run(Recording {
        level: if compares_history {
            LogLevel::All
        } else {
            LogLevel::Off
        },
        include_execution_data: true,
    });
    let mut names = Names::of(case);
    outcome(case, &whole, &mut names, &mut differences);
    history(case, &whole.records, &mut names, &mut differences);
    if let Some(recording) = logging(&case.json["logging"]) {
        let (logged, _) = run(recording);
        log_entries(case, &logged, &mut names, &mut differences);
    }
    if differences.is_empty() {
        Verdict::Passed
    } else {
        Verdict::Failed(differences)
    }
}

/// The recordings say neither which operation was asked for nor what ran already: both follow from the answer.
fn start(case: &Case, expected: &Json) -> Verdict {
    let input = &case.input();
    let request = StartRequest {
        waits: expected["type"] == "StateMachineTypeNotSupported",
        express: case.is_express(),
        name: None,
        input: Some(input),
        running: (expected["type"] == "ExecutionAlreadyExists").then_some(Running {
            arn: "arn:aws:states:us-east-1:111111111111:execution:machine:name",
            input: "{}",
            is_over: false,
        }),
    };
    let actual = match check_start(&request) {
        Ok(start) => json!(format!("{start:?}")),
        Err(refusal) => json!({"type": refusal.error_type(), "message": refusal.to_string()}),
    };
    match Names::default().difference(expected, &actual, "startError") {
        None => Verdict::Passed,
        Some(difference) => Verdict::Failed(vec![difference]),
    }
}

/// Stops the execution where it first waits; one that has ended by then ignores it.
fn run_stopped(mut execution: Execution, stop: &Json, now: Timestamp) -> VirtualRun {
    let stop = Event::Stop {
        error: stop["error"].as_str().map(Into::into),
        cause: stop["cause"].as_str().map(Into::into),
    };
    let mut effects = Vec::new();
    execution.step(Event::Begin, now, &mut effects);
    execution.step(stop, now, &mut effects);
    let mut records = Vec::new();
    for effect in effects {
        if let Effect::Record(record) = effect {
            records.push(*record);
        }
    }
    VirtualRun {
        outcome: execution.outcome().cloned(),
        records,
    }
}

/// A definition that asks only for what Express does not have is no failure; one that is refused otherwise is.
pub(crate) fn refused(diagnostics: &[Diagnostic]) -> Verdict {
    let errors = diagnostics
        .iter()
        .filter(|d| d.severity == stepstream::asl::Severity::Error);
    let (missing, faults): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        errors.partition(|d| d.is_not_supported());
    match (faults.first(), missing.first()) {
        (None, Some(missing)) => Verdict::BeyondExpress(missing.message.clone()),
        _ => Verdict::Failed(faults.iter().map(|d| format!("refused: {d:?}")).collect()),
    }
}

fn options(case: &Case, recording: Recording) -> Options {
    let is_sync = case.expect().get("syncResponse").is_some();
    let kind = match (case.is_express(), is_sync) {
        (false, _) => ExecutionKind::Standard,
        (true, false) => ExecutionKind::Express,
        (true, true) => ExecutionKind::ExpressSync,
    };
    let machine = MachineIdentity {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "111111111111".into(),
        name: "machine".into(),
        role_arn: "snf_role_arn".into(),
    };
    let identity = Identity {
        machine: Arc::new(machine),
        name: "execution".into(),
        uuid: 1,
        kind,
    };
    let limits = Limits {
        // A recording of Standard may last a year.
        duration_ms: if case.is_express() {
            300_000
        } else {
            31_536_000_000
        },
        ..Limits::default()
    };
    Options {
        identity,
        limits,
        seed: 1,
        recording,
        context: Value::NULL,
    }
}

fn clock(case: &Case) -> Timestamp {
    let text = case.json["clock"]
        .as_str()
        .unwrap_or("2025-01-01T00:00:00Z");
    Timestamp::parse(text).expect("recorded clocks are instants")
}

fn logging(json: &Json) -> Option<Recording> {
    let level = match json["level"].as_str()? {
        "ALL" => LogLevel::All,
        "ERROR" => LogLevel::Error,
        "FATAL" => LogLevel::Fatal,
        _ => LogLevel::Off,
    };
    let include_execution_data = json["includeExecutionData"].as_bool().unwrap_or(false);
    Some(Recording {
        level,
        include_execution_data,
    })
}

fn outcome(case: &Case, run: &VirtualRun, names: &mut Names, differences: &mut Vec<String>) {
    let actual = run.outcome.as_ref().map_or_else(
        || json!({"status": "RUNNING"}),
        |outcome| {
            let mut actual = json!({"status": outcome.status.as_str()});
            if let Some(output) = &outcome.output {
                actual["output"] = output.to_serde();
            }
            if let Some(error) = &outcome.error {
                actual["error"] = json!(error.as_str());
            }
            if let Some(cause) = &outcome.cause {
                actual["cause"] = as_recorded(cause, &case.expect()["cause"]);
            }
            actual
        },
    );
    let mut expected = Map::new();
    for key in ["status", "output", "error", "cause"] {
        if let Some(value) = case.expect().get(key) {
            expected.insert(key.to_owned(), value.clone());
        }
    }
    if expected.contains_key("status") {
        differences.extend(names.difference(&Json::Object(expected), &actual, "expect"));
    }
}

fn history(
    case: &Case,
    records: &[HistoryEvent],
    names: &mut Names,
    differences: &mut Vec<String>,
) {
    let Some(expected) = case.expect()["events"].as_array() else {
        return;
    };
    if case.json["eventsUnordered"] == true || case.expect()["eventsUnordered"] == true {
        differences.extend(bag_difference(expected, records, names));
        return;
    }
    for (at, expected) in expected.iter().enumerate() {
        let place = format!("events/{at}");
        match records.get(at) {
            Some(record) => {
                let actual = event(record, expected);
                differences.extend(names.difference(expected, &actual, &place));
            }
            None => differences.push(format!(
                "{place}: expected {}, got nothing",
                expected["type"]
            )),
        }
    }
    if let Some(surplus) = records.get(expected.len()) {
        differences.push(format!(
            "events: got {} after the last",
            surplus.event_type.as_str()
        ));
    }
}

/// Recordings whose order was lost: each expected event must be there once, ids aside.
fn bag_difference(
    expected: &[Json],
    records: &[HistoryEvent],
    names: &mut Names,
) -> Option<String> {
    let optional = |t: &str| t == "ParallelStateSucceeded" || t == "ParallelStateFailed";
    let mut rest: Vec<&HistoryEvent> = records.iter().collect();
    for expected in expected {
        let mut wanted = expected.clone();
        let mut found = None;
        for (at, record) in rest.iter().enumerate() {
            let actual = event(record, expected);
            wanted["id"] = actual["id"].clone();
            wanted["prev"] = actual["prev"].clone();
            let mut attempt = names.clone();
            if attempt.difference(&wanted, &actual, "event").is_none() {
                *names = attempt;
                found = Some(at);
                break;
            }
        }
        match found {
            Some(at) => drop(rest.remove(at)),
            None if optional(expected["type"].as_str().unwrap_or_default()) => {}
            None => return Some(format!("events: no {expected}")),
        }
    }
    let surplus = rest
        .iter()
        .find(|record| !optional(record.event_type.as_str()))?;
    Some(format!("events: a surplus {}", surplus.event_type.as_str()))
}

/// An event as the recordings write it: texts that hold JSON are parsed.
fn event(record: &HistoryEvent, expected: &Json) -> Json {
    let mut details = Map::new();
    for (name, detail) in record.details.entries() {
        let value = match detail {
            Detail::Text(text) => as_recorded(text, &expected["details"][name]),
            Detail::Data(value) | Detail::JsonText(value) | Detail::Texts(value) => {
                value.to_serde()
            }
            Detail::Number(number) => json!(number),
            Detail::Role(role) => json!({"roleArn": role.to_serde()}),
        };
        if *name != "roleArn" {
            details.insert((*name).to_owned(), value);
        }
    }
    let mut event =
        json!({"id": record.id, "prev": record.previous_id, "type": record.event_type.as_str()});
    if !details.is_empty() {
        event["details"] = Json::Object(details);
    }
    event
}

/// A recorded cause that is an object stands for a text that parses to it.
fn as_recorded(text: &str, expected: &Json) -> Json {
    if expected.is_object() {
        serde_json::from_str(text).unwrap_or_else(|_| json!(text))
    } else {
        json!(text)
    }
}

fn log_entries(case: &Case, run: &VirtualRun, names: &mut Names, differences: &mut Vec<String>) {
    let arn = options(
        case,
        Recording {
            level: LogLevel::Off,
            include_execution_data: false,
        },
    )
    .identity
    .arn();
    let entry = |record: &HistoryEvent| {
        let mut bytes = Vec::new();
        write_log_entry(record, &arn, &mut bytes);
        let mut entry: Json = serde_json::from_slice(&bytes).expect("an entry is JSON");
        for name in ["input", "output", "parameters"] {
            if let Some(text) = entry["details"].get(name).and_then(Json::as_str) {
                entry["details"][name] = serde_json::from_str(text).expect("data are JSON texts");
            }
        }
        entry
    };
    let expect = case.expect();
    if let Some(expected) = expect["logEvents"].as_array() {
        let actual: Json = run.records.iter().map(entry).collect();
        differences.extend(names.difference(&Json::from(expected.clone()), &actual, "logEvents"));
    }
    if let (Some(expected), Some(last)) = (expect.get("endLogEvent"), run.records.last()) {
        differences.extend(names.difference(expected, &entry(last), "endLogEvent"));
    }
}
