//! What the edge says to a poll loop, and hears of it.
//!
//! *Not here*: what anyone does about it.

#![expect(
    clippy::disallowed_methods,
    reason = "the age of a trouble is told by the wall's clock, also where the engine's is virtual"
)]

use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::time::{Duration, Instant};

use crate::machine::Timestamp;

/// What the edge says to a loop, and hears of it.
#[derive(Debug, Default)]
pub(super) struct Controls {
    /// Stop by this time; until then, the end of time.
    pub(super) stop_at_ms: AtomicI64,
    /// End at once, committing nothing.
    pub(super) abandon: AtomicBool,
    /// When the loop last went round, in milliseconds since the epoch.
    pub(super) ticked_ms: AtomicI64,
    pub(super) has_assignment: AtomicBool,
    pub(super) in_flight: AtomicU64,
    pub(super) trouble: Trouble,
}

/// What does not work at the moment, and what never will again.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) now: std::sync::Mutex<Option<(Instant, String)>>,
    pub(super) fatal: std::sync::OnceLock<String>,
}

impl Controls {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            stop_at_ms: AtomicI64::new(i64::MAX),
            ticked_ms: AtomicI64::new(now.as_millis()),
            ..Self::default()
        }
    }
}

impl Trouble {
    /// What did not work within this time.
    pub(super) fn recent(&self, within: Duration) -> Option<String> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.as_ref()
            .filter(|(at, _)| at.elapsed() <= within)
            .map(|(_, what)| what.clone())
    }

    pub(super) fn report(&self, what: String) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = Some((Instant::now(), what));
    }
}
