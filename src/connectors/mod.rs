//! Connectors: each does the tasks of one outside system.

mod functions;
mod mock;
mod nested;

pub use functions::{FunctionResult, Functions, Work};
pub use mock::{MockConfig, MockConfigError, MockConnectors, MockFault, UnknownTestCase};
pub use nested::{NESTING_DEPTH_MAX, Nested};
