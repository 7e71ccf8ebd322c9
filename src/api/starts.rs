//! StartExecution and StartSyncExecution.
//!
//! *Not here*: executions that have begun: they belong to the engine.

use std::sync::Arc;

use super::caller::Caller;
use super::protocol::{Fault, Fields, Members};
use super::recent::{Beginning, Kept, Record};
use super::shared::Shared;
use super::store::{MachineType, Target};
use crate::asl::answer::{self, StartOf, StartRequest, check_start};
use crate::engine::{Finished, Start, Token};
use crate::history::LogLevel;
use crate::machine::{Billing, ExecutionKind, Identity, Timestamp};
use crate::value::{Text, Value};

/// What both operations read.
#[derive(Debug)]
struct Request {
    arn: String,
    name: Option<String>,
    input: Option<String>,
    trace_header: Option<String>,
    has_data: bool,
}

/// The longest input, in characters; AWS bounds it by the quota on payloads too.
const INPUT_CHARS_MAX: usize = 262_144;
/// What counts as running out of what an execution may hold is told to the caller, who may try again.
const FULL: &str =
    "The engine takes no further execution at the moment: it is at a bound, or stopping";
/// The same for the outlet.
const BEHIND: &str = "The broker does not take outcomes and logs as fast as they come";

/// StartSyncExecution.
pub(super) async fn sync(
    shared: &Arc<Shared>,
    fields: Fields,
    trace_header: Option<&str>,
) -> Result<Vec<u8>, Fault> {
    let request = Request::read(fields)?;
    let target = shared.store.target(&shared.ids, &request.arn)?;
    if target.revision.recording.level > LogLevel::Off {
        refuse_if_behind(shared)?;
    }
    let trace_header = trace_header
        .map(str::to_owned)
        .or_else(|| request.trace_header.clone());
    let has_data = request.has_data;
    let kind = ExecutionKind::ExpressSync;
    let Begun::New(new) = begin(shared, &request, &target, kind, trace_header.as_deref())? else {
        unreachable!("executions of Express have names of their own");
    };
    let (caller, ended) = Caller::waiting(shared, &target, new.record);
    submit(shared, &target, new.identity, new.input, caller)?;
    let finished = ended.await.map_err(|_| Fault::unavailable(FULL))?;
    Ok(sync_answer(&finished, has_data, trace_header.as_deref()))
}

/// StartExecution.
pub(super) fn async_(shared: &Arc<Shared>, fields: Fields) -> Result<Vec<u8>, Fault> {
    let request = Request::read(fields)?;
    let target = shared.store.target(&shared.ids, &request.arn)?;
    let kind = match target.machine_type {
        MachineType::Standard => ExecutionKind::Standard,
        MachineType::Express => ExecutionKind::Express,
    };
    if shared
        .outlet
        .as_ref()
        .is_some_and(|outlet| outlet.is_full())
    {
        return Err(Fault::unavailable(BEHIND));
    }
    let trace_header = request.trace_header.as_deref();
    let (arn, started) = match begin(shared, &request, &target, kind, trace_header)? {
        Begun::Before(kept) => (kept.identity.arn(), kept.started),
        Begun::New(new) => {
            let nobody = Caller::gone(shared, &target, new.record);
            let arn = new.identity.arn();
            submit(shared, &target, new.identity, new.input, nobody)?;
            (arn, new.now)
        }
    };
    let mut answer = Members::new();
    answer.text("executionArn", &arn);
    answer.instant("startDate", started);
    Ok(answer.finish())
}

fn refuse_if_behind(shared: &Shared) -> Result<(), Fault> {
    match &shared.outlet {
        Some(outlet) if outlet.is_full() => Err(Fault::unavailable(BEHIND)),
        _ => Ok(()),
    }
}

impl Request {
    fn read(mut fields: Fields) -> Result<Self, Fault> {
        let request = Self {
            arn: fields.text("stateMachineArn", 1, 256)?,
            name: fields.optional_text("name", 1, 80)?,
            input: fields.optional_text("input", 0, INPUT_CHARS_MAX)?,
            trace_header: fields.optional_text("traceHeader", 0, 256)?,
            has_data: fields.word("includedData", &["ALL_DATA", "METADATA_ONLY"])?
                != Some("METADATA_ONLY"),
        };
        fields.check()?;
        Ok(request)
    }
}

/// What became of a request to start an execution.
enum Begun {
    /// The same was asked for before, and is under way.
    Before(Arc<Kept>),
    New(New),
}

/// An execution that may begin.
struct New {
    identity: Identity,
    input: Value,
    now: Timestamp,
    record: Option<Record>,
}

/// Gives an execution its name, and keeps it among the recent ones.
fn begin(
    shared: &Shared,
    request: &Request,
    target: &Target,
    kind: ExecutionKind,
    trace_header: Option<&str>,
) -> Result<Begun, Fault> {
    let name = match &request.name {
        Some(name) => Text::new(name),
        None => Text::from(shared.ids.text()),
    };
    let identity = Identity {
        machine: Arc::clone(&target.revision.machine),
        name,
        uuid: shared.ids.uuid(),
        kind,
    };
    let mut same = match kind {
        ExecutionKind::Standard => shared.recent.named(&identity),
        ExecutionKind::Express | ExecutionKind::ExpressSync => None,
    };
    let now = shared.now();
    loop {
        let Some(input) = check_new(request, target, kind, same.as_deref())? else {
            let before = same.expect("it was compared with one");
            return Ok(Begun::Before(before));
        };
        let express = target.machine_type == MachineType::Express;
        let record = if express && shared.options.is_strict {
            // Nothing that could be asked about it is answered.
            None
        } else {
            let begun = shared.recent.begin(&Beginning {
                identity: &identity,
                revision: &target.revision,
                target: Some(target),
                input: &input,
                input_text: Some(request.input.as_deref().unwrap_or("{}")),
                trace_header,
                now,
            });
            match begun {
                Ok(record) => record,
                Err(meanwhile) => {
                    same = Some(meanwhile);
                    continue;
                }
            }
        };
        return Ok(Begun::New(New {
            identity,
            input,
            now,
            record,
        }));
    }
}

/// The input of an execution that may begin; none if `same` is what is asked for.
fn check_new(
    request: &Request,
    target: &Target,
    kind: ExecutionKind,
    same: Option<&Kept>,
) -> Result<Option<Value>, Fault> {
    let texts = same.map(|kept| (kept.identity.arn(), kept.input_text()));
    let is_over = same.is_some_and(|kept| kept.outcome().is_some());
    let running = texts.as_ref().map(|(arn, input)| answer::Running {
        arn,
        input,
        is_over,
    });
    check(&StartRequest {
        waits: kind == ExecutionKind::ExpressSync,
        express: target.machine_type == MachineType::Express,
        name: request.name.as_deref(),
        input: request.input.as_deref(),
        running,
    })
}

/// The input of an execution that may begin; none if it is under way.
fn check(request: &StartRequest<'_>) -> Result<Option<Value>, Fault> {
    match check_start(request) {
        Ok(StartOf::New(input)) => Ok(Some(input)),
        Ok(StartOf::AlreadyThere) => Ok(None),
        Err(refusal) => Err(Fault::new(refusal.error_type(), refusal.to_string())),
    }
}

/// The input of an execution or a state, which is JSON in a text.
pub(super) fn parse_input(text: &str) -> Result<Value, Fault> {
    let input = check(&StartRequest {
        waits: false,
        express: true,
        name: None,
        input: Some(text),
        running: None,
    })?;
    Ok(input.expect("it was compared with none"))
}

fn submit(
    shared: &Shared,
    target: &Target,
    identity: Identity,
    input: Value,
    caller: Caller,
) -> Result<(), Fault> {
    let start = Start {
        identity,
        revision: Arc::clone(&target.revision),
        input,
        context: Value::NULL,
        order: None,
        token: Token(0),
        journal: caller.journal(),
        sink: Arc::new(caller),
    };
    let submitted = shared.intake.submit(start);
    submitted.map_err(|_| Fault::unavailable(FULL))
}

/// The answer of StartSyncExecution.
fn sync_answer(finished: &Finished, has_data: bool, trace_header: Option<&str>) -> Vec<u8> {
    let (identity, outcome) = (&finished.identity, &finished.outcome);
    let output = outcome.output.as_ref().filter(|_| has_data);
    let data_bytes = finished.input.json_bytes() + output.map_or(0, Value::json_bytes);
    let mut answer = Members::with_capacity(data_bytes + data_bytes / 4 + 1_024);
    let billing = Billing::of(finished.revision.text.len(), &finished.input, outcome);
    let mut details = Members::with_capacity(80);
    details.integer("billedDurationInMilliseconds", billing.duration_ms);
    details.integer("billedMemoryUsedInMB", billing.memory_mb);
    answer.object("billingDetails", details);
    answer.optional_text("cause", outcome.cause.as_deref());
    answer.optional_text("error", outcome.error.as_deref());
    answer.text("executionArn", &identity.arn());
    if has_data {
        answer.json_text("input", &finished.input);
    }
    answer.raw("inputDetails", included(has_data));
    answer.text("name", &identity.name);
    if let Some(output) = output {
        answer.json_text("output", output);
    }
    answer.raw("outputDetails", included(has_data));
    answer.instant("startDate", outcome.start);
    answer.text("stateMachineArn", &identity.machine.arn());
    answer.text("status", outcome.status.as_str());
    answer.instant("stopDate", outcome.stop);
    answer.optional_text("traceHeader", trace_header);
    answer.finish()
}

const fn included(has_data: bool) -> &'static [u8] {
    match has_data {
        true => br#"{"included":true}"#,
        false => br#"{"included":false}"#,
    }
}
