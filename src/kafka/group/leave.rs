//! How partitions are given back, and how the group is left.

use super::{Effect, Group, LAST_COMMIT_MS, PartitionId};
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::token::SlotId;
use crate::machine::Timestamp;

/// Partitions that the group wants back. The group waits until they are unassigned, so there is one at a time.
#[derive(Clone, Debug)]
pub(super) struct Revocation {
    partitions: Vec<PartitionId>,
    fence_at: Timestamp,
    farewell: Farewell,
}

/// The whole group is about to be left.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    farewell: Farewell,
    left: bool,
}

/// What revocation and stop have in common: wait for the events, commit, go.
#[derive(Clone, Debug)]
struct Farewell {
    deadline: Timestamp,
    fenced: bool,
    /// The last commit, once it was asked for.
    commit: Option<u64>,
    /// It can never succeed.
    is_refused: bool,
}

impl Farewell {
    const fn new(deadline: Timestamp) -> Self {
        Self {
            deadline,
            fenced: false,
            commit: None,
            is_refused: false,
        }
    }
}

impl Stop {
    pub(super) const fn new(deadline: Timestamp) -> Self {
        Self {
            farewell: Farewell::new(deadline),
            left: false,
        }
    }

    pub(super) const fn has_left(&self) -> bool {
        self.left
    }
}

impl Group {
    pub(super) fn revoke(&mut self, partitions: Vec<PartitionId>, now: Timestamp) {
        for assigned in self.assigned.values_mut() {
            assigned.is_leaving |= partitions.contains(&assigned.partition);
        }
        let grace_ms = self.options.revoke_grace_ms;
        let mut partitions = partitions;
        if let Some(earlier) = self.revocation.take() {
            // Cannot be, but if so, nothing may be forgotten: the group waits for all of them.
            partitions.extend(earlier.partitions);
        }
        self.revocation = Some(Revocation {
            partitions,
            fence_at: now.plus_millis(grace_ms / 2),
            farewell: Farewell::new(now.plus_millis(grace_ms)),
        });
    }

    pub(super) fn lose(&mut self, partitions: &[PartitionId], effects: &mut Vec<Effect>) {
        let mut gone = partitions.to_vec();
        if let Some(revocation) = self.revocation.take() {
            gone.extend(
                revocation
                    .partitions
                    .iter()
                    .filter(|p| !partitions.contains(p)),
            );
        }
        self.close(gone, effects);
    }

    /// A rebalance that refuses commits may be waiting for this very revocation, so to repeat one would only hold it up, until the
    /// broker takes the other partitions away as well. What is not committed is answered again by its next owner.
    pub(super) fn commit_refused(&mut self, number: u64) {
        if let Some(revocation) = &mut self.revocation {
            revocation.farewell.is_refused |= revocation.farewell.commit == Some(number);
        }
    }

    pub(super) fn proceed_with_revocation(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        let Some(mut revocation) = self.revocation.take() else {
            return;
        };
        if let Some(stop) = &self.stop {
            // Whoever is about to go does not stay for it: partitions may come and be wanted back again and again.
            let farewell = &mut revocation.farewell;
            farewell.deadline = farewell.deadline.min(stop.farewell.deadline);
        }
        let slots = self.slots_of(&revocation.partitions);
        if now >= revocation.fence_at {
            revocation.farewell.fence(&slots, effects);
        }
        if self.proceed(&mut revocation.farewell, &slots, now, effects) {
            self.close(revocation.partitions, effects);
        } else {
            self.revocation = Some(revocation);
        }
    }

    pub(super) fn proceed_with_stop(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        // A revocation first: it commits, and there is one commit at a time.
        if self.revocation.is_some() {
            return;
        }
        let Some(mut stop) = self.stop.take() else {
            return;
        };
        if mutant::is(Mutant::ShutdownCommitsUnfinished) {
            self.assigned.values_mut().for_each(|a| a.ledger.forget());
        }
        let slots: Vec<SlotId> = self.assigned.keys().copied().collect();
        if !stop.left && self.proceed(&mut stop.farewell, &slots, now, effects) {
            stop.left = true;
            let unanswered = self.assigned.values().map(|a| a.ledger.unanswered()).sum();
            let partitions = self.by_partition.keys().copied().collect();
            self.close(partitions, effects);
            effects.push(Effect::Leave { unanswered });
        }
        self.stop = Some(stop);
    }

    /// Whether the partitions of the slots can be given back.
    fn proceed(
        &mut self,
        farewell: &mut Farewell,
        slots: &[SlotId],
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let is_late = now >= farewell.deadline;
        let given_up = now >= farewell.deadline.plus_millis(LAST_COMMIT_MS);
        if is_late {
            farewell.fence(slots, effects);
        }
        let open: usize = slots
            .iter()
            .filter_map(|s| Some(self.assigned.get(s)?.open()))
            .sum();
        if given_up || farewell.is_refused {
            return true;
        }
        if (open > 0 && !is_late) || self.commit.is_under_way() {
            return false;
        }
        if farewell.commit.is_some() && now < self.commit.due && self.has_commit(slots) {
            // The last commit failed, and is repeated in a moment.
            return false;
        }
        let partitions: Vec<_> = slots
            .iter()
            .filter_map(|s| Some(self.assigned.get(s)?.partition))
            .collect();
        let anyway = farewell.commit.is_none();
        farewell.commit = self.commit(now, anyway, |p| partitions.contains(&p), effects);
        farewell.commit.is_none()
    }

    fn has_commit(&mut self, slots: &[SlotId]) -> bool {
        slots
            .iter()
            .any(|s| self.assigned.get_mut(s).is_some_and(|a| a.has_commit()))
    }

    fn slots_of(&self, partitions: &[PartitionId]) -> Vec<SlotId> {
        let slots = self.assigned.iter();
        slots
            .filter(|(_, assigned)| partitions.contains(&assigned.partition))
            .map(|(slot, _)| *slot)
            .collect()
    }

    fn close(&mut self, partitions: Vec<PartitionId>, effects: &mut Vec<Effect>) {
        for partition in &partitions {
            if self.close_slots(*partition, effects) {
                effects.push(Effect::Resume(*partition));
            }
        }
        effects.push(Effect::Unassign(partitions));
    }
}

impl Farewell {
    fn fence(&mut self, slots: &[SlotId], effects: &mut Vec<Effect>) {
        if !self.fenced {
            self.fenced = true;
            effects.extend(slots.iter().map(|slot| Effect::Fence(*slot)));
        }
    }
}
