//! All that can happen to an execution.

use super::{CallId, TimerId};
use crate::value::{Text, Value};

/// Something that happened, told to [`super::Execution::step`].
#[derive(Clone, Debug)]
pub enum Event {
    /// Begin the first state. The first event of every execution.
    Begin,
    /// Go on after [`super::Effect::Yield`].
    Continue,
    /// A task that was asked for by [`super::Effect::Call`] has ended. An unknown or late `call` is ignored.
    TaskEnded {
        /// Which one.
        call: CallId,
        /// How.
        result: TaskResult,
    },
    /// A timer that was armed is due. An unknown or disarmed `timer` is ignored.
    TimerDue {
        /// Which one.
        timer: TimerId,
    },
    /// End the execution from outside: its outcome is `ABORTED`.
    Stop {
        /// The error name to report, if any.
        error: Option<Text>,
        /// The cause to report, if any.
        cause: Option<String>,
    },
}

/// How a task ended.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskResult {
    /// With a raw result, before `ResultSelector`.
    Succeeded(Value),
    /// With an error that Retry and Catch can match.
    Failed(TaskError),
    /// It exceeded a limit of time of its connector: `States.Timeout`.
    TimedOut,
}

/// An error as a workflow sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskError {
    /// Such as `Lambda.TooManyRequestsException`.
    pub error: Text,
    /// Free text, often JSON.
    pub cause: Option<String>,
}
