//! What a group asks for.

use super::PartitionId;
use crate::kafka::token::{SlotId, Token};

/// What a group asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Start to receive these partitions, from their committed positions.
    Assign(Vec<(PartitionId, SlotId)>),
    /// A partition's offsets have begun anew: what follows belongs to this slot, beside what is open of earlier ones.
    Open(PartitionId, SlotId),
    /// Events of the slot that have not begun are not wanted.
    Fence(SlotId),
    /// Nothing more is wanted of the slot: its outputs are not to be produced.
    Close(SlotId),
    /// Give these partitions back.
    Unassign(Vec<PartitionId>),
    /// Commit these positions, and answer with [`super::Input::CommitEnded`]. Given only when no other commit is under way.
    Commit {
        /// Its number.
        number: u64,
        /// Positions: the first offset that is not answered.
        positions: Vec<(PartitionId, i64)>,
        /// The metadata of each: what is answered above it, or nothing.
        carried: Vec<String>,
    },
    /// A single event holds up its partition.
    HeadBlocked {
        /// Which partition.
        partition: PartitionId,
        /// The event's offset.
        offset: i64,
        /// The event.
        token: Token,
        /// How long ago it was received.
        age_ms: i64,
    },
    /// An event of the workflow with this number was received again: it is not to be begun.
    Repeated(usize),
    /// Stop fetching the partition: it has been at its bound for long.
    Pause(PartitionId),
    /// Go on fetching it.
    Resume(PartitionId),
    /// Receive the partition again from this position, into this slot.
    Rewind(PartitionId, SlotId, i64),
    /// Leave the group. The last effect.
    Leave {
        /// Events received and not answered.
        unanswered: usize,
    },
}
