//! ARN → what an execution of it gets.

use std::sync::Arc;

use super::{Machine, MachineType, Store};
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
            let configuration = match version(machine, parts, ids) {
                Picked::Current => self.current(machine),
                Picked::Version(number) => {
                    let version = machine.versions.get(&number);
                    let version = version.ok_or_else(|| Fault::machine_does_not_exist(arn))?;
                    Arc::clone(&version.configuration)
                }
                Picked::Nothing => return Err(Fault::machine_does_not_exist(arn)),
            };
            Ok(Target {
                revision: Arc::clone(&configuration.revision),
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

enum Picked {
    Current,
    Version(u64),
    Nothing,
}

/// Which of a machine's configurations an ARN stands for; an alias's is picked by weight.
fn version(machine: &Machine, arn: &MachineArn, ids: &Ids) -> Picked {
    let name = match &arn.qualifier {
        None => return Picked::Current,
        Some(Qualifier::Version(number)) => return Picked::Version(*number),
        Some(Qualifier::Alias(name)) => name,
    };
    let routes = machine.aliases.get(name).map(|alias| &alias.routes);
    let mut left = ids.below(100);
    for route in routes.into_iter().flatten() {
        if left < route.weight {
            return Picked::Version(route.version);
        }
        left -= route.weight;
    }
    Picked::Nothing
}
