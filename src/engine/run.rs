//! One execution, waited for: the simple way in for programs that embed the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Sender, bounded};

use super::{Batch, Engine, Finished, Revision, Sink, Start, Starter, Token};
use crate::machine::{ExecutionKind, Identity};
use crate::value::{Text, Value};

/// An execution came to no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Every worker's queue is full, or the engine is stopping. Nothing has begun.
    #[error("no worker takes a further execution: the engine is at a bound or stopping")]
    Refused,
    /// The engine stopped before the execution ended.
    #[error("the engine stopped before the execution ended")]
    GivenUp,
}

impl Engine {
    /// Runs one execution and waits for its end. How it ended, well or badly, is in its outcome.
    ///
    /// Its ARN and its random numbers derive from `name`, so equal runs give equal answers. Must not be called on a worker's
    /// thread, such as in a connector.
    ///
    /// # Errors
    /// If it could not be begun, or not be brought to its end.
    pub fn run(
        &self,
        revision: &Arc<Revision>,
        name: &str,
        input: Value,
    ) -> Result<Finished, RunError> {
        let (end, ends) = bounded(1);
        let mut batch: Box<dyn Batch> = Box::new(One(Start {
            revision: Arc::clone(revision),
            input,
            identity: Identity {
                machine: Arc::clone(&revision.machine),
                name: Text::new(name),
                uuid: uuid(name),
                kind: ExecutionKind::Express,
            },
            context: Value::NULL,
            order: None,
            sink: Arc::new(Ends(end)),
            token: Token(0),
            journal: None,
        }));
        let first = NEXT_WORKER.fetch_add(1, Ordering::Relaxed);
        for worker in 0..self.workers() {
            match self.try_submit(first.wrapping_add(worker) % self.workers(), batch) {
                Ok(()) => return ends.recv().map_err(|_| RunError::GivenUp),
                Err(refused) => batch = refused,
            }
        }
        Err(RunError::Refused)
    }
}

/// Spreads runs over the workers; which one does a run changes nothing in its answer.
static NEXT_WORKER: AtomicUsize = AtomicUsize::new(0);

struct One(Start);

impl Batch for One {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        starter.start(self.0);
    }
}

#[derive(Debug)]
struct Ends(Sender<Finished>);

impl Sink for Ends {
    fn finish(&self, finished: Finished) {
        // There is a place for the only end; nobody waits any more if the caller's thread has ended.
        self.0.try_send(finished).ok();
    }
}

/// 128 bits that differ for different names (FNV-1a).
fn uuid(name: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mix = |hash: u128, byte: &u8| (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
    name.as_bytes().iter().fold(BASIS, mix)
}
