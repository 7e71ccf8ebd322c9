//! Commits: when one may be sent, of which positions, and what its end means.
//!
//! *Not here*: the last commit before partitions are given back, which is a matter of leaving them.

use super::{Effect, Group, PartitionId};
use crate::kafka::mutant::{self, Mutant};
use crate::machine::Timestamp;

/// A failed commit is tried again after this time.
pub(super) const COMMIT_RETRY_MS: i64 = 200;

/// A commit whose end is not told for so long counts as failed. The client tells an end in a third of it at the latest; a commit
/// that should come through later still can only move the position back, so that events are answered again.
pub(super) const COMMIT_LIFE_MS_MAX: i64 = 180_000;

/// How a commit has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitEnd {
    /// The broker took it.
    Committed,
    /// It did not, and may take it when it is repeated.
    Failed,
    /// It takes none of this generation any more, or not before its rebalance has ended.
    Refused,
}

/// Commits: one at a time, so that a repeated earlier one can never overtake and move a position back.
#[derive(Clone, Debug, Default)]
pub(super) struct Commit {
    pub(super) last_number: u64,
    under_way: Option<(u64, Timestamp)>,
    /// When the next one may be sent.
    pub(super) due: Timestamp,
    /// Since when there has been something to commit.
    pub(super) waiting_since: Option<Timestamp>,
}

impl Commit {
    pub(super) const fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }
}

impl Group {
    /// Asks for a commit of the partitions chosen, if one of them has moved, or, where `anyway`, has more to carry.
    /// Returns its number.
    pub(super) fn commit(
        &mut self,
        now: Timestamp,
        anyway: bool,
        choose: impl Fn(PartitionId) -> bool,
        effects: &mut Vec<Effect>,
    ) -> Option<u64> {
        debug_assert!(!self.commit.is_under_way(), "one commit at a time");
        let number = self.commit.last_number + 1;
        let mut held: Vec<PartitionId> = self.replaced().map(|(_, a)| a.partition).collect();
        if mutant::is(Mutant::TruncationForgotten) {
            held.clear();
        }
        let carries = self.options.carries_answered;
        let mut positions = Vec::new();
        let mut carried = Vec::new();
        for assigned in self.assigned.values_mut() {
            let partition = assigned.partition;
            if choose(partition)
                && !held.contains(&partition)
                && let Some((position, text)) = assigned.start_commit(number, anyway, carries)
            {
                positions.push((partition, position));
                carried.push(text);
            }
        }
        if positions.is_empty() {
            return None;
        }
        self.commit.last_number = number;
        self.commit.under_way = Some((number, now));
        self.commit.due = now.plus_millis(self.options.commit_interval_ms);
        effects.push(Effect::Commit {
            number,
            positions,
            carried,
        });
        Some(number)
    }

    pub(super) fn commit_ended(&mut self, number: u64, end: CommitEnd, now: Timestamp) {
        if self
            .commit
            .under_way
            .take_if(|(n, _)| *n == number)
            .is_none()
        {
            return;
        }
        let committed = end == CommitEnd::Committed || mutant::is(Mutant::FailedCommitForgotten);
        if end == CommitEnd::Refused {
            self.commit_refused(number);
        }
        for assigned in self.assigned.values_mut() {
            assigned.end_commit(number, committed);
        }
        if committed {
            self.commit.waiting_since = None;
        } else {
            self.commit.due = now.plus_millis(COMMIT_RETRY_MS);
        }
    }

    pub(super) fn end_silent_commit(&mut self, now: Timestamp) {
        if let Some((number, since)) = self.commit.under_way
            && !mutant::is(Mutant::SilentCommitAwaited)
            && now >= since.plus_millis(COMMIT_LIFE_MS_MAX)
        {
            self.commit_ended(number, CommitEnd::Failed, now);
        }
    }
}
