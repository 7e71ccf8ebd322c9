//! One assignment of one partition.

use std::collections::BTreeMap;

use super::carried::{self, Carried};
use super::window::Window;
use super::{Effect, PartitionId, Received};
use crate::kafka::ledger::Ledger;
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::token::{SlotId, Token};
use crate::machine::Timestamp;

/// What is known of one assignment of one partition.
#[derive(Clone, Debug)]
pub(super) struct Assigned {
    pub(super) partition: PartitionId,
    pub(super) ledger: Ledger,
    /// The first offset received: tokens count from it.
    pub(super) first: Option<i64>,
    /// The position that may be committed and is not yet.
    committable: Option<i64>,
    /// The position that the group has, as far as is known.
    committed: Option<i64>,
    /// The commit under way, its position, and how many answered offsets it carries.
    committing: Option<(u64, i64, usize)>,
    /// How many answered offsets the last commit has carried.
    carried: usize,
    /// What earlier owners have answered above the position.
    pub(super) skips: Carried,
    /// The leader epoch of the last record, if brokers tell.
    epoch: Option<i32>,
    /// The last offset received.
    last: i64,
    /// The last events of the workflows that run each once.
    windows: BTreeMap<usize, Window>,
    /// Events that repeat one that is not answered yet, by the offset of that one: they are answered with it.
    repeated: BTreeMap<i64, Vec<i64>>,
    /// Events that were not begun, and never will be.
    pub(super) dropped: usize,
    /// Nothing more is admitted.
    pub(super) is_leaving: bool,
    /// Another slot has taken its place.
    pub(super) is_replaced: bool,
    /// The offset that holds it up.
    pub(super) blocked: Option<i64>,
    pub(super) full_since: Option<Timestamp>,
    pub(super) paused: bool,
    /// It is not to be read, or waits to be read again.
    pub(super) held: bool,
}

impl Assigned {
    pub(super) fn new(partition: PartitionId) -> Self {
        Self {
            partition,
            ledger: Ledger::default(),
            first: None,
            committable: None,
            committed: None,
            committing: None,
            carried: 0,
            skips: Carried::default(),
            epoch: None,
            last: 0,
            windows: BTreeMap::new(),
            repeated: BTreeMap::new(),
            dropped: 0,
            is_leaving: false,
            is_replaced: false,
            blocked: None,
            full_since: None,
            paused: false,
            held: false,
        }
    }

    /// The same partition, to be received again from `position`: what is answered above it is skipped.
    pub(super) fn rewound(self, position: i64) -> Self {
        let above = self.skips.after(self.last);
        // What an earlier slot has received below is not ours to say.
        let from = self.first.map(|first| first.max(position));
        let answered = from.zip(self.position());
        let answered = answered.filter(|(from, own)| own > from);
        let runs = answered.into_iter().chain(self.ledger.answered_runs());
        let skips = match self.epoch {
            Some(epoch) => above.with(epoch, runs),
            None => above,
        };
        Self {
            skips,
            committed: self.committed,
            windows: match mutant::is(Mutant::WindowOutlivesDropped) {
                true => self.windows,
                false => BTreeMap::new(),
            },
            ..Self::new(self.partition)
        }
    }

    /// What takes its place, since its offsets have begun anew with this one.
    pub(super) fn replaced(&mut self, offset: i64) -> Self {
        self.is_replaced = true;
        Self {
            committed: self.restart().map(|restart| restart.min(offset)),
            paused: self.held,
            held: self.held,
            ..Self::new(self.partition)
        }
    }

    /// From where it is received again. Not from what is answered but not committed: if the log's end was lost since, other records
    /// may stand there, and where the group stands is where any next owner would begin.
    pub(super) fn restart(&self) -> Option<i64> {
        self.committed.or(self.first)
    }

    /// `None` if the offset is not above those before it, or out of reach of the slot.
    pub(super) fn begin(
        &mut self,
        slot: SlotId,
        record: &Received,
        now: Timestamp,
    ) -> Option<Token> {
        let offset = record.offset;
        if self.is_below(offset) {
            return None;
        }
        let first = *self.first.get_or_insert(offset);
        let token = Token::new(slot, first, offset)?;
        self.last = offset;
        self.epoch = record.epoch;
        self.ledger.begin(offset, now);
        Some(token)
    }

    /// Whether a record that has begun is to be run. One that is not is answered, or waits for the answer of the one that it repeats: if
    /// that must be run again, so must this, as a compacted topic may hold no other by then.
    pub(super) fn is_to_run(
        &mut self,
        record: &Received,
        now: Timestamp,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let offset = record.offset;
        let is_answered = self.skips.has(offset, record.epoch);
        // Once events are dropped all that begins is, and a repetition is not to wait for what was dropped.
        let once = record.once.filter(|_| self.dropped == 0);
        let first = once.as_ref().and_then(|once| {
            let window = self.windows.entry(once.workflow).or_default();
            window.repeats(once, offset, now)
        });
        let waits_for = first.filter(|first| !self.ledger.is_answered(*first));
        match waits_for {
            _ if is_answered => self.ledger.finished(offset, 0),
            Some(first) => self.repeated.entry(first).or_default().push(offset),
            None if first.is_some() => self.ledger.finished(offset, 0),
            None => return true,
        }
        if let Some(once) = once.filter(|_| !is_answered) {
            effects.push(Effect::Repeated(once.workflow));
        }
        false
    }

    /// Answers what repeats the event at `offset`, if that is answered.
    pub(super) fn settle_repeated(&mut self, offset: i64) {
        if self.repeated.is_empty() || !self.ledger.is_answered(offset) {
            return;
        }
        for repeated in self.repeated.remove(&offset).into_iter().flatten() {
            self.ledger.finished(repeated, 0);
        }
    }

    /// The event at `offset` will never be begun, nor what repeats it.
    pub(super) fn drop_event(&mut self, offset: i64) {
        let repeated = self.repeated.remove(&offset);
        self.dropped += 1 + repeated.map_or(0, |repeated| repeated.len());
    }

    /// Whether an offset as high was received before.
    pub(super) fn is_below(&self, offset: i64) -> bool {
        self.first.is_some() && offset <= self.last
    }

    pub(super) fn offset(&self, token: Token) -> Option<i64> {
        Some(self.first? + token.relative_offset())
    }

    pub(super) fn is_full(&self, gap_max: usize) -> bool {
        self.ledger.gap() >= gap_max
    }

    /// Events that are worked on.
    pub(super) fn open(&self) -> usize {
        self.ledger.unanswered().saturating_sub(self.dropped)
    }

    pub(super) const fn is_committing(&self) -> bool {
        self.committing.is_some()
    }

    /// All before it is answered.
    pub(super) fn position(&self) -> Option<i64> {
        self.first?;
        let oldest = self.ledger.oldest_unanswered();
        Some(oldest.map_or(self.last + 1, |(offset, _)| offset))
    }

    pub(super) fn has_commit(&mut self) -> bool {
        if let Some(position) = self.ledger.take_commit() {
            self.committable = Some(position);
        }
        self.committable.is_some()
    }

    /// Whether more is answered above the position than the last commit has said.
    pub(super) fn has_more_to_carry(&self) -> bool {
        self.epoch.is_some() && self.ledger.answered_above() != self.carried
    }

    /// The position that the commit with this number is to name, and what it is to carry, if it `carries` anything. `anyway`: also if the
    /// position has not moved.
    pub(super) fn start_commit(
        &mut self,
        number: u64,
        anyway: bool,
        carries: bool,
    ) -> Option<(i64, String)> {
        self.has_commit();
        let position = match self.committable {
            Some(position) => position,
            None if anyway && carries && self.has_more_to_carry() => self.position()?,
            None => return None,
        };
        let mut above = self.ledger.answered_above();
        let carried = match self.epoch {
            Some(epoch) if above > 0 && carries => {
                carried::write(position, epoch, self.ledger.answered_runs())
            }
            _ => String::new(),
        };
        if carried.is_empty() {
            above = 0;
        }
        self.committing = Some((number, position, above));
        Some((position, carried))
    }

    pub(super) fn end_commit(&mut self, number: u64, committed: bool) {
        if let Some((_, position, carried)) = self.committing.take_if(|(n, ..)| *n == number)
            && committed
        {
            self.carried = carried;
            self.committed = Some(position);
            self.committable.take_if(|p| *p == position);
        }
    }
}
