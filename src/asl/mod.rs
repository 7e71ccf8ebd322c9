//! A definition as text → a program ready to run, with all faults at once.
//!
//! Definition (text), program (compiled) and execution (running) are three types in three places.
//!
//! *Not here*: nothing that runs, and no knowledge of which connectors are configured.

mod compile;
mod diagnostic;
mod program;
mod source;

pub use compile::compile;
pub use diagnostic::{Diagnostic, Severity};
pub use program::*;
