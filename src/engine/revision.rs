//! One version of a workflow's definition, and what all versions of the workflow share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::Room;
use super::calls::Doer;
use crate::asl::{Diagnostic, Kind, Program, Resource, StateId};
use crate::machine::{Limits, MachineIdentity, Recording};
use crate::metrics::WorkflowMetrics;
use crate::value::Text;

/// One version of a workflow's definition, ready to run. Made by [`super::Registry::put`]; it never changes.
#[derive(Debug)]
pub struct Revision {
    /// 1, 2, 3, … for each workflow.
    pub number: u64,
    /// The workflow's name.
    pub name: Text,
    /// The text that was compiled.
    pub text: Text,
    /// What it compiled to.
    pub program: Arc<Program>,
    /// Names that make the executions' ARNs.
    pub machine: Arc<MachineIdentity>,
    /// Bounds of each execution.
    pub limits: Limits,
    /// Which history events are made.
    pub recording: Recording,
    /// Executions in flight beyond which starts wait; `None` is the engine's default.
    pub executions_in_flight_max: Option<usize>,
    /// What is doubtful about the definition but did not keep it from being loaded.
    pub warnings: Vec<Diagnostic>,
    /// By [`StateId`]; only Task states have one.
    pub(super) doers: Vec<Option<Doer>>,
    /// The same with other connectors, by test case.
    pub(super) test_cases: Mutex<HashMap<Text, Arc<Self>>>,
    pub(super) workflow: Arc<Workflow>,
}

/// What all revisions of a workflow share.
#[derive(Debug)]
pub(super) struct Workflow {
    /// Executions that are parked.
    in_flight: AtomicUsize,
    /// Starts that wait for their turn.
    waiting: AtomicUsize,
    pub(super) metrics: WorkflowMetrics,
}

impl Revision {
    /// Executions of the workflow, of any revision, that have begun and wait for a task or a timer.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.workflow.in_flight.load(Ordering::SeqCst)
    }

    /// Starts of the workflow, of any revision, that wait for their turn. A source that reads only for this
    /// workflow had better slow down while this grows: at the engine's bounds it slows down all.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.workflow.waiting.load(Ordering::SeqCst)
    }

    /// The resource of a Task state, and what does its tasks.
    pub(super) fn task(&self, state: StateId) -> (&Resource, &Doer) {
        let doer = self.doers.get(state.0 as usize).and_then(Option::as_ref);
        match (&self.program.state(state).kind, doer) {
            (Kind::Task(task), Some(doer)) => (&task.resource, doer),
            _ => unreachable!("a revision is loaded only with a connector for each Task state"),
        }
    }

    /// The same with something else to do its tasks.
    pub(super) fn with(&self, doers: Vec<Option<Doer>>) -> Self {
        Self {
            number: self.number,
            name: self.name.clone(),
            text: self.text.clone(),
            program: Arc::clone(&self.program),
            machine: Arc::clone(&self.machine),
            limits: self.limits,
            recording: self.recording,
            executions_in_flight_max: self.executions_in_flight_max,
            warnings: self.warnings.clone(),
            doers,
            test_cases: Mutex::default(),
            workflow: Arc::clone(&self.workflow),
        }
    }

    /// Whether one more of the workflow's executions may park.
    pub(super) fn has_room(&self, room: &Room) -> bool {
        let default = room.options.workflow_executions_in_flight_max;
        let max = self.executions_in_flight_max.unwrap_or(default);
        self.in_flight() < max.max(1)
    }
}

impl Workflow {
    pub(super) fn new(metrics: WorkflowMetrics) -> Self {
        Self {
            in_flight: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            metrics,
        }
    }

    pub(super) fn park(&self) {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn unpark(&self) {
        let before = self.in_flight.fetch_sub(1, Ordering::SeqCst);
        assert!(before > 0, "what ends was parked before");
    }

    pub(super) fn wait(&self) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn unwait(&self) {
        let before = self.waiting.fetch_sub(1, Ordering::SeqCst);
        assert!(before > 0, "what begins or is dropped waited before");
    }
}
