//! Ways out of a state: where they lead, what they assign, and what they give.

use super::assign::Assigned;
use super::flow::Flow;
use super::problem::Problem;
use super::step::Turn;
use crate::asl::{Assign, Catcher, Next, Rule, State};
use crate::expr::{QueryTemplate, Seen};
use crate::value::Value;

/// A state's own way out, or that of a rule or a catcher.
#[derive(Clone, Copy)]
pub(super) struct Way<'p> {
    pub(super) next: Next,
    pub(super) assign: Option<&'p Assign>,
    pub(super) output: Option<&'p QueryTemplate>,
}

/// How a state is left.
pub(super) struct Exit {
    pub(super) output: Value,
    pub(super) next: Next,
    pub(super) assigned: Option<Assigned>,
}

/// What a way out has told so far: everything but an output that the way does not make itself.
pub(super) struct Leaving {
    next: Next,
    assigned: Option<Assigned>,
    output: Option<Value>,
}

impl Flow<'_> {
    /// Evaluates `Assign`, and `Output` in JSONata. Both see the variables as they were when the state was entered.
    pub(super) fn leave_by(
        &self,
        way: Way<'_>,
        seen: Seen<'_>,
        state: &State,
    ) -> Result<Leaving, Problem> {
        let assigned = match way.assign {
            Some(assign) => Some(self.assigned(assign, seen, state)?),
            None => None,
        };
        let output = match way.output {
            Some(template) => {
                let output = template.eval(&self.query_scope(seen));
                let output = output.map_err(|failure| self.problem(&failure, state))?;
                Some(self.bounded(output, state)?)
            }
            None => None,
        };
        Ok(Leaving {
            next: way.next,
            assigned,
            output,
        })
    }
}

impl Leaving {
    /// The turn that leaves the state; `output` makes what the way does not.
    pub(super) fn with(
        self,
        output: impl FnOnce() -> Result<Value, Problem>,
    ) -> Result<Turn, Problem> {
        let output = match self.output {
            Some(own) => own,
            None => output()?,
        };
        Ok(Turn::Leave(Exit {
            output,
            next: self.next,
            assigned: self.assigned,
        }))
    }
}

impl<'p> From<&'p State> for Way<'p> {
    fn from(state: &'p State) -> Self {
        Self {
            next: state.next,
            assign: state.assign.as_ref(),
            output: state.output.as_ref(),
        }
    }
}

impl<'p> From<&'p Rule> for Way<'p> {
    fn from(rule: &'p Rule) -> Self {
        Self {
            next: Next::State(rule.next),
            assign: rule.assign.as_ref(),
            output: rule.output.as_ref(),
        }
    }
}

impl<'p> From<&'p Catcher> for Way<'p> {
    fn from(catcher: &'p Catcher) -> Self {
        Self {
            next: Next::State(catcher.next),
            assign: catcher.assign.as_ref(),
            output: catcher.output.as_ref(),
        }
    }
}
