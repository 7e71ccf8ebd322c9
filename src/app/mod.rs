//! The composition root: builds everything from settings, joins it, and takes it down in order.
//!
//! *Not here*: nothing that a caller of the library could want to replace; each part lives in its own ring.

pub mod definition;
pub mod http;
pub mod outlet;
pub mod recorder;
pub mod service;
pub mod services;
pub mod signals;
pub mod solo;
pub mod suite;
pub mod watch;
pub mod workflows;
