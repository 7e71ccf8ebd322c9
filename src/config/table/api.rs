//! The AWS API: `[api]` and `[[api.log_groups]]`.

use super::TLS;
use crate::config::kind::Kind::{Address, File, Flag, Hosts, Integer, Text, Topic};
use crate::config::section::Absent::{Required, Unset, Value};
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        path: "api",
        shape: Shape::Table,
        doc: "The API of AWS Step Functions, for boto3, the AWS CLI and the SDKs.",
        settings: &[
            setting("enabled", Flag, Value("true"), "Whether the API is served."),
            setting(
                "listen",
                Address,
                Value("\"127.0.0.1:8083\""),
                "Where it is served. Port 0 takes a free one.",
            ),
            setting(
                "allow_remote",
                Flag,
                Value("false"),
                "Must be true for an address other than the loopback unless there are tokens or keys: anybody may then do everything.",
            ),
            setting(
                "tokens_file",
                File,
                Unset("\"api-tokens\""),
                "Bearer tokens, one a line; whoever sends one of them may do everything. The variable STEPSTREAM_SECRET_API_TOKENS holds them instead, separated by commas. With tokens or keys nobody else is answered.",
            ),
            setting(
                "keys_file",
                File,
                Unset("\"api-keys\""),
                "Keys for signatures of AWS's kind, \"ACCESS_KEY:SECRET\", one a line; clients use them as they use AWS's, in the region of identity.region. The variable STEPSTREAM_SECRET_API_KEYS holds them instead, separated by commas.",
            ),
            setting(
                "hosts",
                Hosts,
                Unset("[\"stepstream\"]"),
                "Names by which clients call it, beside those of the loopback and literal addresses; sync-NAME is answered with each. \"*\" is any name, which lets web pages ask by names of their own.",
            ),
            setting(
                "state_dir",
                File,
                Unset("\"state\""),
                "The folder where state machines made by the API are kept, one JSON file each; it is made if it is not there. Without it they end with the process.",
            ),
            setting(
                "threads",
                Integer(0, 1_024),
                Value("0"),
                "Threads that speak HTTP; 0 is one a core.",
            ),
            setting(
                "connections_max",
                Integer(1, 1_000_000),
                Value("10_000"),
                "Connections at once. Further ones wait.",
            ),
            setting(
                "requests_max",
                Integer(1, 1_000_000),
                Value("10_000"),
                "Requests that are being answered at once, StartSyncExecution among them. Further ones get status 429.",
            ),
            setting(
                "head_ms",
                Integer(10, 600_000),
                Value("20_000"),
                "How long the head of a request may take, in milliseconds, and how long a connection may be idle.",
            ),
            setting(
                "body_ms",
                Integer(10, 600_000),
                Value("30_000"),
                "How long the body of a request may take, in milliseconds; then status 408.",
            ),
            setting(
                "write_ms",
                Integer(10, 600_000),
                Value("30_000"),
                "How long a client may take nothing of an answer, in milliseconds.",
            ),
            setting(
                "body_bytes_max",
                Integer(1_024, 104_857_600),
                Value("2_097_152"),
                "The largest body of a request, in bytes; a larger one gets status 413.",
            ),
            setting(
                "bodies_bytes_max",
                Integer(1_024, 1 << 40),
                Value("67_108_864"),
                "Bytes of all bodies that are being received. Beyond it requests get status 429.",
            ),
            setting(
                "machines_max",
                Integer(1, 1_000_000),
                Value("10_000"),
                "State machines, those of the settings among them.",
            ),
            setting(
                "recent_executions_max",
                Integer(0, 10_000_000),
                Value("10_000"),
                "Executions that the API began and can tell of (ListExecutions, DescribeExecution, GetExecutionHistory). Those under way are kept beyond it; 0 keeps none, and none can be stopped.",
            ),
            setting(
                "recent_executions_bytes_max",
                Integer(0, 1 << 40),
                Value("67_108_864"),
                "Bytes of the inputs, outputs and task results of those that have ended. Those that ended first make room.",
            ),
            setting(
                "recent_executions_of_events",
                Flag,
                Value("false"),
                "Whether executions that events of Kafka or other executions began are among them, too. It doubles the cost of a short event; of those under way no more than `recent_executions_max` are known.",
            ),
            setting(
                "strict",
                Flag,
                Value("false"),
                "Whether these operations and StopExecution are refused for EXPRESS state machines, as on AWS.",
            ),
        ],
    },
    Section {
        path: "api.tls",
        shape: Shape::Table,
        doc: "TLS of the API, where there are both: 1.2 and 1.3.",
        settings: TLS,
    },
    Section {
        path: "api.log_groups",
        shape: Shape::OptionalList,
        doc: "One element for each log group that state machines made by the API may name in their loggingConfiguration. The logs of groups that are not in this list are dropped.",
        settings: &[
            setting(
                "name",
                Text,
                Required("\"/aws/vendedlogs/states/order-check\""),
                "The log group's name: what stands behind log-group: in its ARN.",
            ),
            setting(
                "topic",
                Topic,
                Required("\"order-check-logs\""),
                "The topic of the log records of its executions, one a log entry.",
            ),
        ],
    },
];
