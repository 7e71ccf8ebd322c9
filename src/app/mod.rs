//! The composition root: builds everything from settings, joins it, and takes it down in order.
//!
//! *Not here*: nothing that a caller of the library could want to replace; each part lives in its own ring.

pub mod connectors;
pub mod definition;
mod doors;
pub mod http;
pub mod outlet;
pub mod recorder;
pub mod reload;
pub mod service;
pub mod services;
pub mod signals;
pub mod solo;
pub mod state_folder;
pub mod suite;
pub mod watch;
pub mod workflows;
