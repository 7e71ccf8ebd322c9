//! Where the answers to a worker's tasks arrive, and the executions that its own executions wait for; from any thread.

use std::sync::{Arc, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Start;
use super::journal::Stop;
use super::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use super::worker::{ExecutionKey, TaskEnded};

/// Answers that a worker has not taken yet.
///
/// Its bound is the number of calls that are not answered: each call is answered at most once. It must not have a smaller
/// one, since an answer may neither be lost nor wait for the worker: connectors may answer on the worker's own thread.
#[derive(Debug)]
pub struct Inbox {
    ended: Mutex<Vec<TaskEnded>>,
    /// Bounded as answers are: each is waited for by a call.
    nested: Mutex<Vec<Start>>,
    has_nested: AtomicBool,
    /// Executions to be stopped from outside; bounded by the requests that wait for it.
    stops: Mutex<Vec<(ExecutionKey, Stop)>>,
    has_stops: AtomicBool,
    wake: Sender<()>,
}

impl Inbox {
    /// An empty one, and where its worker waits to be woken.
    #[must_use]
    pub fn new() -> (Arc<Self>, Receiver<()>) {
        let (wake, wakes) = bounded(1);
        let inbox = Self {
            ended: Mutex::new(Vec::new()),
            nested: Mutex::new(Vec::new()),
            has_nested: AtomicBool::new(false),
            stops: Mutex::new(Vec::new()),
            has_stops: AtomicBool::new(false),
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

    /// The executions that have arrived, in their order.
    pub fn take_nested(&self) -> Vec<Start> {
        // Asked for at every round of a worker, and seldom true.
        if !self.has_nested.swap(false, Ordering::SeqCst) {
            return Vec::new();
        }
        std::mem::take(&mut *self.nested.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn put_nested(&self, start: Start) {
        let mut nested = self.nested.lock().unwrap_or_else(PoisonError::into_inner);
        nested.push(start);
        drop(nested);
        self.has_nested.store(true, Ordering::SeqCst);
        self.wake.try_send(()).ok();
    }

    /// Those who are to be stopped, in the order in which it was asked for.
    pub fn take_stops(&self) -> Vec<(ExecutionKey, Stop)> {
        if !self.has_stops.swap(false, Ordering::SeqCst) {
            return Vec::new();
        }
        std::mem::take(&mut *self.stops.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn put_stop(&self, execution: ExecutionKey, stop: Stop) {
        let mut stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        stops.push((execution, stop));
        drop(stops);
        self.has_stops.store(true, Ordering::SeqCst);
        self.wake.try_send(()).ok();
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

    fn lock(&self) -> MutexGuard<'_, Vec<TaskEnded>> {
        // Nothing can panic while it is held, and a list of answers is whole at any time.
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
