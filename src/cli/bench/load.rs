//! When each event is due, and how far ahead of the answers events may be.
//!
//! The load is open: with a rate, an event is due when it is due, whatever became of those before it, and its latency counts from
//! there. A service that stalls makes all events of the stall late (no coordinated omission).

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use super::super::stopwatch::Stopwatch;
use super::tally::Tally;
use crate::cli::Failure;

/// Events sent and not yet answered. The embedded broker keeps 5 MiB of a partition and drops what is older; of so many events its
/// partitions hold a tenth. With a rate, those held back stay due when they were.
const UNANSWERED_MAX: u64 = 20_000;
/// The first group join of a broker takes seconds.
const STALLED_AFTER: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_micros(200);

/// Takes events and brings answers.
pub(super) trait Service {
    /// Hands over these events, the first of which has the number `first`; `due` has when each was due.
    fn send(&mut self, first: u64, due: &[Duration]) -> Result<(), Failure>;

    /// Why it cannot go on, if so.
    fn broken(&mut self) -> Option<String>;
}

/// Events handed over at once, at most.
const BURST: u64 = 500;

/// Sends the events from number `from` to before `to` and waits until all are answered or nothing moves any more.
pub(super) fn drive(
    service: &mut impl Service,
    stopwatch: Stopwatch,
    tally: &Mutex<Tally>,
    (from, to): (u64, u64),
    rate: Option<u64>,
) -> Result<(), Failure> {
    let began = stopwatch.elapsed();
    let (mut next, mut moved) = (from, (0, began));
    let mut due = Vec::new();
    loop {
        let answered = distinct(tally);
        let now = stopwatch.elapsed();
        if answered != moved.0 {
            moved = (answered, now);
        }
        if answered >= to || now.saturating_sub(moved.1) > STALLED_AFTER {
            return Ok(());
        }
        if let Some(why) = service.broken() {
            return Err(Failure::Broken(why));
        }
        let room = (answered + UNANSWERED_MAX).min(to).min(next + BURST);
        due.clear();
        for number in next..room {
            let at = rate.map_or(now, |rate| began + due_after(number - from, rate));
            if at > now {
                break;
            }
            due.push(at);
        }
        if due.is_empty() {
            super::pause(PAUSE);
        } else {
            service.send(next, &due)?;
            next += due.len() as u64;
        }
    }
}

fn due_after(events: u64, rate: u64) -> Duration {
    let nanos = u128::from(events) * 1_000_000_000 / u128::from(rate);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

fn distinct(tally: &Mutex<Tally>) -> u64 {
    tally
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .distinct
}
