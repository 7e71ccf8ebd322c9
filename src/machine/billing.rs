//! What AWS would bill for an Express execution.

use super::Outcome;
use crate::value::Value;

/// `billingDetails` of StartSyncExecution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Billing {
    /// `billedDurationInMilliseconds`: how long it ran, rounded up to 100 ms.
    pub duration_ms: i64,
    /// `billedMemoryUsedInMB`: what it is counted with, rounded up to 64 MB.
    pub memory_mb: i64,
}

const DURATION_STEP_MS: i64 = 100;
const MEMORY_STEP_BYTES: usize = 64 << 20;
/// What AWS counts an execution with beside its definition and its data.
const BASE_BYTES: usize = 50 << 20;

impl Billing {
    /// The bill of an execution whose definition's text has so many bytes.
    ///
    /// AWS counts also how many branches and iterations hold data at once, by a rule that it does not publish; here the data
    /// is the input and the output.
    #[must_use]
    pub fn of(definition_bytes: usize, input: &Value, outcome: &Outcome) -> Self {
        let ms = (outcome.stop.as_millis() - outcome.start.as_millis()).max(1);
        let output_bytes = outcome.output.as_ref().map_or(0, Value::json_bytes);
        let bytes = BASE_BYTES + definition_bytes + input.json_bytes() + output_bytes;
        let steps = bytes.div_ceil(MEMORY_STEP_BYTES);
        Self {
            duration_ms: ms.saturating_add(DURATION_STEP_MS - 1) / DURATION_STEP_MS
                * DURATION_STEP_MS,
            memory_mb: i64::try_from(steps * (MEMORY_STEP_BYTES >> 20)).unwrap_or(i64::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::{Status, Timestamp};

    #[test]
    fn time_and_memory_are_rounded_up() {
        let mebibyte = 1 << 20;
        // How long it ran and the bytes of its definition; what is billed.
        let cases = [
            (0, 100, 100, 64),
            (100, 100, 100, 64),
            (101, 13 * mebibyte, 200, 64),
            (299_999, 15 * mebibyte, 300_000, 128),
        ];
        for (ran_ms, definition_bytes, duration_ms, memory_mb) in cases {
            let outcome = Outcome {
                status: Status::Succeeded,
                output: Some(Value::from("out")),
                error: None,
                cause: None,
                start: Timestamp::from_millis(1_000),
                stop: Timestamp::from_millis(1_000 + ran_ms),
                last_event_id: 0,
            };
            let billing = Billing::of(definition_bytes, &Value::from("in"), &outcome);
            let expected = Billing {
                duration_ms,
                memory_mb,
            };
            assert_eq!(billing, expected, "{ran_ms} ms, {definition_bytes} bytes");
        }
    }
}
