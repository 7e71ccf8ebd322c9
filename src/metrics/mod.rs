//! What an operator can see: every metric's name, labels and meaning, in one place.
//!
//! Metrics go through the `metrics` facade; `app` installs the Prometheus exporter. They are recorded once a batch, by handles made once.

mod names;

pub use names::Metric;
