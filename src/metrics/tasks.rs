//! What is counted of tasks, under AWS's names: of functions by their ARN, of other services by resource and target.

use metrics::{Counter, Histogram};

use super::Metric;
use super::handles::{counter, histogram};

/// The metrics of the tasks of one function, or of one target of a service integration.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each is the metric of its name, described there"
)]
pub struct TaskMetrics {
    pub scheduled: Counter,
    pub started: Counter,
    pub succeeded: Counter,
    pub failed: Counter,
    pub timed_out: Counter,
    pub run_time: Histogram,
    pub schedule_time: Histogram,
    pub time: Histogram,
}

impl TaskMetrics {
    /// The handles for a function that a state names by its ARN; the label is bounded by the caller.
    #[must_use]
    pub fn of_function(function: &str) -> Self {
        let labels = [("function", function)];
        Self {
            scheduled: counter(Metric::LambdaFunctionsScheduled, &labels),
            started: counter(Metric::LambdaFunctionsStarted, &labels),
            succeeded: counter(Metric::LambdaFunctionsSucceeded, &labels),
            failed: counter(Metric::LambdaFunctionsFailed, &labels),
            timed_out: counter(Metric::LambdaFunctionsTimedOut, &labels),
            run_time: histogram(Metric::LambdaFunctionRunTime, &labels),
            schedule_time: histogram(Metric::LambdaFunctionScheduleTime, &labels),
            time: histogram(Metric::LambdaFunctionTime, &labels),
        }
    }

    /// The handles for a service integration and what its tasks go to, both bounded by the caller.
    #[must_use]
    pub fn of_integration(resource: &str, target: &str) -> Self {
        let labels = [("resource", resource), ("target", target)];
        Self {
            scheduled: counter(Metric::ServiceIntegrationsScheduled, &labels),
            started: counter(Metric::ServiceIntegrationsStarted, &labels),
            succeeded: counter(Metric::ServiceIntegrationsSucceeded, &labels),
            failed: counter(Metric::ServiceIntegrationsFailed, &labels),
            timed_out: counter(Metric::ServiceIntegrationsTimedOut, &labels),
            run_time: histogram(Metric::ServiceIntegrationRunTime, &labels),
            schedule_time: histogram(Metric::ServiceIntegrationScheduleTime, &labels),
            time: histogram(Metric::ServiceIntegrationTime, &labels),
        }
    }
}
