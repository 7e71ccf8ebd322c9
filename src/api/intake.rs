//! Starts on their way to the workers: collected while a worker is busy, so that many callers share one batch.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::{Batch, Engine, Start, Starter};

/// One queue a worker.
#[derive(Debug)]
pub(super) struct Intake {
    engine: Engine,
    queues: Vec<Arc<Queue>>,
    next: AtomicUsize,
}

#[derive(Debug, Default)]
struct Queue {
    starts: Mutex<Vec<Start>>,
}

/// Starts that may wait for one worker.
const STARTS_MAX: usize = 1_024;

impl Intake {
    pub(super) fn new(engine: Engine) -> Self {
        let queues = (0..engine.workers()).map(|_| Arc::default()).collect();
        Self {
            engine,
            queues,
            next: AtomicUsize::new(0),
        }
    }

    /// Hands a start to the next worker that takes one.
    ///
    /// # Errors
    /// The start, if every worker is at a bound or the engine is stopping.
    pub(super) fn submit(&self, start: Start) -> Result<(), Box<Start>> {
        if !self.engine.room().has_room() {
            return Err(Box::new(start));
        }
        let mut start = Box::new(start);
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for at in 0..self.queues.len() {
            let worker = first.wrapping_add(at) % self.queues.len();
            match self.submit_to(worker, start) {
                Ok(()) => return Ok(()),
                Err(refused) => start = refused,
            }
        }
        Err(start)
    }

    fn submit_to(&self, worker: usize, start: Box<Start>) -> Result<(), Box<Start>> {
        let Some(queue) = self.queues.get(worker) else {
            return Err(start);
        };
        let mut starts = queue.lock();
        if starts.len() >= STARTS_MAX {
            return Err(start);
        }
        // A batch that has not begun takes all that are there when it begins.
        let needs_batch = starts.is_empty();
        starts.push(*start);
        if !needs_batch {
            return Ok(());
        }
        let batch = Box::new(Collected(Arc::clone(queue)));
        if self.engine.try_submit(worker, batch).is_ok() {
            return Ok(());
        }
        // Nobody came after it: the lock is held.
        match starts.pop() {
            Some(start) => Err(Box::new(start)),
            None => unreachable!("it was put there under the same lock"),
        }
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Start>> {
        // A list of starts is whole at any time.
        self.starts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Collected(Arc<Queue>);

impl Batch for Collected {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        let starts = std::mem::take(&mut *self.0.lock());
        for start in starts {
            starter.start(start);
        }
    }
}
