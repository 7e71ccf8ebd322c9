//! The only file that reads time; everywhere else it is an argument.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::machine::Timestamp;

/// Where the engine's threads get their time from. It never goes backwards.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The computer's clock, read once when this is made and then followed by the monotonic clock.
///
/// So a step of the computer's clock (not its slow adjustment, which the monotonic clock takes part in) neither
/// ends nor holds up executions; a process started under a wrong clock keeps it.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
    origin_ms: i64,
}

impl SystemClock {
    /// A clock that shows the computer's time.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where time is read"
    )]
    pub fn new() -> Self {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            origin: Instant::now(),
            origin_ms: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let elapsed_ms = i64::try_from(self.origin.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(self.origin_ms.saturating_add(elapsed_ms))
    }
}

/// A clock that is moved by hand, for tests and simulations.
#[derive(Debug, Default)]
pub struct ManualClock {
    now_ms: AtomicI64,
}

impl ManualClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            now_ms: AtomicI64::new(now.as_millis()),
        }
    }

    /// Moves it to `at`; an instant that has passed leaves it where it is.
    pub fn advance_to(&self, at: Timestamp) {
        self.now_ms.fetch_max(at.as_millis(), Ordering::AcqRel);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms.load(Ordering::Acquire))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_never_goes_backwards() {
        let clock = ManualClock::new(Timestamp::from_millis(5));
        clock.advance_to(Timestamp::from_millis(9));
        clock.advance_to(Timestamp::from_millis(7));
        assert_eq!(clock.now().as_millis(), 9);
    }

    #[test]
    fn the_system_clock_shows_this_century_and_never_goes_backwards() {
        let clock = SystemClock::new();
        let first = clock.now();
        assert!(first.as_millis() > 1_700_000_000_000);
        assert!(clock.now() >= first);
    }
}
