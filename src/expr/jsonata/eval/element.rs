//! Calls of a function for each of many elements. One whose body is a comparison or a calculation of what is in sight
//! needs no frame.

use super::call::{Ending, arity};
use super::sight::Sight;
use super::{Evaluator, truth};
use crate::expr::jsonata::datum::{Datum, Elements, FunctionKind, Lambda};
use crate::expr::jsonata::error::{Fault, STACK_OVERFLOW, fault};
use crate::expr::jsonata::program::{LambdaNode, Node};
use crate::value::Value;

/// One of many elements for which a function is called; it is told the element, its place and the whole, as far as it
/// looks at them.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Element<'e> {
    pub(in super::super) elements: Elements<'e>,
    pub(in super::super) at: usize,
    pub(in super::super) whole: &'e Datum,
}

impl<'e> Element<'e> {
    pub(in super::super) fn value(self) -> Datum {
        self.elements.get(self.at).unwrap_or(Datum::Nothing)
    }

    fn plain(self) -> Option<&'e Value> {
        match self.elements {
            Elements::Values(values) => values.get(self.at),
            Elements::Data(data) => data.get(self.at)?.as_value(),
        }
    }

    /// The first few arguments.
    fn arguments(self, count: usize) -> impl Iterator<Item = Datum> {
        let place = (count >= 2).then(|| Datum::count(self.at));
        let whole = (count >= 3).then(|| self.whole.clone());
        std::iter::once(self.value()).chain(place).chain(whole)
    }
}

impl<'a> Evaluator<'a> {
    /// Calls a function for an element.
    pub(in super::super) fn apply_to_element(
        &mut self,
        function: &Datum,
        element: Element<'_>,
    ) -> Result<Datum, Fault> {
        let Some((node, lambda)) = self.plain_lambda(function) else {
            let count = arity(self, function).clamp(1, 3);
            return self.apply(function, element.arguments(count).collect(), &Datum::NULL);
        };
        if let Some(sight) = in_sight(node, lambda, element)
            && let Node::Chain(first, rest) = self.at(node.body)
            && let [(operator, second)] = &**rest
            && let Some(result) = self.numbers_at_hand(*operator, *first, *second, sight)
        {
            self.steps(4)?;
            return result;
        }
        self.deepen_calls()?;
        let frame = self.enter_lambda(node, lambda, element.arguments(node.parameters));
        let result = match self.run_in(node, lambda, frame)? {
            Ending::Result(datum) => datum,
            Ending::Call(next, with) => self.invoke(next, with, &Datum::NULL)?,
        };
        self.calls -= 1;
        Ok(result)
    }

    /// Whether what a function gives for an element counts as true.
    pub(in super::super) fn passes_element(
        &mut self,
        function: &Datum,
        element: Element<'_>,
    ) -> Result<bool, Fault> {
        if let Some((node, lambda)) = self.plain_lambda(function)
            && let Some(sight) = in_sight(node, lambda, element)
            && let Some(verdict) = self.verdict(node.body, sight)
        {
            self.steps(1)?;
            return Ok(verdict);
        }
        Ok(truth(&self.apply_to_element(function, element)?))
    }

    /// A function of the expression's own that coerces no arguments.
    fn plain_lambda<'f>(&self, function: &'f Datum) -> Option<(&'a LambdaNode, &'f Lambda)> {
        let Datum::Function(function) = function else {
            return None;
        };
        let FunctionKind::Lambda(lambda) = &function.kind else {
            return None;
        };
        match self.at(lambda.node) {
            Node::Lambda(node) if node.signature.is_none() => Some((node, lambda)),
            _ => None,
        }
    }

    fn deepen_calls(&mut self) -> Result<(), Fault> {
        self.steps(1)?;
        if self.calls >= self.environment.limits.depth {
            return Err(fault("U1001", STACK_OVERFLOW));
        }
        self.calls += 1;
        Ok(())
    }
}

/// What the body of a function sees that is called for an element, without a frame of its own.
fn in_sight<'v>(node: &LambdaNode, lambda: &'v Lambda, element: Element<'v>) -> Option<Sight<'v>> {
    if node.parameters == 0 {
        return None;
    }
    let sight = Sight::of(&lambda.input, lambda.frame);
    Some(sight.with_parameter(element.plain()?))
}
