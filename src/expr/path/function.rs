//! The functions that may stand at the end of a path: `$.readings.max()`.
//!
//! AWS's own version of Jayway has none of them; they are those of later versions.

use super::miss::Why;
use super::parse::{Within, steps};
use super::{Steps, filter, select};
use crate::expr::cursor::{Cursor, PathError};
use crate::value::{ArrayBuilder, Value, View};

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
                    Argument::Path(steps(cursor, Within::Operand, depth + 1)?)
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
pub(super) fn call(call: &Call, subject: &Value, root: &Value) -> Result<Value, Why> {
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        arguments.push(match argument {
            Argument::Literal(value) => value.clone(),
            Argument::Path(steps) => {
                select::find(&steps.list, root, root).map_err(|(_, why)| why)?
            }
        });
    }
    match call.function {
        Function::Length | Function::Size => length(arguments.first().unwrap_or(subject)),
        Function::Keys => keys(subject),
        Function::First => nth(subject, 0),
        Function::Last => nth(subject, -1),
        Function::Index => {
            let index = arguments.first().and_then(Value::as_number);
            let index = index.and_then(crate::value::Number::as_i64);
            nth(
                subject,
                index.ok_or(Why::Function("index() needs an integer"))?,
            )
        }
        Function::Concat => Ok(concat(subject, &arguments)),
        Function::Append => append(subject, arguments),
        Function::Min | Function::Max | Function::Avg | Function::StdDev | Function::Sum => {
            aggregate(call.function, subject, &arguments)
        }
    }
}

fn length(value: &Value) -> Result<Value, Why> {
    let length = match value.view() {
        View::Array(array) => array.len(),
        View::Object(object) => object.len(),
        View::String(s) => s.encode_utf16().count(),
        View::Null | View::Bool(_) | View::Number(_) => {
            return Err(Why::Function(
                "length() needs an array, an object or a string",
            ));
        }
    };
    Ok(Value::from(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn keys(value: &Value) -> Result<Value, Why> {
    let object = value
        .as_object()
        .ok_or(Why::Function("keys() needs an object"))?;
    let keys: ArrayBuilder = object.iter().map(|(key, _)| key.clone().into()).collect();
    keys.finish().map_err(|_| Why::TooDeep)
}

fn nth(value: &Value, index: i64) -> Result<Value, Why> {
    let array = value
        .as_array()
        .ok_or(Why::Function("first(), last() and index() need an array"))?;
    super::element(array, index)
        .cloned()
        .ok_or(Why::OutOfBounds)
}

/// All strings, of the array first.
fn concat(subject: &Value, arguments: &[Value]) -> Value {
    let elements = subject.as_array().unwrap_or_default();
    let strings = elements.iter().chain(arguments).filter_map(Value::as_str);
    strings.collect::<String>().into()
}

fn append(subject: &Value, arguments: Vec<Value>) -> Result<Value, Why> {
    let array = subject
        .as_array()
        .ok_or(Why::Function("append() needs an array"))?;
    let longer: ArrayBuilder = array.iter().cloned().chain(arguments).collect();
    longer.finish().map_err(|_| Why::TooDeep)
}

fn aggregate(function: Function, subject: &Value, arguments: &[Value]) -> Result<Value, Why> {
    let elements = subject.as_array().unwrap_or_default();
    let numbers: Vec<f64> = elements
        .iter()
        .chain(arguments)
        .flat_map(|value| match value.as_array() {
            Some(inner) => inner,
            None => std::slice::from_ref(value),
        })
        .filter_map(|value| value.as_number().map(crate::value::Number::as_f64))
        .collect();
    if numbers.is_empty() {
        return Err(Why::Function(
            "Aggregation function attempted to calculate value using empty array",
        ));
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
