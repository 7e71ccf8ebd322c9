//! Evaluation of a program: one node after the other, within a budget.
//!
//! Frames of variables live in one table for the time of an evaluation, so that functions that refer to each other
//! leave nothing behind. A frame is used again once it is left, unless a function was made in it.

mod call;
mod element;
mod formula;
mod frame;
mod group;
mod node;
mod operator;
mod path;
mod sight;
mod sort;
mod step;
mod transform;
mod tuple;
mod verdict;
mod walk;

pub(super) use walk::lookup;

pub(super) use call::arity;
pub(super) use element::Element;
pub(super) use frame::FrameId;
pub(super) use operator::{equal, in_order_of_units, operate, truth};
pub(super) use sort::merge_sort;

use std::borrow::Cow;

use super::datum::{Datum, FunctionKind, Nature};
use super::error::{Fault, OUT_OF_MEMORY, STACK_OVERFLOW, TIMEOUT, fault};
use super::program::{Field, Node, NodeId, Program, Variable};
use super::{Environment, EvalError, Evaluated};
use crate::value::Value;
use frame::Frame;
use sight::Sight;

/// How many evaluations may be under way within one another for each call of a function that may.
const EVALUATIONS_A_CALL: usize = 6;
/// How many times the bytes that one value may take may be taken altogether.
const TURNOVER: usize = 16;
/// What an element takes in the memory of an array.
pub(super) const ELEMENT_BYTES: usize = size_of::<Datum>();

/// For how many elements room is made beforehand where it is not known how many there will be.
pub(super) const ROOM_MAX: usize = 64;

/// An evaluation under way.
pub(super) struct Evaluator<'a> {
    pub(super) program: &'a Program,
    pub(super) environment: &'a Environment<'a>,
    /// `$$`
    root: Datum,
    frames: Vec<Frame>,
    unused: Vec<FrameId>,
    steps_left: u64,
    bytes_left: usize,
    /// Evaluations within one another, and calls of functions among them.
    evaluations: usize,
    calls: usize,
}

/// Evaluates a program, and adds to `steps` what it took.
pub(super) fn evaluate(
    program: &Program,
    environment: &Environment<'_>,
    steps: &mut u64,
) -> Result<Evaluated, EvalError> {
    if let Some(evaluated) = walk::at_a_glance(program, environment) {
        *steps += 1;
        return Ok(evaluated);
    }
    let root = match environment.input {
        None => Datum::Nothing,
        Some(input) if input.as_array().is_some() => {
            let items = vec![Datum::Value(input.clone())];
            Datum::array(items, Nature::Outer).map_err(Fault::finish)?
        }
        Some(input) => Datum::Value(input.clone()),
    };
    let mut evaluator = Evaluator {
        program,
        environment,
        root: root.clone(),
        frames: Vec::new(),
        unused: Vec::new(),
        steps_left: environment.limits.steps,
        bytes_left: environment.limits.bytes.saturating_mul(TURNOVER),
        evaluations: 0,
        calls: 0,
    };
    // What binds nothing needs no frame: nothing refers to one without slots.
    let frame = match program.slots {
        0 => FrameId::OUTERMOST,
        slots => evaluator.enter(FrameId::OUTERMOST, slots),
    };
    let result = evaluator
        .eval(program.root, &root, frame)
        .and_then(|datum| {
            Ok(match datum {
                Datum::Nothing => Evaluated::Nothing,
                Datum::Function(_) => Evaluated::Function,
                Datum::Value(value) => Evaluated::Value(value),
                other if other.holds_function() => Evaluated::Function,
                other => Evaluated::Value(other.to_value()?),
            })
        });
    *steps += environment.limits.steps - evaluator.steps_left;
    result.map_err(Fault::finish)
}

impl<'a> Evaluator<'a> {
    /// Takes `count` steps.
    pub(super) fn steps(&mut self, count: usize) -> Result<(), Fault> {
        match self.steps_left.checked_sub(count as u64) {
            Some(left) => {
                self.steps_left = left;
                Ok(())
            }
            None => Err(fault("U1001", TIMEOUT)),
        }
    }

    /// Takes memory for one value.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Fault> {
        let left = self.bytes_left.checked_sub(bytes);
        match left.filter(|_| bytes <= self.environment.limits.bytes) {
            Some(left) => {
                self.bytes_left = left;
                Ok(())
            }
            None => Err(fault("U1001", OUT_OF_MEMORY)),
        }
    }

    /// Takes memory for an array of so many elements, and a step for each few of them.
    pub(super) fn take_elements(&mut self, count: usize) -> Result<(), Fault> {
        self.steps(count / 16)?;
        self.take(count.saturating_mul(ELEMENT_BYTES))
    }

    /// Evaluates a node for the context `input`.
    pub(super) fn eval(
        &mut self,
        id: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        self.steps(1)?;
        match self.at(id) {
            Node::Literal(value) => Ok(Datum::Value(value.clone())),
            Node::Context => Ok(context(input)),
            Node::Root => Ok(context(&self.root)),
            Node::Variable(variable) => self.variable(variable, frame),
            Node::Walk(fields) => self.walk(input, fields),
            Node::VariableWalk(walk) => self.variable_walk(&walk.0, &walk.1, frame),
            Node::Lambda(_) => self.lambda(id, input, frame),
            Node::Transform { .. } => self.transform_function(id, input, frame),
            Node::Regex(regex) => Datum::function(FunctionKind::Regex(*regex)),
            Node::Wildcard => Ok(self.wildcard(input)?.settled()),
            Node::Descendants => Ok(self.descendants(input)?.settled()),
            node @ (Node::Chain(..) | Node::Logic(..)) => {
                match self.verdict_of(node, Sight::of(input, frame)) {
                    Some(verdict) => Ok(Datum::Value(Value::from(verdict))),
                    None => self.deeper(node, input, frame),
                }
            }
            deeper @ (Node::Path(_)
            | Node::Array { .. }
            | Node::Object(_)
            | Node::Negate(_)
            | Node::Block { .. }
            | Node::Condition { .. }
            | Node::Bind { .. }
            | Node::Call(_)
            | Node::ApplyCall { .. }
            | Node::Apply { .. }
            | Node::Behind(_)) => self.deeper(deeper, input, frame),
        }
    }

    /// Evaluates a node that evaluates others; they are counted, and there may only be so many within one another.
    fn deeper(&mut self, node: &Node, input: &Datum, frame: FrameId) -> Result<Datum, Fault> {
        self.deepen()?;
        let result = self.composite(node, input, frame);
        self.evaluations -= 1;
        result
    }

    pub(super) fn deepen(&mut self) -> Result<(), Fault> {
        let limit = self.environment.limits.depth;
        if self.evaluations >= limit.saturating_mul(EVALUATIONS_A_CALL) {
            return Err(fault("U1001", STACK_OVERFLOW));
        }
        self.evaluations += 1;
        Ok(())
    }

    fn composite(&mut self, node: &Node, input: &Datum, frame: FrameId) -> Result<Datum, Fault> {
        match node {
            Node::Path(path) => self.path(path, input, frame),
            Node::Chain(first, rest) => self.chain(*first, rest, input, frame),
            Node::Logic(first, rest) => self.logic(*first, rest, input, frame),
            Node::Condition { .. } => match self.chosen(node, input, frame)? {
                Some(branch) => self.eval(branch, input, frame),
                None => Ok(Datum::Nothing),
            },
            Node::Object(pairs) => self.object(pairs, input, frame),
            Node::Call(call) => self.call(call, None, input, frame),
            Node::Array { items, constructed } => self.array(items, *constructed, input, frame),
            Node::Block { slots, expressions } => self.block(*slots, expressions, input, frame),
            Node::Negate(operand) => self.negate(*operand, input, frame),
            Node::Bind { hops, slot, value } => {
                let datum = self.eval(*value, input, frame)?;
                self.set(frame, *hops, *slot, datum.clone());
                Ok(datum)
            }
            Node::ApplyCall { value, call } => {
                Ok(self.apply_call(*value, *call, input, frame)?.settled())
            }
            Node::Apply { value, function } => {
                Ok(self.apply_node(*value, *function, input, frame)?.settled())
            }
            Node::Behind(behind) => self.behind(behind, input, frame),
            Node::Literal(_)
            | Node::Context
            | Node::Root
            | Node::Variable(_)
            | Node::Walk(_)
            | Node::VariableWalk(_)
            | Node::Wildcard
            | Node::Descendants
            | Node::Lambda(_)
            | Node::Regex(_)
            | Node::Transform { .. } => unreachable!("these evaluate no others"),
        }
    }

    pub(super) fn at(&self, id: NodeId) -> &'a Node {
        self.program
            .nodes
            .get(id as usize)
            .expect("ids are those of nodes in the table")
    }

    /// What a variable is: bound in the expression, given from outside, or a built-in function.
    pub(super) fn variable(&self, variable: &Variable, frame: FrameId) -> Result<Datum, Fault> {
        if let Some(bound) = self.bound(variable, frame) {
            return Ok(bound.settled());
        }
        if let Some(value) = self.environment.variables.get(&variable.name) {
            return Ok(Datum::Value(value.into_owned()));
        }
        match variable.builtin {
            Some(builtin) => Datum::function(FunctionKind::Builtin(builtin)),
            None => Ok(Datum::Nothing),
        }
    }

    fn bound(&self, variable: &Variable, frame: FrameId) -> Option<Datum> {
        self.bound_at(variable, frame).cloned()
    }

    fn bound_at(&self, variable: &Variable, frame: FrameId) -> Option<&Datum> {
        let mut places = variable.places.iter();
        places.find_map(|(hops, slot)| self.slot(frame, *hops, *slot))
    }

    fn variable_walk(
        &mut self,
        variable: &Variable,
        fields: &[Field],
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        if let Some(bound) = self.bound(variable, frame) {
            return self.walk(&bound.settled(), fields);
        }
        let variables = self.environment.variables;
        if let Some((first, rest)) = fields.split_first()
            && let Some(member) = variables.member(&variable.name, &first.name)
        {
            return self.walk_member(&member, rest);
        }
        match variables.get(&variable.name) {
            Some(Cow::Borrowed(value)) => self.walk_value(value, fields),
            Some(Cow::Owned(value)) => self.walk_value(&value, fields),
            None => Ok(Datum::Nothing),
        }
    }

    /// Walks on from a field's value, which a walk takes apart like any other.
    fn walk_member(&mut self, member: &Value, rest: &[Field]) -> Result<Datum, Fault> {
        if rest.is_empty() {
            return Ok(Datum::Value(member.clone()));
        }
        self.walk_value(member, rest)
    }
}

/// The context as `$` tells it.
fn context(input: &Datum) -> Datum {
    match input {
        Datum::Array(array) if array.nature == Nature::Outer => {
            array.items.first().cloned().unwrap_or(Datum::Nothing)
        }
        other => other.clone(),
    }
}
