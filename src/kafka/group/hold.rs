//! Topics that are not to be read for a while, since one of their workflows has stopped.
//!
//! Their partitions are paused. What had not begun was dropped, and stays unanswered, so that the position cannot pass it. When the topic
//! is to be read again, and all that had begun has ended, each partition that has dropped something is received again from its position,
//! into a new slot; what is answered above is skipped.
//!
//! *Not here*: why.

use super::{Effect, Group, PartitionId};
use crate::kafka::mutant::{self, Mutant};

impl Group {
    /// From now on these topics, and no others, are not to be read.
    pub(super) fn hold(&mut self, topics: Vec<u32>, effects: &mut Vec<Effect>) {
        self.held = topics;
        self.hold_assigned(effects);
    }

    /// Pauses what is to be held and is not yet.
    pub(super) fn hold_assigned(&mut self, effects: &mut Vec<Effect>) {
        for assigned in self.assigned.values_mut() {
            let is_current = !assigned.is_replaced && !assigned.is_leaving;
            if is_current && !assigned.held && self.held.contains(&assigned.partition.topic) {
                assigned.held = true;
                if !assigned.paused {
                    assigned.paused = true;
                    effects.push(Effect::Pause(assigned.partition));
                }
            }
        }
    }

    /// Reads again what is held no more.
    pub(super) fn release(&mut self, effects: &mut Vec<Effect>) {
        let is_free = |partition: &PartitionId| !self.held.contains(&partition.topic);
        let waiting = self.assigned.values();
        let waiting = waiting.filter(|a| a.held && !a.is_leaving && is_free(&a.partition));
        let waiting: Vec<PartitionId> = waiting.map(|a| a.partition).collect();
        for partition in waiting {
            let slots = self.assigned.values().filter(|a| a.partition == partition);
            let (open, dropped) = slots.fold((0, 0), |(open, dropped), slot| {
                (open + slot.open(), dropped + slot.dropped)
            });
            if open > 0 {
                continue;
            }
            if dropped > 0 && !mutant::is(Mutant::HeldNotRewound) {
                self.rewind(partition, effects);
            } else if let Some(slot) = self.by_partition.get(&partition)
                && let Some(assigned) = self.assigned.get_mut(slot)
            {
                assigned.held = false;
                assigned.paused = false;
                assigned.full_since = None;
            }
            effects.push(Effect::Resume(partition));
        }
    }

    /// Receives a partition, of which nobody works on anything, again from its first offset that is not answered.
    fn rewind(&mut self, partition: PartitionId, effects: &mut Vec<Effect>) {
        let slots = self.assigned.values().filter(|a| a.partition == partition);
        let oldest = |slot: &super::Assigned| Some(slot.ledger.oldest_unanswered()?.0);
        let position = slots.filter_map(oldest).min();
        let current = self.by_partition.get(&partition);
        let current = current.and_then(|slot| self.assigned.remove(slot));
        let (Some(position), Some(current)) = (position, current) else {
            return;
        };
        if let Some(slot) = self.by_partition.remove(&partition) {
            effects.push(Effect::Close(slot));
        }
        self.close_slots(partition, effects);
        let slot = self.slots.take(partition.partition);
        self.by_partition.insert(partition, slot);
        self.assigned.insert(slot, current.rewound(position));
        effects.push(Effect::Rewind(partition, slot, position));
    }
}
