//! The one trait by which tasks are done.

use std::borrow::Cow;
use std::sync::Arc;

use super::calls::OpenCall;
use super::{CallBounds, Start, Trace};
use crate::asl::Resource;
use crate::machine::{Identity, TaskError, TaskResult};
use crate::value::{Text, Value};

/// Code that does tasks of one kind. No async here: a connector that needs a reactor has one of its own.
pub trait Connector: Send + Sync + std::fmt::Debug {
    /// Does the task, now or later, and answers once. Must not block: it is called on a worker's thread.
    fn call(&self, call: Call, answer: Answer);

    /// What the call goes to within the outside system (a function, a host, a topic), by which it is bounded and counted. There must
    /// be few; `None` where the resource says it all.
    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let _ = call;
        None
    }

    /// How a call fails that would be one too many to wait for its turn; in the words of the outside system where it has such.
    fn overloaded(&self, call: &Call) -> TaskError {
        TaskError {
            error: Text::new_static("States.TaskFailed"),
            cause: Some(format!(
                "Too many calls of {} wait for their turn.",
                call.resource.arn
            )),
        }
    }
}

/// A task to be done.
#[derive(Debug)]
pub struct Call {
    /// Which resource the state names.
    pub resource: Resource,
    /// The state's name.
    pub state: Text,
    /// Who asks.
    pub identity: Identity,
    /// What `Parameters` evaluated to.
    pub payload: Value,
    /// How many retries preceded this call in this visit of the state.
    pub retry_count: u32,
    /// How many calls of this state preceded it in this execution, retries and earlier visits alike.
    pub invocation: u32,
}

/// The right to answer one call, once. Dropped without an answer, the task fails with `States.TaskFailed`.
pub struct Answer {
    way: Option<Way>,
    trace: Option<Trace>,
}

enum Way {
    Told(Box<dyn FnOnce(TaskResult) + Send>),
    /// A worker's.
    Open(Arc<OpenCall>),
}

impl Answer {
    /// An answer that calls `complete`, for callers that are no engine.
    pub fn new(complete: impl FnOnce(TaskResult) + Send + 'static) -> Self {
        Self {
            way: Some(Way::Told(Box::new(complete))),
            trace: None,
        }
    }

    pub(super) const fn of(call: Arc<OpenCall>) -> Self {
        Self {
            way: Some(Way::Open(call)),
            trace: None,
        }
    }

    /// The same, and what goes over the network is to be kept in `trace`.
    #[must_use]
    pub fn traced(mut self, trace: Trace) -> Self {
        self.trace = Some(trace);
        self
    }

    /// Where to keep what goes over the network, if somebody wants to see it.
    #[must_use]
    pub const fn trace(&self) -> Option<&Trace> {
        self.trace.as_ref()
    }

    /// Says what to do if the answer is not wanted any more before it is given: its time is over, or its execution has ended. `tell`
    /// is called at most once, on any thread, and must not block.
    pub fn on_given_up(&self, tell: impl FnOnce() + Send + 'static) {
        if let Some(Way::Open(call)) = &self.way {
            call.on_given_up(Box::new(tell));
        }
    }

    /// Begins an execution on the worker that waits for this answer, at whatever bound: the one that waits holds a place, and
    /// behind a bound it would wait for itself.
    ///
    /// # Errors
    /// The start, if nobody waits who could run it.
    pub fn begin(&self, start: Start) -> Result<(), Box<Start>> {
        match &self.way {
            Some(Way::Open(call)) => {
                call.inbox().put_nested(start);
                Ok(())
            }
            Some(Way::Told(_)) | None => Err(Box::new(start)),
        }
    }

    /// Ends the task.
    pub fn complete(mut self, result: TaskResult) {
        if let Some(way) = self.way.take() {
            way.complete(result);
        }
    }
}

impl Way {
    fn complete(self, result: TaskResult) {
        match self {
            Self::Told(complete) => complete(result),
            Self::Open(call) => call.answered(result),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(way) = self.way.take() {
            let cause = if std::thread::panicking() {
                "The connector panicked before it answered: a bug of the connector."
            } else {
                "The connector gave the call up without an answer."
            };
            way.complete(TaskResult::Failed(TaskError {
                error: Text::new_static("States.TaskFailed"),
                cause: Some(cause.to_owned()),
            }));
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

/// Finds the connector of a resource when a definition is loaded.
pub trait Connectors: Send + Sync + std::fmt::Debug {
    /// The connector for `resource` in the state `state` of the machine `machine`; if there is none, a hint what to configure.
    ///
    /// # Errors
    /// The hint.
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String>;

    /// The connectors by which executions of `machine` run in a test case that whoever starts them has chosen.
    ///
    /// # Errors
    /// Why there are none: no mocks are configured, or they have no such test case.
    fn test_case(&self, machine: &str, test_case: &str) -> Result<Arc<dyn Connectors>, String> {
        Err(format!(
            "there is no test case '{test_case}' of {machine}: no file of mocks is set"
        ))
    }

    /// The bounds of the calls of `resource`; all resources of one connector share theirs.
    fn bounds(&self, resource: &Resource) -> Option<Arc<CallBounds>> {
        let _ = resource;
        None
    }
}

/// No connectors at all: for definitions without Task states.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoConnectors;

impl Connectors for NoConnectors {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Err("no connectors are configured in this process".to_owned())
    }
}
