//! One fault of a definition: code, place, message, hint.

/// A fault or a warning, in the shape that ValidateStateMachineDefinition answers, with a place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the definition is refused for it.
    pub severity: Severity,
    /// One of [`code`].
    pub code: &'static str,
    /// AWS's text where it is known.
    pub message: String,
    /// Where it is, as AWS writes it (`/States/Name/Retry[0]`); `None` where AWS gives no place.
    pub location: Option<String>,
    /// Line of the place in the text, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Whether the definition is refused for it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether AWS takes it for Standard workflows, and only Express workflows do not have it.
    #[must_use]
    pub fn is_not_supported(&self) -> bool {
        self.code == code::NOT_SUPPORTED
    }
}

impl std::fmt::Display for Diagnostic {
    /// As CreateStateMachine words it: `CODE: message at /location`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.location {
            Some(location) if self.code != code::INVALID_JSON_DESCRIPTION => {
                write!(f, " at {location}")
            }
            _ => Ok(()),
        }
    }
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The definition runs.
    Warning,
    /// The definition is refused.
    Error,
}

/// The codes of diagnostics: AWS's, then ours.
pub mod code {
    /// The text is no JSON.
    pub const INVALID_JSON_DESCRIPTION: &str = "INVALID_JSON_DESCRIPTION";
    /// A field is missing, unknown, of the wrong type or out of its range.
    pub const SCHEMA_VALIDATION_FAILED: &str = "SCHEMA_VALIDATION_FAILED";
    /// A Task's `Resource` cannot be one.
    pub const INVALID_RESOURCE: &str = "INVALID_RESOURCE";
    /// No state ends the workflow.
    pub const MISSING_END_STATE: &str = "MISSING_END_STATE";
    /// Two states of a machine have one name.
    pub const DUPLICATE_STATE_NAME: &str = "DUPLICATE_STATE_NAME";
    /// A state's name is too long or empty.
    pub const INVALID_STATE_NAME: &str = "INVALID_STATE_NAME";
    /// A target is no state, or a state is no target.
    pub const MISSING_TRANSITION_TARGET: &str = "MISSING_TRANSITION_TARGET";
    /// A variable of an inner scope has the name of one of an outer scope.
    pub const DUPLICATE_VARIABLE_NAME: &str = "DUPLICATE_VARIABLE_NAME";
    /// The label of a Map state cannot be one.
    pub const INVALID_LABEL_NAME: &str = "INVALID_LABEL_NAME";
    /// A JSONata expression that is none.
    pub const INVALID_JSONATA_EXPRESSION: &str = "INVALID_JSONATA_EXPRESSION";
    /// A JSONata expression that reads what is not there.
    pub const UNSUPPORTED_JSONATA_EXPRESSION: &str = "UNSUPPORTED_JSONATA_EXPRESSION";
    /// The JSON is nested too deeply.
    pub const TOO_DEEPLY_NESTED: &str = "TOO_DEEPLY_NESTED";
    /// Warning: a value looks like a path, but the key does not end in `.$`.
    pub const NO_DOLLAR: &str = "NO_DOLLAR";
    /// Warning: a value looks like a path, but the field's name does not end in `Path`.
    pub const NO_PATH: &str = "NO_PATH";
    /// Warning: a path in `Result` is not evaluated.
    pub const PASS_RESULT_IS_STATIC: &str = "PASS_RESULT_IS_STATIC";
    /// Warning: a variable is read that no state assigns.
    pub const POSSIBLY_UNDEFINED_VARIABLE: &str = "POSSIBLY_UNDEFINED_VARIABLE";
    /// Ours: AWS takes it for Standard workflows, and Express workflows do not have it.
    pub const NOT_SUPPORTED: &str = "NOT_SUPPORTED";
    /// Our warning: only ways that are never taken lead to a state.
    pub const UNREACHABLE_STATE: &str = "UNREACHABLE_STATE";
    /// Our warning: no way leads from a state to an end.
    pub const NO_WAY_TO_END: &str = "NO_WAY_TO_END";
    /// Our warning: nothing in a loop changes what its Choice decides on.
    pub const LOOP_WITHOUT_EXIT: &str = "LOOP_WITHOUT_EXIT";
    /// Our warning: no error reaches a catcher.
    pub const CATCH_NEVER_MATCHES: &str = "CATCH_NEVER_MATCHES";
    /// Our warning: an execution ends before the last retries.
    pub const RETRIES_NEVER_FIT: &str = "RETRIES_NEVER_FIT";
}
