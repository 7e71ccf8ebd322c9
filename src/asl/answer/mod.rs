//! What the API of Step Functions answers about definitions and starts: CreateStateMachine, ValidateStateMachineDefinition, the
//! variable references of DescribeStateMachine, and whether an execution may begin.
//!
//! *Not here*: the wire, and where machines and log groups are kept.

mod create;
mod free_names;
mod references;
mod start;
#[cfg(test)]
mod tests;
mod validate;

pub use create::{
    Account, CreateRefusal, CreateRequest, Creation, LogLevel, Logging, check_create,
    check_logging, check_name,
};
pub(in crate::asl) use references::names_read_by;
pub use references::{VariableReferences, variable_references};
pub use start::{Running, StartOf, StartRefusal, StartRequest, check_start};
pub use validate::{DIAGNOSTICS_LISTED_MAX, ValidateAnswer, ValidateRequest, validate};
