//! Every bound of the engine, in one place.

/// How many workers there are, and how much they may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Worker threads: 0, the default, is one a core.
    pub workers: usize,
    /// Batches that may wait for one worker, beyond which [`super::Engine::try_submit`] refuses: 4.
    pub queue_batches_max: usize,
    /// Executions of all workflows that are parked or wait for their turn: 100,000. At it no further batch is taken, so
    /// it can be exceeded by the batches begun, one a worker.
    pub executions_in_flight_max: usize,
    /// Executions of one workflow that are parked, where its definition does not say otherwise: 10,000. Further starts
    /// wait. Workers look before they start and count when an execution parks, so it can be exceeded by one a worker.
    pub workflow_executions_in_flight_max: usize,
    /// Bytes held by executions that are parked or wait for their turn: 512 MiB, counted as the JSON text of
    /// their inputs and [`EngineOptions::EXECUTION_BYTES`] each. At it no further batch is taken.
    pub bytes_held_max: usize,
    /// History events kept of one execution until it ends: 25,000, as many as AWS keeps of a Standard one. Of more, the first
    /// ones and the last are kept, and the others are counted in [`super::Finished::records_dropped`].
    pub records_per_execution_max: usize,
}

impl EngineOptions {
    /// What a parked or waiting execution is counted with beside its input.
    pub const EXECUTION_BYTES: usize = 1_024;

    /// The number of workers, `0` resolved.
    #[must_use]
    pub fn workers_resolved(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        }
    }
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            workers: 0,
            queue_batches_max: 4,
            executions_in_flight_max: 100_000,
            workflow_executions_in_flight_max: 10_000,
            bytes_held_max: 512 << 20,
            records_per_execution_max: 25_000,
        }
    }
}
