//! Every setting there is: its kind, default and meaning. The only place where a key is named for the first time.

use super::kind::Kind::{Address, Choice, File, Flag, Integer, Name, Text, Topic, Topics};
use super::section::Absent::{Required, Unset, Value};
use super::section::{Section, Shape, setting};

/// All of them, in the order in which they are documented.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        path: "kafka",
        shape: Shape::Table,
        doc: "The cluster and how to use it.",
        settings: &[
            setting(
                "bootstrap_servers",
                Text,
                Value("\"127.0.0.1:9092\""),
                "Brokers to ask first, as HOST:PORT separated by commas.",
            ),
            setting(
                "group",
                Text,
                Value("\"stepstream\""),
                "The consumer group of workflows that name none. Processes of one group share the partitions.",
            ),
            setting(
                "commit_interval_ms",
                Integer(10, 60_000),
                Value("1_000"),
                "How often offsets are committed, in milliseconds.",
            ),
            setting(
                "revoke_grace_ms",
                Integer(0, 60_000),
                Value("5_000"),
                "How long executions of a partition that moves to another process may go on, in milliseconds. What is not answered then is done again there.",
            ),
            setting(
                "offset_gap_max",
                Integer(1, 1_000_000),
                Value("10_000"),
                "Records of one partition that may be received beyond the first unanswered one. At it the partition is slowed.",
            ),
            setting(
                "record_bytes_max",
                Integer(1, 104_857_600),
                Value("1_048_576"),
                "The largest record that is run, in bytes; a larger one is a dead letter.",
            ),
        ],
    },
    Section {
        path: "kafka.properties",
        shape: Shape::Properties,
        doc: "Properties of librdkafka for all clients, passed through untouched, over our own. Give secrets in the environment: STEPSTREAM_KAFKA_PROPERTIES_SASL_PASSWORD is \"sasl.password\".",
        settings: &[setting(
            "security.protocol",
            Text,
            Unset("\"plaintext\""),
            "",
        )],
    },
    Section {
        path: "kafka.consumer",
        shape: Shape::Properties,
        doc: "The same, for consumers only.",
        settings: &[setting(
            "auto.offset.reset",
            Text,
            Unset("\"earliest\""),
            "",
        )],
    },
    Section {
        path: "kafka.producer",
        shape: Shape::Properties,
        doc: "The same, for the producer only.",
        settings: &[setting("compression.type", Text, Unset("\"lz4\""), "")],
    },
    Section {
        path: "server",
        shape: Shape::Table,
        doc: "The process and its HTTP endpoint: /metrics, /livez, /readyz.",
        settings: &[
            setting(
                "listen",
                Address,
                Value("\"127.0.0.1:9464\""),
                "Where metrics and health are served. Port 0 takes a free one.",
            ),
            setting(
                "allow_remote",
                Flag,
                Value("false"),
                "Must be true for an address other than the loopback: the endpoint asks nobody who he is.",
            ),
            setting(
                "shutdown_grace_ms",
                Integer(0, 600_000),
                Value("30_000"),
                "How long executions may go on after SIGTERM or SIGINT, in milliseconds. What is not answered then is done again by the next run.",
            ),
        ],
    },
    Section {
        path: "engine",
        shape: Shape::Table,
        doc: "Workers and bounds.",
        settings: &[
            setting(
                "workers",
                Integer(0, 1_024),
                Value("0"),
                "Worker threads; 0 is one a core.",
            ),
            setting(
                "queue_batches_max",
                Integer(1, 1_024),
                Value("4"),
                "Batches of events that may wait for one worker. Beyond it the sources are slowed.",
            ),
            setting(
                "executions_in_flight_max",
                Integer(1, 10_000_000),
                Value("100_000"),
                "Executions of all workflows that wait for a task, a timer or their turn. At it the sources are slowed.",
            ),
            setting(
                "workflow_executions_in_flight_max",
                Integer(1, 10_000_000),
                Value("10_000"),
                "Executions of one workflow that wait for a task or a timer, where the workflow does not say otherwise. Further ones wait for their turn.",
            ),
            setting(
                "bytes_held_max",
                Integer(1_048_576, 1 << 50),
                Value("536_870_912"),
                "Bytes held by executions that wait. At it the sources are slowed.",
            ),
            setting(
                "records_per_execution_max",
                Integer(2, 10_000_000),
                Value("25_000"),
                "History events kept of one execution for its log; of more, the first and the last are kept.",
            ),
        ],
    },
    Section {
        path: "identity",
        shape: Shape::Table,
        doc: "What the ARNs of state machines and executions are made of.",
        settings: &[
            setting(
                "partition",
                Text,
                Value("\"aws\""),
                "The partition of the ARNs.",
            ),
            setting(
                "region",
                Text,
                Value("\"us-east-1\""),
                "The region of the ARNs.",
            ),
            setting(
                "account",
                Text,
                Value("\"123456789012\""),
                "The account of the ARNs.",
            ),
            setting(
                "role_arn",
                Text,
                Value("\"arn:aws:iam::123456789012:role/stepstream\""),
                "The role shown in histories and in the context object. Nobody assumes it.",
            ),
        ],
    },
    Section {
        path: "limits",
        shape: Shape::Table,
        doc: "Bounds of one execution. The defaults are those of AWS.",
        settings: &[
            setting(
                "execution_ms",
                Integer(1, 86_400_000),
                Value("300_000"),
                "How long an execution may take, in milliseconds; then it is TIMED_OUT.",
            ),
            setting(
                "payload_bytes_max",
                Integer(1_024, 104_857_600),
                Value("262_144"),
                "The JSON text of a state's, task's or execution's input or output, in bytes; then States.DataLimitExceeded.",
            ),
            setting(
                "map_concurrency_max",
                Integer(1, 1_000_000),
                Value("40"),
                "Iterations of one Map state that may be under way at once, where MaxConcurrency does not ask for fewer. Further items wait for their turn.",
            ),
            setting(
                "branches_max",
                Integer(1, 1_000_000),
                Value("4_096"),
                "Branches and iterations of one execution that may be under way at once. Where there are as many, each Parallel and Map goes on with one at a time.",
            ),
        ],
    },
    Section {
        path: "workflows",
        shape: Shape::List,
        doc: "One element for each workflow.",
        settings: &[
            setting(
                "name",
                Name,
                Required("\"iot-enrich\""),
                "The state machine's name: in ARNs, metrics and headers.",
            ),
            setting(
                "definition",
                File,
                Required("\"workflows/iot-enrich.asl.json\""),
                "The definition: a file, relative to this one.",
            ),
            setting(
                "topics",
                Topics,
                Required("[\"iot-events\"]"),
                "Where its events come from.",
            ),
            setting(
                "dead_letters",
                Topic,
                Required("\"iot-dead-letters\""),
                "The topic of records that no execution could be made of.",
            ),
            setting(
                "dead_letter_headers",
                Choice(&["none", "spring", "connect", "streams"]),
                Value("\"none\""),
                "Additional headers of dead letters, for the tools of Spring, Kafka Connect or Kafka Streams.",
            ),
            setting(
                "results",
                Topic,
                Unset("\"iot-results\""),
                "The topic of the outputs of succeeded executions. Without it they are dropped.",
            ),
            setting(
                "failures",
                Topic,
                Unset("\"iot-failures\""),
                "The topic of failed and timed-out executions. Without it they are dropped.",
            ),
            setting(
                "order",
                Choice(&["none", "key", "partition"]),
                Value("\"none\""),
                "Which events run one after the other: none, those of one key, or those of one partition.",
            ),
            setting(
                "group",
                Text,
                Unset("\"iot\""),
                "Its consumer group, if not kafka.group.",
            ),
            setting(
                "executions_in_flight_max",
                Integer(1, 10_000_000),
                Unset("10_000"),
                "Its executions that wait for a task or a timer, if not engine.workflow_executions_in_flight_max.",
            ),
        ],
    },
    Section {
        path: "workflows.when",
        shape: Shape::Optional,
        doc: "Takes only records with this header. Of several workflows of a topic the first whose condition holds gets the record.",
        settings: &[
            setting("header", Text, Required("\"type\""), "The header's name."),
            setting(
                "equals",
                Text,
                Required("\"telemetry\""),
                "The value that its last occurrence must have.",
            ),
        ],
    },
    Section {
        path: "workflows.log",
        shape: Shape::Optional,
        doc: "The execution log, in the shape of AWS's.",
        settings: &[
            setting(
                "topic",
                Topic,
                Required("\"iot-logs\""),
                "The topic of log records.",
            ),
            setting(
                "level",
                Choice(&["OFF", "FATAL", "ERROR", "ALL"]),
                Value("\"ERROR\""),
                "What is logged.",
            ),
            setting(
                "include_execution_data",
                Flag,
                Value("false"),
                "Whether log records carry inputs and outputs.",
            ),
            setting(
                "record",
                Choice(&["entry", "execution"]),
                Value("\"entry\""),
                "One Kafka record for each entry, or one for each execution with an entry a line.",
            ),
        ],
    },
    Section {
        path: "workflows.mocks",
        shape: Shape::Optional,
        doc: "Answers for the workflow's tasks, in the format of Step Functions Local.",
        settings: &[
            setting(
                "file",
                File,
                Required("\"workflows/iot-register.mocks.json\""),
                "The file, relative to this one.",
            ),
            setting(
                "test_case",
                Text,
                Unset("\"Busy\""),
                "Which of the machine's test cases; needed if it has several.",
            ),
        ],
    },
    Section {
        path: "workflows.substitutions",
        shape: Shape::Free,
        doc: "What stands in the definition for ${Name}, by name, as SAM's DefinitionSubstitutions. Where there is one, every placeholder must have one.",
        settings: &[setting("OrdersTable", Text, Unset("\"orders\""), "")],
    },
];
