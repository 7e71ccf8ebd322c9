//! What the API of Step Functions answers about definitions: CreateStateMachine, ValidateStateMachineDefinition and the
//! variable references of DescribeStateMachine.
//!
//! *Not here*: the wire, and where machines and log groups are kept.

mod create;
mod free_names;
mod references;
#[cfg(test)]
mod tests;
mod validate;

pub use create::{
    Account, CreateRefusal, CreateRequest, Creation, LogLevel, Logging, check_create,
};
pub(in crate::asl) use references::names_read_by;
pub use references::{VariableReferences, variable_references};
pub use validate::{DIAGNOSTICS_LISTED_MAX, ValidateAnswer, ValidateRequest, validate};
