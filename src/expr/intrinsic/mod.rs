//! The intrinsic functions: `States.Format('{} of {}', $.index, States.ArrayLength($.items))`.
//!
//! Names, number and type of arguments, and literal patterns are checked when a call is compiled; the rest when it is evaluated.
//! Numbers that must be integers are rounded half up, as AWS does.

mod array;
mod encoding;
mod eval;
mod math;
mod parse;
mod signature;
mod text;

use super::cursor::PathError;
use super::{Path, VariableNames};
use crate::value::{Text, Value};
use signature::Function;

/// The deepest nesting of calls (AWS).
const NESTING_MAX: usize = 10;
/// The longest data for Base64 and hashes, in characters (AWS).
const DATA_CHARS_MAX: usize = 10_000;
/// The most elements of `States.ArrayRange` (AWS).
const RANGE_ELEMENTS_MAX: i64 = 1000;
/// The largest array for `States.ArrayPartition`, in bytes of its JSON (AWS's payload limit).
const PARTITION_BYTES_MAX: usize = 262_144;

/// A call with its arguments, and those of the calls in it.
#[derive(Debug)]
pub(super) struct Call {
    function: Function,
    arguments: Box<[Argument]>,
    /// The call as it was written, for failures.
    text: Text,
}

#[derive(Debug)]
enum Argument {
    Literal(Value),
    /// The first argument of `States.Format`, if it is a literal: the texts around the `{}`.
    Pattern(Box<[Text]>),
    Path(Path),
    Call(Call),
}

impl Call {
    /// Compiles a text that is one call.
    pub(super) fn compile(text: &str) -> Result<Self, PathError> {
        parse::call(text)
    }

    /// Resolves the variables that its paths begin with.
    pub(super) fn bind(&mut self, names: &mut VariableNames) {
        for argument in &mut self.arguments {
            match argument {
                Argument::Literal(_) | Argument::Pattern(_) => {}
                Argument::Path(path) => path.bind(names),
                Argument::Call(call) => call.bind(names),
            }
        }
    }

    /// Whether a path in it begins with `$$`.
    pub(super) fn reads_context(&self) -> bool {
        self.arguments.iter().any(|argument| match argument {
            Argument::Literal(_) | Argument::Pattern(_) => false,
            Argument::Path(path) => path.reads_context(),
            Argument::Call(call) => call.reads_context(),
        })
    }

    /// Whether AWS allows it where a string is needed (`ErrorPath`, `CausePath`).
    pub(super) const fn returns_string(&self) -> bool {
        matches!(
            self.function,
            Function::Format
                | Function::JsonToString
                | Function::ArrayGetItem
                | Function::Base64Encode
                | Function::Base64Decode
                | Function::Hash
                | Function::Uuid
        )
    }
}

#[cfg(test)]
mod tests;
