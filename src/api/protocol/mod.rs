//! The wire: AWS's JSON 1.0 protocol, as texts and values. What is asked (`fields`, `arn`), what is answered (`members`),
//! what is refused (`fault`), and names that nobody has had before (`ids`).
//!
//! *Not here*: HTTP, and what any operation does.

mod arn;
mod fault;
mod fields;
mod ids;
mod members;
mod page;
#[cfg(test)]
mod tests;

pub(super) use arn::{ExecutionArn, MachineArn, Qualifier, execution_arn, machine_arn};
pub(super) use fault::Fault;
pub(super) use fields::Fields;
pub(super) use ids::Ids;
pub(super) use members::{List, Members};
pub(super) use page::Page;
