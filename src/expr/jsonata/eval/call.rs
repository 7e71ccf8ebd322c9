//! Calls of functions of every kind. A call that ends a function's body takes the place of that function.

use std::rc::Rc;

use super::{Evaluator, FrameId};
use crate::expr::jsonata::builtin;
use crate::expr::jsonata::datum::{Datum, Function, FunctionKind, Lambda};
use crate::expr::jsonata::error::{Fault, STACK_OVERFLOW, fault};
use crate::expr::jsonata::program::{Call, LambdaNode, Node, NodeId};

/// How the body of a function ends.
pub(super) enum Ending {
    Result(Datum),
    /// In a call of another function of the expression's own.
    Call(Rc<Function>, Vec<Datum>),
}

impl Evaluator<'_> {
    /// Evaluates a call; `first` is what `~>` passes.
    pub(super) fn call(
        &mut self,
        call: &Call,
        first: Option<Datum>,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        Ok(self.call_unsettled(call, first, input, frame)?.settled())
    }

    /// The same, but a sequence is left as it is.
    pub(super) fn call_unsettled(
        &mut self,
        call: &Call,
        first: Option<Datum>,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        if call.arguments.iter().any(Option::is_none) {
            return self.partial(call, input, frame);
        }
        let result = match call.builtin {
            Some(builtin) => {
                let arguments = self.arguments(call, first, input, frame)?;
                builtin::call(self, builtin, arguments, input)
            }
            None => {
                let function = self.callee(call, "T1005", input, frame)?;
                let arguments = self.arguments(call, first, input, frame)?;
                self.apply(&function, arguments, input)
            }
        };
        result.map_err(|fault| fault.called(call.name.as_deref()))
    }

    /// What is to be called; where it is a name without its `$`, `hint` says so.
    fn callee(
        &mut self,
        call: &Call,
        hint: &'static str,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let function = self.eval(call.function, input, frame)?;
        if function.is_nothing()
            && let Some(variable) = &call.bare
            && !self.variable(variable, frame)?.is_nothing()
        {
            let what = if hint == "T1005" {
                "invoke"
            } else {
                "partially apply"
            };
            let name = &variable.name;
            let message = format!("Attempted to {what} a non-function. Did you mean ${name}?");
            return Err(fault(hint, message));
        }
        Ok(function)
    }

    fn arguments(
        &mut self,
        call: &Call,
        first: Option<Datum>,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Vec<Datum>, Fault> {
        let mut arguments = Vec::with_capacity(call.arguments.len() + usize::from(first.is_some()));
        arguments.extend(first);
        for argument in call.arguments.iter().flatten() {
            arguments.push(self.eval(*argument, input, frame)?);
        }
        Ok(arguments)
    }

    fn partial(&mut self, call: &Call, input: &Datum, frame: FrameId) -> Result<Datum, Fault> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(match argument {
                Some(argument) => Some(self.eval(*argument, input, frame)?),
                None => None,
            });
        }
        let function = self.callee(call, "T1007", input, frame)?;
        if !matches!(function, Datum::Function(_)) {
            return Err(fault(
                "T1008",
                "Attempted to partially apply a non-function",
            ));
        }
        Datum::function(FunctionKind::Partial {
            function,
            arguments,
        })
    }

    pub(super) fn apply_call(
        &mut self,
        value: NodeId,
        call: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let first = self.eval(value, input, frame)?;
        match self.at(call) {
            Node::Call(call) => self.call_unsettled(call, Some(first), input, frame),
            _ => Ok(Datum::Nothing),
        }
    }

    pub(super) fn apply_node(
        &mut self,
        value: NodeId,
        function: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let value = self.eval(value, input, frame)?;
        let function = self.eval(function, input, frame)?;
        if !matches!(function, Datum::Function(_)) {
            return Err(fault(
                "T2006",
                "The right side of the function application operator ~> must be a function",
            ));
        }
        if matches!(value, Datum::Function(_)) {
            return Datum::function(FunctionKind::Composed {
                first: value,
                second: function,
            });
        }
        self.apply(&function, vec![value], &Datum::NULL)
    }

    /// Applies a function; a sequence it gives is not collapsed yet. Calls within one another are counted.
    pub(in super::super) fn apply(
        &mut self,
        function: &Datum,
        arguments: Vec<Datum>,
        context: &Datum,
    ) -> Result<Datum, Fault> {
        let Datum::Function(function) = function else {
            return Err(fault("T1006", "Attempted to invoke a non-function"));
        };
        if self.calls >= self.environment.limits.depth {
            return Err(fault("U1001", STACK_OVERFLOW));
        }
        self.calls += 1;
        let result = match &function.kind {
            FunctionKind::Lambda(_) => self.invoke(Rc::clone(function), arguments, context),
            FunctionKind::Builtin(builtin) => builtin::call(self, *builtin, arguments, context),
            FunctionKind::Partial {
                function,
                arguments: given,
            } => {
                let mut rest = arguments.into_iter();
                let all = given.iter().map(|argument| match argument {
                    Some(argument) => argument.clone(),
                    None => rest.next().unwrap_or(Datum::Nothing),
                });
                let all = all.collect();
                self.apply(function, all, context)
            }
            FunctionKind::Composed { first, second } => self
                .apply(first, arguments, context)
                .and_then(|datum| self.apply(second, vec![datum.settled()], context)),
            FunctionKind::Transform { node, frame, .. } => {
                let target = arguments.into_iter().next();
                self.transform(*node, target.unwrap_or(Datum::Nothing), *frame)
            }
            FunctionKind::Regex(regex) => {
                let text = arguments.into_iter().next().unwrap_or(Datum::Nothing);
                builtin::first_match(self, *regex, &text)
            }
            FunctionKind::NextMatch { regex, text, from } => {
                builtin::match_from(self, *regex, text, *from)
            }
        };
        self.calls -= 1;
        result
    }

    pub(super) fn invoke(
        &mut self,
        function: Rc<Function>,
        arguments: Vec<Datum>,
        context: &Datum,
    ) -> Result<Datum, Fault> {
        let (mut function, mut arguments) = (function, arguments);
        loop {
            self.steps(1)?;
            let FunctionKind::Lambda(lambda) = &function.kind else {
                let called = Datum::Function(function);
                return self.apply(&called, arguments, context);
            };
            let Node::Lambda(node) = self.at(lambda.node) else {
                return Ok(Datum::Nothing);
            };
            if let Some(signature) = &node.signature {
                arguments = signature.apply(arguments, context)?;
            }
            match self.run(node, lambda, arguments)? {
                Ending::Result(datum) => return Ok(datum),
                Ending::Call(next, with) => (function, arguments) = (next, with),
            }
        }
    }

    /// Runs the body of a function up to its result, or to the call that ends it.
    fn run(
        &mut self,
        node: &LambdaNode,
        lambda: &Lambda,
        arguments: Vec<Datum>,
    ) -> Result<Ending, Fault> {
        let frame = self.enter_lambda(node, lambda, arguments);
        self.run_in(node, lambda, frame)
    }

    /// The frame of a function's body, with its parameters.
    pub(super) fn enter_lambda(
        &mut self,
        node: &LambdaNode,
        lambda: &Lambda,
        arguments: impl IntoIterator<Item = Datum>,
    ) -> FrameId {
        if node.slots == 0 {
            return lambda.frame;
        }
        let frame = self.enter(lambda.frame, node.slots);
        let given = arguments.into_iter().map(Some);
        let all = given.chain(std::iter::repeat(Some(Datum::Nothing)));
        self.fill(frame, all.take(node.parameters));
        frame
    }

    pub(super) fn leave_lambda(&mut self, node: &LambdaNode, frame: FrameId) {
        if node.slots > 0 {
            self.leave(frame);
        }
    }

    /// Runs the body of a function in its frame, and leaves that.
    pub(super) fn run_in(
        &mut self,
        node: &LambdaNode,
        lambda: &Lambda,
        own: FrameId,
    ) -> Result<Ending, Fault> {
        let mut frame = own;
        let mut block = None;
        let mut id = node.body;
        let ending = loop {
            match self.at(id) {
                condition @ Node::Condition { .. } => {
                    match self.chosen(condition, &lambda.input, frame)? {
                        Some(branch) => id = branch,
                        None => break Ending::Result(Datum::Nothing),
                    }
                }
                // One block is entered for its last expression; a block in it is evaluated as a whole.
                Node::Block { slots, expressions } if block.is_none() => {
                    let Some((last, before)) = expressions.split_last() else {
                        break Ending::Result(Datum::Nothing);
                    };
                    if *slots > 0 {
                        frame = self.enter(frame, *slots);
                        block = Some(frame);
                    }
                    for expression in before {
                        self.eval(*expression, &lambda.input, frame)?;
                    }
                    id = *last;
                }
                // A sequence that such a call gives is for the function's caller to settle.
                Node::Call(call) if call.arguments.iter().all(Option::is_some) => {
                    if call.builtin.is_some() {
                        let result = self.call_unsettled(call, None, &lambda.input, frame)?;
                        break Ending::Result(result);
                    }
                    break self.ending_call(call, &lambda.input, frame)?;
                }
                _ => break Ending::Result(self.eval(id, &lambda.input, frame)?),
            }
        };
        if let Some(block) = block {
            self.leave(block);
        }
        self.leave_lambda(node, own);
        Ok(ending)
    }

    fn ending_call(&mut self, call: &Call, input: &Datum, frame: FrameId) -> Result<Ending, Fault> {
        let function = self.callee(call, "T1005", input, frame)?;
        let arguments = self.arguments(call, None, input, frame)?;
        if let Datum::Function(function) = &function
            && matches!(function.kind, FunctionKind::Lambda(_))
        {
            return Ok(Ending::Call(Rc::clone(function), arguments));
        }
        match self.apply(&function, arguments, input) {
            Ok(datum) => Ok(Ending::Result(datum)),
            Err(fault) => Err(fault.called(call.name.as_deref())),
        }
    }
}

/// How many arguments a function looks at.
pub(in super::super) fn arity(evaluator: &Evaluator<'_>, function: &Datum) -> usize {
    let Datum::Function(function) = function else {
        return 0;
    };
    match &function.kind {
        FunctionKind::Builtin(builtin) => builtin.arity(),
        FunctionKind::Lambda(lambda) => match evaluator.at(lambda.node) {
            Node::Lambda(node) => node.parameters,
            _ => 0,
        },
        FunctionKind::Partial { arguments, .. } => arguments
            .iter()
            .filter(|argument| argument.is_none())
            .count(),
        FunctionKind::Composed { .. } | FunctionKind::Regex(_) | FunctionKind::Transform { .. } => {
            1
        }
        FunctionKind::NextMatch { .. } => 0,
    }
}
