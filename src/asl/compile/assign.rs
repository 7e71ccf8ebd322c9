//! `Assign` of states, rules and catchers: the names of variables, and which scope they belong to.
//!
//! A block of states is a scope. A scope within it reads its variables, and must not assign one that may have been assigned
//! before the inner scope begins.

use std::collections::HashMap;

use super::Compiler;
use super::block::Block;
use super::query::Stage;
use super::report::Fault;
use super::state::StateSource;
use crate::asl::source::Node;
use crate::asl::{Assign, StateId, code};
use crate::expr::is_variable_name;
use crate::value::Text;

/// The name of the reserved variable of JSONata.
const RESERVED: &str = "states";

/// One variable in one `Assign`.
pub(super) struct Assigned<'s> {
    state: StateId,
    name: Text,
    /// What is assigned.
    node: &'s Node,
}

impl<'s> Compiler<'s> {
    /// `Assign` of a state, a rule or a catcher.
    pub(super) fn assign(
        &mut self,
        state: &StateSource<'s>,
        object: &'s Node,
        stage: Stage,
    ) -> Option<Assign> {
        let node = self.object(object, "Assign")?;
        let mut slots = Vec::with_capacity(node.members().len());
        for member in node.members() {
            let name = state.language.name_of_field(&member.key);
            if !is_variable_name(name) || name == RESERVED {
                let message = format!("'{name}' is not a valid variable name");
                let fault = Fault::schema(node, message).at(member.key_span.start);
                self.report.push(fault.hint(
                    "a name is a letter, then letters, digits and underscores, 80 characters at most; 'states' is reserved",
                ));
            }
            let name = Text::new(name);
            slots.push(self.variables.slot(&name));
            self.assigned.push(Assigned {
                state: state.id,
                name,
                node: &member.value,
            });
        }
        Some(Assign {
            slots: slots.into(),
            values: self.payload(state, object, "Assign", stage)?,
        })
    }

    /// Reports variables that a scope within a state of this block assigns, though they may be assigned already when it
    /// begins. `from` is where the block's assignments begin, those of inner blocks included.
    pub(super) fn scopes(&mut self, block: &Block<'s>, from: usize) {
        if block.inner.is_empty() {
            return;
        }
        let assigned = self.assigned.get(from..).unwrap_or_default();
        let states = block.states();
        let mut outer: HashMap<&str, Vec<StateId>> = HashMap::new();
        for own in assigned.iter().filter(|own| states.contains(&own.state)) {
            outer.entry(own.name.as_str()).or_default().push(own.state);
        }
        for inner in &block.inner {
            let within = self.assigned.get(inner.assigned.clone());
            let mut before = None;
            for within in within.unwrap_or_default() {
                let Some(outer) = outer.get(within.name.as_str()) else {
                    continue;
                };
                let before = before.get_or_insert_with(|| block.leading_to(inner.state));
                if outer.iter().any(|outer| before.contains(outer)) {
                    let name = &within.name;
                    let message = format!(
                        "The variable name '{name}' was already defined in a parent scope."
                    );
                    let fault = Fault::new(code::DUPLICATE_VARIABLE_NAME, message).of(within.node);
                    self.report.push(fault.hint(
                        "an inner scope reads the variables around it, and assigns only its own",
                    ));
                }
            }
        }
    }
}
