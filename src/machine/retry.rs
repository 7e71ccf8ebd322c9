//! When the next attempt of a task is made: pure arithmetic.

use crate::asl::Retrier;
use crate::expr::Randomness;

/// The longest delay in milliseconds; far beyond the longest execution.
const DELAY_MS_MAX: f64 = 1e15;

/// Milliseconds to wait before retry number `retry` (0 is the first) of this retrier.
#[expect(clippy::cast_possible_truncation, reason = "bounded by DELAY_MS_MAX")]
pub(super) fn delay_ms(retrier: &Retrier, retry: u64, randomness: &Randomness) -> i64 {
    let exponent = i32::try_from(retry).unwrap_or(i32::MAX);
    let interval = retrier.interval_seconds as f64 * retrier.backoff_rate.powi(exponent);
    let bound = retrier
        .max_delay_seconds
        .map_or(f64::INFINITY, |seconds| seconds as f64);
    let ms = (interval.min(bound) * 1000.0).min(DELAY_MS_MAX) as i64;
    if retrier.full_jitter {
        // Uniform over 0..=ms; the bias of a remainder is far below a millisecond.
        return (randomness.next_u64() % (ms.unsigned_abs() + 1)).cast_signed();
    }
    ms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retrier(
        interval_seconds: u64,
        backoff_rate: f64,
        max_delay_seconds: Option<u64>,
        full_jitter: bool,
    ) -> Retrier {
        Retrier {
            error_equals: Vec::new(),
            interval_seconds,
            max_attempts: 3,
            backoff_rate,
            max_delay_seconds,
            full_jitter,
        }
    }

    #[test]
    fn the_interval_grows_by_the_rate_up_to_the_bound() {
        let cases = [
            (retrier(1, 2.0, None, false), [1000, 2000, 4000, 8000]),
            (retrier(3, 1.0, None, false), [3000, 3000, 3000, 3000]),
            (retrier(3, 2.0, Some(5), false), [3000, 5000, 5000, 5000]),
            (retrier(2, 1.5, None, false), [2000, 3000, 4500, 6750]),
        ];
        for (retrier, expected) in cases {
            let randomness = Randomness::new(1);
            let delays = [0, 1, 2, 3].map(|retry| delay_ms(&retrier, retry, &randomness));
            assert_eq!(delays, expected, "{retrier:?}");
        }
        assert!(
            delay_ms(
                &retrier(99_999_999, 10.0, None, false),
                u64::MAX,
                &Randomness::new(1)
            ) > 0
        );
    }

    #[test]
    fn full_jitter_spreads_over_the_interval_and_follows_the_seed() {
        let delays = |seed| {
            let randomness = Randomness::new(seed);
            (0..100)
                .map(|_| delay_ms(&retrier(4, 1.0, None, true), 0, &randomness))
                .collect::<Vec<_>>()
        };
        assert_eq!(delays(7), delays(7));
        assert_ne!(delays(7), delays(8));
        assert!(delays(7).iter().all(|ms| (0..=4000).contains(ms)));
        assert!(delays(7).iter().any(|ms| *ms < 1000) && delays(7).iter().any(|ms| *ms > 3000));
    }
}
