//! What calls of a connector are bounded by, in all and for each target.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::gate::Gate;

/// Bounds of the calls of one connector, or of one of its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLimits {
    /// Calls under way at once; `None` leaves it to the engine's bound of executions.
    pub calls_max: Option<usize>,
    /// Calls that wait while so many are under way; further ones fail.
    pub waiting_max: usize,
    /// From the state's asking to the answer, waiting included; then the task fails with `States.Timeout`, as by `TimeoutSeconds`.
    pub time_max: Option<Duration>,
}

/// The bounds of one connector, which all that are resolved from it share.
#[derive(Debug)]
pub struct CallBounds {
    all: Bound,
    targets: BTreeMap<String, Bound>,
}

#[derive(Debug)]
struct Bound {
    gate: Option<Arc<Gate>>,
    time_max: Option<Duration>,
}

impl CallBounds {
    /// Bounds of all calls together, and besides of those to each target, by [`crate::engine::Connector::target`].
    #[must_use]
    pub fn new(all: CallLimits, targets: BTreeMap<String, CallLimits>) -> Self {
        let targets = targets.into_iter();
        Self {
            all: Bound::new(all),
            targets: targets
                .map(|(target, limits)| (target, Bound::new(limits)))
                .collect(),
        }
    }

    /// What a call has to go through. The target's gate is first: a call that waits for its target holds no place that calls to other
    /// targets could have.
    pub(super) fn gates(&self, target: Option<&str>) -> Vec<Arc<Gate>> {
        let of_target = self.target(target).and_then(|bound| bound.gate.as_ref());
        of_target
            .into_iter()
            .chain(&self.all.gate)
            .cloned()
            .collect()
    }

    /// The target's own time, else that of all.
    pub(super) fn time_max(&self, target: Option<&str>) -> Option<Duration> {
        let of_target = self.target(target).and_then(|bound| bound.time_max);
        of_target.or(self.all.time_max)
    }

    fn target(&self, target: Option<&str>) -> Option<&Bound> {
        self.targets.get(target?)
    }
}

impl Bound {
    fn new(limits: CallLimits) -> Self {
        let gate = |calls_max| Arc::new(Gate::new(calls_max, limits.waiting_max));
        Self {
            gate: limits.calls_max.map(gate),
            time_max: limits.time_max,
        }
    }
}

impl CallLimits {
    /// As many as an engine holds executions by default: what waits is bounded by these first.
    pub const WAITING_MAX: usize = 100_000;
}

impl Default for CallLimits {
    /// None but that of waiting.
    fn default() -> Self {
        Self {
            calls_max: None,
            waiting_max: Self::WAITING_MAX,
            time_max: None,
        }
    }
}
