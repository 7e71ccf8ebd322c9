//! What the Kafka edge is told: resolved settings, ready to use. `config` makes them.

use std::time::Duration;

pub use super::reply::ReplySettings;

/// One Kafka cluster and how to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaSettings {
    /// `bootstrap.servers`
    pub bootstrap_servers: String,
    /// The consumer group of workflows that name none.
    pub group: String,
    /// librdkafka properties for consumers and producer, passed through untouched, over our own.
    pub properties: Vec<(String, String)>,
    /// The same, for consumers only.
    pub consumer_properties: Vec<(String, String)>,
    /// The same, for the producer only.
    pub producer_properties: Vec<(String, String)>,
    /// How often offsets are committed: 1 s.
    pub commit_interval: Duration,
    /// Whether commits carry in their metadata what is answered above their position, for the next owner to skip.
    pub carries_answered: bool,
    /// How long a revoked partition's executions may go on before they are given up: 5 s.
    pub revoke_grace: Duration,
    /// Offsets of one partition received and not yet committable, at which it is slowed: 10,000.
    pub offset_gap_max: usize,
    /// What is done about a single event that holds up a partition near that bound.
    pub head_block: HeadBlock,
    /// How long ago such an event must have been received: 60 s.
    pub head_block_after: Duration,
    /// Topics of logs that belong to no workflow, for [`super::Outbox::logs`].
    pub log_topics: Vec<String>,
    /// The largest record that is run; a larger one is a dead letter: 1 MiB.
    pub record_bytes_max: usize,
    /// The header of an event that names the test case by which it runs; `None` pays no attention to any.
    pub test_case_header: Option<String>,
}

/// Where a workflow's events come from and where its answers go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowSettings {
    /// The workflow's name in the registry.
    pub name: String,
    /// Input topics.
    pub topics: Vec<String>,
    /// Its consumer group, if not [`KafkaSettings::group`].
    pub group: Option<String>,
    /// Takes only records with this header; the first workflow of a topic whose condition holds gets the record.
    pub when: Option<HeaderEquals>,
    /// Which events run one after the other.
    pub order: Order,
    /// Topic of the outputs of succeeded executions; `None` drops them.
    pub results: Option<String>,
    /// Topic of the envelopes of failed ones; `None` drops them.
    pub failures: Option<String>,
    /// Topic of records that no execution could be made of.
    pub dead_letters: String,
    /// How many dead letters stop the workflow; `None` is any number.
    pub dead_letter_limit: Option<DeadLetterLimit>,
    /// How it tells events that were sent twice, to run them once; `None` runs all.
    pub deduplicate: Option<DeduplicateSettings>,
    /// Additional headers of dead letters, for tools that know them.
    pub dead_letter_headers: DeadLetterHeaders,
    /// Topic of log records; the level is the revision's.
    pub logs: Option<LogSettings>,
    /// How it is asked for replies; `None` pays no attention to such headers.
    pub reply: Option<ReplySettings>,
}

/// What is done about a single event that holds up its partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeadBlock {
    /// Nothing: the partition stands still until its execution has ended.
    #[default]
    Wait,
    /// It becomes a dead letter, and what its execution comes to is dropped.
    DeadLetter,
}

/// How many of a workflow's events may be dead letters before it stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeadLetterLimit {
    /// So many in a row stop it.
    pub run: Option<usize>,
    /// So many of a hundred among the last events stop it.
    pub percent: Option<u8>,
    /// How many events the percentage is of.
    pub events: usize,
}

/// Which events of one partition are one that was sent twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeduplicateSettings {
    /// What tells them apart.
    pub by: DeduplicateBy,
    /// How long an event is remembered: 5 min.
    pub window: Duration,
    /// How many events of a partition are remembered: 100,000.
    pub events_max: usize,
}

/// What tells events apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeduplicateBy {
    /// The name of the execution that has produced the event: the header `asl-execution-name`.
    Name,
    /// The source and the id of a CloudEvent.
    CloudEvent,
    /// The value of this header.
    Header(String),
}

/// What Task states may do with the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KafkaTaskSettings {
    /// Topics that `kafka:publish` and `kafka:request` may write to: names, or beginnings of names followed by `*`.
    pub topics: Vec<String>,
    /// Where the replies to `kafka:request` come; the first where a request names none.
    pub reply_topics: Vec<String>,
    /// How long a record may take to be acknowledged, and a reply to come where the request does not say.
    pub timeout: Duration,
    /// Requests that wait for their reply, beyond which further ones fail.
    pub requests_max: usize,
    /// Topics by the URLs of SQS queues.
    pub queues: Vec<(String, String)>,
    /// Topics by the ARNs of SNS topics.
    pub sns_topics: Vec<(String, String)>,
    /// Topics by the names or ARNs of event buses.
    pub event_buses: Vec<(String, String)>,
}

/// A condition on one header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderEquals {
    /// The header's name.
    pub header: String,
    /// The value that its last occurrence must have.
    pub equals: String,
}

/// Which events of a workflow run one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// None: as Express promises.
    #[default]
    None,
    /// Those of one key; keys run in parallel. Records without a key are ordered by partition.
    Key,
    /// Those of one partition.
    Partition,
}

/// Which further headers a dead letter carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeadLetterHeaders {
    /// Only ours, `asl-…`.
    #[default]
    None,
    /// `kafka_dlt-…`
    Spring,
    /// `__connect.errors.…`
    Connect,
    /// `__streams.errors.…`
    Streams,
}

/// Where and how log records are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// The topic.
    pub topic: String,
    /// One Kafka record a log entry, or one an execution.
    pub record: LogRecord,
}

/// What one Kafka record of the log topic holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogRecord {
    /// One log entry.
    #[default]
    Entry,
    /// All entries of one execution, one a line.
    Execution,
}
