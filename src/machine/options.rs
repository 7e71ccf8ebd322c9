//! What an execution is told at its start, beside program and input.

use super::Identity;
use crate::history::LogLevel;
use crate::value::Value;

/// The arguments of an execution.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names and ARNs.
    pub identity: Identity,
    /// Bounds.
    pub limits: Limits,
    /// Where retry jitter, `States.UUID` and `States.MathRandom` draw from.
    pub seed: u64,
    /// Which history events are made.
    pub recording: Recording,
    /// Members to add to the context object, such as `Kafka`; an object, or null for none.
    pub context: Value,
}

/// Which history events an execution makes; one below the level is never built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The least level that is made.
    pub level: LogLevel,
    /// Whether events carry input and output (`includeExecutionData`).
    pub include_execution_data: bool,
}

/// Bounds of an execution; the defaults are AWS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long an execution may take: 300,000.
    pub duration_ms: i64,
    /// The JSON text of a state's, task's or execution's input or output: 262,144.
    pub payload_bytes_max: usize,
    /// The JSON of what one `Assign` assigns: 262,144.
    pub variable_bytes_max: usize,
    /// The JSON of all variables of an execution: 10,485,760.
    pub variables_bytes_max: usize,
    /// Steps of one JSONata expression: 1,000,000, for AWS's second.
    pub query_steps_max: u64,
    /// Memory of one value of a JSONata expression: 16 MiB. All its values together may take 16 times as much.
    pub query_bytes_max: usize,
    /// Calls within one another in a JSONata expression: 256.
    pub query_depth_max: usize,
    /// States entered in one step before the execution yields: 1,000. A thousand steps of expressions count as one.
    pub fuel_per_step: u32,
    /// Iterations of one Map state under way at once, where `MaxConcurrency` does not ask for fewer: 40.
    pub map_concurrency_max: usize,
    /// Branches and iterations of an execution under way at once: 4,096. Where there are as many, each Parallel and Map goes
    /// on with one at a time.
    pub frames_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            duration_ms: 300_000,
            payload_bytes_max: 262_144,
            variable_bytes_max: 262_144,
            variables_bytes_max: 10 * 1024 * 1024,
            query_steps_max: 1_000_000,
            query_bytes_max: 16 * 1024 * 1024,
            query_depth_max: 256,
            fuel_per_step: 1_000,
            map_concurrency_max: 40,
            frames_max: 4_096,
        }
    }
}
