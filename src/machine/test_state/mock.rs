//! The mock: whether it fits the state, and what it says.

use super::services;
use super::subject::Subject;
use super::{TestStateRefusal, TestStateRequest};
use crate::asl::Kind;
use crate::value::{Text, Value};

/// What a state's work is said to come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mock<'r> {
    /// `result`: the text of a JSON value.
    pub result: Option<&'r str>,
    /// `errorOutput`: error and cause.
    pub error_output: Option<(Option<&'r str>, Option<&'r str>)>,
    /// `fieldValidationMode`
    pub validation: FieldValidation,
}

/// How closely a mocked result is compared with what the service answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// `STRICT`: required fields must be there, and the fields that are there must be right.
    #[default]
    Strict,
    /// `PRESENT`: only the latter.
    Present,
    /// `NONE`
    None,
}

/// A mock, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum MockAnswer {
    /// The work succeeded.
    Result(Value),
    /// The work failed.
    Error {
        /// The error's name.
        error: Text,
        /// Its cause.
        cause: Option<String>,
    },
}

/// Reads the mock of a request, and refuses what does not go with it or without it.
pub(super) fn check(
    request: &TestStateRequest<'_>,
    subject: &Subject,
) -> Result<Option<MockAnswer>, TestStateRefusal> {
    let Some(mock) = &request.mock else {
        return without(request, subject).map(|()| None);
    };
    let kind = &subject.state().kind;
    if !matches!(kind, Kind::Task(_) | Kind::Map(_) | Kind::Parallel(_)) {
        let state_type = subject.text("Type").unwrap_or_default();
        return refuse(format!(
            "State type '{state_type}' is not supported when a mock is specified"
        ));
    }
    if request.reveals_secrets {
        return refuse("TestState does not support RevealSecrets when a mock is specified.");
    }
    match (mock.result, mock.error_output) {
        (Some(_), Some(_)) => refuse(
            "A test mock should have only one of the following fields: [result, errorOutput].",
        ),
        (None, None) => {
            refuse("A test mock should have one of the following fields: [result, errorOutput].")
        }
        (None, Some((error, cause))) => Ok(Some(MockAnswer::Error {
            error: Text::new(error.unwrap_or_default()),
            cause: cause.map(str::to_owned),
        })),
        (Some(text), None) => {
            let Ok(result) = Value::parse(text.as_bytes()) else {
                return refuse("Mocked result must be valid JSON");
            };
            fits(&result, subject, mock.validation)?;
            Ok(Some(MockAnswer::Result(result)))
        }
    }
}

/// The shape of a result, by the type of the state.
fn fits(
    result: &Value,
    subject: &Subject,
    validation: FieldValidation,
) -> Result<(), TestStateRefusal> {
    match &subject.state().kind {
        Kind::Map(_) if subject.field("ResultWriter").is_some() => match result.as_object() {
            Some(_) => Ok(()),
            None => refuse("Mocked result must be a JSON object."),
        },
        Kind::Map(_) => match result.as_array() {
            Some(_) => Ok(()),
            None => refuse("Mocked result must be an array."),
        },
        Kind::Parallel(parallel) => match result.as_array() {
            Some(results) if results.len() == parallel.branches.len() => Ok(()),
            Some(_) => refuse(
                "Mocked result must contain the same number of items as number of Parallel branches.",
            ),
            None => refuse("Mocked result must be an array."),
        },
        Kind::Task(task) if validation != FieldValidation::None => {
            let is_strict = validation == FieldValidation::Strict;
            services::check(&task.resource.kind, result, is_strict)
                .or_else(|why| refuse(format!("Mock result schema validation error: {why}")))
        }
        Kind::Task(_)
        | Kind::Pass(_)
        | Kind::Choice(_)
        | Kind::Wait(_)
        | Kind::Succeed
        | Kind::Fail(_) => Ok(()),
    }
}

/// What needs a mock.
fn without(request: &TestStateRequest<'_>, subject: &Subject) -> Result<(), TestStateRefusal> {
    let configuration = &request.configuration;
    let needing = [
        ("Context", request.context.is_some()),
        (
            "RetrierRetryCount",
            configuration.retrier_retry_count.is_some(),
        ),
        (
            "ErrorCausedByState",
            configuration.error_caused_by_state.is_some(),
        ),
        (
            "MapIterationFailureCount",
            configuration.map_iteration_failure_count.is_some(),
        ),
        (
            "MapItemReaderData",
            configuration.map_item_reader_data.is_some(),
        ),
    ];
    if let Some((name, _)) = needing.iter().find(|(_, is_given)| *is_given) {
        return refuse(format!(
            "TestState does not support {name} when a mock is not specified."
        ));
    }
    match &subject.state().kind {
        Kind::Map(_) | Kind::Parallel(_) => Err(TestStateRefusal::NeedsMock),
        Kind::Task(_) if !request.has_role => Err(TestStateRefusal::NeedsRole),
        Kind::Task(task) if task.resource.is_standard_only() => refuse(
            "TestState does not support Activity, .sync and .waitForTaskToken when a mock is not specified.",
        ),
        Kind::Task(_)
        | Kind::Pass(_)
        | Kind::Choice(_)
        | Kind::Wait(_)
        | Kind::Succeed
        | Kind::Fail(_) => Ok(()),
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, TestStateRefusal> {
    Err(TestStateRefusal::validation(message))
}
