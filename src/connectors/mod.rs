//! Connectors: each does the tasks of one outside system.

mod mock;

pub use mock::{MockConfig, MockConfigError, MockConnectors, MockFault, UnknownTestCase};
