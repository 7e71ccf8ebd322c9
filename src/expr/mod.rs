//! Expressions: everything in a definition that is evaluated while an execution runs.
//!
//! All of it is compiled once, by `asl`, and evaluated against a [`Scope`]. Definite paths become plain walks.
//!
//! *Not here*: no clock and no randomness (they are in the scope), nothing that knows of states.

mod cursor;
mod intrinsic;
mod java;
pub mod jsonata;
mod path;
mod payload;
mod query;
mod reference;
mod scope;
mod template;
mod variables;

pub use cursor::PathError;
pub use path::{Path, PathMiss};
pub use payload::{Payload, QueryTemplate};
pub use query::{Query, QueryBudget, QueryScope, Seen};
pub use reference::ReferencePath;
pub use scope::{Randomness, Scope};
pub use template::{Template, TemplateError};
pub use variables::{Slot, VariableNames, Variables, is_variable_name};

use crate::value::Text;

/// The largest value that an expression may build, in bytes of its JSON.
///
/// It is far above the payload limit, which is the machine's matter, and keeps a path with many matches of one large
/// value, or a call with it, from exhausting the memory.
const RESULT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why an evaluation gave no value: an error of the workflow, in AWS's words.
///
/// `cause` is the detail only; the machine puts `An error occurred while executing the state …` before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `States.Runtime`, `States.IntrinsicFailure`, …
    pub error: Text,
    /// The detail.
    pub cause: String,
    /// Of a failed query: which it was.
    pub query: Option<FailedQuery>,
}

/// Where a query failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedQuery {
    /// The field's way within the state, if it is due to one field.
    pub field: Option<Text>,
}

impl Failure {
    /// A `States.Runtime` with this detail.
    #[must_use]
    pub fn runtime(cause: impl Into<String>) -> Self {
        Self {
            error: Text::new_static("States.Runtime"),
            cause: cause.into(),
            query: None,
        }
    }

    /// A `States.QueryEvaluationError` with this detail, in the state's field if it is due to one.
    #[must_use]
    pub fn query(field: Option<Text>, cause: impl Into<String>) -> Self {
        Self {
            error: Text::new_static("States.QueryEvaluationError"),
            cause: cause.into(),
            query: Some(FailedQuery { field }),
        }
    }
}
