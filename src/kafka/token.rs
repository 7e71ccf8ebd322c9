//! The mark that an event carries from its receipt to the acknowledgement of its last record: 64 bits, never allocated.

use super::mutant::{self, Mutant};

/// Which event of which assignment.
///
/// Bits from the highest: a flag, 20 of the slot, 43 of the offset, counted from the slot's first. Slots are numbered on and on; after a
/// million assignments the numbers come round, long after the last record of the first was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(u64);

/// The number of one assignment of one partition: its epoch. What is told of a slot that is gone is discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(u32);

/// Hands out slots. Several groups of a process take every n-th number each, so that the number tells the group.
#[derive(Clone, Copy, Debug)]
pub struct Slots {
    next: u32,
    group: u32,
    groups: u32,
}

const OFFSET_BITS: u32 = 43;
const SLOT_BITS: u32 = 20;
const SOLE: u64 = 1 << 63;
/// The slot of records that no event is owed; no assignment has it.
const UNOWNED_SLOT: u32 = (1 << SLOT_BITS) - 1;

/// Offsets that one assignment may see: at a million a second, three months.
pub const OFFSETS_PER_SLOT_MAX: u64 = 1 << OFFSET_BITS;
/// Consumer groups that one process may be in.
pub const GROUPS_MAX: usize = 1_000;

const _: () = assert!(
    usize::BITS == 64,
    "a delivery's opaque pointer carries a token"
);

impl Token {
    /// On records that no event is owed: nobody is told of their acknowledgement.
    pub(super) const UNOWNED: Self = Self((UNOWNED_SLOT as u64) << OFFSET_BITS);

    /// Which of the process's groups is told of the acknowledgement, if any.
    pub(super) fn group(self, groups: usize) -> Option<usize> {
        let slot = self.slot();
        (slot.0 != UNOWNED_SLOT).then(|| slot.group(groups))
    }

    /// `None` if the offset is too far from the slot's first one, or before it.
    pub(super) fn new(slot: SlotId, first_offset: i64, offset: i64) -> Option<Self> {
        let relative = u64::try_from(offset.checked_sub(first_offset)?).ok()?;
        (relative < OFFSETS_PER_SLOT_MAX)
            .then_some(Self((u64::from(slot.0) << OFFSET_BITS) | relative))
    }

    /// The assignment.
    #[must_use]
    pub const fn slot(self) -> SlotId {
        SlotId(((self.0 & !SOLE) >> OFFSET_BITS) as u32)
    }

    /// The offset, counted from the slot's first one.
    #[must_use]
    pub const fn relative_offset(self) -> i64 {
        (self.0 & (OFFSETS_PER_SLOT_MAX - 1)).cast_signed()
    }

    /// The same token, on the only record that is owed: its acknowledgement also says that the event has ended and owed one record.
    #[must_use]
    pub const fn sole(self) -> Self {
        Self(self.0 | SOLE)
    }

    /// Whether it is on the only record that is owed.
    #[must_use]
    pub const fn is_sole(self) -> bool {
        self.0 & SOLE != 0
    }

    pub(super) const fn to_bits(self) -> u64 {
        self.0
    }

    pub(super) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
}

impl SlotId {
    /// Which of the process's groups it belongs to.
    #[must_use]
    pub const fn group(self, groups: usize) -> usize {
        self.0 as usize % groups
    }
}

impl Slots {
    /// The slots of the group with this number of so many.
    #[must_use]
    pub fn new(group: usize, groups: usize) -> Self {
        assert!(
            group < groups && groups <= GROUPS_MAX,
            "a group's number is below their count, which was checked"
        );
        Self {
            next: group as u32,
            group: group as u32,
            groups: groups as u32,
        }
    }

    /// The number of a further assignment of the partition with this number.
    pub(super) fn take(&mut self, partition: i32) -> SlotId {
        if mutant::is(Mutant::EpochIgnored) {
            return SlotId(self.group + self.groups * partition.cast_unsigned());
        }
        let slot = SlotId(self.next);
        self.next += self.groups;
        if self.next >= UNOWNED_SLOT {
            self.next = self.group;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_gives_back_what_it_was_made_of() {
        let mut slots = Slots::new(2, 3);
        for _ in 0..400_000 {
            let slot = slots.take(0);
            assert_eq!(slot.group(3), 2);
            let token = Token::new(slot, 100, 100 + 7).expect("in reach");
            assert_eq!((token.slot(), token.relative_offset()), (slot, 7));
            assert!(!token.is_sole() && token.sole().is_sole());
            assert_eq!(token.sole().slot(), slot);
        }
    }

    #[test]
    fn what_is_unowned_belongs_to_no_group() {
        let mut slots = Slots::new(0, 1);
        for _ in 0..(1 << SLOT_BITS) {
            let token = Token::new(slots.take(0), 0, 0).expect("in reach");
            assert_ne!(token.slot(), Token::UNOWNED.slot());
            assert_eq!(token.group(1), Some(0));
        }
        assert_eq!(Token::UNOWNED.group(1), None);
        assert_eq!(Token::UNOWNED.sole().group(0), None);
    }

    #[test]
    fn offsets_out_of_reach_have_no_token() {
        let slot = Slots::new(0, 1).take(0);
        assert_eq!(Token::new(slot, 5, 4), None);
        let last = OFFSETS_PER_SLOT_MAX.cast_signed();
        assert!(Token::new(slot, 0, last - 1).is_some());
        assert_eq!(Token::new(slot, 0, last), None);
    }
}
