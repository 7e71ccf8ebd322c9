//! Definitions, mocks and services: from files or texts into a registry, or everything that is wrong with all of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::definition::DefinitionFile;
use super::services::Services;
use crate::asl::{Diagnostic, Resource};
use crate::config::Settings;
use crate::connectors::{MockConfig, MockConnectors, Nested};
use crate::engine::{Connector, Connectors, Definition, Registry, SystemClock};
use crate::kafka::task::Tasks;
use crate::value::Text;

/// The files of one workflow, read.
#[derive(Clone, Debug)]
pub struct Files {
    /// The definition.
    pub definition: DefinitionFile,
    /// Mocked answers and the test case to take, if any.
    pub mocks: Option<(File, Option<String>)>,
}

/// A file and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// For messages.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Why a workflow cannot be loaded.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// A file cannot be read, or a file of mocks is wrong: what, and why.
    File(String),
    /// The definition has faults.
    Definition(Box<DefinitionFile>, Vec<Diagnostic>),
}

/// Reads the files of all workflows.
///
/// # Errors
/// All that cannot be read.
pub fn read(settings: &Settings) -> Result<Vec<Files>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut all = Vec::new();
    for workflow in &settings.workflows {
        let definition = DefinitionFile::read(&workflow.definition, &workflow.substitutions);
        let mocks = workflow
            .mocks
            .as_ref()
            .map(|mocks| File::read(&mocks.file).map(|file| (file, mocks.test_case.clone())));
        match (definition, mocks.transpose()) {
            (Ok(definition), Ok(mocks)) => all.push(Files { definition, mocks }),
            (definition, mocks) => refusals.extend(definition.err().into_iter().chain(mocks.err())),
        }
    }
    if refusals.is_empty() {
        Ok(all)
    } else {
        Err(refusals)
    }
}

/// Tells what is doubtful in definitions that are taken, one warning for each doubt.
pub fn warn(files: &[Files]) {
    for Files { definition, .. } in files {
        for doubt in definition.check().iter().filter(|d| !d.is_error()) {
            tracing::warn!(
                file = definition.name,
                line = doubt.line,
                column = doubt.column,
                code = doubt.code,
                hint = doubt.hint,
                "{}",
                doubt.message
            );
        }
    }
}

/// Loads every workflow of `settings` from its `files`, which stand in the same order. Nothing is loaded by halves: the
/// registry is given away only when all are good. Whoever runs it connects `nested` with it.
///
/// # Errors
/// All that is wrong with any of them.
pub fn load(
    settings: &Settings,
    files: &[Files],
    nested: &Nested,
) -> Result<Registry, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut mocks = BTreeMap::new();
    for (workflow, files) in settings.workflows.iter().zip(files) {
        if let Some((file, test_case)) = &files.mocks {
            match mocked(&workflow.kafka.name, file, test_case.as_deref()) {
                Ok(connectors) => {
                    mocks.insert(workflow.kafka.name.clone(), connectors);
                }
                Err(refusal) => refusals.push(refusal),
            }
        }
    }
    let services = match Services::start(&settings.tasks) {
        Ok(services) => services,
        Err(refused) => {
            refusals.extend(refused);
            return Err(refusals);
        }
    };
    let clock = Arc::new(SystemClock::new());
    let kafka = Tasks::new(settings.kafka.clone(), settings.kafka_tasks.clone(), clock);
    let registry = Registry::new(Arc::new(ByWorkflow {
        mocks,
        services,
        kafka,
        nested: nested.clone(),
    }));
    for (workflow, files) in settings.workflows.iter().zip(files) {
        let name = &workflow.kafka.name;
        let put = registry.put(Definition {
            name: Text::new(name),
            text: Text::new(&files.definition.text),
            machine: settings.identity.machine(name),
            limits: settings.limits,
            recording: workflow.recording,
            executions_in_flight_max: workflow.executions_in_flight_max,
        });
        if let Err(refused) = put {
            let definition = &files.definition;
            let diagnostics = definition.as_written(refused.diagnostics);
            refusals.push(Refusal::Definition(
                Box::new(definition.clone()),
                diagnostics,
            ));
        }
    }
    if refusals.is_empty() {
        Ok(registry)
    } else {
        Err(refusals)
    }
}

/// The connectors of a test case of `machine`; without a name its only one.
///
/// # Errors
/// If the file is wrong or has no such test case.
pub fn mocked(
    machine: &str,
    file: &File,
    test_case: Option<&str>,
) -> Result<MockConnectors, Refusal> {
    let refuse = |why: String| Refusal::File(format!("{}: {why}", file.name));
    let config = MockConfig::parse(file.text.as_bytes()).map_err(|e| refuse(e.to_string()))?;
    let only = || {
        let mut cases = config.test_cases(machine);
        match (cases.next(), cases.next()) {
            (Some(only), None) => Ok(only.to_owned()),
            (None, _) => Err(refuse(format!(
                "it has no test case of the state machine {machine}"
            ))),
            (Some(_), Some(_)) => Err(refuse(format!(
                "it has several test cases of the state machine {machine}: say which ({})",
                config.test_cases(machine).collect::<Vec<_>>().join(", ")
            ))),
        }
    };
    let test_case = test_case.map_or_else(only, |name| Ok(name.to_owned()))?;
    config
        .connectors(machine, &test_case)
        .map_err(|e| refuse(e.to_string()))
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, Refusal> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => Err(Refusal::File(format!("{name}: it cannot be read: {error}"))),
        }
    }
}

/// Each workflow has its own mocks; what they do not answer, services, Kafka and the process's own workflows do.
#[derive(Debug)]
struct ByWorkflow {
    mocks: BTreeMap<String, MockConnectors>,
    services: Services,
    kafka: Tasks,
    nested: Nested,
}

impl Connectors for ByWorkflow {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        let mocked = match self.mocks.get(machine) {
            Some(mocks) => mocks.resolve(machine, state, resource),
            None => Err("give the workflow a [workflows.mocks]".to_owned()),
        };
        mocked.or_else(|mock| {
            let served = if Tasks::does(resource) {
                self.kafka.resolve(machine, state, resource)
            } else if Nested::does(resource) {
                self.nested.resolve(machine, state, resource)
            } else {
                self.services.resolve(machine, state, resource)
            };
            served.map_err(|hint| format!("{hint}; or {mock}"))
        })
    }
}
