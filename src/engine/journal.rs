//! What happened to one execution: enough to make its history again, and the way to stop it from outside.
//!
//! An execution is deterministic, so its history needs no records: the events that it was told, with their times, bring
//! the same history about when a second one is told them ([`Journal::replay`]). Taking them down costs a few words a step;
//! answers of tasks are shared, not copied. An execution without a journal costs nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{ExecutionKey, Inbox, Revision};
use crate::history::{HistoryEvent, LogLevel};
use crate::machine::{
    Effect, Event, Execution, Identity, Options, Recording, TaskResult, Timestamp,
};
use crate::value::{Text, Value};

/// The journal of one execution, shared by its worker and whoever wants to look at it or to stop it.
#[derive(Debug)]
pub struct Journal {
    bytes_max: usize,
    room: Option<Arc<JournalRoom>>,
    inner: Mutex<Inner>,
}

/// What several journals may hold together while their executions are under way.
#[derive(Debug)]
pub struct JournalRoom {
    bytes_max: usize,
    bytes: AtomicUsize,
}

#[derive(Debug, Default)]
struct Inner {
    /// What the execution was told.
    told: Vec<(Event, Timestamp)>,
    /// The additions to its context object.
    context: Option<Value>,
    bytes: usize,
    is_cut: bool,
    place: Place,
}

/// Where the execution is.
#[derive(Debug, Default)]
enum Place {
    /// It has not begun.
    #[default]
    Before,
    /// It is to be stopped when it begins, or when its first step is done.
    Unwanted(Stop),
    /// It is in its first step.
    Beginning,
    /// It waits on a worker.
    Parked(Arc<Inbox>, ExecutionKey),
    /// It has ended.
    Over,
}

/// Why an execution is stopped from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// The error name to report, if any.
    pub error: Option<Text>,
    /// The cause to report, if any.
    pub cause: Option<String>,
}

/// More happened than the journal may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "more happened in the execution than its journal may hold ({bytes_max} bytes, fewer while many are under way)"
)]
pub struct JournalCut {
    /// The journal's bound.
    pub bytes_max: usize,
}

/// What an event is counted with, beside the data in it.
const EVENT_BYTES: usize = 64;

impl Journal {
    /// An empty one, which forgets everything when it would hold more than so many bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        Self::with_room(None, bytes_max)
    }

    /// An empty one, which also forgets everything when there is no room for more.
    #[must_use]
    pub fn within(room: &Arc<JournalRoom>, bytes_max: usize) -> Self {
        Self::with_room(Some(Arc::clone(room)), bytes_max)
    }

    fn with_room(room: Option<Arc<JournalRoom>>, bytes_max: usize) -> Self {
        Self {
            bytes_max,
            room,
            inner: Mutex::default(),
        }
    }

    /// What it holds, in bytes of memory, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Asks the execution's worker to stop it: its outcome is then `ABORTED`, and its sink is told. One that has not begun
    /// ends when it would begin. Without effect after its end.
    pub fn stop(&self, stop: Stop) {
        let mut inner = self.lock();
        match &inner.place {
            Place::Before | Place::Beginning => inner.place = Place::Unwanted(stop),
            Place::Parked(inbox, execution) => inbox.put_stop(*execution, stop),
            Place::Unwanted(_) | Place::Over => {}
        }
    }

    /// Makes the history again, up to now, from the beginning: each event is given to `take`, until it answers false.
    ///
    /// # Errors
    /// If too much happened.
    pub fn replay(
        &self,
        revision: &Revision,
        identity: &Identity,
        input: &Value,
        include_execution_data: bool,
        mut take: impl FnMut(HistoryEvent) -> bool,
    ) -> Result<(), JournalCut> {
        let (told, context) = {
            let inner = self.lock();
            if inner.is_cut {
                return Err(JournalCut {
                    bytes_max: self.bytes_max,
                });
            }
            (inner.told.clone(), inner.context.clone())
        };
        let Some((_, began)) = told.first() else {
            return Ok(());
        };
        let recording = Recording {
            level: LogLevel::All,
            include_execution_data,
        };
        let context = context.unwrap_or(Value::NULL);
        let options = options(revision, identity, recording, context);
        let program = Arc::clone(&revision.program);
        let mut execution = Execution::start(program, input.clone(), options, *began);
        let mut effects = Vec::new();
        for (event, now) in told {
            execution.step(event, now, &mut effects);
            for effect in effects.drain(..) {
                if let Effect::Record(event) = effect
                    && !take(*event)
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The execution begins with the event that is returned.
    pub(super) fn begin(&self, context: &Value, now: Timestamp) -> Event {
        let mut inner = self.lock();
        let event = match std::mem::replace(&mut inner.place, Place::Beginning) {
            Place::Unwanted(stop) => stop.into(),
            Place::Before | Place::Beginning | Place::Parked(..) | Place::Over => Event::Begin,
        };
        inner.context = (!context.is_null()).then(|| context.clone());
        self.note(&mut inner, &event, now);
        event
    }

    /// The execution is told of an event.
    pub(super) fn step(&self, event: &Event, now: Timestamp) {
        self.note(&mut self.lock(), event, now);
    }

    /// The execution waits at this place of the worker of this inbox. Its key stays valid to its end.
    pub(super) fn parked(&self, inbox: &Arc<Inbox>, key: ExecutionKey) {
        let mut inner = self.lock();
        if matches!(inner.place, Place::Parked(..)) {
            return;
        }
        let parked = Place::Parked(Arc::clone(inbox), key);
        if let Place::Unwanted(stop) = std::mem::replace(&mut inner.place, parked) {
            inbox.put_stop(key, stop);
        }
    }

    /// The execution has ended.
    pub(super) fn ended(&self) {
        let mut inner = self.lock();
        inner.place = Place::Over;
        self.leave_room(&inner);
    }

    fn note(&self, inner: &mut Inner, event: &Event, now: Timestamp) {
        if inner.is_cut {
            return;
        }
        let more = EVENT_BYTES + data_bytes(event);
        let has_room = |room: &Arc<JournalRoom>| room.take(more);
        if inner.bytes + more > self.bytes_max || !self.room.as_ref().is_none_or(has_room) {
            self.leave_room(inner);
            inner.is_cut = true;
            inner.bytes = 0;
            inner.told = Vec::new();
            return;
        }
        inner.bytes += more;
        inner.told.push((event.clone(), now));
    }

    fn leave_room(&self, inner: &Inner) {
        if let Some(room) = &self.room {
            room.bytes.fetch_sub(inner.bytes, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What it guards is whole at any time: nothing in between can panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let inner = self.lock();
        if !matches!(inner.place, Place::Over) {
            self.leave_room(&inner);
        }
    }
}

impl JournalRoom {
    /// Room for so many bytes.
    #[must_use]
    pub fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self {
            bytes_max,
            bytes: AtomicUsize::new(0),
        })
    }

    /// What journals of executions under way hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let fits = |held: usize| {
            let held = held.checked_add(bytes)?;
            (held <= self.bytes_max).then_some(held)
        };
        let (set, get) = (Ordering::Relaxed, Ordering::Relaxed);
        self.bytes.fetch_update(set, get, fits).is_ok()
    }
}

fn data_bytes(event: &Event) -> usize {
    match event {
        Event::Begin | Event::Continue | Event::TimerDue { .. } => 0,
        Event::TaskEnded { result, .. } => match result {
            TaskResult::Succeeded(value) => value.json_bytes(),
            TaskResult::Failed(error) => {
                error.error.len() + error.cause.as_ref().map_or(0, String::len)
            }
            TaskResult::TimedOut => 0,
        },
        Event::Stop { error, cause } => {
            error.as_ref().map_or(0, |error| error.len()) + cause.as_ref().map_or(0, String::len)
        }
    }
}

impl From<Stop> for Event {
    fn from(stop: Stop) -> Self {
        Self::Stop {
            error: stop.error,
            cause: stop.cause,
        }
    }
}

/// The machine's options for an execution of a revision: equal for equal executions.
pub(super) fn options(
    revision: &Revision,
    identity: &Identity,
    recording: Recording,
    context: Value,
) -> Options {
    Options {
        identity: identity.clone(),
        limits: revision.limits,
        seed: seed(identity),
        recording,
        context,
    }
}

/// Equal for equal executions, so that a redelivered event draws the same numbers.
const fn seed(identity: &Identity) -> u64 {
    (identity.uuid as u64) ^ ((identity.uuid >> 64) as u64)
}
