//! The one trait by which tasks are done.

use std::sync::Arc;

use super::{Inbox, Start};
use crate::asl::Resource;
use crate::machine::{Identity, TaskError, TaskResult};
use crate::value::{Text, Value};

/// Code that does tasks of one kind. No async here: a connector that needs a reactor has one of its own.
pub trait Connector: Send + Sync + std::fmt::Debug {
    /// Does the task, now or later, and answers once. Must not block: it is called on a worker's thread.
    fn call(&self, call: Call, answer: Answer);
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
    pub(super) complete: Option<Box<dyn FnOnce(TaskResult) + Send>>,
    /// Of the worker that waits for it.
    pub(super) inbox: Option<Arc<Inbox>>,
}

impl Answer {
    /// An answer that calls `complete`; the engine makes them, and so do tests of connectors.
    pub fn new(complete: impl FnOnce(TaskResult) + Send + 'static) -> Self {
        Self {
            complete: Some(Box::new(complete)),
            inbox: None,
        }
    }

    /// Begins an execution on the worker that waits for this answer, at whatever bound: the one that waits holds a place, and
    /// behind a bound it would wait for itself.
    ///
    /// # Errors
    /// The start, if nobody waits who could run it.
    pub fn begin(&self, start: Start) -> Result<(), Box<Start>> {
        match &self.inbox {
            Some(inbox) => {
                inbox.put_nested(start);
                Ok(())
            }
            None => Err(Box::new(start)),
        }
    }

    /// Ends the task.
    pub fn complete(mut self, result: TaskResult) {
        if let Some(complete) = self.complete.take() {
            complete(result);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(complete) = self.complete.take() {
            let cause = if std::thread::panicking() {
                "The connector panicked before it answered: a bug of the connector."
            } else {
                "The connector gave the call up without an answer."
            };
            complete(TaskResult::Failed(TaskError {
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
}

/// No connectors at all: for definitions without Task states.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoConnectors;

impl Connectors for NoConnectors {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Err("no connectors are configured in this process".to_owned())
    }
}
