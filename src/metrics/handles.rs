//! Handles of metrics, made once for each workflow, group, topic or partition and then used without a look-up.

use metrics::{Counter, Gauge, Histogram, Label};

use super::Metric;

/// The engine's metrics of one workflow.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct WorkflowMetrics {
    pub started: Counter,
    pub succeeded: Counter,
    pub failed: Counter,
    pub timed_out: Counter,
    pub aborted: Counter,
    pub throttled: Counter,
    pub time: Histogram,
    pub in_flight: Gauge,
    pub revision: Gauge,
}

/// The engine's metrics without labels.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct EngineMetrics {
    pub bugs: Counter,
    pub bytes_held: Gauge,
}

/// What an edge counts of one workflow's events.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct EventMetrics {
    pub results: Counter,
    pub failures: Counter,
    pub dead_letters: Counter,
    pub expired: Counter,
    /// Events that repeat one that was received before, and were not run.
    pub repeated: Counter,
    pub consumed_bytes: Counter,
}

/// What an edge shows of one consumer group.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct GroupMetrics {
    pub assigned: Counter,
    pub revoked: Counter,
    pub lost: Counter,
    pub commit_age_seconds: Gauge,
    pub oldest_unanswered_age_seconds: Gauge,
}

/// What an edge shows of one assigned partition.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct PartitionMetrics {
    pub lag: Gauge,
    pub offset_gap: Gauge,
    pub head_blocked: Gauge,
}

/// What an edge counts of one output topic.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct OutputMetrics {
    pub produce_errors: Counter,
    pub produced_bytes: Counter,
}

/// What the API counts: its requests by how they ended.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the outcome of its name, described at the metric"
)]
pub struct ApiMetrics {
    pub answered: Counter,
    pub refused: Counter,
    pub full: Counter,
    pub broken: Counter,
}

/// What is counted of reloads, by how they ended.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the outcome of its name, described at the metric"
)]
pub struct ReloadMetrics {
    pub activated: Counter,
    pub unchanged: Counter,
    pub refused: Counter,
    pub faults: Gauge,
}

impl ReloadMetrics {
    /// The handles.
    #[must_use]
    pub fn new() -> Self {
        let reloads = |outcome| counter(Metric::Reloads, &[("outcome", outcome)]);
        Self {
            activated: reloads("activated"),
            unchanged: reloads("unchanged"),
            refused: reloads("refused"),
            faults: gauge(Metric::ReloadFaults, &[]),
        }
    }
}

impl Default for ReloadMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl ApiMetrics {
    /// The handles.
    #[must_use]
    pub fn new() -> Self {
        let requests = |outcome| counter(Metric::ApiRequests, &[("outcome", outcome)]);
        Self {
            answered: requests("answered"),
            refused: requests("refused"),
            full: requests("full"),
            broken: requests("broken"),
        }
    }
}

impl Default for ApiMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl WorkflowMetrics {
    /// The handles for a workflow; the label is bounded by the caller.
    #[must_use]
    pub fn new(workflow: &str) -> Self {
        let labels = [("workflow", workflow)];
        Self {
            started: counter(Metric::ExecutionsStarted, &labels),
            succeeded: counter(Metric::ExecutionsSucceeded, &labels),
            failed: counter(Metric::ExecutionsFailed, &labels),
            timed_out: counter(Metric::ExecutionsTimedOut, &labels),
            aborted: counter(Metric::ExecutionsAborted, &labels),
            throttled: counter(Metric::ExecutionsThrottled, &labels),
            time: histogram(Metric::ExecutionTime, &labels),
            in_flight: gauge(Metric::ExecutionsInFlight, &labels),
            revision: gauge(Metric::Revision, &labels),
        }
    }
}

impl EngineMetrics {
    /// The handles.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bugs: counter(Metric::MachineBugs, &[]),
            bytes_held: gauge(Metric::BytesHeld, &[]),
        }
    }
}

impl Default for EngineMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl EventMetrics {
    /// The handles for a workflow; the label is bounded by the caller. Dead letters by reason are counted beside them.
    #[must_use]
    pub fn new(workflow: &str) -> Self {
        let events = |outcome| {
            let labels = [("workflow", workflow), ("outcome", outcome)];
            counter(Metric::Events, &labels)
        };
        Self {
            results: events("result"),
            failures: events("failure"),
            dead_letters: events("dead_letter"),
            expired: events("expired"),
            repeated: events("repeated"),
            consumed_bytes: counter(Metric::ConsumedBytes, &[("workflow", workflow)]),
        }
    }

    /// Whether a workflow is stopped.
    pub fn stopped(workflow: &str) -> Gauge {
        gauge(Metric::WorkflowStopped, &[("workflow", workflow)])
    }

    /// Dead letters of a workflow for one reason; reasons are a closed set of the edge.
    pub fn dead_letters_by_reason(workflow: &str, reason: &str) -> Counter {
        let labels = [("workflow", workflow), ("reason", reason)];
        counter(Metric::DeadLetters, &labels)
    }
}

impl GroupMetrics {
    /// The handles for a consumer group.
    #[must_use]
    pub fn new(group: &str) -> Self {
        let rebalances = |kind| counter(Metric::Rebalances, &[("group", group), ("kind", kind)]);
        let labels = [("group", group)];
        Self {
            assigned: rebalances("assigned"),
            revoked: rebalances("revoked"),
            lost: rebalances("lost"),
            commit_age_seconds: gauge(Metric::CommitAge, &labels),
            oldest_unanswered_age_seconds: gauge(Metric::OldestUnansweredAge, &labels),
        }
    }
}

impl PartitionMetrics {
    /// The handles for a partition; when it is not assigned any more, set them to 0.
    #[must_use]
    pub fn new(group: &str, topic: &str, partition: &str) -> Self {
        let labels = [("group", group), ("topic", topic), ("partition", partition)];
        Self {
            lag: gauge(Metric::ConsumerLag, &labels),
            offset_gap: gauge(Metric::OffsetGap, &labels),
            head_blocked: gauge(Metric::HeadBlocked, &labels),
        }
    }
}

impl OutputMetrics {
    /// The handles for an output topic.
    #[must_use]
    pub fn new(topic: &str) -> Self {
        let labels = [("topic", topic)];
        Self {
            produce_errors: counter(Metric::ProduceErrors, &labels),
            produced_bytes: counter(Metric::ProducedBytes, &labels),
        }
    }
}

/// The handle of a counter.
pub fn counter(metric: Metric, labels: &[(&'static str, &str)]) -> Counter {
    metrics::counter!(metric.name(), owned(labels))
}

/// The handle of a gauge.
pub fn gauge(metric: Metric, labels: &[(&'static str, &str)]) -> Gauge {
    metrics::gauge!(metric.name(), owned(labels))
}

/// The handle of a histogram.
pub fn histogram(metric: Metric, labels: &[(&'static str, &str)]) -> Histogram {
    metrics::histogram!(metric.name(), owned(labels))
}

fn owned(labels: &[(&'static str, &str)]) -> Vec<Label> {
    let own = |(name, value): &(&'static str, &str)| Label::new(*name, (*value).to_owned());
    labels.iter().map(own).collect()
}
