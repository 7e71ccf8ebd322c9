//! Request and reply over Kafka: an event that names a topic is answered there.
//!
//! | what | how |
//! | --- | --- |
//! | value | the output of an execution that succeeded; else the envelope of the failures topic |
//! | key | the event's |
//! | headers | the event's without those that ask for the reply, the correlation id as it came, `asl-status` (`SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`), `asl-error` if it did not succeed, and those of every answer |
//!
//! The event's offset waits for the reply as for every other answer. A reply that can never be delivered (no such topic or partition, not allowed,
//! too large) becomes a dead letter with the event's own bytes; every other one is tried for ever.
//!
//! *Not here*: what else an event is answered with.

mod address;
mod desk;
#[cfg(test)]
mod tests;

pub use address::{Address, AddressError, ReplySettings, allows};
pub(super) use desk::{Admission, Desk, Replies};
