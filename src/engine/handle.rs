//! The engine as its callers see it.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use super::thread::{HandWorker, Report, WorkerThread};
use super::{Batch, Clock, EngineOptions, GivenUp, Inbox, Room, Witness};
use crate::machine::Timestamp;

/// A set of worker threads that run executions. Cloning gives another handle to the same threads.
///
/// When the last handle is dropped without [`Engine::shutdown`], what is unfinished is given up at once.
#[derive(Clone, Debug)]
pub struct Engine {
    inner: Arc<Inner>,
}

/// What [`Engine::shutdown`] left behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Dropped unfinished when the grace ended. None of their sinks was or will be called.
    pub given_up: GivenUp,
    /// Workers that did not come back from a batch, task or sink: their threads go on until they do.
    pub stuck_workers: usize,
    /// Workers that had ended by a panic of a batch or sink: a bug of the edge.
    pub panicked_workers: usize,
}

#[derive(Debug)]
struct Inner {
    /// Empty when the engine is stopping. Locked for writing only then, so that no batch slips in behind.
    queues: RwLock<Vec<Sender<Box<dyn Batch>>>>,
    workers: usize,
    room: Arc<Room>,
    clock: Arc<dyn Clock>,
    /// When the workers must end, in milliseconds; until the engine stops, the end of time.
    deadline_ms: Arc<AtomicI64>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    reports: Receiver<Report>,
    /// Threads that run.
    alive: Arc<AtomicUsize>,
}

/// How long a worker may take to come back after the grace ended.
const STUCK_AFTER: Duration = Duration::from_secs(2);

impl Engine {
    /// Starts the worker threads.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(options: &EngineOptions, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (mut inner, workers) = Inner::new(options, clock);
        let threads = inner
            .threads
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for (number, thread) in workers.into_iter().enumerate() {
            threads.push(thread.spawn(number)?);
        }
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// An engine without threads: whoever has its workers gives each its turn. For simulations; [`Engine::run`] would wait for
    /// ever, and [`Engine::shutdown`] joins nobody.
    #[must_use]
    pub fn by_hand(options: &EngineOptions, clock: Arc<dyn Clock>) -> (Self, Vec<HandWorker>) {
        let (inner, workers) = Inner::new(options, clock);
        let engine = Self {
            inner: Arc::new(inner),
        };
        (engine, workers.into_iter().map(HandWorker::new).collect())
    }

    /// How many workers there are; they are numbered from 0.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.inner.workers
    }

    /// Whether all workers run. One that does not has ended by a panic outside the machine: restart the process.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.inner.alive.load(Ordering::SeqCst) == self.inner.workers
    }

    /// What the workers hold together.
    #[must_use]
    pub fn room(&self) -> &Room {
        &self.inner.room
    }

    /// The engine's clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.inner.clock
    }

    /// Asks this one from now on about executions that begin without a journal. A second call changes nothing.
    pub fn watch(&self, witness: Arc<dyn Witness>) {
        drop(self.inner.room.witness.set(witness));
    }

    /// Queues a batch for a worker, without waiting.
    ///
    /// # Errors
    /// The batch, if the worker's queue is full (which it stays while the engine is at a bound), there is no such worker, or
    /// the engine is stopping.
    pub fn try_submit(&self, worker: usize, batch: Box<dyn Batch>) -> Result<(), Box<dyn Batch>> {
        let queues = self
            .inner
            .queues
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(queue) = queues.get(worker) else {
            return Err(batch);
        };
        queue.try_send(batch).map_err(|e| match e {
            TrySendError::Full(batch) | TrySendError::Disconnected(batch) => batch,
        })
    }

    /// Takes no further batch, lets what was taken finish until `grace` has passed, and ends the threads.
    ///
    /// Must not be called on a worker's thread. A second call finds nothing to do.
    #[must_use]
    pub fn shutdown(&self, grace: Duration) -> Stopped {
        let grace_ms = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
        self.inner
            .close(self.inner.clock.now().plus_millis(grace_ms));
        let threads = std::mem::take(
            &mut *self
                .inner
                .threads
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let mut stopped = Stopped::default();
        let latest = crossbeam_channel::after(grace.saturating_add(STUCK_AFTER));
        for _ in 0..threads.len() {
            let report = crossbeam_channel::select! {
                recv(self.inner.reports) -> report => report.ok(),
                recv(latest) -> _ => None,
            };
            match report {
                Some(Report::Ended(given_up)) => stopped.given_up += given_up,
                Some(Report::Panicked) => stopped.panicked_workers += 1,
                None => {
                    stopped.stuck_workers = threads.iter().filter(|t| !t.is_finished()).count();
                    return stopped;
                }
            }
        }
        for thread in threads {
            // All have reported, which is the last thing that they do; a panic is in its report.
            thread.join().ok();
        }
        stopped
    }
}

impl Inner {
    /// All but the threads, and what each of them is made of.
    fn new(options: &EngineOptions, clock: Arc<dyn Clock>) -> (Self, Vec<WorkerThread>) {
        let workers = options.workers_resolved();
        let (inboxes, wakes): (Vec<_>, Vec<_>) = (0..workers).map(|_| Inbox::new()).unzip();
        let room = inboxes.iter().map(|inbox| inbox.wake()).collect();
        let room = Arc::new(Room::with_wakes(options, room));
        let (report, reports) = bounded(workers);
        let (alive, deadline_ms) = (Arc::default(), Arc::new(AtomicI64::new(i64::MAX)));
        let mut queues = Vec::with_capacity(workers);
        let mut parts = Vec::with_capacity(workers);
        for (inbox, wakes) in inboxes.into_iter().zip(wakes) {
            let (queue, batches) = bounded(options.queue_batches_max.max(1));
            queues.push(queue);
            parts.push(WorkerThread {
                clock: Arc::clone(&clock),
                room: Arc::clone(&room),
                inbox,
                wakes,
                batches,
                deadline_ms: Arc::clone(&deadline_ms),
                report: report.clone(),
                alive: Arc::clone(&alive),
            });
        }
        let inner = Self {
            queues: RwLock::new(queues),
            workers,
            room,
            clock,
            deadline_ms,
            threads: Mutex::default(),
            reports,
            alive,
        };
        (inner, parts)
    }

    fn close(&self, deadline: Timestamp) {
        self.deadline_ms
            .store(deadline.as_millis(), Ordering::SeqCst);
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        queues.clear();
        drop(queues);
        self.room.wake_all();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close(self.clock.now());
    }
}

impl std::ops::AddAssign for GivenUp {
    fn add_assign(&mut self, other: Self) {
        self.executions += other.executions;
        self.waiting += other.waiting;
        self.batches += other.batches;
    }
}
