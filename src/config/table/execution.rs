//! What every execution is given: `[identity]` and `[limits]`.

use crate::config::kind::Kind::{Integer, Text};
use crate::config::section::Absent::Value;
use crate::config::section::{Section, Shape, setting};

pub(super) const SECTIONS: &[Section] = &[
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
                "variable_bytes_max",
                Integer(1_024, 104_857_600),
                Value("262_144"),
                "The JSON text of what one Assign assigns, in bytes; then States.DataLimitExceeded.",
            ),
            setting(
                "variables_bytes_max",
                Integer(1_024, 1_073_741_824),
                Value("10_485_760"),
                "The JSON text of all variables of an execution, in bytes; then States.DataLimitExceeded.",
            ),
            setting(
                "query_steps_max",
                Integer(1_000, 1_000_000_000),
                Value("1_000_000"),
                "Steps of one JSONata expression, for the second that AWS gives it; then States.QueryEvaluationError. The expressions of one state may take 16 times as many together.",
            ),
            setting(
                "query_bytes_max",
                Integer(1_024, 1_073_741_824),
                Value("16_777_216"),
                "Memory of one value that a JSONata expression makes, in bytes; then States.QueryEvaluationError. All its values together may take 16 times as much.",
            ),
            setting(
                "query_depth_max",
                Integer(16, 256),
                Value("256"),
                "Calls of functions within one another in a JSONata expression; then States.QueryEvaluationError.",
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
];
