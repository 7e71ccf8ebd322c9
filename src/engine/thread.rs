//! The thread around a worker: where batches, answers and time come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, select};

use super::{Batch, Clock, GivenUp, Inbox, Input, Room, TaskEnded, Worker};
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

    /// Takes further batches for as long as the round before them has taken, so that executions which take long turns leave half of the
    /// time to others.
    fn take_more(&self, worker: &mut Worker, spent_ms: i64) {
        let end = self.clock.now().plus_millis(spent_ms);
        while self.clock.now() < end && !worker.is_short() {
            match self.batches.try_recv() {
                Ok(batch) => worker.handle(Input::Batch(batch), self.clock.now()),
                Err(_) => return,
            }
        }
    }

    fn run(self) -> GivenUp {
        let mut worker = HandWorker::new(self);
        let no_batches = crossbeam_channel::never();
        loop {
            let now = worker.parts.clock.now();
            let takes = match worker.go_round(now) {
                Round::Over => return worker.end(),
                Round::Again => continue,
                Round::Wait { takes } => takes,
            };
            let spent_ms = worker.parts.clock.now().as_millis() - now.as_millis();
            let HandWorker {
                parts,
                worker,
                closed,
                ..
            } = &mut worker;
            let batches = if takes { &parts.batches } else { &no_batches };
            select! {
                recv(batches) -> batch => match batch {
                    Ok(batch) => {
                        worker.handle(Input::Batch(batch), parts.clock.now());
                        parts.take_more(worker, spent_ms);
                    }
                    Err(_) => *closed = true,
                },
                recv(parts.wakes) -> _ => {},
                default(wait(worker, now)) => {},
            }
        }
    }
}

/// A worker of an engine without threads ([`super::Engine::by_hand`]): does a round when it is told to, and never waits.
#[derive(Debug)]
pub struct HandWorker {
    parts: WorkerThread,
    worker: Worker,
    ended: Vec<TaskEnded>,
    short: bool,
    closed: bool,
}

/// What is to follow a round.
enum Round {
    Over,
    /// Another one, at once.
    Again,
    /// To wait until something happens; a further batch is taken or not.
    Wait {
        takes: bool,
    },
}

impl HandWorker {
    pub(super) fn new(parts: WorkerThread) -> Self {
        let (clock, room, inbox) = (&parts.clock, &parts.room, &parts.inbox);
        Self {
            worker: Worker::new(Arc::clone(clock), Arc::clone(room), Arc::clone(inbox)),
            parts,
            ended: Vec::new(),
            short: false,
            closed: false,
        }
    }

    /// Does what there is to do, and takes one batch at most. Returns whether the worker goes on: it ends after the engine's
    /// shutdown.
    pub fn turn(&mut self) -> bool {
        while self.parts.wakes.try_recv().is_ok() {}
        loop {
            let takes = match self.go_round(self.parts.clock.now()) {
                Round::Over => return false,
                Round::Again => continue,
                Round::Wait { takes } => takes,
            };
            if takes {
                match self.parts.batches.try_recv() {
                    Ok(batch) => {
                        let now = self.parts.clock.now();
                        self.worker.handle(Input::Batch(batch), now);
                    }
                    Err(TryRecvError::Disconnected) => self.closed = true,
                    Err(TryRecvError::Empty) => {}
                }
            }
            return true;
        }
    }

    /// When it wants its next turn, even if nothing happens.
    pub fn next_wakeup(&mut self) -> Option<Timestamp> {
        self.worker.next_wakeup()
    }

    /// Whether it holds no execution, and no batch waits for it.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.worker.is_idle() && self.parts.batches.is_empty()
    }

    /// All but to wait and to take a batch.
    fn go_round(&mut self, now: Timestamp) -> Round {
        self.parts.inbox.take(&mut self.ended);
        for task in self.ended.drain(..) {
            self.worker.handle(Input::TaskEnded(task), now);
        }
        for start in self.parts.inbox.take_nested() {
            self.worker.handle(Input::Nested(Box::new(start)), now);
        }
        for (execution, stop) in self.parts.inbox.take_stops() {
            self.worker.handle(Input::Stop(execution, stop), now);
        }
        self.worker.handle(Input::Tick, now);
        let is_late = now.as_millis() >= self.parts.deadline_ms.load(Ordering::SeqCst);
        if is_late || (self.closed && self.worker.is_idle()) {
            return Round::Over;
        }
        let was_short = std::mem::replace(&mut self.short, self.worker.is_short());
        if self.short != was_short {
            self.parts.room.set_short(self.short);
            // Having said so, it looks once more: what was released in between woke nobody.
            return Round::Again;
        }
        Round::Wait {
            takes: !self.closed && self.parts.room.has_room(),
        }
    }

    fn end(mut self) -> GivenUp {
        if self.short {
            self.parts.room.set_short(false);
        }
        let mut given_up = self.worker.give_up();
        given_up.batches = self.parts.batches.try_iter().count();
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
