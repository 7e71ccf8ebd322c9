//! JSONata 2.0.6 over [`Value`], without `$eval` and with what AWS Step Functions adds.
//!
//! An expression is parsed and compiled once, to a flat program in which variables are places in frames and constants
//! are computed; then it is evaluated any number of times, each time within [`Limits`]. Time and randomness are
//! arguments. Where it departs from JSONata:
//!
//! - a number that only passes through keeps its digits, two integers of 64 bits are compared exactly, and such an
//!   integer has all its digits in a text;
//! - a number beyond the doubles is `D1001` at once, not only where it is used;
//! - object members keep their order, where JavaScript puts keys that look like numbers first;
//! - `$distinct` knows a sequence of equal elements no more once it was a member of an object, and gives an array where
//!   JSONata collapses it to one of them;
//! - what stands behind `[3][]#$i` knows `$i`, where JSONata has lost it;
//! - regular expressions take linear time, so they know no look-around and no references to groups.
//!
//! *Not here*: nothing that knows of states or of `{% %}`, no clock, no source of randomness.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "where one kind of node or datum is looked for, all others are alike"
)]

mod builtin;
mod compile;
mod datum;
mod error;
mod eval;
mod format;
mod input_reads;
mod parse;
mod program;
mod regex;
mod signature;

#[cfg(test)]
mod tests;

pub use error::{CompileError, EvalError};

use std::borrow::Cow;

use crate::value::{Text, Value};

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    text: Box<str>,
    program: program::Program,
    free_variables: Box<[FreeVariable]>,
    input_reads: Box<[InputRead]>,
}

const _: () = {
    const fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<Expression>();
};

/// A use of a variable that the expression itself does not bind, and that is no built-in function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeVariable {
    /// Without its `$`.
    pub name: Text,
    /// The fields that follow it, as far as they are known: `result` and `x` of `$states.result.x`.
    pub fields: Vec<Text>,
    /// Where in the text.
    pub offset_bytes: usize,
}

/// A place where the expression reads its input, which no variable leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputRead {
    /// The name of a member, `$` for the input itself, or `$$`.
    pub name: Text,
    /// Where in the text.
    pub offset_bytes: usize,
}

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluated {
    /// A JSON value.
    Value(Value),
    /// What JavaScript calls `undefined`.
    Nothing,
    /// A function, or what holds one, for which there is no JSON.
    Function,
}

/// Where the variables come from that an expression does not bind.
pub trait Variables {
    /// The variable of this name, without its `$`.
    fn get(&self, name: &str) -> Option<Cow<'_, Value>>;

    /// A member of a variable that is an object, for those whose whole it would cost to build.
    ///
    /// `None` says nothing of the member: the variable is asked for then.
    fn member(&self, name: &str, field: &str) -> Option<Cow<'_, Value>> {
        let _ = (name, field);
        None
    }
}

/// No variables.
impl Variables for () {
    fn get(&self, _: &str) -> Option<Cow<'_, Value>> {
        None
    }
}

/// What an evaluation may take. Beyond any of them it fails with `U1001`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nodes evaluated and elements looked at.
    pub steps: u64,
    /// Memory of one value; all values together may take 16 times as much in the course of an evaluation.
    pub bytes: usize,
    /// Calls of functions within one another; one that ends the body of a function does not count.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 1_000_000,
            bytes: 16 * 1024 * 1024,
            depth: 256,
        }
    }
}

/// What an expression is evaluated in.
pub struct Environment<'a> {
    /// `$` and `$$`; AWS has none.
    pub input: Option<&'a Value>,
    /// Everything else.
    pub variables: &'a dyn Variables,
    /// `$millis()`: milliseconds since 1970 in UTC.
    pub now_ms: i64,
    /// Gives the next 64 random bits.
    pub randomness: &'a dyn Fn() -> u64,
    /// What it may take.
    pub limits: Limits,
}

impl std::fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("input", &self.input)
            .field("now_ms", &self.now_ms)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Expression {
    /// Compiles a text.
    ///
    /// # Errors
    /// JSONata's code and text, and where.
    pub fn compile(text: &str) -> Result<Self, CompileError> {
        let compiled = parse::parse(text).and_then(|tree| {
            let compiled = compile::compile(&tree)?;
            Ok((compiled, input_reads::of(&tree)))
        });
        let ((program, free_variables), input_reads) =
            compiled.map_err(|refusal| CompileError {
                code: refusal.code,
                message: refusal.message,
                offset_bytes: refusal.at,
            })?;
        Ok(Self {
            text: text.into(),
            program,
            free_variables: free_variables.into(),
            input_reads: input_reads.into(),
        })
    }

    /// What was compiled.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The variables it expects from outside, one entry a use, in the order of the text.
    #[must_use]
    pub fn free_variables(&self) -> &[FreeVariable] {
        &self.free_variables
    }

    /// Where it reads its input, one entry a place, in the order of the text.
    #[must_use]
    pub fn input_reads(&self) -> &[InputRead] {
        &self.input_reads
    }

    /// Evaluates it.
    ///
    /// # Errors
    /// JSONata's code and text; `U1001` beyond a limit.
    pub fn eval(&self, environment: &Environment<'_>) -> Result<Evaluated, EvalError> {
        self.eval_counted(environment, &mut 0)
    }

    /// Evaluates it, and adds to `steps` what it took, whether it gave a result or not.
    ///
    /// # Errors
    /// Those of [`Expression::eval`].
    pub fn eval_counted(
        &self,
        environment: &Environment<'_>,
        steps: &mut u64,
    ) -> Result<Evaluated, EvalError> {
        eval::evaluate(&self.program, environment, steps)
    }
}
