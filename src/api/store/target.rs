//! ARN → what an execution of it gets.

use std::sync::Arc;

use super::{Configuration, Machine, MachineType, Store};
use crate::api::protocol::{Fault, Ids, MachineArn, Qualifier};
use crate::engine::Revision;

/// What an execution gets.
#[derive(Clone, Debug)]
pub(in crate::api) struct Target {
    /// What is run: the configuration's revision, or its stand-in with the mocks of a test case.
    pub(in crate::api) revision: Arc<Revision>,
    pub(in crate::api) configuration: Arc<Configuration>,
    pub(in crate::api) way: Way,
    pub(in crate::api) machine_type: MachineType,
    /// The log group of a machine that the API made.
    pub(in crate::api) log_group: Option<Arc<str>>,
}

/// How the configuration was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) enum Way {
    /// As what is current.
    Current,
    /// As this version.
    Version(u64),
    /// As what this alias leads to, which was this version.
    Alias { name: Arc<str>, version: u64 },
}

impl Way {
    /// The version, unless it was what is current.
    pub(in crate::api) const fn version(&self) -> Option<u64> {
        match self {
            Self::Current => None,
            Self::Version(version) | Self::Alias { version, .. } => Some(*version),
        }
    }
}

impl Store {
    /// What an execution of this ARN gets; an alias's is picked by weight.
    pub(in crate::api) fn target(&self, ids: &Ids, arn: &str) -> Result<Target, Fault> {
        self.with(arn, |machine, parts| {
            let missing = || Fault::machine_does_not_exist(arn);
            let way = way(machine, parts, ids).ok_or_else(missing)?;
            let configuration = match way.version() {
                None => self.current(machine),
                Some(number) => {
                    let version = machine.versions.get(&number);
                    Arc::clone(&version.ok_or_else(missing)?.configuration)
                }
            };
            let revision = match &parts.test_case {
                None => Arc::clone(&configuration.revision),
                Some(test_case) => {
                    let mocked = self.registry.test_case(&configuration.revision, test_case);
                    mocked.map_err(|why| Fault::invalid_arn(&format!("{arn}: {why}")))?
                }
            };
            Ok(Target {
                revision,
                machine_type: machine.machine_type,
                way,
                log_group: configuration
                    .logging
                    .destinations
                    .first()
                    .map(|arn| arn.as_str().into()),
                configuration,
            })
        })
    }
}

/// The way that an ARN goes; an alias's is picked by weight.
fn way(machine: &Machine, arn: &MachineArn, ids: &Ids) -> Option<Way> {
    let name = match &arn.qualifier {
        None => return Some(Way::Current),
        Some(Qualifier::Version(number)) => return Some(Way::Version(*number)),
        Some(Qualifier::Alias(name)) => name,
    };
    let mut left = ids.below(100);
    for route in &machine.aliases.get(name)?.routes {
        if left < route.weight {
            return Some(Way::Alias {
                name: name.as_str().into(),
                version: route.version,
            });
        }
        left -= route.weight;
    }
    None
}
