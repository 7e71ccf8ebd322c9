//! The AWS API of Step Functions, over HTTP: boto3, the AWS CLI and the SDKs need an endpoint URL and nothing else.
//!
//! ```text
//! server (connections, HTTP) ─▶ operations (which one) ─▶ machines, versions, aliases, tags ─▶ store
//!            ▲                        │                   definitions ─▶ asl, machine
//!            │                        ├─▶ executions ─▶ recent (what was begun last)
//!            │                        └─▶ starts ─▶ intake ─▶ engine ─▶ outlet (logs, outcomes)
//!            └──── protocol (fields, ARNs, pages, faults, members of answers) is used by all of them
//! ```
//!
//! An execution that is started here keeps the revision that it began with. Machines made here live in memory, and on a
//! [`Shelf`] if there is one.
//!
//! *Not here*: Kafka: where logs and outcomes go is behind [`Outlet`].

mod access;
mod aliases;
mod caller;
mod definitions;
mod executions;
mod intake;
mod machines;
mod open;
mod operations;
mod options;
mod outlet;
mod protocol;
mod recent;
mod server;
mod shared;
mod shelf;
mod starts;
mod store;
mod tags;
#[cfg(test)]
mod tests;
mod versions;

pub use access::Access;
pub use options::ApiOptions;
pub use outlet::{Ended, Outlet};
pub use server::{Api, StartError};
pub use shared::Parts;
pub use shelf::{Kept, Shelf};
