//! Every metric, named after AWS's where AWS has one.

/// A metric; [`Metric::name`] is what Prometheus shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// AWS `ExecutionsStarted`. Labels: workflow.
    ExecutionsStarted,
    /// AWS `ExecutionsSucceeded`. Labels: workflow.
    ExecutionsSucceeded,
    /// AWS `ExecutionsFailed`. Labels: workflow.
    ExecutionsFailed,
    /// AWS `ExecutionsTimedOut`. Labels: workflow.
    ExecutionsTimedOut,
    /// AWS `ExecutionsAborted`. Labels: workflow.
    ExecutionsAborted,
    /// AWS `ExecutionThrottled`: a start that had to wait at a bound. Labels: workflow.
    ExecutionsThrottled,
    /// AWS `ExecutionTime`, a histogram in seconds. Labels: workflow.
    ExecutionTime,
    /// AWS `OpenExecutionCount`: executions begun and not ended. Labels: workflow.
    ExecutionsInFlight,
    /// Executions whose machine panicked: a bug of ours.
    MachineBugs,
    /// Events answered, by outcome: `result`, `failure`, `dead_letter`, `expired`, `repeated`. Labels: workflow, outcome.
    Events,
    /// Dead letters by reason. Labels: workflow, reason.
    DeadLetters,
    /// Records between the last one answered and the end of the partition. Labels: group, topic, partition.
    ConsumerLag,
    /// Offsets received and not yet committable. Labels: group, topic, partition.
    OffsetGap,
    /// Age of the oldest event received and not yet answered, in seconds. Labels: group.
    OldestUnansweredAge,
    /// Assignments, revocations and losses. Labels: group, kind.
    Rebalances,
    /// Records that the broker did not acknowledge; each is produced again. Labels: topic.
    ProduceErrors,
    /// Seconds since offsets were last committed while there were some to commit. Labels: group.
    CommitAge,
    /// Bytes of values consumed. Labels: workflow.
    ConsumedBytes,
    /// Bytes of values produced. Labels: topic.
    ProducedBytes,
    /// Bytes of inputs held by executions begun or waiting.
    BytesHeld,
    /// The active revision's number. Labels: workflow.
    Revision,
    /// AWS `LambdaFunctionsScheduled`: tasks that states asked for. Labels: function.
    LambdaFunctionsScheduled,
    /// AWS `LambdaFunctionsStarted`: tasks that their connector was given. Labels: function.
    LambdaFunctionsStarted,
    /// AWS `LambdaFunctionsSucceeded`: tasks that succeeded. Labels: function.
    LambdaFunctionsSucceeded,
    /// AWS `LambdaFunctionsFailed`: tasks that failed. Labels: function.
    LambdaFunctionsFailed,
    /// AWS `LambdaFunctionsTimedOut`: tasks that did not end in their time. Labels: function.
    LambdaFunctionsTimedOut,
    /// AWS `LambdaFunctionRunTime`: from start to end, a histogram in seconds. Labels: function.
    LambdaFunctionRunTime,
    /// AWS `LambdaFunctionScheduleTime`: from asking to start, a histogram in seconds. Labels: function.
    LambdaFunctionScheduleTime,
    /// AWS `LambdaFunctionTime`: from asking to end, a histogram in seconds. Labels: function.
    LambdaFunctionTime,
    /// AWS `ServiceIntegrationsScheduled`: tasks that states asked for. Labels: resource, target.
    ServiceIntegrationsScheduled,
    /// AWS `ServiceIntegrationsStarted`: tasks that their connector was given. Labels: resource, target.
    ServiceIntegrationsStarted,
    /// AWS `ServiceIntegrationsSucceeded`: tasks that succeeded. Labels: resource, target.
    ServiceIntegrationsSucceeded,
    /// AWS `ServiceIntegrationsFailed`: tasks that failed. Labels: resource, target.
    ServiceIntegrationsFailed,
    /// AWS `ServiceIntegrationsTimedOut`: tasks that did not end in their time. Labels: resource, target.
    ServiceIntegrationsTimedOut,
    /// AWS `ServiceIntegrationRunTime`: from start to end, a histogram in seconds. Labels: resource, target.
    ServiceIntegrationRunTime,
    /// AWS `ServiceIntegrationScheduleTime`: from asking to start, a histogram in seconds. Labels: resource, target.
    ServiceIntegrationScheduleTime,
    /// AWS `ServiceIntegrationTime`: from asking to end, a histogram in seconds. Labels: resource, target.
    ServiceIntegrationTime,
    /// Requests of the AWS API, by how they ended: `answered`, `refused`, `full`, `broken`. Labels: outcome.
    ApiRequests,
    /// Reloads of settings and definitions, by how they ended: `activated`, `unchanged`, `refused`. Labels: outcome.
    Reloads,
    /// Faults that the last reload was refused for; 0 when it was not.
    ReloadFaults,
    /// 1 while a workflow is stopped for its dead letters, else 0. Labels: workflow.
    WorkflowStopped,
    /// 1 while a single event holds up the partition, else 0. Labels: group, topic, partition.
    HeadBlocked,
}

impl Metric {
    /// All of them, in the order in which they are described.
    pub const ALL: [Self; 42] = [
        Self::ExecutionsStarted,
        Self::ExecutionsSucceeded,
        Self::ExecutionsFailed,
        Self::ExecutionsTimedOut,
        Self::ExecutionsAborted,
        Self::ExecutionsThrottled,
        Self::ExecutionTime,
        Self::ExecutionsInFlight,
        Self::MachineBugs,
        Self::Events,
        Self::DeadLetters,
        Self::ConsumerLag,
        Self::OffsetGap,
        Self::OldestUnansweredAge,
        Self::Rebalances,
        Self::ProduceErrors,
        Self::CommitAge,
        Self::ConsumedBytes,
        Self::ProducedBytes,
        Self::BytesHeld,
        Self::Revision,
        Self::LambdaFunctionsScheduled,
        Self::LambdaFunctionsStarted,
        Self::LambdaFunctionsSucceeded,
        Self::LambdaFunctionsFailed,
        Self::LambdaFunctionsTimedOut,
        Self::LambdaFunctionRunTime,
        Self::LambdaFunctionScheduleTime,
        Self::LambdaFunctionTime,
        Self::ServiceIntegrationsScheduled,
        Self::ServiceIntegrationsStarted,
        Self::ServiceIntegrationsSucceeded,
        Self::ServiceIntegrationsFailed,
        Self::ServiceIntegrationsTimedOut,
        Self::ServiceIntegrationRunTime,
        Self::ServiceIntegrationScheduleTime,
        Self::ServiceIntegrationTime,
        Self::ApiRequests,
        Self::Reloads,
        Self::ReloadFaults,
        Self::WorkflowStopped,
        Self::HeadBlocked,
    ];

    /// Its name in Prometheus.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExecutionsStarted => "stepstream_executions_started_total",
            Self::ExecutionsSucceeded => "stepstream_executions_succeeded_total",
            Self::ExecutionsFailed => "stepstream_executions_failed_total",
            Self::ExecutionsTimedOut => "stepstream_executions_timed_out_total",
            Self::ExecutionsAborted => "stepstream_executions_aborted_total",
            Self::ExecutionsThrottled => "stepstream_executions_throttled_total",
            Self::ExecutionTime => "stepstream_execution_time_seconds",
            Self::ExecutionsInFlight => "stepstream_executions_in_flight",
            Self::MachineBugs => "stepstream_machine_bugs_total",
            Self::Events => "stepstream_events_total",
            Self::DeadLetters => "stepstream_dead_letters_total",
            Self::ConsumerLag => "stepstream_consumer_lag",
            Self::OffsetGap => "stepstream_offset_gap",
            Self::OldestUnansweredAge => "stepstream_oldest_unanswered_age_seconds",
            Self::Rebalances => "stepstream_rebalances_total",
            Self::ProduceErrors => "stepstream_produce_errors_total",
            Self::CommitAge => "stepstream_commit_age_seconds",
            Self::ConsumedBytes => "stepstream_consumed_bytes_total",
            Self::ProducedBytes => "stepstream_produced_bytes_total",
            Self::BytesHeld => "stepstream_bytes_held",
            Self::Revision => "stepstream_revision",
            Self::LambdaFunctionsScheduled => "stepstream_lambda_functions_scheduled_total",
            Self::LambdaFunctionsStarted => "stepstream_lambda_functions_started_total",
            Self::LambdaFunctionsSucceeded => "stepstream_lambda_functions_succeeded_total",
            Self::LambdaFunctionsFailed => "stepstream_lambda_functions_failed_total",
            Self::LambdaFunctionsTimedOut => "stepstream_lambda_functions_timed_out_total",
            Self::LambdaFunctionRunTime => "stepstream_lambda_function_run_time_seconds",
            Self::LambdaFunctionScheduleTime => "stepstream_lambda_function_schedule_time_seconds",
            Self::LambdaFunctionTime => "stepstream_lambda_function_time_seconds",
            Self::ServiceIntegrationsScheduled => "stepstream_service_integrations_scheduled_total",
            Self::ServiceIntegrationsStarted => "stepstream_service_integrations_started_total",
            Self::ServiceIntegrationsSucceeded => "stepstream_service_integrations_succeeded_total",
            Self::ServiceIntegrationsFailed => "stepstream_service_integrations_failed_total",
            Self::ServiceIntegrationsTimedOut => "stepstream_service_integrations_timed_out_total",
            Self::ServiceIntegrationRunTime => "stepstream_service_integration_run_time_seconds",
            Self::ServiceIntegrationScheduleTime => {
                "stepstream_service_integration_schedule_time_seconds"
            }
            Self::ServiceIntegrationTime => "stepstream_service_integration_time_seconds",
            Self::ApiRequests => "stepstream_api_requests_total",
            Self::Reloads => "stepstream_reloads_total",
            Self::ReloadFaults => "stepstream_reload_faults",
            Self::WorkflowStopped => "stepstream_workflow_stopped",
            Self::HeadBlocked => "stepstream_head_blocked",
        }
    }
}
