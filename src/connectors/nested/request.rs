//! What a Task state asks Step Functions for, and what Step Functions refuses.

use super::{answer, failure};
use crate::asl::answer::{StartOf, StartRefusal, StartRequest, check_start};
use crate::machine::{TaskResult, Timestamp};
use crate::value::Value;

/// An operation of Step Functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// `states:startExecution`
    Start,
    /// `aws-sdk:sfn:startExecution`
    SdkStart,
    /// `aws-sdk:sfn:startSyncExecution`
    SdkStartSync,
}

/// The parameters of a call.
#[derive(Debug)]
pub(super) struct Request<'c> {
    /// `StateMachineArn`
    pub(super) arn: &'c str,
    /// The machine's name in it.
    pub(super) machine: &'c str,
    /// `Name`
    pub(super) name: Option<&'c str>,
    /// `Input`
    pub(super) input: Value,
}

/// Why an execution does not begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// AWS's name without prefix and without `Exception`.
    code: &'static str,
    message: String,
}

impl Operation {
    pub(super) fn of(resource_type: &str, resource: &str) -> Option<Self> {
        Some(match (resource_type, resource) {
            ("states", "startExecution") => Self::Start,
            ("aws-sdk:sfn", "startExecution") => Self::SdkStart,
            ("aws-sdk:sfn", "startSyncExecution") => Self::SdkStartSync,
            _ => return None,
        })
    }

    pub(super) const fn waits(self) -> bool {
        matches!(self, Self::SdkStartSync)
    }

    /// The result of a start that nobody waits for.
    pub(super) fn started(self, arn: &str, began: Timestamp) -> Value {
        answer::started(arn, began, self == Self::Start)
    }

    /// A refusal as the two kinds of integrations tell it.
    pub(super) fn failed(self, refusal: &Refusal) -> TaskResult {
        let Refusal { code, message } = refusal;
        match self {
            Self::Start => failure(
                format!("StepFunctions.{code}Exception"),
                format!(
                    "{message} (Service: AWSStepFunctions; Status Code: 400; Error Code: {code}; Request ID: {}; Proxy: null)",
                    answer::NO_REQUEST
                ),
            ),
            Self::SdkStart | Self::SdkStartSync => failure(
                format!("Sfn.{code}Exception"),
                format!(
                    "{message} (Service: Sfn, Status Code: 400, Request ID: {}) (SDK Attempt Count: 1)",
                    answer::NO_REQUEST
                ),
            ),
        }
    }
}

impl<'c> Request<'c> {
    pub(super) fn read(operation: Operation, payload: &'c Value) -> Result<Self, Refusal> {
        let text = |name| payload.get(name).and_then(Value::as_str);
        let arn = text("StateMachineArn").ok_or_else(|| {
            Refusal::new(
                "Validation",
                "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
            )
        })?;
        let machine = machine(arn).ok_or_else(|| {
            Refusal::new(
                "InvalidArn",
                format!("Invalid Arn: 'Invalid ARN prefix: {arn}'"),
            )
        })?;
        let name = text("Name");
        // Texts are JSON in a string, as the operation itself takes it; other values stand for their JSON.
        let given = payload.get("Input").filter(|input| !input.is_null());
        let written = given.map(|input| match input.as_str() {
            Some(text) => text.to_owned(),
            None => input.to_json(),
        });
        let start = check_start(&StartRequest {
            waits: operation.waits(),
            express: true,
            name,
            input: written.as_deref(),
            running: None,
        })?;
        Ok(Self {
            arn,
            machine,
            name,
            input: match start {
                StartOf::New(input) => input,
                StartOf::AlreadyThere => Value::empty_object(),
            },
        })
    }
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(super) fn no_machine(arn: &str) -> Self {
        let message = format!("State Machine Does Not Exist: '{arn}'");
        Self::new("StateMachineDoesNotExist", message)
    }

    pub(super) fn too_deep(max: u32) -> Self {
        let message = format!("Executions call one another more than {max} deep");
        Self::new("ExecutionLimitExceeded", message)
    }

    pub(super) fn busy() -> Self {
        Self::new(
            "ExecutionLimitExceeded",
            "The engine takes no further execution at the moment",
        )
    }
}

impl From<StartRefusal> for Refusal {
    fn from(refusal: StartRefusal) -> Self {
        let code = match &refusal {
            StartRefusal::Validation(_) => "Validation",
            StartRefusal::InvalidName(_) => "InvalidName",
            StartRefusal::InvalidExecutionInput(_) => "InvalidExecutionInput",
            StartRefusal::TypeNotSupported => "StateMachineTypeNotSupported",
            StartRefusal::ExecutionAlreadyExists(_) => "ExecutionAlreadyExists",
        };
        Self::new(code, refusal.to_string())
    }
}

/// The machine's name in its ARN.
fn machine(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':');
    let head = (parts.next()?, parts.nth(1)?, parts.nth(2)?);
    let name = parts.next()?;
    (head == ("arn", "states", "stateMachine")).then_some(name)
}
