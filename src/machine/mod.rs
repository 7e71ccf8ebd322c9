//! One execution as a sans-IO state machine.
//!
//! *Not here*: no clock, randomness, thread or I/O. Time, seed, limits and identity are arguments, so the same program,
//! input, options and events give byte-identical effects.

mod abort;
mod assign;
mod billing;
mod context;
mod core;
mod effect;
mod event;
mod execution;
mod exit;
mod flow;
mod fork;
mod frame;
mod frames;
mod identity;
mod inspection;
mod options;
mod outcome;
mod problem;
mod recorder;
mod retry;
mod states;
mod step;
pub mod test_state;
#[cfg(test)]
mod tests;
mod time;
mod tree;
mod virtual_run;

pub use crate::asl::StateId;
pub use billing::Billing;
pub use effect::{Effect, TaskCall};
pub use event::{Event, TaskError, TaskResult};
pub use execution::{Execution, Wakeup};
pub use identity::{ExecutionKind, Identity, MachineIdentity};
pub use options::{Limits, Options, Recording};
pub use outcome::{Outcome, Status};
pub use time::Timestamp;
pub use virtual_run::{
    VIRTUAL_EVENTS_PER_TURN, VIRTUAL_TURN_MS, VirtualAnswer, VirtualRun, run_virtual,
};

/// The number of a task call within its execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

/// The number of a timer within its execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerId(pub u64);
