//! ValidateStateMachineDefinition and TestState: what is asked about a definition that is no machine.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use super::protocol::{Fault, Fields, List, Members};
use super::shared::Shared;
use super::starts::parse_input;
use crate::asl::answer::{ValidateRequest, validate as answer_validate};
use crate::asl::{DEFINITION_BYTES_MAX, Resource, Severity};
use crate::engine::{Answer, Call, Exchange, Registry, Trace};
use crate::history::LogLevel;
use crate::machine::test_state::{
    FieldValidation, Mock, StateConfiguration, TestStateRefusal, TestStateRequest,
    test_state as run_test,
};
use crate::machine::{
    ExecutionKind, Identity, MachineIdentity, Options, Recording, TaskCall, TaskError, TaskResult,
};
use crate::value::{Text, Value};

/// How long the work of a tested state may take: AWS's five minutes.
const WORK_TIME_MAX: Duration = Duration::from_secs(300);

/// ValidateStateMachineDefinition.
pub(super) fn validate(mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let definition = fields.text("definition", 1, DEFINITION_BYTES_MAX)?;
    let express = fields.word("type", &["STANDARD", "EXPRESS"])? == Some("EXPRESS");
    let severity = match fields.word("severity", &["ERROR", "WARNING"])? {
        Some("WARNING") => Severity::Warning,
        _ => Severity::Error,
    };
    let results_max = fields.integer("maxResults", 0, 100)?.unwrap_or(0);
    fields.check()?;
    let found = answer_validate(&ValidateRequest {
        express,
        severity,
        results_max: usize::try_from(results_max).unwrap_or(0),
        ..ValidateRequest::new(&definition)
    });
    let mut diagnostics = List::new();
    for diagnostic in &found.diagnostics {
        let mut members = Members::new();
        members.text("code", diagnostic.code);
        members.optional_text("location", diagnostic.location.as_deref());
        members.text("message", &diagnostic.message);
        let severity = if diagnostic.is_error() {
            "ERROR"
        } else {
            "WARNING"
        };
        members.text("severity", severity);
        diagnostics.object(members);
    }
    let mut answer = Members::new();
    answer.list("diagnostics", diagnostics);
    answer.text("result", found.result());
    answer.flag("truncated", found.truncated);
    Ok(answer.finish())
}

/// What TestState reads.
struct Asked {
    definition: String,
    state_name: Option<String>,
    role_arn: Option<String>,
    input: Option<String>,
    with_inspection: bool,
    /// Where what an HTTP task sends and receives is kept, at the level `TRACE`.
    trace: Option<Trace>,
    reveals_secrets: bool,
    variables: Option<String>,
    context: Option<String>,
    mock: Option<AskedMock>,
    situation: Situation,
}

#[derive(Default)]
struct AskedMock {
    result: Option<String>,
    error_output: Option<(Option<String>, Option<String>)>,
    validation: FieldValidation,
}

#[derive(Default)]
struct Situation {
    retrier_retry_count: Option<u64>,
    error_caused_by_state: Option<String>,
    map_iteration_failure_count: Option<u64>,
    map_item_reader_data: Option<String>,
}

/// TestState. Without a mock the work of a Task state is done by its connector, and waited for.
pub(super) fn test_state(shared: &Shared, fields: Fields) -> Result<Vec<u8>, Fault> {
    let asked = read(fields)?;
    let json = |name: &str, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Value::parse(text.as_bytes()).map(Some).map_err(|error| {
            Fault::validation(format!("The value of '{name}' is not valid JSON: {error}"))
        }),
    };
    let request = TestStateRequest {
        state_name: asked.state_name.as_deref(),
        input: match &asked.input {
            None => Value::empty_object(),
            Some(text) => parse_input(text)?,
        },
        has_role: asked.role_arn.is_some(),
        reveals_secrets: asked.reveals_secrets,
        variables: json("variables", &asked.variables)?.unwrap_or_else(Value::empty_object),
        context: json("context", &asked.context)?,
        mock: asked.mock.as_ref().map(|mock| Mock {
            result: mock.result.as_deref(),
            error_output: mock
                .error_output
                .as_ref()
                .map(|(error, cause)| (error.as_deref(), cause.as_deref())),
            validation: mock.validation,
        }),
        configuration: StateConfiguration {
            retrier_retry_count: asked.situation.retrier_retry_count,
            error_caused_by_state: asked.situation.error_caused_by_state.as_deref(),
            map_iteration_failure_count: asked.situation.map_iteration_failure_count,
            map_item_reader_data: json("mapItemReaderData", &asked.situation.map_item_reader_data)?,
        },
        ..TestStateRequest::new(&asked.definition)
    };
    let options = options(shared, asked.role_arn.as_deref());
    let identity = options.identity.clone();
    let answer = run_test(&request, options, shared.now(), |resource, call| {
        let trace = asked.trace.clone();
        work(&shared.registry, identity, resource, call, trace)
    });
    let mut answer = answer.map_err(|refusal| refused(&refusal))?;
    if let Some(trace) = &asked.trace {
        let Exchange { request, response } = trace.exchange();
        answer.inspection.request = request;
        answer.inspection.response = response;
    }
    Ok(answer
        .to_value(asked.with_inspection)
        .to_json()
        .into_bytes())
}

fn read(mut fields: Fields) -> Result<Asked, Fault> {
    let data_max = 262_144;
    let level = fields.word("inspectionLevel", &["INFO", "DEBUG", "TRACE"])?;
    let reveals_secrets = fields.flag("revealSecrets")?;
    let asked = Asked {
        definition: fields.text("definition", 1, DEFINITION_BYTES_MAX)?,
        state_name: fields.optional_text("stateName", 1, 80)?,
        role_arn: fields.optional_text("roleArn", 1, 256)?,
        input: fields.optional_text("input", 0, data_max)?,
        with_inspection: !matches!(level, None | Some("INFO")),
        trace: (level == Some("TRACE")).then(|| Trace::new(reveals_secrets)),
        reveals_secrets,
        variables: fields.optional_text("variables", 0, data_max)?,
        context: fields.optional_text("context", 0, data_max)?,
        mock: fields.structure("mock", |fields| {
            let modes = ["STRICT", "PRESENT", "NONE"];
            Ok(AskedMock {
                result: fields.optional_text("result", 0, data_max)?,
                error_output: fields.structure("errorOutput", |fields| {
                    let error = fields.optional_text("error", 0, 256)?;
                    Ok((error, fields.optional_text("cause", 0, 32_768)?))
                })?,
                validation: match fields.word("fieldValidationMode", &modes)? {
                    Some("PRESENT") => FieldValidation::Present,
                    Some("NONE") => FieldValidation::None,
                    _ => FieldValidation::Strict,
                },
            })
        })?,
        situation: fields
            .structure("stateConfiguration", |fields| {
                let mut count = |name| {
                    let count = fields.integer(name, 0, i64::from(i32::MAX))?;
                    Ok::<_, Fault>(count.and_then(|n| u64::try_from(n).ok()))
                };
                let retrier_retry_count = count("retrierRetryCount")?;
                let map_iteration_failure_count = count("mapIterationFailureCount")?;
                Ok(Situation {
                    retrier_retry_count,
                    map_iteration_failure_count,
                    error_caused_by_state: fields.optional_text("errorCausedByState", 1, 80)?,
                    map_item_reader_data: fields.optional_text("mapItemReaderData", 0, data_max)?,
                })
            })?
            .unwrap_or_default(),
    };
    fields.check()?;
    Ok(asked)
}

fn options(shared: &Shared, role_arn: Option<&str>) -> Options {
    let machine = MachineIdentity {
        name: Text::new_static("StateMachineName"),
        role_arn: Text::new(role_arn.unwrap_or_default()),
        ..shared.options.identity.clone()
    };
    let uuid = shared.ids.uuid();
    Options {
        identity: Identity {
            machine: machine.into(),
            name: Text::from(shared.ids.text()),
            uuid,
            kind: ExecutionKind::ExpressSync,
        },
        limits: shared.options.limits,
        seed: uuid as u64,
        recording: Recording {
            level: LogLevel::Off,
            include_execution_data: false,
        },
        context: Value::NULL,
    }
}

/// Has a task done by its connector.
fn work(
    registry: &Registry,
    identity: Identity,
    resource: &Resource,
    call: &TaskCall,
    trace: Option<Trace>,
) -> TaskResult {
    const STATE: &str = "StateName";
    let found = registry
        .connectors()
        .resolve(&identity.machine.name, STATE, resource);
    let connector = match found {
        Ok(connector) => connector,
        Err(hint) => {
            return TaskResult::Failed(TaskError {
                error: Text::new_static("States.Runtime"),
                cause: Some(format!(
                    "Nothing is configured that does the task '{}': {hint}",
                    resource.arn
                )),
            });
        }
    };
    let (end, ended) = sync_channel(1);
    let answer = Answer::new(move |result| {
        // Nobody waits any more after the longest time.
        end.try_send(result).ok();
    });
    let answer = match trace {
        Some(trace) => answer.traced(trace),
        None => answer,
    };
    let call = Call {
        resource: resource.clone(),
        state: Text::new_static(STATE),
        identity,
        payload: call.payload.clone(),
        retry_count: call.retry_count,
        invocation: 0,
    };
    connector.call(call, answer);
    ended
        .recv_timeout(WORK_TIME_MAX)
        .unwrap_or(TaskResult::TimedOut)
}

fn refused(refusal: &TestStateRefusal) -> Fault {
    Fault::new(refusal.error_type(), refusal.to_string())
}
