//! One flow of states, as it is kept between steps: the root of an execution, a branch or an iteration.

use super::fork::Fork;
use super::frames::FrameId;
use super::{CallId, TimerId, Timestamp, Wakeup};
use crate::asl::StateId;
use crate::expr::Variables;
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
    /// The event before that.
    pub(super) before_id: u64,
    /// The last event of this flow; the next one points to it.
    pub(super) previous_id: u64,
    /// Retries spent in this visit of the state, one count a retrier; empty until the first.
    pub(super) retries: Vec<u64>,
    /// Whose branch or iteration it is; none for the root.
    pub(super) origin: Option<Origin>,
    /// What is assigned in this flow's scope and those around it.
    pub(super) variables: Variables,
    /// `$$.Map` within an iteration, if the program reads the context object; null otherwise.
    pub(super) map: Value,
    /// What a Parallel or Map state has under way; none in other states.
    pub(super) fork: Option<Box<Fork>>,
}

/// Where a branch or an iteration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// The frame that is in the Parallel or Map state.
    pub(super) parent: FrameId,
    /// The number of the branch or item, from 0.
    pub(super) index: usize,
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
    /// Before the next attempt of a task, a Parallel or a Map.
    BackingOff { timer: TimerId, until: Timestamp },
    /// Branches or iterations are under way, or about to begin; `Frame::fork` has them.
    Forked,
}

impl Frame {
    /// The root of an execution.
    pub(super) const fn new(state: StateId, data: Value) -> Self {
        Self {
            state,
            data,
            phase: Phase::Entering,
            context: Value::NULL,
            entered: Timestamp::from_millis(0),
            entered_id: 0,
            before_id: 0,
            previous_id: 0,
            retries: Vec::new(),
            origin: None,
            variables: Variables::new(),
            map: Value::NULL,
            fork: None,
        }
    }

    /// A branch or an iteration of this frame's state, and all that it takes over from this frame: what it may read of the
    /// outside does not change while it runs, since this frame stays in its state until then.
    pub(super) fn inner(&self, origin: Origin, state: StateId, data: Value) -> Self {
        Self {
            origin: Some(origin),
            previous_id: self.previous_id,
            map: self.map.clone(),
            variables: self.variables.clone(),
            ..Self::new(state, data)
        }
    }

    /// How many retries were made in this visit of the state.
    pub(super) fn retry_count(&self) -> u64 {
        self.retries.iter().sum()
    }
}

impl Phase {
    /// The call whose answer is waited for.
    pub(super) const fn call(self) -> Option<CallId> {
        match self {
            Self::Calling { call, .. } => Some(call),
            Self::Entering | Self::Waiting { .. } | Self::BackingOff { .. } | Self::Forked => None,
        }
    }

    /// The timer that is waited for, when it is due, and what for.
    pub(super) fn timer(self) -> Option<(TimerId, Timestamp, Wakeup)> {
        match self {
            Self::Waiting { timer, until } => Some((timer, until, Wakeup::Wait)),
            Self::BackingOff { timer, until } => Some((timer, until, Wakeup::Retry)),
            Self::Calling { timeout, .. } => {
                timeout.map(|(timer, at)| (timer, at, Wakeup::TaskTimeout))
            }
            Self::Entering | Self::Forked => None,
        }
    }
}
