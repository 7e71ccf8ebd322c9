//! What all workers of an engine hold together, and whether there is room for more.

use std::sync::{Arc, OnceLock};

use crossbeam_channel::Sender;

use super::sync::{AtomicUsize, Ordering};
use super::{EngineOptions, Witness};

/// Counts what is parked or waits, over all workers. Written only when an execution parks or waits, never by a pure one.
#[derive(Debug)]
pub struct Room {
    pub(super) options: EngineOptions,
    executions: AtomicUsize,
    bytes: AtomicUsize,
    /// How many workers wait for room; whoever releases something wakes them all.
    short: AtomicUsize,
    wakes: Vec<Sender<()>>,
    /// Who wants the journals of executions that others begin; mostly nobody.
    pub(super) witness: OnceLock<Arc<dyn Witness>>,
}

impl Room {
    /// The room of an engine with these bounds; simulations make one for their workers.
    #[must_use]
    pub fn new(options: &EngineOptions) -> Self {
        Self::with_wakes(options, Vec::new())
    }

    pub(super) fn with_wakes(options: &EngineOptions, wakes: Vec<Sender<()>>) -> Self {
        Self {
            options: *options,
            executions: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
            short: AtomicUsize::new(0),
            wakes,
            witness: OnceLock::new(),
        }
    }

    /// Whether a worker may take a further batch.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.executions() < self.options.executions_in_flight_max.max(1)
            && self.bytes() < self.options.bytes_held_max.max(1)
    }

    /// Executions parked or waiting.
    #[must_use]
    pub fn executions(&self) -> usize {
        self.executions.load(Ordering::SeqCst)
    }

    /// Bytes they hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::SeqCst)
    }

    pub(super) fn hold(&self, bytes: usize) {
        self.executions.fetch_add(1, Ordering::SeqCst);
        self.bytes.fetch_add(bytes, Ordering::SeqCst);
    }

    pub(super) fn release(&self, bytes: usize) {
        let executions = self.executions.fetch_sub(1, Ordering::SeqCst);
        let held = self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        assert!(
            executions > 0 && held >= bytes,
            "what is released was held before"
        );
        self.wake_short();
    }

    /// A worker says so *before* it looks for room a last time and waits, else it could miss the release that it waits for.
    pub(super) fn set_short(&self, short: bool) {
        if short {
            self.short.fetch_add(1, Ordering::SeqCst);
        } else {
            self.short.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn wake_short(&self) {
        if self.short.load(Ordering::SeqCst) > 0 {
            self.wake_all();
        }
    }

    pub(super) fn wake_all(&self) {
        for wake in &self.wakes {
            // A full channel means that the worker is about to look anyway; a closed one, that it has ended.
            wake.try_send(()).ok();
        }
    }
}
