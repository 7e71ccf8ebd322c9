//! What edges and engine say to each other: batches in, finished executions out.
//!
//! An edge (Kafka, the API, a benchmark) hands a [`Batch`] to a worker. On the worker's thread the batch decodes its
//! events and calls [`Starter::start`] for each. A pure execution has finished when that call returns; one
//! that waits is parked. Either way its [`Sink`] is told on the same worker's thread, exactly once.

use std::sync::Arc;

use super::{Journal, Revision};
use crate::history::HistoryEvent;
use crate::machine::{Identity, Outcome, Timestamp};
use crate::value::Value;

/// Undecoded events for one worker.
///
/// A batch or sink that panics is a bug of its edge: it ends the worker, which [`super::Engine::is_alive`] shows.
pub trait Batch: Send {
    /// Decodes and starts them all. Called once, on the worker's thread.
    fn run(self: Box<Self>, starter: &mut Starter<'_>);
}

/// One execution to start.
#[derive(Debug)]
pub struct Start {
    /// What to run; the execution keeps it to its end.
    pub revision: Arc<Revision>,
    /// The execution's input.
    pub input: Value,
    /// Names; gives also the seed.
    pub identity: Identity,
    /// Additions to the context object, such as `{"Kafka": …}`, or null. Built by the edge only if `revision.program.uses_context`.
    pub context: Value,
    /// Starts with the same key run one after the other, in the order in which this worker was given them.
    /// Whoever wants order sends equal keys to the same worker.
    pub order: Option<OrderKey>,
    /// Who is told of the end.
    pub sink: Arc<dyn Sink>,
    /// The edge's own mark, given back to the sink.
    pub token: Token,
    /// Takes down what happens, for whoever wants the history or to stop the execution; mostly none.
    pub journal: Option<Arc<Journal>>,
}

/// A hash of what must be kept in order: a Kafka key or a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderKey(pub u64);

/// An edge's mark on an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Token(pub u64);

/// Who is told that an execution has ended. Called on the worker's thread: it must not block for long.
pub trait Sink: Send + Sync + std::fmt::Debug {
    /// The execution has ended.
    fn finish(&self, finished: Finished);

    /// Whether a start that had to wait for its turn is still wanted (a revoked partition's are not).
    /// If not, it is dropped without a call to [`Sink::finish`].
    fn wanted(&self, token: Token) -> bool {
        let _ = token;
        true
    }
}

/// An execution that has ended.
#[derive(Debug)]
pub struct Finished {
    /// As in [`Start`].
    pub token: Token,
    /// As in [`Start`].
    pub revision: Arc<Revision>,
    /// As in [`Start`].
    pub identity: Identity,
    /// As in [`Start`].
    pub input: Value,
    /// How it ended.
    pub outcome: Outcome,
    /// The history events that passed its revision's recording level, in order.
    pub records: Vec<HistoryEvent>,
    /// History events before the last one that were beyond the engine's bound.
    pub records_dropped: u64,
    /// The machine panicked; the outcome is `States.Runtime`, and the edge dead-letters the event.
    pub bug: bool,
}

/// A worker, as a batch sees it.
pub struct Starter<'a> {
    pub(super) worker: &'a mut super::worker::Worker,
}

impl Starter<'_> {
    /// Starts one execution: when this returns it has ended and its sink was told, or it is parked, or it waits for its turn.
    pub fn start(&mut self, start: Start) {
        self.worker.start(start);
    }

    /// The worker's time: read when its batch began and every few starts since.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.worker.now()
    }
}

impl std::fmt::Debug for Starter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Starter").finish_non_exhaustive()
    }
}
