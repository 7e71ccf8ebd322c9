//! What can be looked at where it is, without being taken out: literals, and fields of the context and of variables.

use std::borrow::Cow;

use super::walk::walked;
use super::{Evaluator, FrameId};
use crate::expr::jsonata::datum::Datum;
use crate::expr::jsonata::program::{Node, NodeId, Variable};
use crate::value::Value;

/// From where a node is looked at.
#[derive(Clone, Copy)]
pub(super) struct Sight<'v> {
    /// The context, if that is plain JSON.
    input: Option<&'v Value>,
    frame: FrameId,
    /// The first parameter of a function whose body this is, which has no frame then: `frame` is the one around it.
    parameter: Option<&'v Value>,
}

impl<'v> Sight<'v> {
    pub(super) fn of(input: &'v Datum, frame: FrameId) -> Self {
        Self::of_value(input.as_value(), frame)
    }

    pub(super) const fn of_value(input: Option<&'v Value>, frame: FrameId) -> Self {
        Self {
            input,
            frame,
            parameter: None,
        }
    }

    /// Within a function that is called with this as its first argument.
    pub(super) const fn with_parameter(self, parameter: &'v Value) -> Self {
        Self {
            parameter: Some(parameter),
            ..self
        }
    }
}

impl Evaluator<'_> {
    /// What a node stands for, if that is plain JSON that can be looked at. `None` says nothing.
    #[inline]
    pub(super) fn at_hand<'v>(&'v self, id: NodeId, sight: Sight<'v>) -> Option<&'v Value> {
        match self.at(id) {
            Node::Literal(value) => Some(value),
            Node::Walk(fields) => walked(sight.input?, fields),
            Node::Context => sight.input,
            Node::VariableWalk(walk) => {
                let (variable, fields) = &**walk;
                if !variable.places.is_empty()
                    && let Some(bound) = self.bound_in_sight(variable, sight)?
                {
                    return walked(bound, fields);
                }
                let variables = self.environment.variables;
                let (first, rest) = fields.split_first()?;
                match variables.member(&variable.name, &first.name) {
                    Some(Cow::Borrowed(member)) => walked(member, rest),
                    Some(Cow::Owned(_)) => None,
                    None => match variables.get(&variable.name)? {
                        Cow::Borrowed(value) => walked(value, fields),
                        Cow::Owned(_) => None,
                    },
                }
            }
            Node::Variable(variable) => match self.bound_in_sight(variable, sight)? {
                Some(bound) => Some(bound),
                None => match self.environment.variables.get(&variable.name)? {
                    Cow::Borrowed(value) => Some(value),
                    Cow::Owned(_) => None,
                },
            },
            _ => None,
        }
    }

    /// What is bound to a variable; `Some(None)` if nothing is, and `None` if it cannot be looked at.
    fn bound_in_sight<'v>(
        &'v self,
        variable: &Variable,
        sight: Sight<'v>,
    ) -> Option<Option<&'v Value>> {
        for (hops, slot) in &variable.places {
            let bound = match (sight.parameter, hops) {
                (None, hops) => self.slot(sight.frame, *hops, *slot),
                (Some(parameter), 0) if *slot == 0 => return Some(Some(parameter)),
                (Some(_), 0) => return None,
                (Some(_), hops) => self.slot(sight.frame, hops - 1, *slot),
            };
            if let Some(bound) = bound {
                return bound.as_value().map(Some);
            }
        }
        Some(None)
    }
}
