//! Connectors: each does the tasks of one outside system.

mod mock;
mod nested;

pub use mock::{MockConfig, MockConfigError, MockConnectors, MockFault, UnknownTestCase};
pub use nested::{NESTING_DEPTH_MAX, Nested};
