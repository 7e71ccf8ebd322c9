//! Help texts and units, for the exporter.

use metrics::Unit;

use super::Metric;

/// Upper bounds of the buckets of times: from 1 ms to the five-minute cap.
pub const TIME_BUCKETS_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    120.0, 300.0,
];

/// Registers help text and unit of every metric with the installed recorder.
pub fn describe_all() {
    for metric in Metric::ALL {
        let (name, unit, help) = (metric.name(), unit(metric), help(metric));
        match kind(metric) {
            Kind::Counter => metrics::describe_counter!(name, unit, help),
            Kind::Gauge => metrics::describe_gauge!(name, unit, help),
            Kind::Histogram => metrics::describe_histogram!(name, unit, help),
        }
    }
}

impl Metric {
    /// Whether it is a histogram of times.
    #[must_use]
    pub const fn is_time(self) -> bool {
        matches!(kind(self), Kind::Histogram)
    }
}

enum Kind {
    Counter,
    Gauge,
    Histogram,
}

const fn kind(metric: Metric) -> Kind {
    match metric {
        Metric::ExecutionTime
        | Metric::LambdaFunctionRunTime
        | Metric::LambdaFunctionScheduleTime
        | Metric::LambdaFunctionTime
        | Metric::ServiceIntegrationRunTime
        | Metric::ServiceIntegrationScheduleTime
        | Metric::ServiceIntegrationTime => Kind::Histogram,
        Metric::ExecutionsInFlight
        | Metric::ConsumerLag
        | Metric::OffsetGap
        | Metric::OldestUnansweredAge
        | Metric::CommitAge
        | Metric::BytesHeld
        | Metric::Revision
        | Metric::ReloadFaults
        | Metric::WorkflowStopped
        | Metric::HeadBlocked => Kind::Gauge,
        Metric::ExecutionsStarted
        | Metric::ExecutionsSucceeded
        | Metric::ExecutionsFailed
        | Metric::ExecutionsTimedOut
        | Metric::ExecutionsAborted
        | Metric::ExecutionsThrottled
        | Metric::MachineBugs
        | Metric::Events
        | Metric::DeadLetters
        | Metric::Rebalances
        | Metric::ProduceErrors
        | Metric::ConsumedBytes
        | Metric::ProducedBytes
        | Metric::LambdaFunctionsScheduled
        | Metric::LambdaFunctionsStarted
        | Metric::LambdaFunctionsSucceeded
        | Metric::LambdaFunctionsFailed
        | Metric::LambdaFunctionsTimedOut
        | Metric::ServiceIntegrationsScheduled
        | Metric::ServiceIntegrationsStarted
        | Metric::ServiceIntegrationsSucceeded
        | Metric::ServiceIntegrationsFailed
        | Metric::ServiceIntegrationsTimedOut
        | Metric::ApiRequests
        | Metric::Reloads => Kind::Counter,
    }
}

const fn unit(metric: Metric) -> Unit {
    match metric {
        Metric::ExecutionTime
        | Metric::OldestUnansweredAge
        | Metric::CommitAge
        | Metric::LambdaFunctionRunTime
        | Metric::LambdaFunctionScheduleTime
        | Metric::LambdaFunctionTime
        | Metric::ServiceIntegrationRunTime
        | Metric::ServiceIntegrationScheduleTime
        | Metric::ServiceIntegrationTime => Unit::Seconds,
        Metric::ConsumedBytes | Metric::ProducedBytes | Metric::BytesHeld => Unit::Bytes,
        Metric::ExecutionsStarted
        | Metric::ExecutionsSucceeded
        | Metric::ExecutionsFailed
        | Metric::ExecutionsTimedOut
        | Metric::ExecutionsAborted
        | Metric::ExecutionsThrottled
        | Metric::ExecutionsInFlight
        | Metric::MachineBugs
        | Metric::Events
        | Metric::DeadLetters
        | Metric::ConsumerLag
        | Metric::OffsetGap
        | Metric::Rebalances
        | Metric::ProduceErrors
        | Metric::Revision
        | Metric::LambdaFunctionsScheduled
        | Metric::LambdaFunctionsStarted
        | Metric::LambdaFunctionsSucceeded
        | Metric::LambdaFunctionsFailed
        | Metric::LambdaFunctionsTimedOut
        | Metric::ServiceIntegrationsScheduled
        | Metric::ServiceIntegrationsStarted
        | Metric::ServiceIntegrationsSucceeded
        | Metric::ServiceIntegrationsFailed
        | Metric::ServiceIntegrationsTimedOut
        | Metric::ApiRequests
        | Metric::Reloads
        | Metric::ReloadFaults
        | Metric::WorkflowStopped
        | Metric::HeadBlocked => Unit::Count,
    }
}

const fn help(metric: Metric) -> &'static str {
    match metric {
        Metric::ExecutionsStarted => "Executions begun (AWS: ExecutionsStarted).",
        Metric::ExecutionsSucceeded => "Executions that succeeded (AWS: ExecutionsSucceeded).",
        Metric::ExecutionsFailed => "Executions that failed (AWS: ExecutionsFailed).",
        Metric::ExecutionsTimedOut => "Executions that timed out (AWS: ExecutionsTimedOut).",
        Metric::ExecutionsAborted => "Executions stopped from outside (AWS: ExecutionsAborted).",
        Metric::ExecutionsThrottled => {
            "Starts that had to wait at their workflow's bound (AWS: ExecutionThrottled)."
        }
        Metric::ExecutionTime => "Time from begin to end of an execution (AWS: ExecutionTime).",
        Metric::ExecutionsInFlight => {
            "Executions that wait for a task or a timer (AWS: OpenExecutionCount)."
        }
        Metric::MachineBugs => "Executions ended by a panic: a bug in Stepstream.",
        Metric::Events => "Events answered, by outcome: result, failure, dead_letter.",
        Metric::DeadLetters => "Dead letters, by reason.",
        Metric::ConsumerLag => {
            "Records between the last one answered and the end of the partition."
        }
        Metric::OffsetGap => "Offsets received and not yet committable.",
        Metric::OldestUnansweredAge => "Age of the oldest event received and not yet answered.",
        Metric::Rebalances => "Changes of the assignment, by kind: assigned, revoked, lost.",
        Metric::ProduceErrors => "Records that the broker did not acknowledge; each is sent again.",
        Metric::CommitAge => {
            "Time since offsets were last committed while there were some to commit."
        }
        Metric::ConsumedBytes => "Bytes of values consumed.",
        Metric::ProducedBytes => "Bytes of values produced.",
        Metric::BytesHeld => "Bytes held by executions begun or waiting for their turn.",
        Metric::Revision => "Number of the active revision.",
        Metric::LambdaFunctionsScheduled => {
            "Tasks of functions named by their ARN that states asked for (AWS: LambdaFunctionsScheduled)."
        }
        Metric::LambdaFunctionsStarted => {
            "Tasks of functions named by their ARN that their connector was given (AWS: LambdaFunctionsStarted)."
        }
        Metric::LambdaFunctionsSucceeded => {
            "Tasks of functions named by their ARN that succeeded (AWS: LambdaFunctionsSucceeded)."
        }
        Metric::LambdaFunctionsFailed => {
            "Tasks of functions named by their ARN that failed (AWS: LambdaFunctionsFailed)."
        }
        Metric::LambdaFunctionsTimedOut => {
            "Tasks of functions named by their ARN that did not end in their time (AWS: LambdaFunctionsTimedOut)."
        }
        Metric::LambdaFunctionRunTime => {
            "Time from start to end of a task of functions named by their ARN (AWS: LambdaFunctionRunTime)."
        }
        Metric::LambdaFunctionScheduleTime => {
            "Time that a task of functions named by their ARN waited for its start (AWS: LambdaFunctionScheduleTime)."
        }
        Metric::LambdaFunctionTime => {
            "Time from asking to end of a task of functions named by their ARN (AWS: LambdaFunctionTime)."
        }
        Metric::ServiceIntegrationsScheduled => {
            "Tasks of service integrations that states asked for (AWS: ServiceIntegrationsScheduled)."
        }
        Metric::ServiceIntegrationsStarted => {
            "Tasks of service integrations that their connector was given (AWS: ServiceIntegrationsStarted)."
        }
        Metric::ServiceIntegrationsSucceeded => {
            "Tasks of service integrations that succeeded (AWS: ServiceIntegrationsSucceeded)."
        }
        Metric::ServiceIntegrationsFailed => {
            "Tasks of service integrations that failed (AWS: ServiceIntegrationsFailed)."
        }
        Metric::ServiceIntegrationsTimedOut => {
            "Tasks of service integrations that did not end in their time (AWS: ServiceIntegrationsTimedOut)."
        }
        Metric::ServiceIntegrationRunTime => {
            "Time from start to end of a task of service integrations (AWS: ServiceIntegrationRunTime)."
        }
        Metric::ServiceIntegrationScheduleTime => {
            "Time that a task of service integrations waited for its start (AWS: ServiceIntegrationScheduleTime)."
        }
        Metric::ServiceIntegrationTime => {
            "Time from asking to end of a task of service integrations (AWS: ServiceIntegrationTime)."
        }
        Metric::ApiRequests => {
            "Requests of the AWS API, by outcome: answered, refused (the caller's fault), full, broken."
        }
        Metric::Reloads => {
            "Reloads of settings and definitions, by outcome: activated, unchanged, refused."
        }
        Metric::ReloadFaults => "Faults that the last reload was refused for; 0 when it was not.",
        Metric::WorkflowStopped => "1 while the workflow is stopped for its dead letters, else 0.",
        Metric::HeadBlocked => "1 while a single event holds up the partition, else 0.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct_and_say_what_prometheus_expects() {
        let names: BTreeSet<_> = Metric::ALL.map(Metric::name).into();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            let name = metric.name();
            let is_total = name.ends_with("_total");
            assert_eq!(is_total, matches!(kind(metric), Kind::Counter), "{name}");
            let is_in_seconds = name.ends_with("_seconds");
            assert_eq!(is_in_seconds, unit(metric) == Unit::Seconds, "{name}");
        }
    }
}
