//! Settings, resolved: what the composition root builds from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::api::ApiOptions;
use crate::engine::EngineOptions;
use crate::kafka::settings::{KafkaSettings, WorkflowSettings};
use crate::machine::{Limits, MachineIdentity, Recording};
use crate::value::Text;

/// Everything that `serve` is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The cluster.
    pub kafka: KafkaSettings,
    /// The process and its HTTP endpoint.
    pub server: ServerSettings,
    /// The AWS API, if it is served.
    pub api: Option<ApiSettings>,
    /// Workers and bounds.
    pub engine: EngineOptions,
    /// What ARNs are made of.
    pub identity: IdentitySettings,
    /// Bounds of one execution.
    pub limits: Limits,
    /// In the order of the file.
    pub workflows: Vec<Workflow>,
}

/// The process and its HTTP endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// Where metrics and health are served.
    pub listen: SocketAddr,
    /// How long executions may go on after SIGTERM.
    pub shutdown_grace: Duration,
}

/// The AWS API.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Where it is served, to whom, and its bounds.
    pub options: ApiOptions,
    /// Topics by names of log groups.
    pub log_groups: BTreeMap<String, String>,
}

/// What the ARNs of machines and executions are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentitySettings {
    /// `aws`
    pub partition: String,
    /// `us-east-1`
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// The role shown in history and context object.
    pub role_arn: String,
}

impl IdentitySettings {
    /// The identity of the state machine `name`.
    #[must_use]
    pub fn machine(&self, name: &str) -> MachineIdentity {
        MachineIdentity {
            partition: Text::new(&self.partition),
            region: Text::new(&self.region),
            account: Text::new(&self.account),
            name: Text::new(name),
            role_arn: Text::new(&self.role_arn),
        }
    }
}

/// One element of `[[workflows]]`.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Where its events come from and its answers go.
    pub kafka: WorkflowSettings,
    /// The definition's file.
    pub definition: PathBuf,
    /// What stands in it for `${Name}`, by name.
    pub substitutions: BTreeMap<String, String>,
    /// Which history events its executions make.
    pub recording: Recording,
    /// The workflow's own bound of executions begun and not ended.
    pub executions_in_flight_max: Option<usize>,
    /// Answers for its tasks.
    pub mocks: Option<MocksSettings>,
}

/// A file of mocked answers, in the format of Step Functions Local.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MocksSettings {
    /// The file.
    pub file: PathBuf,
    /// Which of its test cases; needed if the machine has several.
    pub test_case: Option<String>,
}
