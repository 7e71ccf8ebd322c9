//! Definitions by workflow name: loaded as a whole or not at all, and swapped atomically.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::calls::{Doer, TaskLabels};
use super::revision::Workflow;
use super::{Connectors, Revision};
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
    labels: LabelBound,
    task_labels: Arc<TaskLabels>,
    active: RwLock<Active>,
}

#[derive(Debug)]
struct Active {
    connectors: Arc<dyn Connectors>,
    revisions: HashMap<Text, Arc<Revision>>,
}

/// Definitions that were found good and wait to be activated together. Made by [`Registry::prepare`].
#[derive(Debug)]
pub struct Prepared {
    connectors: Arc<dyn Connectors>,
    loaded: Vec<Loaded>,
}

/// A good definition and what was made of it.
#[derive(Debug)]
struct Loaded {
    definition: Definition,
    program: Arc<Program>,
    doers: Vec<Option<Doer>>,
    warnings: Vec<Diagnostic>,
}

/// What a workflow is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
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
            labels: LabelBound::default(),
            task_labels: Arc::default(),
            active: RwLock::new(Active {
                connectors,
                revisions: HashMap::new(),
            }),
        }
    }

    /// Compiles `definition`, finds its connectors, and makes it the active revision of its workflow.
    ///
    /// # Errors
    /// Everything that is wrong with it, resources without a connector included; the active revision stays as it is.
    pub fn put(&self, definition: Definition) -> Result<Arc<Revision>, LoadError> {
        let loaded = self.load_one(&*self.connectors(), definition)?;
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        Ok(self.install(&mut active, loaded))
    }

    /// Compiles `definitions` and finds their tasks in `connectors`. Nothing is active before [`Registry::activate`].
    ///
    /// # Errors
    /// All that is wrong with any of them.
    pub fn prepare(
        &self,
        connectors: Arc<dyn Connectors>,
        definitions: Vec<Definition>,
    ) -> Result<Prepared, Vec<LoadError>> {
        let (mut good, mut refused) = (Vec::new(), Vec::new());
        for definition in definitions {
            match self.load_one(&*connectors, definition) {
                Ok(loaded) => good.push(loaded),
                Err(error) => refused.push(error),
            }
        }
        if refused.is_empty() {
            Ok(Prepared {
                connectors,
                loaded: good,
            })
        } else {
            Err(refused)
        }
    }

    /// Makes all that was prepared active at once, and its connectors those that later definitions find. The other
    /// workflows keep their revisions and connectors.
    pub fn activate(&self, prepared: Prepared) -> Vec<Arc<Revision>> {
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        active.connectors = prepared.connectors;
        let loaded = prepared.loaded.into_iter();
        loaded
            .map(|loaded| self.install(&mut active, loaded))
            .collect()
    }

    fn load_one(
        &self,
        connectors: &dyn Connectors,
        definition: Definition,
    ) -> Result<Loaded, LoadError> {
        let (program, mut diagnostics) = asl::compile(&definition.text);
        let program = program.map(Arc::new);
        let resolved = program
            .as_ref()
            .map(|program| self.resolve(connectors, program, &definition, &mut diagnostics));
        let refused = diagnostics.iter().any(|d| d.severity == Severity::Error);
        match (program, resolved) {
            (Some(program), Some(doers)) if !refused => Ok(Loaded {
                definition,
                program,
                doers,
                warnings: diagnostics,
            }),
            _ => Err(LoadError {
                name: definition.name,
                diagnostics,
            }),
        }
    }

    fn install(&self, active: &mut Active, loaded: Loaded) -> Arc<Revision> {
        let definition = loaded.definition;
        let before = active.revisions.get(&definition.name);
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
            program: loaded.program,
            machine: Arc::new(definition.machine),
            limits: definition.limits,
            recording: definition.recording,
            executions_in_flight_max: definition.executions_in_flight_max,
            warnings: loaded.warnings,
            doers: loaded.doers,
            test_cases: Mutex::default(),
            workflow,
        });
        revision
            .workflow
            .metrics
            .revision
            .set(revision.number as f64);
        active
            .revisions
            .insert(definition.name, Arc::clone(&revision));
        revision
    }

    /// Takes a workflow out. Executions that have begun go on, and so may others of the revision that is given back.
    pub fn remove(&self, name: &str) -> Option<Arc<Revision>> {
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        active.revisions.remove(name)
    }

    /// Makes a revision active again that was so before.
    pub fn restore(&self, revision: Arc<Revision>) {
        let mut active = self.active.write().unwrap_or_else(PoisonError::into_inner);
        let metrics = &revision.workflow.metrics;
        metrics.revision.set(revision.number as f64);
        active.revisions.insert(revision.name.clone(), revision);
    }

    /// `revision` as it runs in a test case: the same in all but what does its tasks.
    ///
    /// # Errors
    /// Why there is no such test case.
    pub fn test_case(
        &self,
        revision: &Arc<Revision>,
        test_case: &str,
    ) -> Result<Arc<Revision>, String> {
        let known = || {
            let all = &revision.test_cases;
            all.lock().unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(revision) = known().get(test_case) {
            return Ok(Arc::clone(revision));
        }
        let machine = &revision.machine.name;
        let connectors = self.connectors().test_case(machine, test_case)?;
        let doer = |state: &asl::State| {
            let Kind::Task(task) = &state.kind else {
                return Ok(None);
            };
            let resource = &task.resource;
            let connector = connectors.resolve(machine, &state.name, resource)?;
            let bounds = connectors.bounds(resource);
            Ok(Some(Doer::new(
                resource,
                connector,
                bounds,
                &self.task_labels,
            )))
        };
        let doers: Result<_, String> = revision.program.states().iter().map(doer).collect();
        let mocked = Arc::new(revision.with(doers?));
        // There are only as many as the file of mocks has.
        known().insert(Text::new(test_case), Arc::clone(&mocked));
        Ok(mocked)
    }

    /// What does the tasks, by state; what is missing becomes a diagnostic.
    fn resolve(
        &self,
        connectors: &dyn Connectors,
        program: &Program,
        definition: &Definition,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<Option<Doer>> {
        let machine = &definition.machine.name;
        let resolve_state = |state: &asl::State| {
            let Kind::Task(task) = &state.kind else {
                return None;
            };
            let resource = &task.resource;
            match connectors.resolve(machine, &state.name, resource) {
                Ok(connector) => {
                    let bounds = connectors.bounds(resource);
                    Some(Doer::new(resource, connector, bounds, &self.task_labels))
                }
                Err(hint) => {
                    diagnostics.push(without_connector(definition, state, &resource.arn, hint));
                    None
                }
            }
        };
        program.states().iter().map(resolve_state).collect()
    }

    /// What finds the connectors of definitions.
    #[must_use]
    pub fn connectors(&self) -> Arc<dyn Connectors> {
        let active = self.active.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&active.connectors)
    }

    /// The active revision of a workflow.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Revision>> {
        let active = self.active.read().unwrap_or_else(PoisonError::into_inner);
        active.revisions.get(name).cloned()
    }
}

impl Prepared {
    /// Leaves out the definitions for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&Definition) -> bool) {
        self.loaded.retain(|loaded| keep(&loaded.definition));
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
