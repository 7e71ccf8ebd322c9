//! What the edge has done so far, cheap to read.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counted by workers and poll loops.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) received: AtomicU64,
    pub(super) results: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) dead_letters: AtomicU64,
    pub(super) log_records: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) commit_failures: AtomicU64,
}

/// A snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Records received.
    pub received: u64,
    /// Executions that succeeded.
    pub results: u64,
    /// Executions that failed, timed out or were aborted.
    pub failures: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Log records.
    pub log_records: u64,
    /// Events received and not answered yet, those included whose answer is not acknowledged.
    pub in_flight: u64,
    /// Commits that the broker took.
    pub commits: u64,
    /// Commits that it did not take; each is repeated.
    pub commit_failures: u64,
}

impl Counters {
    pub(super) fn snapshot(&self, in_flight: u64) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            received: read(&self.received),
            results: read(&self.results),
            failures: read(&self.failures),
            dead_letters: read(&self.dead_letters),
            log_records: read(&self.log_records),
            in_flight,
            commits: read(&self.commits),
            commit_failures: read(&self.commit_failures),
        }
    }
}
