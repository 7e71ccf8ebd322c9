//! Variables that are read though nobody assigns them.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::graph::State;
use crate::asl::answer::names_read_by;
use crate::asl::compile::report::{Fault, Report};
use crate::asl::diagnostic::code;
use crate::asl::source::{Json, Node};

/// What the states of a block assign, and the scope around it.
pub(super) struct Scope<'n> {
    own: BTreeSet<&'n str>,
    outer: Option<Rc<Self>>,
}

impl<'n> Scope<'n> {
    /// The scope of a block with these states.
    pub(super) fn of(states: &[State<'n>], outer: Option<Rc<Self>>) -> Rc<Self> {
        let mut own = BTreeSet::new();
        for state in states {
            let node = state.node();
            let mut owners = vec![node];
            for list in ["Choices", "Catch"] {
                if let Some(Json::Array(elements)) = node.get(list).map(|n| &n.json) {
                    owners.extend(elements);
                }
            }
            let assigned = owners.into_iter().filter_map(|owner| owner.get("Assign"));
            own.extend(assigned.flat_map(Node::members).map(|member| {
                let key = member.key.as_str();
                key.strip_suffix(".$").unwrap_or(key)
            }));
        }
        Rc::new(Self { own, outer })
    }

    /// The scopes around are no more than the definition is deep, which is bounded.
    fn has(&self, name: &str) -> bool {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if here.own.contains(name) {
                return true;
            }
            scope = here.outer.as_deref();
        }
        false
    }
}

/// Reports what a state reads and no state of its scope or the scopes around ever assigns.
pub(super) fn check(state: &State<'_>, scope: &Scope<'_>, report: &mut Report<'_>) {
    for name in names_read_by(state.node(), state.is_jsonata) {
        if !scope.has(name) {
            let message = format!("Variable '{name}' is possibly not defined.");
            let fault = Fault::warning(code::POSSIBLY_UNDEFINED_VARIABLE, state.node(), message);
            let fault = fault.at(state.key_start());
            report.push(fault.hint("no state here or around assigns it"));
        }
    }
}
