//! One element of `[[workflows]]` and what stands below it.

use crate::config::kind::Kind::{
    Choice, File, Flag, Integer, Name, Text, Topic, TopicPatterns, Topics,
};
use crate::config::section::Absent::{Required, Unset, Value};
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
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
        path: "workflows.dead_letter_limit",
        shape: Shape::Optional,
        doc: "Stops the workflow when so many of its events are dead letters, as after a bad deployment. No further event is begun, offsets are kept, its topics are paused, for other workflows that read them, too; the log, /readyz and the metric stepstream_workflow_stopped say so. A reload or a restart lets it go on. Without this section there is no limit.",
        settings: &[
            setting(
                "run",
                Integer(1, 1_000_000),
                Unset("100"),
                "It stops after so many dead letters in a row.",
            ),
            setting(
                "percent",
                Integer(1, 100),
                Unset("50"),
                "It stops when so many of a hundred of its last events are dead letters.",
            ),
            setting(
                "events",
                Integer(1, 1_000_000),
                Value("1_000"),
                "How many last events the percentage is of.",
            ),
        ],
    },
    Section {
        path: "workflows.deduplicate",
        shape: Shape::Optional,
        doc: "Runs an event once that is sent several times within a while to one partition; the others are only counted, and committed with the first. What one process remembers of a partition is forgotten when the partition goes elsewhere. Redriven dead letters and requests for a reply are always run. Without this section every record is run.",
        settings: &[
            setting(
                "by",
                Choice(&["name", "cloudevents", "header"]),
                Required("\"cloudevents\""),
                "What is the same in records of one event: the name of the execution that has produced it (the header asl-execution-name), the source and id of a CloudEvent, or a header's value. A record without it is run.",
            ),
            setting(
                "header",
                Text,
                Unset("\"idempotency-key\""),
                "The header, where `by` is header.",
            ),
            setting(
                "window_ms",
                Integer(1, 86_400_000),
                Value("300_000"),
                "For how long after its receipt an event is remembered.",
            ),
            setting(
                "events_max",
                Integer(1, 10_000_000),
                Value("100_000"),
                "How many events of a partition are remembered, each in some 120 bytes; beyond that the oldest is forgotten.",
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
        path: "workflows.reply",
        shape: Shape::Optional,
        doc: "Request and reply: an event with the header of a reply topic is answered there too, with the output or the failure's envelope, and the header asl-status. The defaults are Spring's names.",
        settings: &[
            setting(
                "topics",
                TopicPatterns,
                Required("[\"iot-replies\", \"team-a.replies.*\"]"),
                "Topics that may be asked for: names, or beginnings of names followed by *. A request for another one is a dead letter.",
            ),
            setting(
                "topic_header",
                Text,
                Value("\"kafka_replyTopic\""),
                "The header that names the topic. A record without it asks for no reply.",
            ),
            setting(
                "correlation_id_header",
                Text,
                Value("\"kafka_correlationId\""),
                "The header that the reply carries back, byte for byte.",
            ),
            setting(
                "partition_header",
                Text,
                Value("\"kafka_replyPartition\""),
                "The header with the partition, an integer of 4 bytes (big endian). Without it the key decides.",
            ),
            setting(
                "deadline_header",
                Text,
                Value("\"asl-deadline\""),
                "The header with the time after which nothing is run or sent, and the event is only counted: milliseconds since the epoch (digits, or 8 bytes big endian), or a duration since the record's timestamp (500ms, 5s).",
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
