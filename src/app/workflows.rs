//! Definitions, mocks and services: from files or texts into a registry, or everything that is wrong with all of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::connectors::{ByWorkflow, Mocks, Others};
use super::definition::DefinitionFile;
use super::services::Material;
use crate::asl::Diagnostic;
use crate::config::{Settings, TaskSettings, Workflow};
use crate::connectors::{MockConfig, MockConnectors, Nested};
use crate::engine::{Definition, NoConnectors, Prepared, Registry};
use crate::kafka::settings::KafkaTaskSettings;
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

/// Everything that workflows are made from, found good, and not active yet.
#[derive(Debug)]
pub struct Candidate {
    /// The definitions with their connectors.
    pub prepared: Prepared,
    /// What each workflow was made from, by its name.
    pub sources: BTreeMap<String, Source>,
    /// What the workflows share.
    pub outside: Arc<Outside>,
}

/// What one workflow is made from; while it stays the same, so does the workflow's revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    definition: Definition,
    mocks: Option<(String, Option<String>)>,
    /// Those from which executions may choose.
    shared_mocks: Option<String>,
}

/// Services, the cluster and other workflows, as tasks see them.
#[derive(Debug)]
pub struct Outside {
    others: Arc<Others>,
    settings: (TaskSettings, KafkaTaskSettings),
    material: Material,
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
    let outside = Outside::start(settings, nested, None)?;
    let registry = Registry::new(Arc::new(NoConnectors));
    let candidate = prepare(&registry, settings, files, outside)?;
    registry.activate(candidate.prepared);
    Ok(registry)
}

/// Prepares every workflow of `settings` for `registry` from its `files`, which stand in the same order.
///
/// # Errors
/// All that is wrong with any of them.
pub fn prepare(
    registry: &Registry,
    settings: &Settings,
    files: &[Files],
    outside: Arc<Outside>,
) -> Result<Candidate, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mocks = mocks(settings, files).unwrap_or_else(|refused| {
        refusals.extend(refused);
        Mocks::default()
    });
    let shared = settings.mocks_file.as_ref();
    let shared = shared.and_then(|path| File::read(path).ok());
    let mut sources = BTreeMap::new();
    let mut definitions = Vec::with_capacity(files.len());
    for (workflow, files) in settings.workflows.iter().zip(files) {
        let name = &workflow.kafka.name;
        let written = files.mocks.as_ref();
        let definition = definition(settings, workflow, files);
        definitions.push(definition.clone());
        let source = Source {
            definition,
            mocks: written.map(|(file, test_case)| (file.text.clone(), test_case.clone())),
            shared_mocks: shared.as_ref().map(|file| file.text.clone()),
        };
        sources.insert(name.clone(), source);
    }
    let connectors = ByWorkflow {
        mocks,
        others: Arc::clone(&outside.others),
    };
    match registry.prepare(Arc::new(connectors), definitions) {
        Ok(prepared) if refusals.is_empty() => Ok(Candidate {
            prepared,
            sources,
            outside,
        }),
        Ok(_) => Err(refusals),
        Err(refused) => {
            for refused in refused {
                let mut all = settings.workflows.iter().zip(files);
                let named = all.find(|(workflow, _)| workflow.kafka.name == *refused.name);
                if let Some((_, Files { definition, .. })) = named {
                    let faults = definition.as_written(refused.diagnostics);
                    refusals.push(Refusal::Definition(Box::new(definition.clone()), faults));
                }
            }
            Err(refusals)
        }
    }
}

fn definition(settings: &Settings, workflow: &Workflow, files: &Files) -> Definition {
    let name = &workflow.kafka.name;
    Definition {
        name: Text::new(name),
        text: Text::new(&files.definition.text),
        machine: settings.identity.machine(name),
        limits: settings.limits,
        recording: workflow.recording,
        executions_in_flight_max: workflow.executions_in_flight_max,
    }
}

impl Outside {
    /// Reads what the settings name, and starts what tasks need; `before` is kept if it would be the same.
    ///
    /// # Errors
    /// All that cannot be read, or is nothing that a request can hold.
    pub fn start(
        settings: &Settings,
        nested: &Nested,
        before: Option<&Arc<Self>>,
    ) -> Result<Arc<Self>, Vec<Refusal>> {
        let material = Material::read(&settings.tasks)?;
        let written = (settings.tasks.clone(), settings.kafka_tasks.clone());
        let same = before.filter(|b| b.material == material && b.settings == written);
        if let Some(before) = same {
            return Ok(Arc::clone(before));
        }
        let others = Others::start(settings, Some(nested.clone()), &material)?;
        Ok(Arc::new(Self {
            others: Arc::new(others),
            settings: written,
            material,
        }))
    }
}

/// All files of mocks, and the test cases that the settings have chosen.
fn mocks(settings: &Settings, files: &[Files]) -> Result<Mocks, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut mocks = Mocks::default();
    if let Some(path) = &settings.mocks_file {
        match File::read(path).and_then(|file| config(&file)) {
            Ok(config) => mocks.of_all = Some(Arc::new(config)),
            Err(refusal) => refusals.push(refusal),
        }
    }
    for (workflow, files) in settings.workflows.iter().zip(files) {
        let (name, Some((file, test_case))) = (&workflow.kafka.name, &files.mocks) else {
            continue;
        };
        let read = config(file).and_then(|config| {
            let fixed = chosen(name, file, &config, test_case.as_deref())?;
            Ok((config, fixed))
        });
        match read {
            Ok((config, fixed)) => {
                mocks.fixed.insert(name.clone(), fixed);
                mocks.by_machine.insert(name.clone(), Arc::new(config));
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() {
        Ok(mocks)
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
    chosen(machine, file, &config(file)?, test_case)
}

fn config(file: &File) -> Result<MockConfig, Refusal> {
    let config = MockConfig::parse(file.text.as_bytes());
    config.map_err(|e| Refusal::File(format!("{}: {e}", file.name)))
}

fn chosen(
    machine: &str,
    file: &File,
    config: &MockConfig,
    test_case: Option<&str>,
) -> Result<MockConnectors, Refusal> {
    let refuse = |why: String| Refusal::File(format!("{}: {why}", file.name));
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
