//! Operators between two operands.

use std::cmp::Ordering;

use super::sight::Sight;
use super::{Evaluator, FrameId};
use crate::expr::jsonata::builtin::text_of;
use crate::expr::jsonata::datum::{Datum, out_of_range};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::parse::Operator;
use crate::expr::jsonata::program::NodeId;
use crate::value::{Number, Value, View};

/// The room that is made for each piece of a text.
const PIECE_BYTES: usize = 16;

impl Evaluator<'_> {
    pub(super) fn chain(
        &mut self,
        first: NodeId,
        rest: &[(Operator, NodeId)],
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        if let [(operator, second), others @ ..] = rest
            && *operator == Operator::Concatenate
            && others.iter().all(|(o, _)| *o == Operator::Concatenate)
        {
            return self.concatenation(first, *second, others, input, frame);
        }
        let mut rest = rest.iter().peekable();
        let at_hand = match rest.peek() {
            Some((operator, operand)) => {
                self.numbers_at_hand(*operator, first, *operand, Sight::of(input, frame))
            }
            None => None,
        };
        let mut left = match at_hand {
            Some(result) => {
                rest.next();
                self.steps(2)?;
                result?
            }
            None => self.eval(first, input, frame)?,
        };
        while let Some((operator, operand)) = rest.next() {
            let right = self.eval(*operand, input, frame)?;
            if *operator != Operator::Concatenate {
                left = operate(*operator, left, &right)?;
                continue;
            }
            // A run of `&` is written into one text.
            let mut text = String::new();
            push_text(&mut text, &left)?;
            push_text(&mut text, &right)?;
            while let Some((_, operand)) = rest.next_if(|(o, _)| *o == Operator::Concatenate) {
                push_text(&mut text, &self.eval(*operand, input, frame)?)?;
                if text.len() > self.environment.limits.bytes {
                    break;
                }
            }
            self.take(text.len())?;
            left = Datum::text(text);
        }
        Ok(left)
    }

    /// Texts, written into one; those at hand are not taken out first.
    fn concatenation(
        &mut self,
        first: NodeId,
        second: NodeId,
        others: &[(Operator, NodeId)],
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut text = String::with_capacity(PIECE_BYTES * (2 + others.len()));
        if self.push_at_hand(&mut text, first, input, frame) {
            self.push(&mut text, second, input, frame)?;
        } else {
            // Both operands are evaluated before either becomes a text.
            let left = self.eval(first, input, frame)?;
            let right = self.eval(second, input, frame)?;
            push_text(&mut text, &left)?;
            push_text(&mut text, &right)?;
        }
        for (_, operand) in others {
            self.push(&mut text, *operand, input, frame)?;
            if text.len() > self.environment.limits.bytes {
                break;
            }
        }
        self.steps(2 + others.len())?;
        self.take(text.len())?;
        Ok(Datum::text(text))
    }

    fn push(
        &mut self,
        text: &mut String,
        operand: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<(), Fault> {
        if self.push_at_hand(text, operand, input, frame) {
            return Ok(());
        }
        push_text(text, &self.eval(operand, input, frame)?)
    }

    fn push_at_hand(
        &self,
        text: &mut String,
        operand: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> bool {
        let at_hand = self.at_hand(operand, Sight::of(input, frame));
        let Some(more) = at_hand.and_then(Value::as_str) else {
            return false;
        };
        text.push_str(more);
        true
    }

    /// The result of an operator on two numbers that can be looked at where they are; most operators have such.
    pub(super) fn numbers_at_hand(
        &self,
        operator: Operator,
        left: NodeId,
        right: NodeId,
        sight: Sight<'_>,
    ) -> Option<Result<Datum, Fault>> {
        if !operator.calculates() {
            return None;
        }
        let a = self.at_hand(left, sight)?.as_f64()?;
        let b = self.at_hand(right, sight)?.as_f64()?;
        Some(calculated(operator, a, b).map(Datum::Value))
    }

    /// `and` and `or`, each of which looks at its right side only if that matters.
    pub(super) fn logic(
        &mut self,
        first: NodeId,
        rest: &[(Operator, NodeId)],
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut truth_so_far = self.test(first, input, frame)?;
        for (operator, operand) in rest {
            let settles = *operator == Operator::Or;
            if truth_so_far != settles {
                truth_so_far = self.test(*operand, input, frame)?;
            }
        }
        Ok(Datum::Value(Value::from(truth_so_far)))
    }
}

fn push_text(text: &mut String, datum: &Datum) -> Result<(), Fault> {
    match datum.as_text() {
        Some(more) => text.push_str(more),
        None if datum.is_nothing() => {}
        None => text.push_str(&text_of(datum, false)?),
    }
    Ok(())
}

/// The result of an operator; `and` and `or` are none of these.
pub(in super::super) fn operate(
    operator: Operator,
    left: Datum,
    right: &Datum,
) -> Result<Datum, Fault> {
    let truth = |b: bool| Ok(Datum::Value(Value::from(b)));
    match operator {
        Operator::Add
        | Operator::Subtract
        | Operator::Multiply
        | Operator::Divide
        | Operator::Remainder => arithmetic(operator, &left, right),
        Operator::Concatenate => {
            let mut text = String::new();
            push_text(&mut text, &left)?;
            push_text(&mut text, right)?;
            Ok(Datum::text(text))
        }
        Operator::Equal | Operator::NotEqual => {
            let known = !left.is_nothing() && !right.is_nothing();
            truth(known && equal(&left, right) == (operator == Operator::Equal))
        }
        Operator::In => {
            let known = !left.is_nothing() && !right.is_nothing();
            truth(known && right.each().iter().any(|element| same(&left, &element)))
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            comparison(operator, &left, right)
        }
        Operator::And | Operator::Or => truth(match operator {
            Operator::And => self::truth(&left) && self::truth(right),
            _ => self::truth(&left) || self::truth(right),
        }),
    }
}

fn arithmetic(operator: Operator, left: &Datum, right: &Datum) -> Result<Datum, Fault> {
    let symbol = operator.symbol();
    let (a, b) = (left.as_f64(), right.as_f64());
    if a.is_none() && !left.is_nothing() {
        let message = format!("The left side of the {symbol:?} operator must evaluate to a number");
        return Err(fault("T2001", message));
    }
    if b.is_none() && !right.is_nothing() {
        let message =
            format!("The right side of the {symbol:?} operator must evaluate to a number");
        return Err(fault("T2002", message));
    }
    let (Some(a), Some(b)) = (a, b) else {
        return Ok(Datum::Nothing);
    };
    calculated(operator, a, b).map(Datum::Value)
}

/// What arithmetic gives.
pub(super) fn calculated(operator: Operator, a: f64, b: f64) -> Result<Value, Fault> {
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        _ => a % b,
    };
    Value::from_f64(result).ok_or_else(out_of_range)
}

fn comparison(operator: Operator, left: &Datum, right: &Datum) -> Result<Datum, Fault> {
    let comparable =
        |datum: &Datum| datum.is_nothing() || datum.as_f64().is_some() || datum.as_text().is_some();
    let symbol = operator.symbol();
    if !comparable(left) || !comparable(right) {
        return Err(fault(
            "T2010",
            format!(
                "The expressions either side of operator {symbol:?} must evaluate to numeric or string values"
            ),
        ));
    }
    let (Some(left), Some(right)) = (left.as_value(), right.as_value()) else {
        return Ok(Datum::Nothing);
    };
    let order = match (left.view(), right.view()) {
        (View::Number(a), View::Number(b)) => a.compare(b),
        (View::String(a), View::String(b)) => in_order_of_units(a, b),
        _ => {
            return Err(fault(
                "T2009",
                format!(
                    "The values {left} and {right} either side of operator {symbol:?} must be of the same data type"
                ),
            ));
        }
    };
    Ok(Datum::Value(Value::from(holds_of(operator, order))))
}

/// What a comparison says of an order.
pub(super) fn holds_of(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::Greater => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

/// The order of two texts by their UTF-16 units, which is JavaScript's.
pub(in super::super) fn in_order_of_units(a: &str, b: &str) -> Ordering {
    let differing = a.chars().zip(b.chars()).find(|(x, y)| x != y);
    match differing {
        None => a.len().cmp(&b.len()),
        Some((x, y)) => x
            .encode_utf16(&mut [0; 2])
            .first()
            .cmp(&y.encode_utf16(&mut [0; 2]).first())
            .then(x.cmp(&y)),
    }
}

/// What counts as true: anything but nothing, null, false, zero, what is empty, functions, and arrays of such.
pub(in super::super) fn truth(datum: &Datum) -> bool {
    match datum {
        Datum::Nothing | Datum::Function(_) => false,
        Datum::Record(_) => true,
        Datum::Array(array) => array.items.iter().any(truth),
        Datum::Value(value) => value_truth(value),
        Datum::Sequence(value) => value_truth(value),
    }
}

/// Recursion is bounded by how deep a value may be.
fn value_truth(value: &Value) -> bool {
    match value.view() {
        View::Null => false,
        View::Bool(b) => b,
        View::Number(n) => n.as_f64() != 0.0,
        View::String(s) => !s.is_empty(),
        View::Array(a) => a.iter().any(value_truth),
        View::Object(o) => !o.is_empty(),
    }
}

/// Whether two things are equal, whatever they hold.
pub(in super::super) fn equal(left: &Datum, right: &Datum) -> bool {
    if let (Some(a), Some(b)) = (left.as_value(), right.as_value()) {
        return equal_values(a, b);
    }
    match (left, right) {
        (Datum::Function(a), Datum::Function(b)) => std::rc::Rc::ptr_eq(a, b),
        (Datum::Nothing, Datum::Nothing) => true,
        _ => {
            if let (Some(a), Some(b)) = (left.elements(), right.elements()) {
                return a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| equal(&x, &y));
            }
            let (Some(a), Some(b)) = (left.members(), right.members()) else {
                return false;
            };
            let found = |key: &str| b.iter().find(|(other, _)| other == key);
            a.len() == b.len()
                && a.iter()
                    .all(|(key, x)| found(key).is_some_and(|(_, y)| equal(x, y)))
        }
    }
}

/// Numbers are compared as doubles, save for two integers.
pub(super) fn equal_values(left: &Value, right: &Value) -> bool {
    match (left.view(), right.view()) {
        (View::Number(Number::Int(a)), View::Number(Number::Int(b))) => a == b,
        #[expect(clippy::float_cmp, reason = "JSONata compares numbers so")]
        (View::Number(a), View::Number(b)) => a.as_f64() == b.as_f64(),
        (View::Array(a), View::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| equal_values(x, y))
        }
        (View::Object(a), View::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, x)| b.get(key).is_some_and(|y| equal_values(x, y)))
        }
        _ => left == right,
    }
}

/// Whether `in` takes two things for the same: scalars only.
fn same(left: &Datum, right: &Datum) -> bool {
    match (left.as_value(), right.as_value()) {
        (Some(a), Some(b)) => {
            let scalar = |v: &Value| v.as_array().is_none() && v.as_object().is_none();
            scalar(a) && scalar(b) && equal_values(a, b)
        }
        _ => false,
    }
}
