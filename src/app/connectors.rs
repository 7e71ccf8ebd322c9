//! All connectors of a process behind one: mocks of a workflow, else services, Kafka, and the process's own workflows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::services::{Material, Services};
use super::workflows::Refusal;
use crate::asl::{Resource, ResourceKind};
use crate::config::{ConnectorLimits, Settings};
use crate::connectors::{MockConfig, MockConnectors, Nested};
use crate::engine::{Answer, Call, CallBounds, Connector, Connectors, SystemClock};
use crate::kafka::task::Tasks;
use crate::machine::{TaskError, TaskResult};
use crate::value::Text;

/// Each workflow has its own mocks; what they do not answer, the others do.
#[derive(Debug)]
pub(super) struct ByWorkflow {
    pub(super) mocks: Mocks,
    pub(super) others: Arc<Others>,
}

/// The mocks of all workflows.
#[derive(Clone, Debug, Default)]
pub(super) struct Mocks {
    /// Test cases by which every execution of a machine runs that chooses none.
    pub(super) fixed: BTreeMap<String, MockConnectors>,
    /// The test cases that executions of a machine may choose.
    pub(super) by_machine: BTreeMap<String, Arc<MockConfig>>,
    /// Those of machines that have no file of their own.
    pub(super) of_all: Option<Arc<MockConfig>>,
}

/// What does tasks really.
#[derive(Debug)]
pub(super) struct Others {
    services: Services,
    kafka: Tasks,
    /// Not where there is but one execution.
    nested: Option<Nested>,
    bounds: BTreeMap<String, Arc<CallBounds>>,
}

impl Others {
    /// What the settings name.
    ///
    /// # Errors
    /// All that cannot be read or started.
    pub(super) fn start(
        settings: &Settings,
        nested: Option<Nested>,
        material: &Material,
    ) -> Result<Self, Vec<Refusal>> {
        let (kafka, tasks) = (settings.kafka.clone(), settings.kafka_tasks.clone());
        Ok(Self {
            services: Services::start(&settings.tasks, material)?,
            kafka: Tasks::new(kafka, tasks, Arc::new(SystemClock::new())),
            nested,
            bounds: bounds(&settings.tasks.limits),
        })
    }
}

/// What does the tasks of an execution that runs alone.
///
/// # Errors
/// All that the settings name and cannot be read or started.
pub fn alone(settings: &Settings) -> Result<Arc<dyn Connectors>, Vec<Refusal>> {
    let material = Material::read(&settings.tasks)?;
    Ok(Arc::new(Others::start(settings, None, &material)?))
}

/// The bounds of connectors, which all their resources share.
fn bounds(limits: &BTreeMap<String, ConnectorLimits>) -> BTreeMap<String, Arc<CallBounds>> {
    let bound = |(connector, limits): (&String, &ConnectorLimits)| {
        let bounds = CallBounds::new(limits.all, limits.targets.clone());
        (connector.clone(), Arc::new(bounds))
    };
    limits.iter().map(bound).collect()
}

impl Mocks {
    fn of(&self, machine: &str) -> Option<&MockConfig> {
        let own = self.by_machine.get(machine);
        own.or(self.of_all.as_ref()).map(|config| &**config)
    }
}

/// Stands for a task that nothing does but the mocks of test cases; why is the hint.
#[derive(Debug)]
struct OnlyMocked(String);

impl Connector for OnlyMocked {
    fn call(&self, call: Call, answer: Answer) {
        let (arn, hint) = (&call.resource.arn, &self.0);
        answer.complete(TaskResult::Failed(TaskError {
            error: Text::new_static("States.TaskFailed"),
            cause: Some(format!(
                "Nothing does the task '{arn}' but test cases, and this execution runs in none that mocks the state '{}': {hint}",
                call.state
            )),
        }));
    }
}

impl Connectors for ByWorkflow {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        let mocked = match self.mocks.fixed.get(machine) {
            Some(mocks) => mocks.resolve(machine, state, resource),
            None => Err("give the workflow a [workflows.mocks]".to_owned()),
        };
        mocked.or_else(|mock| {
            let served = self.others.resolve(machine, state, resource);
            let is_mocked = || {
                let config = self.mocks.of(machine);
                config.is_some_and(|config| config.mocks(machine, state))
            };
            match served {
                Err(hint) if is_mocked() => Ok(Arc::new(OnlyMocked(hint)) as Arc<dyn Connector>),
                served => served.map_err(|hint| format!("{hint}; or {mock}")),
            }
        })
    }

    fn test_case(&self, machine: &str, test_case: &str) -> Result<Arc<dyn Connectors>, String> {
        let Some(config) = self.mocks.of(machine) else {
            return Err(format!(
                "there is no test case '{test_case}' of {machine}: set mocks.file, or give the workflow a [workflows.mocks]"
            ));
        };
        let chosen = config.connectors(machine, test_case);
        let chosen = chosen.map_err(|unknown| unknown.to_string())?;
        let mut mocks = self.mocks.clone();
        mocks.fixed.insert(machine.to_owned(), chosen);
        Ok(Arc::new(Self {
            mocks,
            others: Arc::clone(&self.others),
        }))
    }

    fn bounds(&self, resource: &Resource) -> Option<Arc<CallBounds>> {
        self.others.bounds(resource)
    }
}

impl Connectors for Others {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        if Tasks::does(resource) {
            self.kafka.resolve(machine, state, resource)
        } else if Nested::does(resource) {
            match &self.nested {
                Some(nested) => nested.resolve(machine, state, resource),
                None => Err("workflows call others only in `stepstream serve`".to_owned()),
            }
        } else {
            self.services.resolve(machine, state, resource)
        }
    }

    fn bounds(&self, resource: &Resource) -> Option<Arc<CallBounds>> {
        self.bounds.get(connector(resource)).cloned()
    }
}

/// The name of a resource's connector in the settings: that of AWS's optimized integration.
fn connector(resource: &Resource) -> &str {
    let ResourceKind::Integration { resource_type, .. } = &resource.kind else {
        return "lambda";
    };
    match resource_type.as_str() {
        "aws-sdk:lambda" => "lambda",
        "aws-sdk:sqs" => "sqs",
        "aws-sdk:sns" => "sns",
        "aws-sdk:eventbridge" => "events",
        "aws-sdk:sfn" => "states",
        other => other,
    }
}
