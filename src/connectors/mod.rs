//! Connectors: each does the tasks of one outside system.

mod functions;
mod mock;
mod nested;

#[cfg(feature = "http")]
mod client;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "http")]
mod lambda;
#[cfg(feature = "http")]
mod parameters;

pub use functions::{FunctionResult, Functions, Work};
pub use mock::{MockConfig, MockConfigError, MockConnectors, MockFault, UnknownTestCase};
pub use nested::{NESTING_DEPTH_MAX, Nested, NestedOutlet};

#[cfg(feature = "http")]
pub use client::{
    AddressRange, Client, Clients, ClientsError, Connecting, Failure, Limits as ClientLimits,
    Network, Reach, Received, Resolving, SystemNetwork,
};
#[cfg(feature = "http")]
pub use http::{
    Authorization, Connection, HttpConnectors, HttpSettings, OAuthClient, Secret, TargetRule,
};
#[cfg(feature = "http")]
pub use lambda::{Endpoint, LambdaConnectors, LambdaSettings, LambdaSigner};
