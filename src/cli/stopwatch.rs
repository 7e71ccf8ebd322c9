//! Time since a demo or a bench began, finer than the engine's clock: latencies are a few milliseconds.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant, SystemTime);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "it measures the product from outside and decides nothing in it"
    )]
    pub(super) fn start() -> Self {
        Self(Instant::now(), SystemTime::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// When it was started, in milliseconds since 1970: names topics that nobody had before.
    pub(super) fn birth_ms(self) -> u128 {
        let since = self.1.duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_millis()
    }

    pub(super) fn micros(self) -> u64 {
        u64::try_from(self.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
