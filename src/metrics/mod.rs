//! What an operator can see: every metric's name, labels and meaning, in one place.
//!
//! Metrics go through the `metrics` facade; `app` installs the Prometheus exporter *before* anything registers a metric, and
//! calls [`describe_all`]. They are recorded once a batch, by handles made once.
//!
//! *Not here*: the exporter, and the decision when something is recorded.

mod describe;
mod handles;
mod label;
mod names;
mod tasks;

pub use describe::{TIME_BUCKETS_SECONDS, describe_all};
pub use handles::{
    ApiMetrics, EngineMetrics, EventMetrics, GroupMetrics, OutputMetrics, PartitionMetrics,
    ReloadMetrics, WorkflowMetrics, counter, gauge, histogram,
};
pub use label::{LabelBound, SERIES_MAX};
pub use names::Metric;
pub use tasks::TaskMetrics;
