//! Which offsets of one assigned partition are answered, and how far it may be committed.
//!
//! What is told of one offset commutes: its records may be acknowledged before it is told how many there are.
//! Offsets are those received: compacted and transactional topics have gaps.
//!
//! *Not here*: time other than the instant of receipt, topics, epochs.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use crate::kafka::mutant::{self, Mutant};
use crate::machine::Timestamp;

/// The ledger of one assignment of one partition.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The offsets from the oldest unanswered one on, ascending.
    entries: VecDeque<Entry>,
    /// One more than the last offset begun.
    end: i64,
    /// The last position given out to be committed.
    taken: i64,
    /// Offsets that are not answered.
    unanswered: usize,
}

#[derive(Clone, Debug)]
struct Entry {
    offset: i64,
    received: Timestamp,
    /// Acknowledged minus owed.
    balance: i64,
    /// It is known how many records are owed.
    finished: bool,
}

impl Entry {
    const fn is_answered(&self) -> bool {
        self.finished && self.balance == 0
    }
}

impl Ledger {
    /// An offset was received. Offsets ascend; returns whether this one did, else it is not begun.
    pub fn begin(&mut self, offset: i64, now: Timestamp) -> bool {
        if offset < self.end {
            return false;
        }
        let is_next = mutant::is(Mutant::PlusOneOnCompacted) && self.end > 0;
        let offset = if is_next { self.end } else { offset };
        if self.end == 0 && self.entries.is_empty() {
            self.taken = offset;
        }
        self.end = offset + 1;
        self.unanswered += 1;
        self.entries.push_back(Entry {
            offset,
            received: now,
            balance: 0,
            finished: false,
        });
        true
    }

    /// What was begun for the offset has ended, and so many records are owed for it.
    pub fn finished(&mut self, offset: i64, records_owed: u32) {
        self.change(offset, |entry| {
            debug_assert!(!entry.finished, "an event ends once");
            entry.finished = true;
            entry.balance -= i64::from(records_owed);
        });
    }

    /// One of the records that are owed for the offset is acknowledged.
    pub fn acknowledged(&mut self, offset: i64) {
        self.change(offset, |entry| entry.balance += 1);
    }

    /// The position to commit, if it has moved since the last call: all offsets below it are answered.
    pub fn take_commit(&mut self) -> Option<i64> {
        let mut position = self.entries.front().map_or(self.end, |entry| entry.offset);
        if mutant::is(Mutant::WatermarkOffByOne) {
            position += i64::from(!self.entries.is_empty());
        } else if mutant::is(Mutant::AutoCommit) {
            position = self.end;
        }
        (position > self.taken).then(|| {
            self.taken = position;
            position
        })
    }

    /// Offsets above the position that are answered: how many.
    #[must_use]
    pub fn answered_above(&self) -> usize {
        self.entries.len() - self.unanswered
    }

    /// The same as runs of offsets received one after the other: the first of each, and one more than its last.
    pub fn answered_runs(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let mut entries = self.entries.iter().peekable();
        std::iter::from_fn(move || {
            let is_answered =
                |entry: &&Entry| entry.is_answered() || mutant::is(Mutant::CarriedUnanswered);
            let first = entries.by_ref().find(is_answered)?.offset;
            let mut end = first + 1;
            while let Some(next) = entries.next_if(is_answered) {
                end = next.offset + 1;
            }
            Some((first, end))
        })
    }

    /// Whether an offset that was begun is answered.
    #[must_use]
    pub fn is_answered(&self, offset: i64) -> bool {
        let entry = self.entries.binary_search_by_key(&offset, |e| e.offset);
        let entry = entry.ok().and_then(|place| self.entries.get(place));
        entry.is_none_or(Entry::is_answered)
    }

    /// Offsets received and not yet committable.
    #[must_use]
    pub fn gap(&self) -> usize {
        self.entries.len()
    }

    /// Offsets received and not yet answered.
    #[must_use]
    pub const fn unanswered(&self) -> usize {
        self.unanswered
    }

    /// The oldest offset that is not answered, and when it was received.
    #[must_use]
    pub fn oldest_unanswered(&self) -> Option<(i64, Timestamp)> {
        self.entries.front().map(|e| (e.offset, e.received))
    }

    /// All that is open counts as answered: only a mutant does that.
    pub(super) fn forget(&mut self) {
        self.entries.clear();
        self.unanswered = 0;
    }

    fn entry(&mut self, offset: i64) -> Option<&mut Entry> {
        let first = self.entries.front()?.offset;
        // Without gaps the place is known.
        let place = usize::try_from(offset.checked_sub(first)?).ok()?;
        let place = match self.entries.get(place) {
            Some(entry) if entry.offset == offset => place,
            _ => self
                .entries
                .binary_search_by_key(&offset, |e| e.offset)
                .ok()?,
        };
        self.entries.get_mut(place)
    }

    fn change(&mut self, offset: i64, change: impl FnOnce(&mut Entry)) {
        let Some(entry) = self.entry(offset) else {
            return;
        };
        let was_answered = entry.is_answered();
        change(entry);
        match (was_answered, entry.is_answered()) {
            (false, true) => self.unanswered -= 1,
            (true, false) => self.unanswered += 1,
            _ => return,
        }
        while self.entries.front().is_some_and(Entry::is_answered) {
            self.entries.pop_front();
        }
    }
}
