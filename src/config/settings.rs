//! Settings, resolved: what the composition root builds from.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::api::ApiOptions;
use crate::connectors::{
    AddressRange, Authorization, ClientLimits, LambdaSettings, Secret, TargetRule,
};
use crate::engine::{CallLimits, EngineOptions};
use crate::kafka::settings::{KafkaSettings, KafkaTaskSettings, WorkflowSettings};
use crate::machine::{Limits, MachineIdentity, Recording};
use crate::value::Text;

/// Everything that `serve` is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The cluster.
    pub kafka: KafkaSettings,
    /// What Task states may do with it.
    pub kafka_tasks: KafkaTaskSettings,
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
    /// What Task states may call.
    pub tasks: TaskSettings,
    /// The file of mocks from which whoever starts an execution may choose a test case.
    pub mocks_file: Option<PathBuf>,
    /// In the order of the file.
    pub workflows: Vec<Workflow>,
}

/// What Task states may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSettings {
    /// Lambda functions.
    pub lambda: LambdaSettings,
    /// HTTP tasks.
    pub http: HttpTaskSettings,
    /// Their connections.
    pub connections: Vec<ConnectionSettings>,
    /// Bounds of calls, by connector.
    pub limits: BTreeMap<String, ConnectorLimits>,
}

/// Bounds of the calls of one connector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectorLimits {
    /// Of all together.
    pub all: CallLimits,
    /// Of those to one target.
    pub targets: BTreeMap<String, CallLimits>,
}

/// HTTP tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpTaskSettings {
    /// Where they may go.
    pub allow: Vec<TargetRule>,
    /// Addresses to which allowed names may lead although they are not public.
    pub allow_addresses: Vec<AddressRange>,
    /// What one request may take.
    pub limits: ClientLimits,
    /// Requests to one host at once, those to Lambda functions included.
    pub connections_per_host_max: usize,
    /// Certificates to trust besides the usual ones, in PEM.
    pub ca_file: Option<PathBuf>,
}

/// One element of `[[connections]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// Its name.
    pub name: String,
    /// How it says who we are; with an empty secret.
    pub authorization: Authorization,
    /// The secret that the environment has.
    pub secret: Option<Secret>,
    /// The file of the secret, if the environment has none.
    pub secret_file: Option<PathBuf>,
    /// Headers of its requests.
    pub headers: Vec<(String, String)>,
    /// Parameters of its queries.
    pub query: Vec<(String, String)>,
    /// Members of its bodies.
    pub body: Vec<(String, String)>,
}

/// The process and its HTTP endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// Where metrics and health are served.
    pub listen: SocketAddr,
    /// Bearer tokens of who may see the metrics; without them anybody may.
    pub tokens: Option<SecretText>,
    /// Certificate and key.
    pub tls: Option<TlsSettings>,
    /// How long executions may go on after SIGTERM.
    pub shutdown_grace: Duration,
    /// How often the files are looked at for changes; `None` is never.
    pub watch_interval: Option<Duration>,
}

/// The AWS API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// Where it is served, to whom, and its bounds.
    pub options: ApiOptions,
    /// Topics by names of log groups.
    pub log_groups: BTreeMap<String, String>,
    /// Where machines made by the API are kept.
    pub state_dir: Option<PathBuf>,
    /// Bearer tokens.
    pub tokens: Option<SecretText>,
    /// Keys that sign.
    pub keys: Option<SecretText>,
    /// Certificate and key.
    pub tls: Option<TlsSettings>,
}

/// Where a text that must not be shown is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretText {
    /// It was in a variable.
    Variable(Secret),
    /// In this file.
    File(PathBuf),
}

/// The files of a server's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// Its chain of certificates, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
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
