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
    /// Events answered, by outcome: `result`, `failure`, `dead_letter`, `expired`. Labels: workflow, outcome.
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
    /// Requests of the AWS API, by how they ended: `answered`, `refused`, `full`, `broken`. Labels: outcome.
    ApiRequests,
}

impl Metric {
    /// All of them, in the order in which they are described.
    pub const ALL: [Self; 22] = [
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
        Self::ApiRequests,
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
            Self::ApiRequests => "stepstream_api_requests_total",
        }
    }
}
