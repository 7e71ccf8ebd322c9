//! Which events were answered, how often, how late.

use std::time::Duration;

use hdrhistogram::Histogram;

/// An hour: longer latencies count as this one.
const LATENCY_MAX_US: u64 = 3_600_000_000;

/// Counts answers.
#[derive(Debug)]
pub(super) struct Tally {
    /// By event, in the order in which they were sent.
    answered: Vec<bool>,
    warm_up: u64,
    /// In microseconds, of events after the warm-up.
    latencies: Histogram<u64>,
    pub(super) distinct: u64,
    pub(super) duplicates: u64,
    /// Answers that belong to no event of this bench.
    pub(super) foreign: u64,
    pub(super) results: u64,
    pub(super) failures: u64,
    pub(super) dead_letters: u64,
    /// Of values that answer events after the warm-up.
    pub(super) bytes_out: u64,
    /// When the last new answer came.
    pub(super) last: Duration,
}

/// What an event was answered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Result,
    Failure,
    DeadLetter,
}

impl Tally {
    pub(super) fn new(events: u64, warm_up: u64) -> Self {
        Self {
            answered: (0..events).map(|_| false).collect(),
            warm_up,
            latencies: Histogram::new_with_max(LATENCY_MAX_US, 3)
                .expect("the bound and three digits are what it takes"),
            distinct: 0,
            duplicates: 0,
            foreign: 0,
            results: 0,
            failures: 0,
            dead_letters: 0,
            bytes_out: 0,
            last: Duration::ZERO,
        }
    }

    /// An answer came at `now` to an event that was due at `due`.
    pub(super) fn answer(
        &mut self,
        number: Option<u64>,
        answer: Answer,
        bytes: usize,
        due: Duration,
        now: Duration,
    ) {
        let known = number
            .and_then(|number| usize::try_from(number).ok())
            .and_then(|index| self.answered.get_mut(index));
        match known {
            None => self.foreign += 1,
            Some(answered) if *answered => self.duplicates += 1,
            Some(answered) => {
                *answered = true;
                self.distinct += 1;
                self.last = now;
                match answer {
                    Answer::Result => self.results += 1,
                    Answer::Failure => self.failures += 1,
                    Answer::DeadLetter => self.dead_letters += 1,
                }
                if number.is_some_and(|number| number >= self.warm_up) {
                    self.bytes_out += bytes as u64;
                    let micros = now.saturating_sub(due).as_micros();
                    self.latencies
                        .saturating_record(u64::try_from(micros).unwrap_or(u64::MAX));
                }
            }
        }
    }

    pub(super) fn lost(&self) -> u64 {
        self.answered.len() as u64 - self.distinct
    }

    /// In milliseconds.
    pub(super) fn latency_ms(&self, quantile: f64) -> f64 {
        Duration::from_micros(self.latencies.value_at_quantile(quantile)).as_secs_f64() * 1000.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Answer, Tally};

    #[test]
    fn answers_are_counted_once_and_late_from_when_they_were_due() {
        let mut tally = Tally::new(3, 1);
        let ms = Duration::from_millis;
        tally.answer(Some(0), Answer::Result, 10, ms(0), ms(900));
        tally.answer(Some(1), Answer::Failure, 20, ms(100), ms(140));
        tally.answer(Some(1), Answer::Failure, 20, ms(100), ms(150));
        tally.answer(None, Answer::Result, 1, ms(0), ms(160));
        tally.answer(Some(3), Answer::Result, 1, ms(0), ms(170));
        assert_eq!(
            (
                tally.distinct,
                tally.duplicates,
                tally.foreign,
                tally.lost()
            ),
            (2, 1, 2, 1)
        );
        assert_eq!((tally.results, tally.failures, tally.bytes_out), (1, 1, 20));
        assert!((tally.latency_ms(0.99) - 40.0).abs() < 0.1);
        assert_eq!(tally.last, ms(140));
    }
}
