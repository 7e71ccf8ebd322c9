//! One fault of a definition: code, place, message, hint.

/// A fault or a warning, in the shape that ValidateStateMachineDefinition answers, with a place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the definition is refused for it.
    pub severity: Severity,
    /// AWS's code, such as `SCHEMA_VALIDATION_FAILED` or `MISSING_TRANSITION_TARGET`; `NOT_SUPPORTED` is ours.
    pub code: &'static str,
    /// AWS's text where it is known.
    pub message: String,
    /// JSON pointer of the field, as AWS writes it (`/States/Name/Field`); `None` where AWS gives none.
    pub location: Option<String>,
    /// Line of the place in the text, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What to do about it.
    pub hint: Option<String>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition runs.
    Warning,
    /// The definition is refused.
    Error,
}
