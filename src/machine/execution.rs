//! (to come)
/// One execution.
#[derive(Debug)]
pub struct Execution;
