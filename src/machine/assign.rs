//! `Assign`: the values that a state gives to variables on its way out, and the bounds of all variables.
//!
//! Values are made from what variables were when the state was entered, and take effect when it is left.

use std::sync::Arc;

use super::flow::Flow;
use super::frame::Frame;
use super::problem::Problem;
use super::tree::Tree;
use crate::asl::{Assign, State};
use crate::expr::{Seen, Slot};
use crate::value::{Object, Value};

/// What a state assigns when it is left.
#[derive(Debug)]
pub(super) struct Assigned {
    slots: Arc<[Slot]>,
    /// The values by name, in the order of the slots.
    pub(super) values: Value,
}

impl Flow<'_> {
    /// What `Assign` comes to, if it is not too large.
    pub(super) fn assigned(
        &self,
        assign: &Assign,
        seen: Seen<'_>,
        state: &State,
    ) -> Result<Assigned, Problem> {
        let values = self.evaluate(&assign.values, seen, state)?;
        let limits = &self.core.options.limits;
        if values.json_bytes() > limits.variable_bytes_max {
            return Err(Problem::variables_too_large(&state.name));
        }
        let assigned = Assigned {
            slots: Arc::clone(&assign.slots),
            values,
        };
        let new: usize = assigned.values().map(|(_, v)| v.json_bytes()).sum();
        let old = assigned
            .values()
            .filter_map(|(slot, _)| self.frame.variables.get(slot));
        let old: usize = old.map(Value::json_bytes).sum();
        if (self.core.variable_bytes + new).saturating_sub(old) > limits.variables_bytes_max {
            return Err(Problem::all_variables_too_large(&state.name));
        }
        Ok(assigned)
    }

    /// Lets the values take effect.
    pub(super) fn assign(&mut self, assigned: &Assigned) {
        let variables = &mut self.frame.variables;
        let old = variables.json_bytes();
        for (slot, value) in assigned.values() {
            variables.set(slot, value.clone());
        }
        let new = variables.json_bytes();
        self.core.variable_bytes = (self.core.variable_bytes + new).saturating_sub(old);
    }
}

impl Assigned {
    fn values(&self) -> impl Iterator<Item = (Slot, &Value)> {
        let object = self.values.as_object();
        let values = object.map(Object::values).unwrap_or_default();
        self.slots.iter().copied().zip(values)
    }
}

impl Tree<'_> {
    /// Forgets the variables of a branch or an iteration that has ended.
    pub(super) fn forget_variables(&mut self, ended: &Frame) {
        if let Some(origin) = ended.origin {
            let outer = self.frames.get(origin.parent).variables.json_bytes();
            // An inner scope assigns no name of an outer one, so the rest is its own.
            let own = ended.variables.json_bytes().saturating_sub(outer);
            self.core.variable_bytes = self.core.variable_bytes.saturating_sub(own);
        }
    }
}
