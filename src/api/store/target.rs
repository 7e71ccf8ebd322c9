//! ARN → what an execution of it gets.

use std::sync::Arc;

use super::{Configuration, Machine, MachineType, Origin, Store};
use crate::api::protocol::{Fault, Ids, MachineArn, Qualifier};
use crate::engine::Revision;

/// What an execution gets.
#[derive(Clone, Debug)]
pub(in crate::api) struct Target {
    pub(in crate::api) revision: Arc<Revision>,
    pub(in crate::api) machine_type: MachineType,
    /// The log group of a machine that the API made.
    pub(in crate::api) log_group: Option<Arc<str>>,
}

impl Store {
    /// What an execution of this ARN gets; an alias's is picked by weight.
    pub(in crate::api) fn target(&self, ids: &Ids, arn: &str) -> Result<Target, Fault> {
        self.with(arn, |machine, parts| {
            if parts.test_case.is_some() {
                let why = "test cases of mocks are chosen by settings in this process";
                return Err(Fault::invalid_arn(&format!("{arn}: {why}")));
            }
            let configuration = configuration(machine, parts, ids)
                .ok_or_else(|| Fault::machine_does_not_exist(arn))?;
            let revision = match machine.origin {
                Origin::Api => Arc::clone(&configuration.revision),
                // The settings' definitions may be swapped.
                Origin::Settings => self
                    .registry
                    .get(&parts.name)
                    .unwrap_or_else(|| Arc::clone(&configuration.revision)),
            };
            Ok(Target {
                revision,
                machine_type: machine.machine_type,
                log_group: configuration
                    .logging
                    .destinations
                    .first()
                    .map(|arn| arn.as_str().into()),
            })
        })
    }
}

/// The configuration that an ARN stands for; an alias stands for one of its versions.
fn configuration<'m>(
    machine: &'m Machine,
    arn: &MachineArn,
    ids: &Ids,
) -> Option<&'m Arc<Configuration>> {
    let version = match &arn.qualifier {
        None => return Some(&machine.current),
        Some(Qualifier::Version(version)) => *version,
        Some(Qualifier::Alias(name)) => {
            let routes = &machine.aliases.get(name)?.routes;
            let mut left = ids.below(100);
            let mut picked = routes.first()?;
            for route in routes {
                if left < route.weight {
                    picked = route;
                    break;
                }
                left -= route.weight;
            }
            picked.version
        }
    };
    Some(&machine.versions.get(&version)?.configuration)
}
