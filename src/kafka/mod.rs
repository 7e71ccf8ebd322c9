//! The Kafka edge: events in, answers out, offsets committed only when all before them are answered.

pub mod settings;
