//! Many executions in one process: worker threads, timers, bounds, definitions.
//!
//! An edge puts definitions into a [`Registry`], hands [`Batch`]es to an [`Engine`] and is told of every end through
//! a [`Sink`]. Each [`Worker`] owns its executions: nothing of an execution is shared between threads, and one that neither
//! waits nor calls a task runs to its end where its batch was decoded.
//!
//! A program that embeds the engine with a task of its own:
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use stepstream::asl::Resource;
//! use stepstream::engine::{
//!     Answer, Call, Connector, Connectors, Definition, Engine, EngineOptions, Registry, SystemClock,
//! };
//! use stepstream::machine::{Status, TaskResult};
//! use stepstream::value::Value;
//!
//! /// Adds up what it is given.
//! #[derive(Debug)]
//! struct Sum;
//!
//! impl Connector for Sum {
//!     fn call(&self, call: Call, answer: Answer) {
//!         let numbers = call.payload.as_array().unwrap_or_default();
//!         let sum = numbers.iter().filter_map(|n| n.to_json().parse::<i64>().ok()).sum::<i64>();
//!         answer.complete(TaskResult::Succeeded(Value::from(sum)));
//!     }
//! }
//!
//! #[derive(Debug)]
//! struct Functions;
//!
//! impl Connectors for Functions {
//!     fn resolve(&self, _: &str, _: &str, resource: &Resource) -> Result<Arc<dyn Connector>, String> {
//!         if resource.arn.ends_with(":function:sum") {
//!             Ok(Arc::new(Sum))
//!         } else {
//!             Err("there is only the function 'sum'".to_owned())
//!         }
//!     }
//! }
//!
//! let registry = Registry::new(Arc::new(Functions));
//! let revision = registry.put(Definition::new(
//!     "adder",
//!     r#"{"StartAt": "Add", "States": {"Add": {
//!         "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:sum",
//!         "InputPath": "$.numbers", "ResultPath": "$.sum", "End": true
//!     }}}"#,
//! ))?;
//! let engine = Engine::start(&EngineOptions::default(), Arc::new(SystemClock::new()))?;
//! let finished = engine.run(&revision, "first", Value::parse(br#"{"numbers": [1, 2, 39]}"#)?)?;
//! assert_eq!(finished.outcome.status, Status::Succeeded);
//! assert_eq!(finished.outcome.output.unwrap().to_json(), r#"{"numbers":[1,2,39],"sum":42}"#);
//! engine.shutdown(Duration::from_secs(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Not here*: Kafka, HTTP or any other vendor; edges call the engine, never the reverse.

mod batch;
mod calls;
mod clock;
mod connector;
mod handle;
mod inbox;
mod journal;
mod options;
#[cfg(all(test, feature = "shuttle"))]
mod orders;
mod registry;
mod revision;
mod room;
mod run;
mod sync;
mod thread;
mod trace;
mod witness;
mod worker;

pub use batch::{Batch, Finished, OrderKey, Sink, Start, Starter, Token};
pub use calls::{CallBounds, CallLimits};
pub use clock::{Clock, ManualClock, SystemClock};
pub use connector::{Answer, Call, Connector, Connectors, NoConnectors};
pub use handle::{Engine, Stopped};
pub use inbox::Inbox;
pub use journal::{Journal, JournalCut, JournalRoom, Stop};
pub use options::EngineOptions;
pub use registry::{Definition, LoadError, Prepared, Registry};
pub use revision::Revision;
pub use room::Room;
pub use run::RunError;
pub use thread::HandWorker;
pub use trace::{Exchange, Trace};
pub use witness::Witness;
pub use worker::{ExecutionKey, GivenUp, Input, TaskEnded, Worker};
