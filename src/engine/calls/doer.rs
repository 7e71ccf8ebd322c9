//! What does the tasks of one state: its connector, with bounds and counts.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::CallBounds;
use super::open::{OpenCall, OpenCalls, Place};
use crate::asl::{Resource, ResourceKind};
use crate::engine::{Call, Clock, Connector};
use crate::machine::Timestamp;
use crate::metrics::{LabelBound, TaskMetrics};
use crate::value::Text;

/// The connector of a Task state, found when its definition was loaded.
#[derive(Debug)]
pub(in crate::engine) struct Doer {
    connector: Arc<dyn Connector>,
    bounds: Option<Arc<CallBounds>>,
    /// Of the resource as a whole.
    metrics: Arc<TaskMetrics>,
    /// Of each target, for as many as the labels' bound lets in.
    by_target: RwLock<HashMap<Text, Arc<TaskMetrics>>>,
    labels: Arc<TaskLabels>,
}

/// The bounds of the labels of tasks, one for a registry.
#[derive(Debug, Default)]
pub(in crate::engine) struct TaskLabels {
    functions: LabelBound,
    resources: LabelBound,
    targets: LabelBound,
}

impl Doer {
    pub(in crate::engine) fn new(
        resource: &Resource,
        connector: Arc<dyn Connector>,
        bounds: Option<Arc<CallBounds>>,
        labels: &Arc<TaskLabels>,
    ) -> Self {
        let metrics = match &resource.kind {
            ResourceKind::LambdaFunction => {
                TaskMetrics::of_function(&labels.functions.label(&resource.arn))
            }
            ResourceKind::Integration { .. } => {
                TaskMetrics::of_integration(&labels.resources.label(&resource.arn), "")
            }
        };
        Self {
            connector,
            bounds,
            metrics: Arc::new(metrics),
            by_target: RwLock::default(),
            labels: Arc::clone(labels),
        }
    }

    /// Begins a call, which `open` holds until it has ended.
    pub(in crate::engine) fn call(
        &self,
        call: Call,
        place: Place,
        clock: &Arc<dyn Clock>,
        now: Timestamp,
        open: &mut OpenCalls,
    ) {
        let target = self.connector.target(&call);
        let target = target.as_deref();
        let metrics = self.metrics(&call.resource, target);
        let (gates, time_max) = match &self.bounds {
            None => (Vec::new(), None),
            Some(bounds) => (bounds.gates(target), bounds.time_max(target)),
        };
        let asked = (call, Arc::clone(&self.connector));
        let call = Arc::new(OpenCall::new(asked, place, gates, metrics, clock, now));
        open.push(Arc::clone(&call), time_max.map(|time| after(now, time)));
        call.advance();
    }

    fn metrics(&self, resource: &Resource, target: Option<&str>) -> Arc<TaskMetrics> {
        let target = match (&resource.kind, target) {
            (ResourceKind::Integration { .. }, Some(target)) => target,
            (ResourceKind::Integration { .. }, None) | (ResourceKind::LambdaFunction, _) => {
                return Arc::clone(&self.metrics);
            }
        };
        let known = self
            .by_target
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = known.get(target) {
            return Arc::clone(metrics);
        }
        drop(known);
        let label = self.labels.targets.label(target);
        let mut known = self
            .by_target
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let metrics = known.entry(label).or_insert_with_key(|label| {
            let resource = self.labels.resources.label(&resource.arn);
            Arc::new(TaskMetrics::of_integration(&resource, label))
        });
        Arc::clone(metrics)
    }
}

fn after(now: Timestamp, time: Duration) -> Timestamp {
    now.plus_millis(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
