//! Which operation does what: the only table of their names.

use std::sync::Arc;

use super::protocol::{Fault, Fields};
use super::server::Body;
use super::shared::Shared;
use super::{aliases, definitions, executions, machines, starts, tags, versions};

/// What stands before an operation's name in `X-Amz-Target`.
const TARGET_PREFIX: &str = "AWSStepFunctions.";

/// Operations of AWS that have no meaning here, and why.
const WITHOUT_MEANING: &[(&[&str], &str)] = &[
    (
        &[
            "CreateActivity",
            "DeleteActivity",
            "DescribeActivity",
            "GetActivityTask",
            "ListActivities",
        ],
        "Express workflows have no activities",
    ),
    (
        &["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"],
        "Express workflows have no callbacks with task tokens",
    ),
    (
        &["DescribeMapRun", "ListMapRuns", "UpdateMapRun"],
        "Express workflows have no distributed Map",
    ),
    (&["RedriveExecution"], "Express workflows have no redrive"),
];

/// Answers a request: the body of the answer.
pub(super) async fn answer(
    shared: &Arc<Shared>,
    target: &str,
    body: Body<'_>,
    trace_header: Option<&str>,
) -> Result<Vec<u8>, Fault> {
    let Some(operation) = target.strip_prefix(TARGET_PREFIX) else {
        return Err(unknown(&format!(
            "'{target}' is not a target of Step Functions"
        )));
    };
    let fields = Fields::parse(&body.bytes)?;
    // Its bytes are free for others while an execution is waited for.
    drop(body);
    match operation {
        "StartSyncExecution" => starts::sync(shared, fields, trace_header).await,
        "StartExecution" => starts::async_(shared, fields),
        "ListExecutions" => shared.compute(|s| executions::list(s, fields)).await,
        "DescribeExecution" => executions::describe(shared, fields),
        "GetExecutionHistory" => shared.compute(|s| executions::history(s, fields)).await,
        "StopExecution" => executions::stop(shared, fields).await,
        "CreateStateMachine" => shared.compute(|s| machines::create(s, fields)).await,
        "UpdateStateMachine" => shared.compute(|s| machines::update(s, fields)).await,
        "DeleteStateMachine" => shared.compute(|s| machines::delete(s, fields)).await,
        "DescribeStateMachine" => shared.compute(|s| machines::describe(s, fields)).await,
        "DescribeStateMachineForExecution" => {
            shared
                .compute(|s| machines::describe_for_execution(s, fields))
                .await
        }
        "ListStateMachines" => machines::list(shared, fields),
        "ValidateStateMachineDefinition" => shared.compute(|_| definitions::validate(fields)).await,
        "TestState" => shared.compute(|s| definitions::test_state(s, fields)).await,
        "PublishStateMachineVersion" => shared.compute(|s| versions::publish(s, fields)).await,
        "ListStateMachineVersions" => versions::list(shared, fields),
        "DeleteStateMachineVersion" => shared.compute(|s| versions::delete(s, fields)).await,
        "CreateStateMachineAlias" => shared.compute(|s| aliases::create(s, fields)).await,
        "DescribeStateMachineAlias" => aliases::describe(shared, fields),
        "UpdateStateMachineAlias" => shared.compute(|s| aliases::update(s, fields)).await,
        "ListStateMachineAliases" => aliases::list(shared, fields),
        "DeleteStateMachineAlias" => shared.compute(|s| aliases::delete(s, fields)).await,
        "TagResource" => shared.compute(|s| tags::tag(s, fields)).await,
        "UntagResource" => shared.compute(|s| tags::untag(s, fields)).await,
        "ListTagsForResource" => tags::list(shared, fields),
        _ => Err(not_offered(operation)),
    }
}

fn not_offered(operation: &str) -> Fault {
    let without = WITHOUT_MEANING
        .iter()
        .find(|(operations, _)| operations.contains(&operation));
    match without {
        Some((_, why)) => unknown(&format!("Stepstream does not offer {operation}: {why}")),
        None => unknown(&format!(
            "'{operation}' is not an operation of Step Functions"
        )),
    }
}

fn unknown(message: &str) -> Fault {
    Fault::new("UnknownOperationException", message)
}
