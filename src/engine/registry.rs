//! Definitions by workflow name: loaded as a whole or not at all, and swapped atomically.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::revision::Workflow;
use super::{Connector, Connectors, Revision};
use crate::asl::{self, Diagnostic, Kind, Program, Severity};
use crate::history::LogLevel;
use crate::machine::{Limits, MachineIdentity, Recording};
use crate::metrics::{LabelBound, WorkflowMetrics};
use crate::value::Text;

/// The workflows of a process.
///
/// An execution keeps the revision that it began with; whoever starts executions asks for the revision once a batch.
#[derive(Debug)]
pub struct Registry {
    connectors: Arc<dyn Connectors>,
    labels: LabelBound,
    active: RwLock<HashMap<Text, Arc<Revision>>>,
}

/// What a workflow is made from.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The workflow's name in the registry.
    pub name: Text,
    /// The ASL text.
    pub text: Text,
    /// Names that make the executions' ARNs.
    pub machine: MachineIdentity,
    /// Bounds of each execution.
    pub limits: Limits,
    /// Which history events are made.
    pub recording: Recording,
    /// Executions in flight beyond which starts wait; `None` is the engine's default.
    pub executions_in_flight_max: Option<usize>,
}

/// A definition is refused. The revision that was active stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The workflow's name.
    pub name: Text,
    /// All that is wrong, and what is doubtful beside it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Registry {
    /// An empty registry whose Task states are done by what `connectors` finds.
    ///
    /// Metrics of workflows are registered when they are put, so the recorder must be installed before that.
    #[must_use]
    pub fn new(connectors: Arc<dyn Connectors>) -> Self {
        Self {
            connectors,
            labels: LabelBound::default(),
            active: RwLock::default(),
        }
    }

    /// Compiles `definition`, finds its connectors, and makes it the active revision of its workflow.
    ///
    /// # Errors
    /// Everything that is wrong with it, resources without a connector included; the active revision stays as it is.
    pub fn put(&self, definition: Definition) -> Result<Arc<Revision>, LoadError> {
        let (program, mut diagnostics) = asl::compile(&definition.text);
        let program = program.map(Arc::new);
        let resolved = program
            .as_ref()
            .map(|program| resolve(&*self.connectors, program, &definition, &mut diagnostics));
        let refused = diagnostics.iter().any(|d| d.severity == Severity::Error);
        let (Some(program), Some(connectors), false) = (program, resolved, refused) else {
            return Err(LoadError {
                name: definition.name,
                diagnostics,
            });
        };
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        let before = active.get(&definition.name);
        let workflow = before.map_or_else(
            || {
                let label = self.labels.label(&definition.name);
                Arc::new(Workflow::new(WorkflowMetrics::new(&label)))
            },
            |r| Arc::clone(&r.workflow),
        );
        let revision = Arc::new(Revision {
            number: before.map_or(1, |r| r.number + 1),
            name: definition.name.clone(),
            text: definition.text,
            program,
            machine: Arc::new(definition.machine),
            limits: definition.limits,
            recording: definition.recording,
            executions_in_flight_max: definition.executions_in_flight_max,
            warnings: diagnostics,
            connectors,
            workflow,
        });
        revision
            .workflow
            .metrics
            .revision
            .set(revision.number as f64);
        active.insert(definition.name, Arc::clone(&revision));
        Ok(revision)
    }

    /// Takes a workflow out. Executions that have begun go on, and so may others of the revision that is given back.
    pub fn remove(&self, name: &str) -> Option<Arc<Revision>> {
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        active.remove(name)
    }

    /// What finds the connectors of definitions.
    #[must_use]
    pub fn connectors(&self) -> &Arc<dyn Connectors> {
        &self.connectors
    }

    /// The active revision of a workflow.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Revision>> {
        let active = self.active.read().unwrap_or_else(PoisonError::into_inner);
        active.get(name).cloned()
    }
}

impl Definition {
    /// A definition with AWS's limits, nothing recorded, and the names that Step Functions Local uses.
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: Text::new(name),
            text: Text::new(text),
            machine: MachineIdentity {
                partition: Text::new_static("aws"),
                region: Text::new_static("us-east-1"),
                account: Text::new_static("123456789012"),
                name: Text::new(name),
                role_arn: Text::new_static("arn:aws:iam::123456789012:role/stepstream"),
            },
            limits: Limits::default(),
            recording: Recording {
                level: LogLevel::Off,
                include_execution_data: false,
            },
            executions_in_flight_max: None,
        }
    }
}

impl std::error::Error for LoadError {}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the definition of workflow {} is refused", self.name)?;
        for d in &self.diagnostics {
            write!(f, "\n{}:{}: {}: {}", d.line, d.column, d.code, d.message)?;
            if let Some(hint) = &d.hint {
                write!(f, " ({hint})")?;
            }
        }
        Ok(())
    }
}

/// The connectors by state; what is missing becomes a diagnostic.
fn resolve(
    connectors: &dyn Connectors,
    program: &Program,
    definition: &Definition,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Option<Arc<dyn Connector>>> {
    let machine = &definition.machine.name;
    let resolve_state = |state: &asl::State| {
        let Kind::Task(task) = &state.kind else {
            return None;
        };
        match connectors.resolve(machine, &state.name, &task.resource) {
            Ok(connector) => Some(connector),
            Err(hint) => {
                diagnostics.push(without_connector(
                    definition,
                    state,
                    &task.resource.arn,
                    hint,
                ));
                None
            }
        }
    };
    program.states().iter().map(resolve_state).collect()
}

fn without_connector(
    definition: &Definition,
    state: &asl::State,
    arn: &str,
    hint: String,
) -> Diagnostic {
    let location = format!("/States/{}/Resource", state.name);
    let (line, column) = asl::locate(&definition.text, &location);
    Diagnostic {
        severity: Severity::Error,
        code: "NO_CONNECTOR",
        message: format!("Nothing is configured that does the task '{arn}'"),
        location: Some(location),
        line,
        column,
        hint: Some(hint),
    }
}
