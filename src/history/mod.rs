//! What happened in an execution, in AWS's shapes: history events and log entries.
//!
//! Events are made by `machine`, only at the level that was asked for; here are their types and their JSON.
//!
//! *Not here*: where records go (`logs`), and the decision when one is made (`machine`).

mod details;
mod event_type;
mod history_event;
mod level;
mod log_entry;

pub use details::{Detail, Details};
pub use event_type::EventType;
pub use history_event::write_history_event;
pub use level::LogLevel;
pub use log_entry::write_log_entry;

/// One event of an execution's history.
#[derive(Clone, Debug)]
pub struct HistoryEvent {
    /// From 1, without gaps where everything is recorded.
    pub id: u64,
    /// The event that led to this one; 0 for the first two.
    pub previous_id: u64,
    /// When.
    pub timestamp: crate::machine::Timestamp,
    /// What happened.
    pub event_type: EventType,
    /// The particulars.
    pub details: Details,
}
