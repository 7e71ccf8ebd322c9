//! What all flows of an execution share.

use super::context::ContextBase;
use super::inspection::Inspection;
use super::recorder::Recorder;
use super::{CallId, Options, TimerId, Timestamp};
use crate::expr::jsonata;
use crate::expr::{QueryBudget, Randomness};
use crate::value::Value;

/// Steps of queries that use as much fuel as entering a state: they take some microseconds.
const STEPS_PER_FUEL: u64 = 100;

/// An execution without its frames.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) options: Options,
    pub(super) input: Value,
    pub(super) began: Timestamp,
    pub(super) deadline: Timestamp,
    pub(super) randomness: Randomness,
    pub(super) query_budget: QueryBudget,
    pub(super) recorder: Recorder,
    /// Made for the first state of a program that reads the context object.
    pub(super) context_base: Option<ContextBase>,
    /// The JSON of the variables of all scopes.
    pub(super) variable_bytes: usize,
    /// What a single state does on its way; only where one is tested.
    pub(super) inspection: Option<Box<Inspection>>,
    calls: u64,
    timers: u64,
}

impl Core {
    pub(super) const fn new(
        options: Options,
        input: Value,
        began: Timestamp,
        deadline: Timestamp,
    ) -> Self {
        Self {
            randomness: Randomness::new(options.seed),
            query_budget: QueryBudget::new(jsonata::Limits {
                steps: options.limits.query_steps_max,
                bytes: options.limits.query_bytes_max,
                depth: options.limits.query_depth_max,
            }),
            recorder: Recorder::new(options.recording),
            context_base: None,
            variable_bytes: 0,
            inspection: None,
            options,
            input,
            began,
            deadline,
            calls: 0,
            timers: 0,
        }
    }

    /// The fuel that queries have used since this was last asked.
    pub(super) fn query_fuel(&self) -> u32 {
        u32::try_from(self.query_budget.refill() / STEPS_PER_FUEL).unwrap_or(u32::MAX)
    }

    pub(super) const fn next_call(&mut self) -> CallId {
        self.calls += 1;
        CallId(self.calls)
    }

    pub(super) const fn next_timer(&mut self) -> TimerId {
        self.timers += 1;
        TimerId(self.timers)
    }

    pub(super) fn is_too_large(&self, value: &Value) -> bool {
        value.is_longer_than(self.options.limits.payload_bytes_max)
    }
}
