//! The cluster: `[kafka]` and what stands below it.

use crate::config::kind::Kind::{Choice, Flag, Integer, Text, TopicPatterns, Topics};
use crate::config::section::Absent::{Unset, Value};
use crate::config::section::{Section, Shape, setting};

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
                "carry_answered",
                Flag,
                Value("true"),
                "Whether commits carry, in their metadata, which records above the committed offset are answered already, so that the next process does not answer them again: at most 3,500 bytes a partition. Turn it off where another tool uses the metadata.",
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
                "head_block",
                Choice(&["wait", "dead_letter"]),
                Value("\"wait\""),
                "What is done when a single event holds up a partition: the offset gap is at 90 % of its bound, and 98 % of what is received above the event is answered. wait: the partition stands still until the event's execution has ended, which takes five minutes at most. dead_letter: the event becomes a dead letter (head-blocked), the offset goes on, and whatever its execution comes to is dropped, its log records included. Either way the log names the event, and the metric stepstream_head_blocked is 1.",
            ),
            setting(
                "head_block_ms",
                Integer(0, 600_000),
                Value("60_000"),
                "How long ago that event must have been received, in milliseconds.",
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
        path: "kafka.tasks",
        shape: Shape::Table,
        doc: "What Task states may do with the cluster: the resources kafka:publish and kafka:request.",
        settings: &[
            setting(
                "topics",
                TopicPatterns,
                Unset("[\"orders\", \"team-a.*\"]"),
                "Topics that may be written to: names, or beginnings of names followed by *. Without any there are no such tasks.",
            ),
            setting(
                "reply_topics",
                Topics,
                Unset("[\"stepstream-replies\"]"),
                "Where the replies to kafka:request come; the first where a request names none. Processes may share it.",
            ),
            setting(
                "timeout_ms",
                Integer(1, 3_600_000),
                Value("30_000"),
                "How long a record may take to be acknowledged, and a reply to come where the request does not say, in milliseconds.",
            ),
            setting(
                "requests_max",
                Integer(1, 10_000_000),
                Value("10_000"),
                "Requests that wait for their reply; further ones fail with Kafka.TooManyRequestsException.",
            ),
        ],
    },
    Section {
        path: "kafka.queues",
        shape: Shape::Properties,
        doc: "Topics by the URLs of SQS queues, for sqs:sendMessage.",
        settings: &[setting(
            "https://sqs.us-east-1.amazonaws.com/123456789012/orders",
            Text,
            Unset("\"orders\""),
            "",
        )],
    },
    Section {
        path: "kafka.sns_topics",
        shape: Shape::Properties,
        doc: "Topics by the ARNs of SNS topics, for sns:publish.",
        settings: &[setting(
            "arn:aws:sns:us-east-1:123456789012:alarms",
            Text,
            Unset("\"alarms\""),
            "",
        )],
    },
    Section {
        path: "kafka.event_buses",
        shape: Shape::Properties,
        doc: "Topics by the names or ARNs of event buses, for events:putEvents. An entry that names none goes to \"default\".",
        settings: &[setting("default", Text, Unset("\"events\""), "")],
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
];
