//! TestState: one state, run once, with the answer of its work mocked, and what it made of its data on the way.
//!
//! *Not here*: what only AWS has, whether a role may do something; and the requests and responses of HTTP tasks, which whoever does
//! the work adds to the answer.

mod answer;
mod context;
mod map;
mod mock;
mod run;
mod services;
mod subject;
#[cfg(test)]
mod tests;

pub use answer::{ErrorDetails, InspectionData, TestStateAnswer, TestStatus};
pub use mock::{FieldValidation, Mock, MockAnswer};

use super::{Options, TaskCall, TaskResult, Timestamp};
use crate::asl::{Diagnostic, Resource};
use crate::value::{Text, Value};

/// A request of TestState.
#[derive(Clone, Debug)]
pub struct TestStateRequest<'r> {
    /// A state's text, or that of a whole machine.
    pub definition: &'r str,
    /// Which state of the machine.
    pub state_name: Option<&'r str>,
    /// `input`; `{}` by default.
    pub input: Value,
    /// Whether a role is given; without a mock a Task state needs one.
    pub has_role: bool,
    /// Whether `revealSecrets` is set.
    pub reveals_secrets: bool,
    /// The values of variables, an object.
    pub variables: Value,
    /// The whole context object, if it is given.
    pub context: Option<Value>,
    /// What the state's work comes to.
    pub mock: Option<Mock<'r>>,
    /// `stateConfiguration`
    pub configuration: StateConfiguration<'r>,
}

impl<'r> TestStateRequest<'r> {
    /// The request that gives nothing but a definition.
    #[must_use]
    pub fn new(definition: &'r str) -> Self {
        Self {
            definition,
            state_name: None,
            input: Value::empty_object(),
            has_role: false,
            reveals_secrets: false,
            variables: Value::empty_object(),
            context: None,
            mock: None,
            configuration: StateConfiguration::default(),
        }
    }
}

/// `stateConfiguration`: in which situation the state is.
#[derive(Clone, Debug, Default)]
pub struct StateConfiguration<'r> {
    /// `retrierRetryCount`: how often the retrier that names the error has retried.
    pub retrier_retry_count: Option<u64>,
    /// `errorCausedByState`: which state within a Map or Parallel failed.
    pub error_caused_by_state: Option<&'r str>,
    /// `mapIterationFailureCount`: how many iterations of a distributed Map have failed.
    pub map_iteration_failure_count: Option<u64>,
    /// `mapItemReaderData`: what the reader of a distributed Map has read.
    pub map_item_reader_data: Option<Value>,
}

/// Why a request is refused; shown as AWS's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TestStateRefusal {
    /// A field breaks a rule of its own or with another.
    #[error("{0}")]
    Validation(String),
    /// The definition has these errors.
    #[error("Invalid State Machine Definition: '{}'", list(.0))]
    InvalidDefinition(Vec<Diagnostic>),
    /// The state is of a type that is tested only with a mock.
    #[error(
        "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
    )]
    NeedsMock,
    /// A Task state without a mock is given no role.
    #[error("RoleArn must be specified when testing a Task state")]
    NeedsRole,
}

impl TestStateRefusal {
    /// AWS's error type.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Validation(_) | Self::NeedsRole => "ValidationException",
            Self::InvalidDefinition(_) | Self::NeedsMock => "InvalidDefinition",
        }
    }

    fn validation(message: impl Into<String>) -> Self {
        Self::Validation(message.into())
    }
}

fn list(diagnostics: &[Diagnostic]) -> String {
    let listed: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    listed.join(", ")
}

/// Tests a state. Nothing waits: a delay is over at once. Without a mock the work of a Task state is done by `work`.
///
/// `options` say who the execution is and bound it; no history is made.
///
/// # Errors
/// If there is nothing to test, or the mock fits neither the state nor the service that it stands for.
pub fn test_state(
    request: &TestStateRequest<'_>,
    options: Options,
    now: Timestamp,
    work: impl FnOnce(&Resource, &TaskCall) -> TaskResult,
) -> Result<TestStateAnswer, TestStateRefusal> {
    let subject = subject::find(request)?;
    let answer = mock::check(request, &subject)?;
    context::check(request)?;
    Ok(run::run(request, &subject, answer, options, now, work))
}

/// What a state is called if it stands alone, and in the context object always.
const STATE_NAME: Text = Text::new_static("StateName");
