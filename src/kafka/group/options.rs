//! Every bound and time of a group, in one place.

/// A group's bounds and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupOptions {
    /// How often to commit.
    pub commit_interval_ms: i64,
    /// Whether commits carry what is answered above their position, and what they carried is skipped.
    pub carries_answered: bool,
    /// How long a revoked partition's events may go on.
    pub revoke_grace_ms: i64,
    /// Offsets of one partition received and not yet committable, beyond which it is not read.
    pub offset_gap_max: usize,
    /// An event that was received so long ago may be what holds up a partition.
    pub head_block_ms: i64,
}
