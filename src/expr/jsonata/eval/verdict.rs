//! Comparisons as mere verdicts: where both operands can be looked at where they are, nothing is taken out or put together.

use super::operator::{equal_values, holds_of, in_order_of_units};
use super::sight::Sight;
use super::{Evaluator, FrameId, ROOM_MAX, truth};
use crate::expr::jsonata::datum::Datum;
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::parse::Operator;
use crate::expr::jsonata::program::{Node, NodeId};
use crate::value::{ArrayBuilder, Value, View};

impl Evaluator<'_> {
    /// Whether what a node evaluates to counts as true.
    pub(super) fn test(
        &mut self,
        id: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<bool, Fault> {
        match self.verdict(id, Sight::of(input, frame)) {
            Some(verdict) => Ok(verdict),
            None => Ok(truth(&self.eval(id, input, frame)?)),
        }
    }

    /// The elements of a plain array for which a comparison holds, as a sequence.
    pub(super) fn tested(
        &mut self,
        predicate: NodeId,
        values: &[Value],
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let formula = self.formula(predicate, frame);
        let mut passed = ArrayBuilder::with_capacity(values.len().min(ROOM_MAX));
        for value in values {
            let by_formula = formula.as_ref().and_then(|formula| formula.verdict(value));
            let passes = if let Some(passes) = by_formula {
                self.steps(3)?;
                passes
            } else {
                match self.verdict(predicate, Sight::of_value(Some(value), frame)) {
                    Some(passes) => passes,
                    None => truth(&self.eval(predicate, &Datum::Value(value.clone()), frame)?),
                }
            };
            if passes {
                passed.push(value.clone());
            }
        }
        self.sequence_of(passed)
    }

    /// Whether a node gives a truth value or nothing, so that it names no places as a predicate.
    pub(super) fn is_verdict(&self, id: NodeId) -> bool {
        match self.at(id) {
            Node::Logic(..) => true,
            Node::Chain(_, rest) => {
                matches!(&**rest, [(operator, _)] if operator.compares())
            }
            _ => false,
        }
    }

    /// The truth of a comparison, or of an `and` or `or` of such. `None` says nothing: it must be evaluated then.
    pub(super) fn verdict(&mut self, id: NodeId, sight: Sight<'_>) -> Option<bool> {
        self.verdict_of(self.at(id), sight)
    }

    /// The same of a node itself.
    pub(super) fn verdict_of(&mut self, node: &Node, sight: Sight<'_>) -> Option<bool> {
        match node {
            Node::Chain(first, rest) => {
                let [(operator, second)] = &**rest else {
                    return None;
                };
                let verdict = self.compared(*operator, *first, *second, sight)?;
                self.steps(3).ok()?;
                Some(verdict)
            }
            Node::Logic(first, rest) => {
                let mut so_far = self.comparison_at_hand(*first, sight)?;
                for (operator, operand) in rest {
                    let settles = *operator == Operator::Or;
                    if so_far != settles {
                        so_far = self.comparison_at_hand(*operand, sight)?;
                    }
                }
                self.steps(1 + 3 * (1 + rest.len())).ok()?;
                Some(so_far)
            }
            _ => None,
        }
    }

    fn comparison_at_hand(&self, id: NodeId, sight: Sight<'_>) -> Option<bool> {
        let Node::Chain(first, rest) = self.at(id) else {
            return None;
        };
        let [(operator, second)] = &**rest else {
            return None;
        };
        self.compared(*operator, *first, *second, sight)
    }

    fn compared(
        &self,
        operator: Operator,
        left: NodeId,
        right: NodeId,
        sight: Sight<'_>,
    ) -> Option<bool> {
        if !operator.compares() {
            return None;
        }
        let left = self.at_hand(left, sight)?;
        compared_values(operator, left, self.at_hand(right, sight)?)
    }
}

/// What a comparison says of two values. `None` says nothing: they cannot be compared, or have no order.
pub(super) fn compared_values(operator: Operator, left: &Value, right: &Value) -> Option<bool> {
    if matches!(operator, Operator::Equal | Operator::NotEqual) {
        return Some(equal_values(left, right) == (operator == Operator::Equal));
    }
    let order = match (left.view(), right.view()) {
        (View::Number(a), View::Number(b)) => a.compare(b),
        (View::String(a), View::String(b)) => in_order_of_units(a, b),
        _ => return None,
    };
    Some(holds_of(operator, order))
}
