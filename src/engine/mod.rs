//! Many executions in one process: worker threads, timers, bounds, definitions.
//!
//! *Not here*: Kafka, HTTP or any other vendor; edges call the engine, never the reverse.

mod batch;
mod connector;

pub use batch::{Batch, Finished, OrderKey, Sink, Start, Starter, Token};
pub use connector::{Answer, Call, Connector, Connectors};

// --- to be replaced by engine/worker.rs and engine/registry.rs ---
mod worker {
    #[derive(Debug)]
    pub struct Worker;
}
/// One version of a workflow's definition (see engine/registry.rs).
#[derive(Debug)]
pub struct Revision;
