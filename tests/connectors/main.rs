//! The connectors that call services over HTTP, against servers on this machine's loopback, and against a network that only records.

#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "tests: a panic is a failure")]

mod drive;
mod http;
mod lambda;
mod server;
mod ssrf;
mod tls;
