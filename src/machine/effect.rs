//! All that an execution can ask of its driver.

use super::{CallId, Outcome, StateId, TimerId, Timestamp};
use crate::history::HistoryEvent;
use crate::value::Value;

/// Something the driver must do. The order in which effects are given is the order in which to do them.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Do the work of a Task state, and answer with [`super::Event::TaskEnded`].
    Call(TaskCall),
    /// The answer of this call is not wanted any more.
    Cancel {
        /// Which one.
        call: CallId,
        /// The state's time for it is over; if not, a sibling failed or the execution ends.
        timed_out: bool,
    },
    /// Send [`super::Event::TimerDue`] at this instant, or as soon after it as may be.
    Arm {
        /// Which timer.
        timer: TimerId,
        /// When.
        at: Timestamp,
    },
    /// The timer is not wanted any more.
    Disarm {
        /// Which one.
        timer: TimerId,
    },
    /// A history event that passed the execution's level. Never made for a level that does not ask for it.
    Record(Box<HistoryEvent>),
    /// The fuel of this step is used up: let others have the thread, then send [`super::Event::Continue`].
    Yield,
    /// The execution has ended. The last effect of every execution, given once.
    Finish(Outcome),
}

/// The work that a Task state asks for.
#[derive(Clone, Debug)]
pub struct TaskCall {
    /// Its number within the execution.
    pub call: CallId,
    /// The Task state; its `Resource` is in the program.
    pub state: StateId,
    /// What `Parameters` evaluated to.
    pub payload: Value,
    /// How many retries preceded it: 0 at first.
    pub retry_count: u32,
}
