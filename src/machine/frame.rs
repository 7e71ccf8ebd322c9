//! One flow of states, as it is kept between steps: the root of an execution, later also a branch or an iteration.

use super::{CallId, TimerId, Timestamp};
use crate::asl::StateId;
use crate::value::Value;

/// Where a flow stands.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) state: StateId,
    /// The raw input of the state.
    pub(super) data: Value,
    pub(super) phase: Phase,
    /// The context object of the state, null for programs that do not read it.
    pub(super) context: Value,
    pub(super) entered: Timestamp,
    /// The id of the state's StateEntered event, which error texts name.
    pub(super) entered_id: u64,
    /// The last event of this flow; the next one points to it.
    pub(super) previous_id: u64,
    /// Retries spent in this visit of the state, one count a retrier; empty until the first.
    pub(super) retries: Vec<u64>,
}

/// What a flow is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// About to enter `Frame::state`.
    Entering,
    /// In a Wait state.
    Waiting { timer: TimerId, until: Timestamp },
    /// A task is under way.
    Calling {
        call: CallId,
        timeout: Option<(TimerId, Timestamp)>,
    },
    /// Before the next attempt of a task.
    BackingOff { timer: TimerId, until: Timestamp },
}

impl Frame {
    pub(super) const fn new(state: StateId, data: Value) -> Self {
        Self {
            state,
            data,
            phase: Phase::Entering,
            context: Value::NULL,
            entered: Timestamp::from_millis(0),
            entered_id: 0,
            previous_id: 0,
            retries: Vec::new(),
        }
    }

    /// How many retries were made in this visit of the state.
    pub(super) fn retry_count(&self) -> u64 {
        self.retries.iter().sum()
    }
}
