//! Why an expression cannot be compiled or evaluated, in JSONata's words.

use crate::value::TooDeep;

/// The text is no expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CompileError {
    /// JSONata's code, such as `S0201`.
    pub code: &'static str,
    /// JSONata's text.
    pub message: String,
    /// Where in the text.
    pub offset_bytes: usize,
}

/// The evaluation gave no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct EvalError {
    /// JSONata's code, such as `T1006`.
    pub code: &'static str,
    /// JSONata's text.
    pub message: String,
}

/// An [`EvalError`] on its way out, small enough to be returned everywhere.
#[derive(Debug)]
pub(super) struct Fault(Box<EvalError>);

/// Stands in a text for the name of the innermost function that was being called.
pub(super) const CALLED: &str = "\u{0}";

pub(super) const STACK_OVERFLOW: &str = "Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.";
pub(super) const TIMEOUT: &str = "Expression evaluation timeout: Check for infinite loop";
pub(super) const OUT_OF_MEMORY: &str = "Expression evaluation memory limit exceeded";

pub(super) fn fault(code: &'static str, message: impl Into<String>) -> Fault {
    Fault(Box::new(EvalError {
        code,
        message: message.into(),
    }))
}

impl Fault {
    /// Says which function was being called, unless that is said already.
    pub(super) fn called(mut self, name: Option<&str>) -> Self {
        if self.0.message.contains(CALLED) {
            let name = name.map_or_else(|| "undefined".to_owned(), |name| format!("\"{name}\""));
            self.0.message = self.0.message.replace(CALLED, &name);
        }
        self
    }

    pub(super) fn finish(self) -> EvalError {
        *self.called(None).0
    }
}

impl From<TooDeep> for Fault {
    fn from(error: TooDeep) -> Self {
        fault("U1001", format!("Stack overflow error: {error}"))
    }
}
