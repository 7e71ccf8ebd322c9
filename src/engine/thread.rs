//! The thread around a worker: where batches, answers and time come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, select};

use super::{Batch, Clock, GivenUp, Inbox, Input, Room, Worker};
use crate::machine::Timestamp;

/// What a worker's thread is made of.
#[derive(Debug)]
pub(super) struct WorkerThread {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) room: Arc<Room>,
    pub(super) inbox: Arc<Inbox>,
    /// Told when something is in the inbox, when there is room again, and when the engine stops.
    pub(super) wakes: Receiver<()>,
    /// Closed when the engine stops.
    pub(super) batches: Receiver<Box<dyn Batch>>,
    /// When the thread must end; until the engine stops, the end of time.
    pub(super) deadline_ms: Arc<AtomicI64>,
    pub(super) report: Sender<Report>,
    pub(super) alive: Arc<AtomicUsize>,
}

/// The last word of a worker's thread.
#[derive(Debug)]
pub(super) enum Report {
    Ended(GivenUp),
    /// By a panic of a batch or sink.
    Panicked,
}

/// Enough for an expression of the greatest depth, which takes 1 MiB, or 3 MiB in a build without optimisation.
const STACK_BYTES: usize = 8 << 20;
/// The longest wait: by it a clock that is not the system's is looked at again.
const WAIT_MAX: Duration = Duration::from_millis(100);

impl WorkerThread {
    pub(super) fn spawn(self, number: usize) -> std::io::Result<JoinHandle<()>> {
        self.alive.fetch_add(1, Ordering::SeqCst);
        let last_word = LastWord {
            report: self.report.clone(),
            alive: Arc::clone(&self.alive),
            given_up: None,
        };
        std::thread::Builder::new()
            .name(format!("worker-{number}"))
            .stack_size(STACK_BYTES)
            .spawn(move || {
                let mut last_word = last_word;
                last_word.given_up = Some(self.run());
            })
    }

    fn run(self) -> GivenUp {
        let mut worker = Worker::new(
            Arc::clone(&self.clock),
            Arc::clone(&self.room),
            Arc::clone(&self.inbox),
        );
        let no_batches = crossbeam_channel::never();
        let mut ended = Vec::new();
        let (mut short, mut closed) = (false, false);
        loop {
            let now = self.clock.now();
            self.inbox.take(&mut ended);
            for task in ended.drain(..) {
                worker.handle(Input::TaskEnded(task), now);
            }
            worker.handle(Input::Tick, now);
            let is_late = now.as_millis() >= self.deadline_ms.load(Ordering::SeqCst);
            if is_late || (closed && worker.is_idle()) {
                break;
            }
            let was_short = std::mem::replace(&mut short, worker.is_short());
            if short != was_short {
                self.room.set_short(short);
                // Having said so, it looks once more: what was released in between woke nobody.
                continue;
            }
            let takes = !closed && self.room.has_room();
            let batches = if takes { &self.batches } else { &no_batches };
            select! {
                recv(batches) -> batch => match batch {
                    Ok(batch) => worker.handle(Input::Batch(batch), self.clock.now()),
                    Err(_) => closed = true,
                },
                recv(self.wakes) -> _ => {},
                default(wait(&mut worker, now)) => {},
            }
        }
        if short {
            self.room.set_short(false);
        }
        let mut given_up = worker.give_up();
        given_up.batches = self.batches.try_iter().count();
        given_up
    }
}

/// How long a worker may sleep if nothing happens.
fn wait(worker: &mut Worker, now: Timestamp) -> Duration {
    let Some(at) = worker.next_wakeup() else {
        return WAIT_MAX;
    };
    let ms = at.as_millis().saturating_sub(now.as_millis());
    Duration::from_millis(u64::try_from(ms).unwrap_or(0)).min(WAIT_MAX)
}

/// Reports the end of a thread, also of one that unwinds.
#[derive(Debug)]
struct LastWord {
    report: Sender<Report>,
    alive: Arc<AtomicUsize>,
    given_up: Option<GivenUp>,
}

impl Drop for LastWord {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
        let report = self.given_up.map_or(Report::Panicked, Report::Ended);
        // The channel has a place for each thread; it is closed when nobody wants to know.
        self.report.try_send(report).ok();
    }
}
