//! Deliberate bugs of this edge. The simulation must find each, or its checker proves nothing.
//!
//! They are there only with the feature `mutants`, which nothing that ships has: without it, `is` is a constant.

/// One bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// An event counts as answered when its records are handed over, not when they are acknowledged.
    CommitBeforeAck,
    /// The position is one more than it may be.
    WatermarkOffByOne,
    /// What is committed is what was received.
    AutoCommit,
    /// Offsets are taken to be without gaps.
    PlusOneOnCompacted,
    /// All assignments of a partition have one number.
    EpochIgnored,
    /// What was not begun because its partition was revoked counts as answered.
    DroppedOnRevoke,
    /// What was lost is given back as if it were revoked, with a commit.
    CommitOnLost,
    /// A stop commits also what has not ended.
    ShutdownCommitsUnfinished,
    /// A commit may pass what is open of before a truncation.
    TruncationForgotten,
    /// The same, for one that is seen while the partition is given back.
    TruncationWhileLeaving,
    /// A commit that failed counts as done.
    FailedCommitForgotten,
    /// A commit of which nothing is heard is waited for, for ever.
    SilentCommitAwaited,
    /// Each acknowledgement counts twice.
    CompletionCountedTwice,
    /// A record that the broker refuses counts as acknowledged.
    AckErrorIsAck,
    /// The same, for dead letters only.
    DeadLetterFailureIgnored,
    /// An event does not wait for its reply.
    ReplyNotAwaited,
    /// A reply that can never be delivered counts as delivered.
    ReplyLost,
    /// A record that the broker refuses is not sent again.
    RefusedNotRetried,
    /// A record goes past those that wait for room in the producer.
    BacklogOvertaken,
    /// Events of one key run side by side.
    OrderByKeyBroken,
    /// A paused partition stays paused.
    ResumeForgotten,
    /// Records are let in once: forwarding that the client has forgotten is not repeated.
    ForwardedOnce,
    /// Records are taken however many are open.
    GapUnbounded,
    /// A commit carries also what is not answered.
    CarriedUnanswered,
    /// What was carried is skipped whatever has been written there since.
    CarriedEpochIgnored,
    /// An answer names the revision that is active when it is given.
    RevisionNotKept,
    /// A topic that was held is read on from where it was, past what was dropped.
    HeldNotRewound,
    /// What a consumer had that has failed stays as it was.
    FailedConsumerKept,
    /// An event that was dropped is taken for its own repetition when it is received again.
    WindowOutlivesDropped,
    /// A workflow that has stopped goes on writing dead letters.
    StoppedGoesOn,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::CommitBeforeAck,
        Self::WatermarkOffByOne,
        Self::AutoCommit,
        Self::PlusOneOnCompacted,
        Self::EpochIgnored,
        Self::DroppedOnRevoke,
        Self::CommitOnLost,
        Self::ShutdownCommitsUnfinished,
        Self::TruncationForgotten,
        Self::TruncationWhileLeaving,
        Self::FailedCommitForgotten,
        Self::SilentCommitAwaited,
        Self::CompletionCountedTwice,
        Self::AckErrorIsAck,
        Self::DeadLetterFailureIgnored,
        Self::ReplyNotAwaited,
        Self::ReplyLost,
        Self::RefusedNotRetried,
        Self::BacklogOvertaken,
        Self::OrderByKeyBroken,
        Self::ResumeForgotten,
        Self::ForwardedOnce,
        Self::GapUnbounded,
        Self::CarriedUnanswered,
        Self::CarriedEpochIgnored,
        Self::RevisionNotKept,
        Self::HeldNotRewound,
        Self::FailedConsumerKept,
        Self::WindowOutlivesDropped,
        Self::StoppedGoesOn,
    ];
}

#[cfg(feature = "mutants")]
thread_local! {
    static ACTIVE: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// From now on this thread has the bug, or none.
#[cfg(feature = "mutants")]
pub fn activate(mutant: Option<Mutant>) {
    ACTIVE.set(mutant);
}

/// Whether this thread has the bug.
#[cfg(feature = "mutants")]
pub(super) fn is(mutant: Mutant) -> bool {
    ACTIVE.get() == Some(mutant)
}

/// Whether this thread has the bug: never.
#[cfg(not(feature = "mutants"))]
pub(super) const fn is(_: Mutant) -> bool {
    false
}
