//! An error inside a workflow, and who may catch it.

use crate::expr::{FailedQuery, Failure};
use crate::value::{ObjectBuilder, Text, Value};

/// What went wrong in a state, on its way to a retrier, a catcher or the end of the execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Absent only for a Fail state that names none.
    pub(super) error: Option<Text>,
    pub(super) cause: Option<String>,
    /// The query that failed, until that is told in the history of its state.
    pub(super) query: Option<FailedQuery>,
}

const ALL: &str = "States.ALL";
const TASK_FAILED: &str = "States.TaskFailed";
const TIMEOUT: &str = "States.Timeout";
const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
const RUNTIME: &str = "States.Runtime";
const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";

impl Problem {
    pub(super) fn new(error: &'static str, cause: impl Into<String>) -> Self {
        Self {
            error: Some(Text::new_static(error)),
            cause: Some(cause.into()),
            query: None,
        }
    }

    /// A failed evaluation in the state `name`, whose StateEntered event has the id `entered_id`.
    pub(super) fn in_state(failure: &Failure, name: &str, entered_id: u64) -> Self {
        Self {
            error: Some(failure.error.clone()),
            cause: Some(executing(name, entered_id, &failure.cause)),
            query: failure.query.clone(),
        }
    }

    pub(super) fn timeout() -> Self {
        Self {
            error: Some(Text::new_static(TIMEOUT)),
            cause: None,
            query: None,
        }
    }

    /// `subject` is a state's name, `lambda` or another service, or a function's ARN.
    pub(super) fn result_too_large(subject: &str) -> Self {
        Self::new(
            DATA_LIMIT_EXCEEDED,
            format!(
                "The state/task '{subject}' returned a result with a size exceeding the maximum number of bytes service limit."
            ),
        )
    }

    pub(super) fn parameters_too_large(subject: &str) -> Self {
        Self::new(
            DATA_LIMIT_EXCEEDED,
            format!(
                "The state/task '{subject}' provided parameters with a size exceeding the maximum number of bytes service limit."
            ),
        )
    }

    /// What the state's `Assign` assigns is too large. AWS documents the limit, not the text.
    pub(super) fn variables_too_large(state: &str) -> Self {
        Self::new(
            DATA_LIMIT_EXCEEDED,
            format!(
                "The state/task '{state}' assigned variables with a size exceeding the maximum number of bytes service limit."
            ),
        )
    }

    /// With them, the variables of the execution are too large. AWS documents the limit, not the text.
    pub(super) fn all_variables_too_large(state: &str) -> Self {
        Self::new(
            DATA_LIMIT_EXCEEDED,
            format!(
                "The state/task '{state}' assigned variables that make those of the execution exceed the maximum number of bytes service limit."
            ),
        )
    }

    /// AWS refuses such an input when an execution is started, and has no text for it here.
    pub(super) fn input_too_large() -> Self {
        Self::new(
            DATA_LIMIT_EXCEEDED,
            "The execution's input has a size exceeding the maximum number of bytes service limit.",
        )
    }

    /// The problem as the states around see it.
    pub(super) fn told(self) -> Self {
        Self {
            query: None,
            ..self
        }
    }

    /// Whether an `ErrorEquals` names this error: `States.Runtime` is never caught, `States.DataLimitExceeded` only by its
    /// own name, `States.TaskFailed` stands for all but time-outs.
    pub(super) fn is_named_by(&self, error_equals: &[Text]) -> bool {
        let error = self.error.as_deref().unwrap_or_default();
        error != RUNTIME
            && error_equals.iter().any(|name| match name.as_str() {
                name if name == error => true,
                ALL => error != DATA_LIMIT_EXCEEDED,
                TASK_FAILED => error != TIMEOUT && error != DATA_LIMIT_EXCEEDED,
                TIMEOUT => error == HEARTBEAT_TIMEOUT,
                _ => false,
            })
    }

    /// What a catcher gets: `{"Error": …, "Cause": …}`.
    pub(super) fn error_output(&self) -> Value {
        let mut output = ObjectBuilder::with_capacity(2);
        output.insert("Error", Value::from(self.error.clone().unwrap_or_default()));
        output.insert(
            "Cause",
            Value::from(self.cause.as_deref().unwrap_or_default()),
        );
        output.finish().expect("two strings are not deep")
    }
}

/// AWS's words before the detail of a runtime error.
pub(super) fn executing(state: &str, entered_id: u64, detail: &str) -> String {
    format!(
        "An error occurred while executing the state '{state}' (entered at the event id #{entered_id}). {detail}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_matched_as_aws_does() {
        let cases = [
            ("Custom", &["Custom"][..], true),
            ("Custom", &["Other"], false),
            ("Custom", &["States.ALL"], true),
            ("Custom", &["States.TaskFailed"], true),
            ("States.Timeout", &["States.TaskFailed"], false),
            ("States.Timeout", &["States.ALL"], true),
            ("States.HeartbeatTimeout", &["States.Timeout"], true),
            ("States.Runtime", &["States.Runtime", "States.ALL"], false),
            ("States.DataLimitExceeded", &["States.ALL"], false),
            ("States.DataLimitExceeded", &["States.TaskFailed"], false),
            (
                "States.DataLimitExceeded",
                &["States.DataLimitExceeded"],
                true,
            ),
            ("Custom", &[], false),
        ];
        for (error, names, expected) in cases {
            let problem = Problem::new(error, "why");
            let names: Vec<Text> = names.iter().map(|n| Text::new(*n)).collect();
            assert_eq!(
                problem.is_named_by(&names),
                expected,
                "{error} by {names:?}"
            );
        }
    }
}
