//! What a group is told.

use super::{Carried, CommitEnd, PartitionId};
use crate::kafka::token::Token;
use crate::machine::Timestamp;

/// What a group is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The group gives us these partitions.
    Assigned(Vec<PartitionId>),
    /// What the last commit of a partition that was just assigned has carried.
    Carried(PartitionId, Carried),
    /// It wants these back, and waits until they are unassigned.
    Revoked(Vec<PartitionId>),
    /// These belong to somebody else already; also those whose revocation is under way.
    Lost(Vec<PartitionId>),
    /// An event has ended, and so many records are owed for it.
    Ended {
        /// Which.
        token: Token,
        /// Records produced for it, each of which will be acknowledged.
        records_owed: u32,
    },
    /// The broker has acknowledged a record that was owed.
    Acknowledged(Token),
    /// An event was not begun, because its slot is fenced. It stays unanswered, and nobody works on it.
    Dropped(Token),
    /// A commit has ended.
    CommitEnded {
        /// Which.
        number: u64,
        /// How.
        end: CommitEnd,
    },
    /// From now on these topics, by their numbers, and no others are not to be read.
    Hold(Vec<u32>),
    /// Time has passed.
    Tick,
    /// Take nothing more, finish what was received until the deadline, commit, and leave.
    Stop {
        /// When to leave at the latest, save for the last commit.
        deadline: Timestamp,
    },
}
