//! Calls of a function for each of many elements: its frame is filled in place, and a comparison as its body is a mere verdict.

use super::call::{Ending, arity};
use super::{Evaluator, truth};
use crate::expr::jsonata::datum::{Datum, FunctionKind, Lambda};
use crate::expr::jsonata::error::{Fault, STACK_OVERFLOW, fault};
use crate::expr::jsonata::program::{LambdaNode, Node};

/// What a function is told that is called for each of many elements.
#[derive(Debug)]
pub(in super::super) struct ElementArguments<'e> {
    pub(in super::super) value: Datum,
    pub(in super::super) at: usize,
    pub(in super::super) whole: &'e Datum,
}

impl ElementArguments<'_> {
    /// The first few of them.
    fn first(self, count: usize) -> impl Iterator<Item = Datum> {
        let Self { value, at, whole } = self;
        let place = (count >= 2).then(|| Datum::count(at));
        let whole = (count >= 3).then(|| whole.clone());
        std::iter::once(value).chain(place).chain(whole)
    }
}

impl<'a> Evaluator<'a> {
    /// Calls a function for one of many elements. It is told the element, its place and the whole, as far as it looks at them.
    pub(in super::super) fn apply_to_element(
        &mut self,
        function: &Datum,
        given: ElementArguments<'_>,
    ) -> Result<Datum, Fault> {
        let Some((node, lambda)) = self.plain_lambda(function) else {
            let arguments = given.first(arity(self, function).clamp(1, 3)).collect();
            return self.apply(function, arguments, &Datum::NULL);
        };
        self.deepen_calls()?;
        let frame = self.enter_lambda(node, lambda, given.first(node.parameters));
        let result = match self.run_in(node, lambda, frame)? {
            Ending::Result(datum) => datum,
            Ending::Call(next, with) => self.invoke(next, with, &Datum::NULL)?,
        };
        self.calls -= 1;
        Ok(result)
    }

    /// Whether what a function gives for one of many elements counts as true.
    pub(in super::super) fn passes_element(
        &mut self,
        function: &Datum,
        given: ElementArguments<'_>,
    ) -> Result<bool, Fault> {
        if let Some((node, lambda)) = self.plain_lambda(function)
            && self.is_verdict(node.body)
        {
            self.deepen_calls()?;
            let frame = self.enter_lambda(node, lambda, given.first(node.parameters));
            let verdict = self.test(node.body, &lambda.input, frame)?;
            self.leave_lambda(node, frame);
            self.calls -= 1;
            return Ok(verdict);
        }
        Ok(truth(&self.apply_to_element(function, given)?))
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
