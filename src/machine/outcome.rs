//! How an execution ended.

use super::Timestamp;
use crate::value::{Text, Value};

/// How an execution ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// In AWS's words.
    pub status: Status,
    /// The output, when it succeeded.
    pub output: Option<Value>,
    /// The error name, when it failed and has one.
    pub error: Option<Text>,
    /// The cause, when it failed and has one.
    pub cause: Option<String>,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub stop: Timestamp,
    /// The last history id that was counted.
    pub last_event_id: u64,
}

/// The final statuses of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It reached its end.
    Succeeded,
    /// An error was not caught.
    Failed,
    /// It exceeded its `TimeoutSeconds` or the five-minute cap.
    TimedOut,
    /// It was stopped from outside.
    Aborted,
}

impl Status {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }
}
