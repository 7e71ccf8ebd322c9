//! Calls of connectors that are under way: their bounds, their time, and what is counted of them.
//!
//! A call is scheduled when its state asks for it, and started when it has passed the gates of its connector and its target: until
//! then it waits, as its execution does, which the engine's bounds count. It ends once: with its answer, when its time is over, or
//! when nobody wants it any more.
//!
//! *Not here*: `TimeoutSeconds` of a definition, which the machine minds; retries, which only a definition asks for.

mod doer;
mod gate;
mod limits;
mod open;

pub use limits::{CallBounds, CallLimits};

pub(super) use doer::{Doer, TaskLabels};
pub(super) use open::{OpenCall, OpenCalls, Place};
