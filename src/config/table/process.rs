//! The process: `[server]` and `[engine]`.

use super::TLS;
use crate::config::kind::Kind::{Address, File, Flag, Integer};
use crate::config::section::Absent::{Unset, Value};
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
    Section {
        path: "server",
        shape: Shape::Table,
        doc: "The process and its HTTP endpoint: /metrics, /livez, /readyz, and POST /reload for callers on this machine.",
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
                "Must be true for an address other than the loopback unless there are tokens: anybody may then read the metrics.",
            ),
            setting(
                "tokens_file",
                File,
                Unset("\"server-tokens\""),
                "Bearer tokens, one a line; with them metrics, and the reasons of bad health, are shown only to whoever sends one of them. The variable STEPSTREAM_SECRET_SERVER_TOKENS holds them instead, separated by commas.",
            ),
            setting(
                "shutdown_grace_ms",
                Integer(0, 600_000),
                Value("30_000"),
                "How long executions may go on after SIGTERM or SIGINT, in milliseconds. What is not answered then is done again by the next run.",
            ),
            setting(
                "watch_interval_ms",
                Integer(0, 3_600_000),
                Value("0"),
                "How often the settings, definitions, mocks and secrets are looked at for changes, in milliseconds; what has changed is loaded when two looks have found the same. 0 is never: SIGHUP and POST /reload load them at any time.",
            ),
        ],
    },
    Section {
        path: "server.tls",
        shape: Shape::Table,
        doc: "TLS of metrics and health, where there are both: 1.2 and 1.3.",
        settings: TLS,
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
];
