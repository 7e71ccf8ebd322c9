//! One membership of a consumer group, without Kafka: which partitions are ours, what of them is answered, when to commit.
//!
//! A sans-IO state machine. The driver tells what happened ([`Input`]), with the time, and does what it is asked for
//! ([`Effect`]), in order. Each assignment of a partition has a slot of its own, which is its epoch: what
//! is told of a slot that is gone changes nothing.
//!
//! # Leaving a partition
//!
//! ```text
//! revoked ─▶ nothing more is admitted; what was received goes on
//!         ─▶ half of the grace time: what has not begun is not wanted any more (Fence)
//!         ─▶ all answered, or the grace time is over ─▶ Commit ─▶ committed, or given up ─▶ Close, Unassign
//! lost    ─▶ Close, Unassign; nothing is committed
//! ```
//!
//! What has not begun is not dropped at once: with several workers, later offsets may be answered already, and
//! the next owner would answer them again.
//!
//! *Not here*: no clock, thread or rdkafka type; who does the work, and how records are produced.

mod brake;
mod carried;
mod commit;
mod effect;
mod head;
mod hold;
mod input;
mod leave;
mod options;
mod partition;
#[cfg(test)]
mod tests;
mod window;

use std::collections::BTreeMap;

use partition::Assigned;

use super::mutant::{self, Mutant};
use super::token::{SlotId, Slots, Token};
use crate::machine::Timestamp;
pub use brake::PAUSE_AFTER_MS;
pub use carried::{CARRIED_BYTES_MAX, Carried};
use commit::Commit;
pub use commit::CommitEnd;
pub use effect::Effect;
pub use head::{ANSWERED_PERCENT, NEAR_BOUND_PERCENT};
pub use input::Input;
use leave::{Revocation, Stop};
pub use options::GroupOptions;
pub use window::{EventId, Once, WindowBounds};

/// A partition of one of the topics that the group reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionId {
    /// The topic's place in the group's list of topics.
    pub topic: u32,
    /// Its number.
    pub partition: i32,
}

/// A record, as far as a group must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// Where it stands.
    pub partition: PartitionId,
    /// And at which offset.
    pub offset: i64,
    /// The leader epoch in which it was written, if that is known.
    pub epoch: Option<i32>,
    /// What is to be run once, if its event is.
    pub once: Option<Once>,
}

/// How long the last commit before a partition is given back may take beyond the grace time.
pub const LAST_COMMIT_MS: i64 = 5_000;

/// One membership of a consumer group.
#[derive(Clone, Debug)]
pub struct Group {
    options: GroupOptions,
    slots: Slots,
    assigned: BTreeMap<SlotId, Assigned>,
    by_partition: BTreeMap<PartitionId, SlotId>,
    /// Topics that are not to be read.
    held: Vec<u32>,
    commit: Commit,
    revocation: Option<Revocation>,
    stop: Option<Stop>,
}

impl Group {
    /// A group that nothing is assigned to.
    #[must_use]
    pub fn new(options: GroupOptions, slots: Slots) -> Self {
        Self {
            options,
            slots,
            assigned: BTreeMap::new(),
            by_partition: BTreeMap::new(),
            held: Vec::new(),
            commit: Commit::default(),
            revocation: None,
            stop: None,
        }
    }

    /// Tells what happened; `effects` receives what is to be done.
    pub fn handle(&mut self, input: Input, now: Timestamp, effects: &mut Vec<Effect>) {
        match input {
            Input::Assigned(partitions) => self.assign(partitions, effects),
            Input::Carried(partition, carried) => {
                if self.options.carries_answered
                    && let Some(slot) = self.by_partition.get(&partition)
                    && let Some(assigned) = self.assigned.get_mut(slot)
                {
                    assigned.skips = carried;
                }
            }
            Input::Revoked(partitions) => self.revoke(partitions, now),
            Input::Lost(partitions) if mutant::is(Mutant::CommitOnLost) => {
                self.revoke(partitions, now);
            }
            Input::Lost(partitions) => self.lose(&partitions, effects),
            Input::Ended {
                token,
                records_owed,
            } => {
                self.with(token, |assigned, offset| {
                    assigned.ledger.finished(offset, records_owed);
                });
            }
            Input::Acknowledged(token) => self.with(token, |assigned, offset| {
                if token.is_sole() {
                    assigned.ledger.finished(offset, 1);
                }
                if mutant::is(Mutant::CompletionCountedTwice) {
                    assigned.ledger.acknowledged(offset);
                }
                assigned.ledger.acknowledged(offset);
            }),
            Input::Dropped(token) if mutant::is(Mutant::DroppedOnRevoke) => {
                self.with(token, |assigned, offset| {
                    assigned.ledger.finished(offset, 0);
                });
            }
            Input::Dropped(token) => self.with(token, Assigned::drop_event),
            Input::CommitEnded { number, end } => self.commit_ended(number, end, now),
            Input::Hold(topics) => self.hold(topics, effects),
            Input::Tick => self.tick(now, effects),
            Input::Stop { deadline } => self.stop = Some(Stop::new(deadline)),
        }
    }

    /// A record was received. Its event's token, or `None` if the record is not to be begun: its partition is not ours, it repeats
    /// an event, or an earlier owner has answered it.
    pub fn receive(
        &mut self,
        record: &Received,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> Option<Token> {
        let partition = record.partition;
        let slot = *self.by_partition.get(&partition)?;
        let assigned = self.assigned.get_mut(&slot)?;
        if assigned.is_leaving {
            // It is not admitted, but if the offsets have begun anew, the last commit would skip it.
            assigned.is_replaced |=
                assigned.is_below(record.offset) && !mutant::is(Mutant::TruncationWhileLeaving);
            return None;
        }
        if let Some(token) = assigned.begin(slot, record, now) {
            // What comes of a partition that is not to be read was under way when it was paused.
            effects.extend(assigned.held.then_some(Effect::Fence(slot)));
            return assigned.is_to_run(record, now, effects).then_some(token);
        }
        // The log was truncated, or the position was moved: what the broker says goes. What was received before is finished
        // all the same, and nothing is committed until then, so that it cannot be skipped.
        let new = self.slots.take(partition.partition);
        let mut replacing = assigned.replaced(record.offset);
        let token = replacing.begin(new, record, now)?;
        effects.push(Effect::Open(partition, new));
        effects.extend(replacing.held.then_some(Effect::Fence(new)));
        let is_to_run = replacing.is_to_run(record, now, effects);
        self.by_partition.insert(partition, new);
        self.assigned.insert(new, replacing);
        is_to_run.then_some(token)
    }

    /// Whether records should be taken now.
    #[must_use]
    pub fn wants_records(&self) -> bool {
        let max = if mutant::is(Mutant::GapUnbounded) {
            usize::MAX
        } else {
            self.options.offset_gap_max
        };
        self.stop.is_none() && !self.assigned.values().any(|a| a.is_full(max) && !a.paused)
    }

    /// Whether anything is assigned.
    #[must_use]
    pub fn has_assignment(&self) -> bool {
        !self.assigned.is_empty()
    }

    /// Whether it is about to leave or has left.
    #[must_use]
    pub const fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether it has left.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::has_left)
    }

    /// Whether partitions are about to be given back.
    #[must_use]
    pub const fn is_revoking(&self) -> bool {
        self.revocation.is_some()
    }

    /// Offsets received and not yet committable, by partition.
    pub fn gaps(&self) -> impl Iterator<Item = (PartitionId, usize)> + '_ {
        self.assigned
            .values()
            .map(|a| (a.partition, a.ledger.gap()))
    }

    /// For each partition the position up to which all is answered, if a record of it was received.
    pub fn positions(&self) -> impl Iterator<Item = (PartitionId, i64)> + '_ {
        let position = |a: &Assigned| Some((a.partition, a.position()?));
        let current = self.assigned.values().filter(|a| !a.is_replaced);
        current.filter_map(position)
    }

    /// Events received, not answered, and still worked on.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.assigned.values().map(Assigned::open).sum()
    }

    /// When the oldest event that is not answered was received.
    #[must_use]
    pub fn oldest_unanswered(&self) -> Option<Timestamp> {
        let oldest = |a: &Assigned| a.ledger.oldest_unanswered().map(|(_, at)| at);
        self.assigned.values().filter_map(oldest).min()
    }

    /// Since when there has been something to commit.
    #[must_use]
    pub const fn uncommitted_since(&self) -> Option<Timestamp> {
        self.commit.waiting_since
    }

    fn with(&mut self, token: Token, f: impl FnOnce(&mut Assigned, i64)) {
        if let Some(assigned) = self.assigned.get_mut(&token.slot())
            && let Some(offset) = assigned.offset(token)
        {
            f(assigned, offset);
            assigned.settle_repeated(offset);
        }
    }

    fn assign(&mut self, partitions: Vec<PartitionId>, effects: &mut Vec<Effect>) {
        let mut opened = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let slot = self.slots.take(partition.partition);
            // What is still there was lost without having been told.
            self.close_slots(partition, effects);
            self.by_partition.insert(partition, slot);
            self.assigned.insert(slot, Assigned::new(partition));
            opened.push((partition, slot));
        }
        effects.push(Effect::Assign(opened));
        self.hold_assigned(effects);
    }

    fn tick(&mut self, now: Timestamp, effects: &mut Vec<Effect>) {
        self.end_silent_commit(now);
        self.brake(now, effects);
        self.release(effects);
        self.look_at_heads(now, effects);
        self.close_replaced(effects);
        self.proceed_with_revocation(now, effects);
        self.proceed_with_stop(now, effects);
        let is_due = now >= self.commit.due && self.revocation.is_none() && self.stop.is_none();
        if is_due && !self.commit.is_under_way() {
            self.commit(now, true, |_| true, effects);
        }
        if self.commit.waiting_since.is_none()
            && self.assigned.values_mut().any(Assigned::has_commit)
        {
            self.commit.waiting_since = Some(now);
        }
    }

    /// Slots that others have taken the place of, and that are still worked on.
    fn replaced(&self) -> impl Iterator<Item = (SlotId, &Assigned)> {
        let slots = self.assigned.iter().map(|(slot, a)| (*slot, a));
        slots.filter(|(_, assigned)| assigned.is_replaced)
    }

    fn close_replaced(&mut self, effects: &mut Vec<Effect>) {
        let is_done = |(slot, assigned): (SlotId, &Assigned)| {
            (assigned.ledger.unanswered() == 0).then_some(slot)
        };
        let done: Vec<SlotId> = self.replaced().filter_map(is_done).collect();
        for slot in done {
            self.assigned.remove(&slot);
            effects.push(Effect::Close(slot));
        }
    }

    /// Forgets all slots of a partition. Returns whether it was paused.
    fn close_slots(&mut self, partition: PartitionId, effects: &mut Vec<Effect>) -> bool {
        self.by_partition.remove(&partition);
        let mut paused = false;
        self.assigned.retain(|slot, assigned| {
            let closes = assigned.partition == partition;
            if closes {
                paused |= assigned.paused;
                effects.push(Effect::Close(*slot));
            }
            !closes
        });
        paused
    }
}
