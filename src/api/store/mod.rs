//! The state machines by name: those of the settings, which are only shown, and those that the API made.
//!
//! Every change goes through [`Changes`]: where there is a [`Shelf`], it is kept there before anybody sees it.

mod document;
mod machine;
mod target;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

pub(super) use document::Document;
pub(super) use machine::{
    Alias, Configuration, Logging, Machine, MachineType, Origin, Route, Version,
};
pub(super) use target::{Target, Way};

use super::Shelf;
use super::protocol::{Fault, MachineArn, machine_arn};
use crate::engine::Registry;
use crate::machine::Timestamp;

#[derive(Debug)]
pub(super) struct Store {
    registry: Arc<Registry>,
    machines: RwLock<BTreeMap<String, Machine>>,
    /// Held by whoever changes something, from its first look to its last write.
    turn: Mutex<()>,
    shelf: Option<Arc<dyn Shelf>>,
}

/// The right to change the store.
#[derive(Debug)]
pub(super) struct Changes<'s> {
    store: &'s Store,
    _turn: MutexGuard<'s, ()>,
}

impl Store {
    /// A store in which `workflows` belong to the settings: they are in the registry. `made` are those that the API made
    /// earlier, and `shelf` keeps what it makes from now on.
    pub(super) fn new(
        registry: Arc<Registry>,
        workflows: &[String],
        made: Vec<Machine>,
        shelf: Option<Arc<dyn Shelf>>,
        now: Timestamp,
    ) -> Self {
        let made = made.into_iter().map(|m| (m.name().to_owned(), m));
        let mut machines: BTreeMap<String, Machine> = made.collect();
        for name in workflows {
            if let Some(revision) = registry.get(name) {
                machines.insert(name.clone(), Machine::of_settings(revision, now));
            }
        }
        Self {
            registry,
            machines: RwLock::new(machines),
            turn: Mutex::new(()),
            shelf,
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
    /// Changes the machine that an ARN names, or nothing. The settings' machines are refused.
    pub(super) fn machine<T>(
        &self,
        arn: &str,
        change: impl FnOnce(&mut Machine, &MachineArn) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let parts = machine_arn(arn)?;
        let machine = self.store.read(|machines| find(machines, &parts).cloned());
        let mut machine = machine.ok_or_else(|| Fault::machine_does_not_exist(arn))?;
        machine.refuse_if_of_settings()?;
        let answer = change(&mut machine, &parts)?;
        self.put(machine)?;
        Ok(answer)
    }

    /// Puts a machine in, also in the place of one of the same name.
    pub(super) fn put(&self, machine: Machine) -> Result<(), Fault> {
        if let Some(shelf) = &self.store.shelf {
            let kept = shelf.keep(machine.name(), &Document::text(&machine));
            kept.map_err(|error| not_kept(machine.name(), &error))?;
        }
        self.write(|machines| machines.insert(machine.name().to_owned(), machine));
        Ok(())
    }

    /// Takes a machine out, if it is there. The settings' machines are refused.
    pub(super) fn take_out(&self, parts: &MachineArn) -> Result<(), Fault> {
        let refused = self.store.read(|machines| {
            let machine = find(machines, parts);
            machine.map(Machine::refuse_if_of_settings)
        });
        let Some(refused) = refused else {
            return Ok(());
        };
        refused?;
        if let Some(shelf) = &self.store.shelf {
            let forgotten = shelf.forget(&parts.name);
            forgotten.map_err(|error| not_kept(&parts.name, &error))?;
        }
        self.store.registry.remove(&parts.name);
        self.write(|machines| machines.remove(&parts.name));
        Ok(())
    }

    fn write<T>(&self, write: impl FnOnce(&mut BTreeMap<String, Machine>) -> T) -> T {
        let machines = &self.store.machines;
        write(&mut machines.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A change that would be lost with the process is none.
fn not_kept(name: &str, error: &std::io::Error) -> Fault {
    tracing::error!(machine = name, %error, "a change of a state machine could not be kept");
    let message = format!("The change of the state machine {name} could not be kept: {error}");
    Fault::new("InternalFailure", message).with_status(500)
}

fn find<'m>(machines: &'m BTreeMap<String, Machine>, parts: &MachineArn) -> Option<&'m Machine> {
    let machine = machines.get(&parts.name)?;
    let identity = &machine.current.revision.machine;
    parts.is_of(identity).then_some(machine)
}
