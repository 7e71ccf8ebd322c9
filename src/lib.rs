//! Step Functions Express workflows, at Kafka speed.
//!
//! Stepstream consumes events from Kafka, runs each as a short-lived Express state machine written in the Amazon
//! States Language, and emits results and execution logs to Kafka topics.
//!
//! # The rings
//!
//! Imports point inward only, edges never import each other, and `tests/tidy.rs` keeps it so.
//!
//! ```text
//! ring 3  main  cli  app  config                     knows everything, holds almost no logic
//! ring 2  kafka  connectors  api                     edges: one outside system each
//! ring 1  engine  metrics                            many executions in one process; time and concurrency, no vendor
//! ring 0  value  expr  asl  machine  history  access  pure: no async, clock, randomness, I/O, environment, threads
//! ```
//!
//! Ring 0 builds alone (`--no-default-features`, also for wasm32).
//!
//! # The life of an event
//!
//! ```text
//! Kafka ─▶ source ─▶ decode ─▶ route ─▶ ledger.begin ─▶ worker ─▶ machine.step ─▶ effects
//!          (batches)                                      ▲                          │ task, timer
//!                                                         └──── task ended, timer ◀──┤
//! offset committed ◀─ ledger.complete ◀─ broker's ack ◀─ sink (result, logs) ◀──────┘ finish
//! anything that cannot be decoded, routed or run ─▶ dead letter ─▶ broker's ack ─▶ ledger.complete
//! ```
//!
//! An offset is committed only when it and all before it in its partition are *answered*: every record that its
//! execution owes is acknowledged by the broker.
//!
//! # Where to start reading
//!
//! [`machine::Event`] and [`machine::Effect`]: all that can happen to an execution, and all that it can ask for.

pub mod access;
pub mod asl;
pub mod expr;
pub mod history;
pub mod machine;
pub mod value;

#[cfg(feature = "engine")]
pub mod connectors;
#[cfg(feature = "engine")]
pub mod engine;
#[cfg(feature = "engine")]
pub mod metrics;

#[cfg(feature = "api")]
pub mod api;
#[cfg(feature = "kafka")]
pub mod kafka;

#[cfg(feature = "cli")]
pub mod app;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod config;
