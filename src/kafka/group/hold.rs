//! Topics that are not to be read for a while, since one of their workflows has stopped.
//!
//! Their partitions are paused. What had not begun was dropped, and stays unanswered, so that the position cannot pass it. When the topic
//! is to be read again, and all that had begun has ended, and its commit, each of them is received again from its committed position, into
//! a new slot; what is answered above is skipped.
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

    /// Pauses what is to be held and is not yet. What has not begun is dropped, also if the workflow goes on before it would begin: something
    /// before it may have been dropped.
    pub(super) fn hold_assigned(&mut self, effects: &mut Vec<Effect>) {
        for (slot, assigned) in &mut self.assigned {
            let is_current = !assigned.is_replaced && !assigned.is_leaving;
            if is_current && !assigned.held && self.held.contains(&assigned.partition.topic) {
                assigned.held = true;
                // Without a record there is nothing from which it would be received again.
                effects.extend(assigned.first.map(|_| Effect::Fence(*slot)));
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
            let mut slots = self.assigned.values().filter(|a| a.partition == partition);
            if slots.any(|slot| slot.open() > 0 || slot.is_committing()) {
                continue;
            }
            if !self.rewind(partition, effects)
                && let Some(slot) = self.by_partition.get(&partition)
                && let Some(assigned) = self.assigned.get_mut(slot)
            {
                assigned.held = false;
                assigned.paused = false;
                assigned.full_since = None;
            }
            effects.push(Effect::Resume(partition));
        }
    }

    /// Receives a partition, of which nobody works on anything, again from where the group stands in it. Returns whether anything of it was
    /// received before.
    fn rewind(&mut self, partition: PartitionId, effects: &mut Vec<Effect>) -> bool {
        let slots = self.assigned.values().filter(|a| a.partition == partition);
        let position = slots.filter_map(super::Assigned::restart).min();
        let current = self.by_partition.get(&partition);
        let (Some(position), Some(slot), false) =
            (position, current, mutant::is(Mutant::HeldNotRewound))
        else {
            return false;
        };
        let Some(current) = self.assigned.remove(slot) else {
            return false;
        };
        effects.push(Effect::Close(*slot));
        self.close_slots(partition, effects);
        let slot = self.slots.take(partition.partition);
        self.by_partition.insert(partition, slot);
        self.assigned.insert(slot, current.rewound(position));
        effects.push(Effect::Rewind(partition, slot, position));
        true
    }
}
