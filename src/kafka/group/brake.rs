//! What is done about a partition that has been at its bound for long.

use super::{Effect, Group};
use crate::kafka::mutant::{self, Mutant};
use crate::machine::Timestamp;

/// A partition at its bound is paused only after this time, since a pause throws away what was fetched ahead.
pub const PAUSE_AFTER_MS: i64 = 1_000;

impl Group {
    /// Pauses what has been at its bound for long, and resumes what was paused when half of it is done.
    pub(super) fn brake(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let max = self.options.offset_gap_max;
        for assigned in self.assigned.values_mut() {
            if assigned.held {
                // It is paused, however much of it is done.
            } else if assigned.paused {
                if assigned.ledger.gap() <= max / 2 {
                    assigned.paused = false;
                    assigned.full_since = None;
                    if !mutant::is(Mutant::ResumeForgotten) {
                        effects.push(Effect::Resume(assigned.partition));
                    }
                }
            } else if !assigned.is_full(max) {
                assigned.full_since = None;
            } else if now
                >= assigned
                    .full_since
                    .get_or_insert(now)
                    .plus_millis(PAUSE_AFTER_MS)
            {
                assigned.paused = true;
                effects.push(Effect::Pause(assigned.partition));
            }
        }
    }
}
