//! A state machine as the API shows it: its configuration now, its versions, aliases and tags.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::protocol::Fault;
use crate::engine::Revision;
use crate::history::LogLevel;
use crate::machine::Timestamp;

#[derive(Clone, Debug)]
pub(in crate::api) struct Machine {
    pub(in crate::api) machine_type: MachineType,
    pub(in crate::api) origin: Origin,
    pub(in crate::api) created: Timestamp,
    /// What executions of the unqualified ARN get.
    pub(in crate::api) current: Arc<Configuration>,
    /// By number.
    pub(in crate::api) versions: BTreeMap<u64, Version>,
    /// The number of the last version that was published; none is used twice.
    pub(in crate::api) last_version: u64,
    /// By name.
    pub(in crate::api) aliases: BTreeMap<String, Alias>,
    /// In the order of their keys.
    pub(in crate::api) tags: BTreeMap<String, String>,
}

/// `type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum MachineType {
    /// `STANDARD`: run as Express is, with the ARNs of Standard.
    Standard,
    /// `EXPRESS`
    Express,
}

/// Whose a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Origin {
    /// The settings': the API only shows and starts it.
    Settings,
    /// The API's.
    Api,
}

/// What UpdateStateMachine changes as a whole.
#[derive(Clone, Debug)]
pub(in crate::api) struct Configuration {
    /// The definition and all that executions need of it.
    pub(in crate::api) revision: Arc<Revision>,
    /// `revisionId`; none before the first update.
    pub(in crate::api) revision_id: Option<String>,
    pub(in crate::api) logging: Logging,
    /// `tracingConfiguration.enabled`
    pub(in crate::api) is_traced: bool,
    pub(in crate::api) updated: Timestamp,
}

/// `loggingConfiguration`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::api) struct Logging {
    pub(in crate::api) level: LogLevel,
    pub(in crate::api) include_execution_data: bool,
    /// ARNs of log groups.
    pub(in crate::api) destinations: Vec<String>,
}

/// A version: a configuration that never changes.
#[derive(Clone, Debug)]
pub(in crate::api) struct Version {
    pub(in crate::api) configuration: Arc<Configuration>,
    pub(in crate::api) description: String,
    pub(in crate::api) created: Timestamp,
}

/// An alias: where its executions go.
#[derive(Clone, Debug)]
pub(in crate::api) struct Alias {
    pub(in crate::api) description: String,
    /// One or two; the weights make 100.
    pub(in crate::api) routes: Vec<Route>,
    pub(in crate::api) created: Timestamp,
    pub(in crate::api) updated: Timestamp,
}

/// One of an alias's ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct Route {
    pub(in crate::api) version: u64,
    /// Out of 100.
    pub(in crate::api) weight: u64,
}

impl Machine {
    /// A machine that was made by the API.
    pub(in crate::api) fn new(machine_type: MachineType, configuration: Configuration) -> Self {
        Self::with(machine_type, Arc::new(configuration))
    }

    /// The same, of a configuration that versions may share.
    pub(super) fn with(machine_type: MachineType, current: Arc<Configuration>) -> Self {
        Self {
            machine_type,
            origin: Origin::Api,
            created: current.updated,
            current,
            versions: BTreeMap::new(),
            last_version: 0,
            aliases: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }

    /// A workflow of the settings.
    pub(super) fn of_settings(revision: Arc<Revision>, now: Timestamp) -> Self {
        let logging = Logging {
            level: revision.recording.level,
            include_execution_data: revision.recording.include_execution_data,
            destinations: Vec::new(),
        };
        let configuration = Configuration {
            revision,
            revision_id: None,
            logging,
            is_traced: false,
            updated: now,
        };
        Self {
            origin: Origin::Settings,
            ..Self::new(MachineType::Express, configuration)
        }
    }

    pub(in crate::api) fn name(&self) -> &str {
        &self.current.revision.machine.name
    }

    pub(in crate::api) fn arn(&self) -> String {
        self.current.revision.machine.arn()
    }

    pub(in crate::api) fn version_arn(&self, version: u64) -> String {
        format!("{}:{version}", self.arn())
    }

    pub(in crate::api) fn alias_arn(&self, alias: &str) -> String {
        format!("{}:{alias}", self.arn())
    }

    /// The names of the aliases that lead to a version.
    pub(in crate::api) fn aliases_of(&self, version: u64) -> Vec<&str> {
        let aliases = self.aliases.iter();
        let aliases = aliases.filter(|(_, alias)| alias.leads_to(version));
        aliases.map(|(name, _)| name.as_str()).collect()
    }

    pub(in crate::api) fn refuse_if_of_settings(&self) -> Result<(), Fault> {
        match self.origin {
            Origin::Api => Ok(()),
            Origin::Settings => Err(Fault::validation(format!(
                "The state machine {} belongs to the settings of this process: change it there",
                self.name()
            ))),
        }
    }
}

impl Alias {
    pub(in crate::api) fn leads_to(&self, version: u64) -> bool {
        self.routes.iter().any(|route| route.version == version)
    }
}

impl MachineType {
    /// `STANDARD`, `EXPRESS`
    pub(in crate::api) const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Express => "EXPRESS",
        }
    }
}
