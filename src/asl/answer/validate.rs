//! ValidateStateMachineDefinition.

use crate::asl::{CompileOptions, Diagnostic, Severity, compile_with};

/// How many diagnostics an answer lists at most, and by default.
pub const DIAGNOSTICS_LISTED_MAX: usize = 100;

/// A request of ValidateStateMachineDefinition.
#[derive(Clone, Copy, Debug)]
pub struct ValidateRequest<'r> {
    /// The definition's text.
    pub definition: &'r str,
    /// Whether `type` is `EXPRESS`; AWS's default is `STANDARD`.
    pub express: bool,
    /// `severity`: what is listed; `Warning` lists errors too.
    pub severity: Severity,
    /// `maxResults`; 0 and what is above [`DIAGNOSTICS_LISTED_MAX`] stand for that.
    pub results_max: usize,
}

impl<'r> ValidateRequest<'r> {
    /// The request that gives nothing but a definition.
    #[must_use]
    pub fn new(definition: &'r str) -> Self {
        Self {
            definition,
            express: false,
            severity: Severity::Error,
            results_max: DIAGNOSTICS_LISTED_MAX,
        }
    }
}

/// The answer of ValidateStateMachineDefinition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidateAnswer {
    /// `result`: `OK` if there is no error, listed or not, else `FAIL`.
    pub is_ok: bool,
    /// `diagnostics`
    pub diagnostics: Vec<Diagnostic>,
    /// `truncated`: whether there are more than are listed.
    pub truncated: bool,
}

/// Answers a request.
#[must_use]
pub fn validate(request: &ValidateRequest<'_>) -> ValidateAnswer {
    let options = CompileOptions {
        express: request.express,
    };
    let (_, diagnostics) = compile_with(request.definition, &options);
    ValidateAnswer::of(diagnostics, request.severity, request.results_max)
}

impl ValidateAnswer {
    /// The answer that says what was found.
    #[must_use]
    pub fn of(mut diagnostics: Vec<Diagnostic>, severity: Severity, results_max: usize) -> Self {
        let is_ok = diagnostics.iter().all(|d| d.severity < Severity::Error);
        diagnostics.retain(|d| d.severity >= severity);
        let listed_max = match results_max {
            0 => DIAGNOSTICS_LISTED_MAX,
            max => max.min(DIAGNOSTICS_LISTED_MAX),
        };
        let truncated = diagnostics.len() > listed_max;
        diagnostics.truncate(listed_max);
        Self {
            is_ok,
            diagnostics,
            truncated,
        }
    }

    /// `OK` or `FAIL`.
    #[must_use]
    pub fn result(&self) -> &'static str {
        match self.is_ok {
            true => "OK",
            false => "FAIL",
        }
    }
}
