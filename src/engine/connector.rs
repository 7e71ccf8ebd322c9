//! The one trait by which tasks are done.

use std::sync::Arc;

use crate::asl::Resource;
use crate::machine::{Identity, TaskResult};
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
}

/// The right to answer one call, once. Dropped without an answer, the task fails with `States.TaskFailed`.
pub struct Answer {
    pub(super) complete: Option<Box<dyn FnOnce(TaskResult) + Send>>,
}

impl Answer {
    /// An answer that calls `complete`; the engine makes them, and so do tests of connectors.
    pub fn new(complete: impl FnOnce(TaskResult) + Send + 'static) -> Self {
        Self {
            complete: Some(Box::new(complete)),
        }
    }

    /// Ends the task.
    pub fn complete(mut self, result: TaskResult) {
        if let Some(complete) = self.complete.take() {
            complete(result);
        }
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
