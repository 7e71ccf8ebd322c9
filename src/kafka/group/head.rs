//! Partitions that a single event holds up: nearly as much as may be is received above it, and nearly all of that is answered.
//!
//! What is answered is told with commits only as long as it fits into their metadata, and at the bound the partition stands still. So
//! the event is named, once; what is done about it is decided elsewhere.

use super::{Effect, Group, PartitionId};
use crate::kafka::token::Token;
use crate::machine::Timestamp;

/// How near to its bound a partition is, in percent.
pub const NEAR_BOUND_PERCENT: usize = 90;
/// How much of what is received above the position is answered, in percent.
pub const ANSWERED_PERCENT: usize = 98;

impl Group {
    /// Names events that hold up their partitions and were not named before.
    pub(super) fn look_at_heads(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let max = self.options.offset_gap_max;
        for (slot, assigned) in &mut self.assigned {
            let (gap, answered) = (assigned.ledger.gap(), assigned.ledger.answered_above());
            let is_near_bound = gap * 100 >= max.saturating_mul(NEAR_BOUND_PERCENT);
            let is_alone = answered * 100 >= gap * ANSWERED_PERCENT && answered > 0;
            let is_current = !assigned.is_leaving && !assigned.is_replaced && !assigned.held;
            let is_old =
                |received: Timestamp| now >= received.plus_millis(self.options.head_block_ms);
            let head = assigned.ledger.oldest_unanswered();
            let head = head.filter(|(_, received)| {
                is_near_bound && is_alone && is_current && is_old(*received)
            });
            let blocked = head.map(|(offset, _)| offset);
            if blocked != assigned.blocked {
                assigned.blocked = blocked;
                if let Some((offset, received)) = head
                    && let Some(token) = assigned.token(*slot, offset)
                {
                    effects.push(Effect::HeadBlocked {
                        partition: assigned.partition,
                        offset,
                        token,
                        age_ms: now.as_millis() - received.as_millis(),
                    });
                }
            }
        }
    }

    /// For each partition whether a single event holds it up.
    pub fn blocked(&self) -> impl Iterator<Item = (PartitionId, bool)> + '_ {
        let current = self.assigned.values().filter(|a| !a.is_replaced);
        current.map(|a| (a.partition, a.blocked.is_some()))
    }
}

impl super::Assigned {
    fn token(&self, slot: super::SlotId, offset: i64) -> Option<Token> {
        Token::new(slot, self.first?, offset)
    }
}
