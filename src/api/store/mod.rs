//! The state machines by name: those of the settings, which are only shown, and those that the API made, in memory.
//!
//! Every change goes through [`Changes`].

mod machine;
mod target;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub(super) use machine::{
    Alias, Configuration, Logging, Machine, MachineType, Origin, Route, Version,
};
pub(super) use target::Target;

use super::protocol::{Fault, MachineArn, machine_arn};
use crate::engine::Registry;
use crate::machine::Timestamp;

#[derive(Debug)]
pub(super) struct Store {
    registry: Arc<Registry>,
    machines: RwLock<BTreeMap<String, Machine>>,
    /// Held by whoever changes something, from its first look to its last write.
    turn: Mutex<()>,
}

/// The right to change the store.
#[derive(Debug)]
pub(super) struct Changes<'s> {
    store: &'s Store,
    _turn: MutexGuard<'s, ()>,
}

impl Store {
    /// A store in which `workflows` belong to the settings: they are in the registry.
    pub(super) fn new(registry: Arc<Registry>, workflows: &[String], now: Timestamp) -> Self {
        let mut machines = BTreeMap::new();
        for name in workflows {
            if let Some(revision) = registry.get(name) {
                machines.insert(name.clone(), Machine::of_settings(revision, now));
            }
        }
        Self {
            registry,
            machines: RwLock::new(machines),
            turn: Mutex::new(()),
        }
    }

    /// Looks at all machines by name.
    pub(super) fn read<T>(&self, look: impl FnOnce(&BTreeMap<String, Machine>) -> T) -> T {
        look(&self.machines.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the machine that an ARN names, whatever its qualifier.
    pub(super) fn with<T>(
        &self,
        arn: &str,
        look: impl FnOnce(&Machine, &MachineArn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let parts = machine_arn(arn)?;
        self.read(|machines| {
            let machine = find(machines, &parts);
            look(
                machine.ok_or_else(|| Fault::machine_does_not_exist(arn))?,
                &parts,
            )
        })
    }

    /// What executions of a machine's unqualified ARN get now: the definitions of the settings may be swapped.
    pub(super) fn current(&self, machine: &Machine) -> Arc<Configuration> {
        let shown = &machine.current;
        let active = match machine.origin {
            Origin::Api => None,
            Origin::Settings => self.registry.get(machine.name()),
        };
        match active {
            Some(revision) if revision.number != shown.revision.number => Arc::new(Configuration {
                revision,
                ..Configuration::clone(shown)
            }),
            _ => Arc::clone(shown),
        }
    }

    /// Begins a change. Changes come one after the other; who only looks waits for none of them, however long it compiles.
    pub(super) fn changes(&self) -> Changes<'_> {
        Changes {
            store: self,
            _turn: self.turn.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Changes<'_> {
    /// Changes the machine that an ARN names. The settings' machines are refused.
    pub(super) fn machine<T>(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Machine, &MachineArn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let parts = machine_arn(arn)?;
        self.write(|machines| {
            let is_there = find(machines, &parts).is_some();
            let machine = machines.get_mut(&parts.name).filter(|_| is_there);
            let machine = machine.ok_or_else(|| Fault::machine_does_not_exist(arn))?;
            machine.refuse_if_of_settings()?;
            change(machine, &parts)
        })
    }

    /// Puts a machine in.
    pub(super) fn put(&self, machine: Machine) {
        self.write(|machines| machines.insert(machine.name().to_owned(), machine));
    }

    /// Takes a machine out, if it is there. The settings' machines are refused.
    pub(super) fn take_out(&self, parts: &MachineArn) -> Result<(), Fault> {
        self.write(|machines| {
            if let Some(machine) = find(machines, parts) {
                machine.refuse_if_of_settings()?;
                self.store.registry.remove(&parts.name);
                machines.remove(&parts.name);
            }
            Ok(())
        })
    }

    fn write<T>(&self, write: impl FnOnce(&mut BTreeMap<String, Machine>) -> T) -> T {
        let machines = &self.store.machines;
        write(&mut machines.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn find<'m>(machines: &'m BTreeMap<String, Machine>, parts: &MachineArn) -> Option<&'m Machine> {
    let machine = machines.get(&parts.name)?;
    let identity = &machine.current.revision.machine;
    parts.is_of(identity).then_some(machine)
}
