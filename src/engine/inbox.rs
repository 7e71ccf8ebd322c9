//! Where the answers to a worker's tasks arrive, from any thread.

use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::worker::TaskEnded;

/// Answers that a worker has not taken yet.
///
/// Its bound is the number of calls that are not answered: each call is answered at most once. It must not have a smaller
/// one, since an answer may neither be lost nor wait for the worker: connectors may answer on the worker's own thread.
#[derive(Debug)]
pub struct Inbox {
    ended: Mutex<Vec<TaskEnded>>,
    wake: Sender<()>,
}

impl Inbox {
    /// An empty one, and where its worker waits to be woken.
    #[must_use]
    pub fn new() -> (Arc<Self>, Receiver<()>) {
        let (wake, wakes) = bounded(1);
        let inbox = Self {
            ended: Mutex::new(Vec::new()),
            wake,
        };
        (Arc::new(inbox), wakes)
    }

    /// Moves all answers that have arrived into `into`, in the order of their arrival. `into` must be empty.
    pub fn take(&self, into: &mut Vec<TaskEnded>) {
        debug_assert!(
            into.is_empty(),
            "answers are taken one load after the other"
        );
        std::mem::swap(&mut *self.lock(), into);
    }

    pub(super) fn put(&self, ended: TaskEnded) {
        let first = {
            let mut queue = self.lock();
            queue.push(ended);
            queue.len() == 1
        };
        if first {
            // A full channel means that the worker is about to look anyway; a closed one, that it has ended.
            self.wake.try_send(()).ok();
        }
    }

    pub(super) fn wake(&self) -> Sender<()> {
        self.wake.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<TaskEnded>> {
        // Nothing can panic while it is held, and a list of answers is whole at any time.
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
