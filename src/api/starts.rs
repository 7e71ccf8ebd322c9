//! StartExecution and StartSyncExecution.
//!
//! *Not here*: executions that have begun: they belong to the engine.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::open::{Open, Opened};
use super::outlet::{Ended, Outlet};
use super::protocol::{Fault, Fields, Members};
use super::shared::Shared;
use super::store::{MachineType, Target};
use crate::asl::answer::{StartOf, StartRequest, check_start};
use crate::engine::{Finished, Sink, Start, Token};
use crate::history::LogLevel;
use crate::machine::{Billing, ExecutionKind, Identity};
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
    let (end, ended) = oneshot::channel();
    let outcome = Arc::new(Caller {
        end: Mutex::new(Some(end)),
        ways: Ways::new(shared, &target),
    });
    let has_data = request.has_data;
    let start = start(
        shared,
        &request,
        &target,
        ExecutionKind::ExpressSync,
        outcome,
    )?;
    submit(shared, start)?;
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
    let nobody = Arc::new(Nobody {
        ways: Ways::new(shared, &target),
    });
    let start = start(shared, &request, &target, kind, nobody)?;
    let arn = start.identity.arn();
    submit(shared, start)?;
    let mut answer = Members::new();
    answer.text("executionArn", &arn);
    answer.instant("startDate", shared.now());
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

fn start(
    shared: &Shared,
    request: &Request,
    target: &Target,
    kind: ExecutionKind,
    sink: Arc<dyn Sink>,
) -> Result<Start, Fault> {
    let input = check(&StartRequest {
        waits: kind == ExecutionKind::ExpressSync,
        express: target.machine_type == MachineType::Express,
        name: request.name.as_deref(),
        input: request.input.as_deref(),
        running: None,
    })?;
    let name = match &request.name {
        Some(name) => Text::new(name),
        None => Text::from(shared.ids.text()),
    };
    Ok(Start {
        identity: Identity {
            machine: Arc::clone(&target.revision.machine),
            name,
            uuid: shared.ids.uuid(),
            kind,
        },
        revision: Arc::clone(&target.revision),
        input,
        context: Value::NULL,
        order: None,
        sink,
        token: Token(0),
    })
}

/// The input of an execution that may begin.
fn check(request: &StartRequest<'_>) -> Result<Value, Fault> {
    match check_start(request) {
        Ok(StartOf::New(input)) => Ok(input),
        Ok(StartOf::AlreadyThere) => unreachable!("it was compared with none"),
        Err(refusal) => Err(Fault::new(refusal.error_type(), refusal.to_string())),
    }
}

/// The input of an execution or a state, which is JSON in a text.
pub(super) fn parse_input(text: &str) -> Result<Value, Fault> {
    check(&StartRequest {
        waits: false,
        express: true,
        name: None,
        input: Some(text),
        running: None,
    })
}

fn submit(shared: &Shared, start: Start) -> Result<(), Fault> {
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

/// Someone waits for the end.
#[derive(Debug)]
struct Caller {
    end: Mutex<Option<oneshot::Sender<Finished>>>,
    ways: Ways,
}

impl Sink for Caller {
    fn finish(&self, finished: Finished) {
        self.ways.tell(&finished, false);
        let end = self
            .end
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(end) = end {
            // The caller may have gone.
            end.send(finished).ok();
        }
    }

    /// Not if it did not begin before its caller went.
    fn wanted(&self, _: Token) -> bool {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        end.as_ref().is_some_and(|end| !end.is_closed())
    }
}

/// Nobody waits for the end.
#[derive(Debug)]
struct Nobody {
    ways: Ways,
}

impl Sink for Nobody {
    fn finish(&self, finished: Finished) {
        self.ways.tell(&finished, true);
    }
}

/// Where the end of an execution goes beside its caller. Held until then, it also counts the execution as open.
#[derive(Debug)]
struct Ways {
    outlet: Option<Arc<dyn Outlet>>,
    log_group: Option<Arc<str>>,
    _open: Opened,
}

impl Ways {
    fn new(shared: &Shared, target: &Target) -> Self {
        Self {
            outlet: shared.outlet.clone(),
            log_group: target.log_group.clone(),
            _open: Open::begin(&shared.open),
        }
    }

    fn tell(&self, finished: &Finished, owes_outcome: bool) {
        if let Some(outlet) = &self.outlet {
            outlet.ended(&Ended {
                finished,
                owes_outcome,
                log_group: self.log_group.as_deref(),
            });
        }
    }
}
