//! The Kafka edge: events in, answers out, offsets committed only when all before them are answered.
//!
//! What decides is pure, takes what happened and the time, and knows no rdkafka type: [`group`] (assignments, ledgers, commits, leaving), [`ledger`],
//! [`route`], [`decode`], [`cloud_event`], [`event`] (names, context object), [`envelope`], [`dead_letter`], [`check`]. `poll` (the loop of a group)
//! and `producer` do what is decided, through the traits of `port`. Behind these, librdkafka is thin: `clients`, `consumer`, `producer::outlet` and
//! `native`, the only folder with `unsafe`. `flight` and `answer` are the engine's [`Batch`](crate::engine::Batch) and [`Sink`](crate::engine::Sink).
//!
//! ```text
//!            poll loop, one a group                     worker                        producer, one a process
//!  queue ─▶ Group::receive ─▶ FlightPlan ─▶ decode, route, execution ─▶ Answers ─▶ produce
//!               ▲  commit                                     │                         │
//!               └──────────── Input::Ended, Dropped ◀─────────┘                         │
//!               └──────────── Input::Acknowledged ◀─────────────────────────────────────┘
//! ```
//!
//! *Not here*: connectors and the API.

mod answer;
mod assembly;
pub mod by_hand;
pub mod check;
pub mod checker;
mod client;
mod clients;
pub mod cloud_event;
mod cluster;
mod consumer;
mod controls;
mod courier;
pub mod dead_letter;
pub mod dead_letters;
pub mod decode;
mod duplicate;
mod edge;
mod embedded;
pub mod envelope;
mod error;
pub mod event;
mod flight;
mod gate;
pub mod group;
pub mod ledger;
mod letters;
mod log_record;
pub mod mutant;
mod native;
mod order;
mod outbox;
mod poll;
mod port;
mod producer;
pub mod reply;
mod report;
pub mod route;
pub mod settings;
mod slot;
mod statistics;
pub mod task;
pub mod token;
mod topic_reader;
pub mod verify;
mod watch;

pub use edge::{Edge, Health, ShutdownReport};
pub use embedded::Embedded;
pub use error::KafkaError;
pub use outbox::Outbox;
pub use statistics::Statistics;
