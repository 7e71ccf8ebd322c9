//! Calling a connector as the engine does.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use stepstream::asl::{Resource, ResourceKind};
use stepstream::connectors::{Clients, SystemNetwork};
use stepstream::engine::{Answer, Call, Connectors, Exchange, Trace};
use stepstream::machine::{ExecutionKind, Identity, MachineIdentity, TaskResult};
use stepstream::value::{Text, Value};

/// How long a test waits for what does not come.
pub(crate) const HANGS: Duration = Duration::from_secs(60);

pub(crate) fn clients() -> Clients {
    Clients::start(Arc::new(SystemNetwork), b"", 8).unwrap()
}

pub(crate) fn lambda_invoke() -> Resource {
    integration("lambda", "invoke")
}

pub(crate) fn http_invoke() -> Resource {
    integration("http", "invoke")
}

pub(crate) fn integration(service: &str, api: &str) -> Resource {
    Resource {
        arn: Text::from(format!("arn:aws:states:::{service}:{api}")),
        kind: ResourceKind::Integration {
            resource_type: Text::new(service),
            resource: Text::new(api),
        },
    }
}

pub(crate) fn function(arn: &str) -> Resource {
    Resource {
        arn: Text::new(arn),
        kind: ResourceKind::LambdaFunction,
    }
}

/// Does one task, and waits for its answer.
pub(crate) fn call(connectors: &dyn Connectors, resource: &Resource, payload: &str) -> TaskResult {
    let told = begin(connectors, resource, payload);
    told.recv_timeout(HANGS).expect("the connector answers")
}

/// Does one task, and tells what went over the network.
pub(crate) fn traced(
    connectors: &dyn Connectors,
    resource: &Resource,
    payload: &str,
    reveals_secrets: bool,
) -> Exchange {
    let trace = Trace::new(reveals_secrets);
    let told = begin_with(connectors, resource, payload, Some(trace.clone()));
    told.recv_timeout(HANGS).expect("the connector answers");
    trace.exchange()
}

/// Begins one task.
pub(crate) fn begin(
    connectors: &dyn Connectors,
    resource: &Resource,
    payload: &str,
) -> Receiver<TaskResult> {
    begin_with(connectors, resource, payload, None)
}

fn begin_with(
    connectors: &dyn Connectors,
    resource: &Resource,
    payload: &str,
    trace: Option<Trace>,
) -> Receiver<TaskResult> {
    let connector = connectors.resolve("machine", "State", resource).unwrap();
    let (tell, told) = channel();
    let call = Call {
        resource: resource.clone(),
        state: Text::new_static("State"),
        identity: Identity {
            machine: Arc::new(MachineIdentity {
                partition: Text::new_static("aws"),
                region: Text::new_static("eu-west-1"),
                account: Text::new_static("123456789012"),
                name: Text::new_static("machine"),
                role_arn: Text::new_static("arn:aws:iam::123456789012:role/x"),
            }),
            name: Text::new_static("execution"),
            uuid: 0x0011_2233_4455_6677_8899_aabb_ccdd_eeff,
            kind: ExecutionKind::Express,
        },
        payload: Value::parse(payload.as_bytes()).unwrap(),
        retry_count: 0,
        invocation: 0,
    };
    let answer = Answer::new(move |result| tell.send(result).unwrap());
    let answer = match trace {
        Some(trace) => answer.traced(trace),
        None => answer,
    };
    connector.call(call, answer);
    told
}

/// An answer in one line: the JSON of a success, `ERROR: CAUSE` of a failure.
pub(crate) fn shown(result: &TaskResult) -> String {
    match result {
        TaskResult::Succeeded(value) => value.to_json(),
        TaskResult::Failed(error) => {
            format!(
                "{}: {}",
                error.error,
                error.cause.as_deref().unwrap_or_default()
            )
        }
        TaskResult::TimedOut => "timed out".to_owned(),
    }
}
