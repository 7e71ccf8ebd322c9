//! The functions that may stand at the end of a path: `$.readings.max()`.
//!
//! AWS's own version of Jayway has none of them; they are those of later versions.

use super::miss::Why;
use super::parse::{Within, steps};
use super::select::{Budget, find};
use super::walk::{element, length as array_length};
use super::{NESTING_OF_PATH, Steps, filter};
use crate::expr::cursor::{Cursor, PathError};
use crate::expr::java;
use crate::value::{ArrayBuilder, Value, View};

/// Jayway's text for every function of an array that gets something else, or finds no number.
const NOTHING_TO_COUNT: Why =
    Why::Function("Aggregation function attempted to calculate value using empty array");
/// The most arguments of a call.
const ARGUMENTS_MAX: usize = 64;

/// A function with its arguments.
#[derive(Debug)]
pub(super) struct Call {
    function: Function,
    arguments: Box<[Argument]>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Min,
    Max,
    Avg,
    StdDev,
    Sum,
    Length,
    Size,
    Keys,
    First,
    Last,
    Index,
    Concat,
    Append,
}

const FUNCTIONS: [(&str, Function); 13] = [
    ("min", Function::Min),
    ("max", Function::Max),
    ("avg", Function::Avg),
    ("stddev", Function::StdDev),
    ("sum", Function::Sum),
    ("length", Function::Length),
    ("size", Function::Size),
    ("keys", Function::Keys),
    ("first", Function::First),
    ("last", Function::Last),
    ("index", Function::Index),
    ("concat", Function::Concat),
    ("append", Function::Append),
];

#[derive(Debug)]
enum Argument {
    Literal(Value),
    Path(Steps),
}

impl Call {
    /// Parses the arguments of `name`; the cursor stands at the opening parenthesis.
    pub(super) fn parse(
        name: &str,
        cursor: &mut Cursor<'_>,
        depth: usize,
    ) -> Result<Self, PathError> {
        let known = FUNCTIONS.iter().find(|(known, _)| *known == name);
        let (_, function) =
            known.ok_or_else(|| cursor.error(format!("there is no function '{name}'")))?;
        cursor.expect("(")?;
        let mut arguments = Vec::new();
        cursor.spaces();
        while !cursor.eat(")") {
            if arguments.len() >= ARGUMENTS_MAX {
                return Err(cursor.error(format!("more than {ARGUMENTS_MAX} arguments")));
            }
            arguments.push(match cursor.peek() {
                Some('$') => {
                    cursor.next();
                    Argument::Path(steps(cursor, Within::Argument, depth + NESTING_OF_PATH)?)
                }
                _ => Argument::Literal(filter::json_literal(cursor)?),
            });
            cursor.spaces();
            if !cursor.eat(",") && cursor.peek() != Some(')') {
                return Err(cursor.error("expected ',' or ')'"));
            }
            cursor.spaces();
        }
        if *function == Function::Index && arguments.len() != 1 {
            return Err(cursor.error("index() takes one argument"));
        }
        Ok(Self {
            function: *function,
            arguments: arguments.into_boxed_slice(),
        })
    }

    pub(super) fn name(&self) -> &'static str {
        let entry = FUNCTIONS.iter().find(|(_, known)| *known == self.function);
        entry.map_or("", |(name, _)| name)
    }
}

/// Applies a function to what the path before it gives.
pub(super) fn call(
    call: &Call,
    subject: &Value,
    root: &Value,
    budget: &mut Budget,
) -> Result<Value, Why> {
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        arguments.push(match argument {
            Argument::Literal(value) => value.clone(),
            Argument::Path(steps) => find(steps, root, root, budget)
                .map_err(|stop| stop.within(&steps.list))?
                .into_owned(),
        });
    }
    let bytes = arguments.iter().map(Value::json_bytes).sum::<usize>();
    budget.bytes(bytes.saturating_add(subject.json_bytes()))?;
    match call.function {
        Function::Length | Function::Size => Ok(length(arguments.first().unwrap_or(subject))),
        Function::Keys => keys(subject),
        Function::First => nth(subject, Some(0)),
        Function::Last => nth(subject, Some(-1)),
        Function::Index => {
            let index = arguments.first().and_then(Value::as_number);
            nth(subject, index.and_then(crate::value::Number::as_i64))
        }
        Function::Concat => Ok(concat(subject, &arguments)),
        Function::Append => append(subject, arguments),
        Function::Min | Function::Max | Function::Avg | Function::StdDev | Function::Sum => {
            aggregate(call.function, subject, &arguments)
        }
    }
}

/// Null for what has none, a string too.
fn length(value: &Value) -> Value {
    let length = match value.view() {
        View::Array(array) => array.len(),
        View::Object(object) => object.len(),
        View::String(_) | View::Null | View::Bool(_) | View::Number(_) => return Value::NULL,
    };
    Value::from(i64::try_from(length).unwrap_or(i64::MAX))
}

/// Null for what has none.
fn keys(value: &Value) -> Result<Value, Why> {
    let Some(object) = value.as_object() else {
        return Ok(Value::NULL);
    };
    let keys: ArrayBuilder = object.iter().map(|(key, _)| key.clone().into()).collect();
    keys.finish().map_err(|_| Why::TooDeep)
}

/// An element; a negative index counts from the end.
fn nth(value: &Value, index: Option<i64>) -> Result<Value, Why> {
    let (Some(array), Some(index)) = (value.as_array(), index) else {
        return Err(NOTHING_TO_COUNT);
    };
    let from_end = if index < 0 { array_length(array) } else { 0 };
    let (_, element) = element(array, from_end + index).map_err(|_| Why::OutOfBounds(index))?;
    Ok(element.clone())
}

/// The strings of the array, then all arguments as text.
fn concat(subject: &Value, arguments: &[Value]) -> Value {
    let mut text = String::new();
    let elements = subject.as_array().unwrap_or_default();
    text.extend(elements.iter().filter_map(Value::as_str));
    for argument in arguments.iter().flat_map(flat) {
        java::append(argument, &mut text);
    }
    text.into()
}

/// What is no array is left as it is.
fn append(subject: &Value, arguments: Vec<Value>) -> Result<Value, Why> {
    let Some(array) = subject.as_array() else {
        return Ok(subject.clone());
    };
    let longer: ArrayBuilder = array.iter().cloned().chain(arguments).collect();
    longer.finish().map_err(|_| Why::TooDeep)
}

/// The elements of an array, or the value itself.
fn flat(value: &Value) -> &[Value] {
    match value.as_array() {
        Some(elements) => elements,
        None => std::slice::from_ref(value),
    }
}

fn aggregate(function: Function, subject: &Value, arguments: &[Value]) -> Result<Value, Why> {
    let elements = subject.as_array().unwrap_or_default();
    let numbers: Vec<f64> = elements
        .iter()
        .chain(arguments.iter().flat_map(flat))
        .filter_map(|value| value.as_number().map(crate::value::Number::as_f64))
        .collect();
    if numbers.is_empty() {
        return Err(NOTHING_TO_COUNT);
    }
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    let result = match function {
        Function::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        Function::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Function::Avg => sum / count,
        Function::StdDev => {
            let squares: f64 = numbers.iter().map(|n| n * n).sum();
            (squares / count - sum * sum / count / count).sqrt()
        }
        Function::Sum => sum,
        Function::Length
        | Function::Size
        | Function::Keys
        | Function::First
        | Function::Last
        | Function::Index
        | Function::Concat
        | Function::Append => unreachable!("call sends only aggregations here"),
    };
    Value::from_f64(result).ok_or(Why::Function("the result is no finite number"))
}
