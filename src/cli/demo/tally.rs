//! Which events were answered, how often, where and how fast: what the demo's own consumer has read.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::events::{Answer, Plan, Stream};

/// Counted from the topics.
#[derive(Debug)]
pub(super) struct Tally {
    seed: u64,
    /// Events before this number have no part in latency and rate.
    warm_up: u64,
    /// A bit for each event: whether it has been answered.
    marks: Vec<u64>,
    /// Events that have been answered at least once.
    pub(super) answered: u64,
    pub(super) results: u64,
    pub(super) failures: u64,
    pub(super) dead_letters: u64,
    pub(super) log_records: u64,
    /// Answers to events that had one already.
    pub(super) duplicates: u64,
    /// Answers on a topic where they do not belong, or that name no event.
    pub(super) misplaced: u64,
    /// From an event's making to the reading of its first answer, in microseconds.
    latency: [Histogram<u64>; 3],
    /// When events were answered for the first time, in milliseconds since the demo began.
    answered_at_ms: Histogram<u64>,
    /// When the first event after the warm-up was made.
    began_us: u64,
}

/// The longest latency that is told apart: the cap of an execution, and some.
const LATENCY_US_MAX: u64 = 600_000_000;
/// A day: no demo is longer.
const DEMO_MS_MAX: u64 = 86_400_000;

impl Tally {
    pub(super) fn new(seed: u64, warm_up: u64) -> Self {
        let histogram =
            |max| Histogram::new_with_max(max, 3).expect("three digits up to a fixed bound");
        Self {
            seed,
            warm_up,
            marks: Vec::new(),
            answered: 0,
            results: 0,
            failures: 0,
            dead_letters: 0,
            log_records: 0,
            duplicates: 0,
            misplaced: 0,
            latency: std::array::from_fn(|_| histogram(LATENCY_US_MAX)),
            answered_at_ms: histogram(DEMO_MS_MAX),
            began_us: u64::MAX,
        }
    }

    /// Counts an answer: the event's number, if the record names one, where it was read, when the event was made, and
    /// the time now, both in microseconds since the demo began.
    pub(super) fn answer(
        &mut self,
        number: Option<u64>,
        found: Answer,
        created_us: u64,
        now_us: u64,
    ) {
        match found {
            Answer::Result => self.results += 1,
            Answer::Failure => self.failures += 1,
            Answer::DeadLetter => self.dead_letters += 1,
        }
        let Some(number) = number else {
            self.misplaced += 1;
            return;
        };
        if !self.mark(number) {
            self.duplicates += 1;
            return;
        }
        self.answered += 1;
        let plan = Plan::of(self.seed, number);
        if plan.answer() != found {
            self.misplaced += 1;
        }
        if number < self.warm_up {
            return;
        }
        let [telemetry, readings, devices] = &mut self.latency;
        let histogram = match plan.stream {
            Stream::Telemetry => telemetry,
            Stream::Readings => readings,
            Stream::Devices => devices,
        };
        histogram.saturating_record(now_us.saturating_sub(created_us));
        self.answered_at_ms.saturating_record(now_us / 1_000);
        self.began_us = self.began_us.min(created_us);
    }

    /// Events answered a second, from the making of the first after the warm-up until 99 of 100 were answered: the
    /// last ones are those that wait by design.
    pub(super) fn events_per_second(&self) -> f64 {
        const PART: f64 = 0.99;
        let until_us = self.answered_at_ms.value_at_quantile(PART) * 1_000;
        let seconds = Duration::from_micros(until_us.saturating_sub(self.began_us)).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let answered = self.answered_at_ms.len() as f64 * PART;
        if seconds > 0.0 {
            answered / seconds
        } else {
            0.0
        }
    }

    /// The `quantile` of the latency in milliseconds: of one stream, or of all.
    pub(super) fn latency_ms(&self, stream: Option<Stream>, quantile: f64) -> f64 {
        let [telemetry, readings, devices] = &self.latency;
        let micros = match stream {
            Some(Stream::Telemetry) => telemetry.value_at_quantile(quantile),
            Some(Stream::Readings) => readings.value_at_quantile(quantile),
            Some(Stream::Devices) => devices.value_at_quantile(quantile),
            None => {
                let mut all = telemetry.clone();
                for other in [readings, devices] {
                    all.add(other).expect("all have the same bounds");
                }
                all.value_at_quantile(quantile)
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "at most ten minutes")]
        let millis = micros as f64 / 1_000.0;
        millis
    }

    /// Sets the event's bit; false if it was set.
    fn mark(&mut self, number: u64) -> bool {
        let word = usize::try_from(number / 64).unwrap_or(usize::MAX);
        if self.marks.len() <= word {
            self.marks.resize(word + 1, 0);
        }
        let bit = 1_u64 << (number % 64);
        let Some(bits) = self.marks.get_mut(word) else {
            return false;
        };
        let fresh = *bits & bit == 0;
        *bits |= bit;
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_counted_once_and_in_its_place() {
        let number_of = |wanted| (0..).find(|n| Plan::of(1, *n).answer() == wanted).unwrap();
        let (good, bad) = (number_of(Answer::Result), number_of(Answer::DeadLetter));
        let mut tally = Tally::new(1, 0);
        tally.answer(Some(good), Answer::Result, 0, 1_000);
        tally.answer(Some(bad), Answer::DeadLetter, 1_000, 4_000);
        assert_eq!(
            (tally.answered, tally.duplicates, tally.misplaced),
            (2, 0, 0)
        );
        tally.answer(Some(good), Answer::Result, 0, 9_000_000);
        assert_eq!(
            (tally.answered, tally.duplicates, tally.misplaced),
            (2, 1, 0)
        );
        tally.answer(Some(good + 1_000), Answer::DeadLetter, 0, 1);
        tally.answer(None, Answer::Result, 0, 1);
        assert_eq!(
            (tally.answered, tally.duplicates, tally.misplaced),
            (3, 1, 2)
        );
        // The duplicate's latency does not count.
        assert!(tally.latency_ms(None, 1.0) < 4.0);
    }
}
