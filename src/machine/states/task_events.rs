//! The events of a task in the history, under the names of its family of resources.

use crate::asl::{ResourceKind, Task};
use crate::history::{Details, EventType};
use crate::machine::flow::Flow;
use crate::machine::problem::Problem;
use crate::value::Value;

/// What a task was asked to do.
pub(super) struct Schedule<'a> {
    pub(super) payload: &'a Value,
    /// In seconds, likewise `heartbeat`.
    pub(super) timeout: Option<i64>,
    pub(super) heartbeat: Option<i64>,
    pub(super) credentials: Option<&'a Value>,
}

pub(super) fn scheduled(flow: &mut Flow<'_>, task: &Task, schedule: &Schedule<'_>) {
    // A copy in place, for regions are short; it spares recording a borrow of the options.
    let region = flow.core.options.identity.machine.region.clone();
    let event_type = match task.resource.kind {
        ResourceKind::LambdaFunction => EventType::LambdaFunctionScheduled,
        ResourceKind::Integration { .. } => EventType::TaskScheduled,
    };
    flow.record(event_type, |details| {
        match &task.resource.kind {
            ResourceKind::LambdaFunction => {
                details.data("input", schedule.payload);
                details.text("resource", task.resource.arn.clone());
            }
            ResourceKind::Integration { .. } => {
                details.json_text("parameters", schedule.payload);
                details.text("region", region);
                resource(details, task);
            }
        }
        if let Some(role) = schedule.credentials.and_then(|c| c.get("RoleArn")) {
            details.role("taskCredentials", role);
        }
        if let Some(seconds) = schedule.heartbeat {
            details.number("heartbeatInSeconds", seconds);
        }
        if let Some(seconds) = schedule.timeout {
            details.number("timeoutInSeconds", seconds);
        }
    });
}

pub(super) fn started(flow: &mut Flow<'_>, task: &Task) {
    let event_type = match task.resource.kind {
        ResourceKind::LambdaFunction => EventType::LambdaFunctionStarted,
        ResourceKind::Integration { .. } => EventType::TaskStarted,
    };
    flow.record(event_type, |details| resource(details, task));
}

pub(super) fn succeeded(flow: &mut Flow<'_>, task: &Task, result: &Value) {
    let event_type = match task.resource.kind {
        ResourceKind::LambdaFunction => EventType::LambdaFunctionSucceeded,
        ResourceKind::Integration { .. } => EventType::TaskSucceeded,
    };
    flow.record(event_type, |details| {
        details.data("output", result);
        resource(details, task);
    });
}

pub(super) fn failed(flow: &mut Flow<'_>, task: &Task, problem: &Problem) {
    let event_type = match task.resource.kind {
        ResourceKind::LambdaFunction => EventType::LambdaFunctionFailed,
        ResourceKind::Integration { .. } => EventType::TaskFailed,
    };
    error(flow, task, event_type, problem);
}

pub(super) fn timed_out(flow: &mut Flow<'_>, task: &Task, problem: &Problem) {
    let event_type = match task.resource.kind {
        ResourceKind::LambdaFunction => EventType::LambdaFunctionTimedOut,
        ResourceKind::Integration { .. } => EventType::TaskTimedOut,
    };
    error(flow, task, event_type, problem);
}

fn error(flow: &mut Flow<'_>, task: &Task, event_type: EventType, problem: &Problem) {
    flow.record(event_type, |details| {
        details.error(problem.error.as_ref(), problem.cause.as_deref());
        resource(details, task);
    });
}

/// Integrations are named in each of their events, functions only where they are scheduled.
fn resource(details: &mut Details, task: &Task) {
    if let ResourceKind::Integration {
        resource_type,
        resource,
    } = &task.resource.kind
    {
        details.text("resource", resource.clone());
        details.text("resourceType", resource_type.clone());
    }
}
