//! The process: `[server]` and `[engine]`.

use crate::config::kind::Kind::{Address, Flag, Integer};
use crate::config::section::Absent::Value;
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
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
];
