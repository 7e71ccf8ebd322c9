//! Comparisons and calculations of two operands for each element of a plain array: what is the same for all elements is
//! looked up once, and nothing is put together for an element but its result.

use std::borrow::Cow;

use super::operator::calculated;
use super::sight::Sight;
use super::verdict::compared_values;
use super::walk::walked;
use super::{Evaluator, FrameId};
use crate::expr::jsonata::datum::{Datum, FunctionKind, sequence, whole_sequence};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::parse::Operator;
use crate::expr::jsonata::program::{Field, Node, NodeId, Variable};
use crate::value::{ArrayBuilder, Value};

/// An operator and where its operands are.
#[derive(Debug)]
pub(in super::super) struct Formula<'a> {
    operator: Operator,
    left: Operand<'a>,
    right: Operand<'a>,
}

#[derive(Debug)]
enum Operand<'a> {
    /// The same for all elements.
    Fixed(Cow<'a, Value>),
    /// These fields of the element.
    Fields(&'a [Field]),
}

/// What an element is to the formula.
#[derive(Clone, Copy)]
enum Role<'r> {
    /// The context.
    Context,
    /// The first parameter of a function that was made where the context was this.
    Parameter(&'r Datum),
}

impl Operand<'_> {
    fn of<'v>(&'v self, element: &'v Value) -> Option<&'v Value> {
        match self {
            Self::Fixed(value) => Some(value),
            Self::Fields(fields) => walked(element, fields),
        }
    }
}

impl Formula<'_> {
    /// Whether it gives numbers.
    pub(in super::super) const fn calculates(&self) -> bool {
        self.operator.calculates()
    }

    /// Whether it gives verdicts.
    pub(in super::super) const fn compares(&self) -> bool {
        self.operator.compares()
    }

    /// What the comparison says of an element. `None` says nothing.
    pub(in super::super) fn verdict(&self, element: &Value) -> Option<bool> {
        let left = self.left.of(element)?;
        compared_values(self.operator, left, self.right.of(element)?)
    }

    /// What the calculation gives for an element. `None` says nothing.
    fn result(&self, element: &Value) -> Option<Result<Value, Fault>> {
        let left = self.left.of(element)?.as_f64()?;
        let right = self.right.of(element)?.as_f64()?;
        Some(calculated(self.operator, left, right))
    }
}

impl<'a> Evaluator<'a> {
    /// The formula that a step or a predicate is.
    pub(super) fn formula(&self, id: NodeId, frame: FrameId) -> Option<Formula<'a>> {
        self.formula_in(id, Role::Context, frame)
    }

    /// The formula that the body of a function is.
    pub(in super::super) fn formula_of(&self, function: &Datum) -> Option<Formula<'a>> {
        let Datum::Function(function) = function else {
            return None;
        };
        let FunctionKind::Lambda(lambda) = &function.kind else {
            return None;
        };
        match self.at(lambda.node) {
            Node::Lambda(node) if node.signature.is_none() && node.parameters > 0 => {
                self.formula_in(node.body, Role::Parameter(&lambda.input), lambda.frame)
            }
            _ => None,
        }
    }

    fn formula_in(&self, id: NodeId, role: Role<'_>, frame: FrameId) -> Option<Formula<'a>> {
        let Node::Chain(first, rest) = self.at(id) else {
            return None;
        };
        let [(operator, second)] = &**rest else {
            return None;
        };
        if !operator.compares() && !operator.calculates() {
            return None;
        }
        Some(Formula {
            operator: *operator,
            left: self.operand(*first, role, frame)?,
            right: self.operand(*second, role, frame)?,
        })
    }

    fn operand(&self, id: NodeId, role: Role<'_>, frame: FrameId) -> Option<Operand<'a>> {
        let sight = match (self.at(id), role) {
            (Node::Literal(value), _) => return Some(Operand::Fixed(Cow::Borrowed(value))),
            (Node::Walk(fields), Role::Context) => return Some(Operand::Fields(fields)),
            (Node::Context, Role::Context) => return Some(Operand::Fields(&[])),
            (Node::VariableWalk(walk), Role::Parameter(_)) if is_parameter(&walk.0) => {
                return Some(Operand::Fields(&walk.1));
            }
            (Node::Variable(variable), Role::Parameter(_)) if is_parameter(variable) => {
                return Some(Operand::Fields(&[]));
            }
            (_, Role::Context) => Sight::of_value(None, frame),
            // No place that is left is the parameter's.
            (_, Role::Parameter(context)) => {
                Sight::of(context, frame).with_parameter(const { &Value::NULL })
            }
        };
        let fixed = self.at_hand(id, sight)?;
        Some(Operand::Fixed(Cow::Owned(fixed.clone())))
    }

    /// The results of a calculation, as a sequence; `otherwise` gives those that the formula says nothing of.
    pub(in super::super) fn results(
        &mut self,
        formula: &Formula<'_>,
        values: &[Value],
        mut otherwise: impl FnMut(&mut Self, usize) -> Result<Datum, Fault>,
    ) -> Result<Datum, Fault> {
        let mut results = ArrayBuilder::with_capacity(values.len());
        for (at, value) in values.iter().enumerate() {
            match formula.result(value) {
                Some(result) => {
                    self.steps(4)?;
                    results.push(result?);
                }
                None => match otherwise(self, at)? {
                    Datum::Nothing => {}
                    result => results.push(result.to_value()?),
                },
            }
        }
        self.sequence_of(results)
    }

    /// Values as a sequence.
    pub(in super::super) fn sequence_of(&mut self, values: ArrayBuilder) -> Result<Datum, Fault> {
        self.take_elements(values.len())?;
        if values.len() >= 2 {
            return whole_sequence(values.finish()?);
        }
        sequence(values.into_iter().map(Datum::Value).collect())
    }
}

/// Whether a variable is the first parameter of the function in whose body it stands.
fn is_parameter(variable: &Variable) -> bool {
    variable.places.first() == Some(&(0, 0))
}
