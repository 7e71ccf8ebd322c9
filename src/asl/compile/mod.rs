//! Definition → program.
//!
//! Nothing stops at the first fault: every reader reports what it dislikes and goes on, and there is a program only if no
//! error was reported. So a value that stands in for a faulty one never runs.
//!
//! *Not here*: whether a resource has a connector; that depends on the configuration.

mod assign;
mod block;
mod choice;
mod expressions;
mod fields;
mod map;
mod operator;
mod parallel;
mod pass;
mod query;
pub(super) mod report;
mod resource;
mod retry;
mod state;
mod state_type;
mod task;
mod terminal;
#[cfg(test)]
mod tests;
mod wait;

use super::source::{DEFINITION_BYTES_MAX, Json, Node, Source, SyntaxError};
use super::{Diagnostic, Program, Severity, State, StateId, code};
use crate::expr::VariableNames;
use assign::Assigned;
use report::{Fault, Report};
use state_type::QueryLanguage;

/// How a definition is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileOptions {
    /// Whether what only STANDARD workflows may do is refused as AWS refuses it; otherwise it is just not supported.
    pub express: bool,
}

impl Default for CompileOptions {
    fn default() -> Self {
        Self { express: true }
    }
}

/// Compiles the definition of an Express workflow.
///
/// There is a program exactly if no diagnostic is an error.
#[must_use]
pub fn compile(text: &str) -> (Option<Program>, Vec<Diagnostic>) {
    compile_with(text, &CompileOptions::default())
}

/// Compiles a definition.
///
/// There is a program exactly if no diagnostic is an error.
#[must_use]
pub fn compile_with(text: &str, options: &CompileOptions) -> (Option<Program>, Vec<Diagnostic>) {
    run(text, *options, None)
}

/// Compiles a definition of which one state is to be tested with a mocked answer: what only STANDARD workflows may do is
/// taken, and means nothing. `variables` are known besides those that it assigns.
#[must_use]
pub(crate) fn compile_to_test(
    text: &str,
    variables: VariableNames,
) -> (Option<Program>, Vec<Diagnostic>) {
    run(text, CompileOptions { express: false }, Some(variables))
}

fn run(
    text: &str,
    options: CompileOptions,
    tested_with: Option<VariableNames>,
) -> (Option<Program>, Vec<Diagnostic>) {
    let source = match parse(text) {
        Ok(source) => source,
        Err(diagnostic) => return (None, vec![diagnostic]),
    };
    let mut compiler = Compiler {
        options,
        takes_standard: tested_with.is_some(),
        report: Report::new(&source),
        language: QueryLanguage::JsonPath,
        slots: Vec::new(),
        uses_context: false,
        variables: tested_with.unwrap_or_default(),
        assigned: Vec::new(),
    };
    let program = compiler.machine(&source.root);
    let refused = compiler.report.has_errors();
    assert!(
        refused || program.is_some(),
        "a definition without faults gives a program"
    );
    (
        program.filter(|_| !refused),
        compiler.report.into_diagnostics(),
    )
}

/// What is known and collected while a definition is compiled.
struct Compiler<'s> {
    options: CompileOptions,
    /// Whether what only STANDARD workflows may do is taken.
    takes_standard: bool,
    report: Report<'s>,
    /// The machine's own query language.
    language: QueryLanguage,
    /// The states by id, empty until they are compiled.
    slots: Vec<Option<State>>,
    uses_context: bool,
    variables: VariableNames,
    /// What is assigned anywhere, in the order of the text but for `Choices` and `Catch`, which come before `Assign`.
    assigned: Vec<Assigned<'s>>,
}

/// The fields of a definition, in the order in which AWS lists missing ones.
const MACHINE_FIELDS: [&str; 6] = [
    "States",
    "StartAt",
    "Comment",
    "Version",
    "TimeoutSeconds",
    "QueryLanguage",
];

impl<'s> Compiler<'s> {
    fn machine(&mut self, root: &'s Node) -> Option<Program> {
        for key in self.report.source().duplicates.clone() {
            let name = self.report.source().slice(key).trim_matches('"');
            let message = format!("Duplicate field '{name}'");
            let fault = Fault::new(code::INVALID_JSON_DESCRIPTION, message).at(key.start);
            self.report
                .push(fault.hint("only the last one would count: remove or rename the others"));
        }
        self.known_fields(root, &MACHINE_FIELDS);
        self.required_fields(root, &["States", "StartAt"]);
        self.string(root, "Comment");
        self.one_of(root, "Version", &["1.0"]);
        self.language = self.machine_language(root);
        let timeout_seconds = self.integer(root, "TimeoutSeconds", 1..=SECONDS_MAX);
        self.unique_names(root);
        let start = self.block(root)?;
        Some(Program {
            states: std::mem::take(&mut self.slots)
                .into_iter()
                .collect::<Option<_>>()?,
            start,
            timeout_seconds,
            uses_context: self.uses_context,
            variables: std::mem::take(&mut self.variables),
        })
    }

    fn machine_language(&mut self, root: &'s Node) -> QueryLanguage {
        self.query_language(root).unwrap_or_default()
    }

    fn new_slot(&mut self) -> StateId {
        // A definition of at most a mebibyte has far fewer states than 2^32.
        let id = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.slots.push(None);
        StateId(id)
    }

    fn fill_slot(&mut self, id: StateId, state: Option<State>) {
        if let Some(slot) = self.slots.get_mut(id.0 as usize) {
            *slot = state;
        }
    }
}

/// The longest time that a field may give.
const SECONDS_MAX: u64 = 99_999_999;

fn parse(text: &str) -> Result<Source<'_>, Diagnostic> {
    if text.len() > DEFINITION_BYTES_MAX {
        let message = format!("Definition must be no longer than {DEFINITION_BYTES_MAX} bytes");
        return Err(refusal(code::SCHEMA_VALIDATION_FAILED, message));
    }
    const NO_OBJECT: &str = "Definition must be a valid JSON object";
    if text.trim().is_empty() {
        return Err(refusal(
            code::SCHEMA_VALIDATION_FAILED,
            NO_OBJECT.to_owned(),
        ));
    }
    let source = Source::parse(text).map_err(|error| syntax_fault(text, error))?;
    if matches!(source.root.json, Json::Object(_)) {
        Ok(source)
    } else {
        Err(refusal(
            code::SCHEMA_VALIDATION_FAILED,
            NO_OBJECT.to_owned(),
        ))
    }
}

/// A fault of the whole text.
fn refusal(code: &'static str, message: String) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code,
        message,
        location: None,
        line: 1,
        column: 1,
        hint: None,
    }
}

/// How much of a text that is no JSON AWS repeats.
const SHOWN_CHARS_MAX: usize = 500;

/// AWS names the place twice, in the location and in the message, and counts its column after what it read.
fn syntax_fault(text: &str, error: SyntaxError) -> Diagnostic {
    let (line, column) = super::source::line_and_column(text, error.at);
    if error.too_deep {
        return Diagnostic {
            line,
            column,
            ..refusal(code::TOO_DEEPLY_NESTED, error.message)
        };
    }
    let shown: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    let truncated = match text.chars().count().saturating_sub(SHOWN_CHARS_MAX) {
        0 => String::new(),
        rest => format!("[truncated {rest} chars]"),
    };
    let (read_line, read_column) = super::source::line_and_column(text, error.read);
    let location = format!(
        "[Source: (String)\"{shown}\"{truncated}; line: {read_line}, column: {read_column}]"
    );
    Diagnostic {
        location: Some(location.clone()),
        line,
        column,
        ..refusal(
            code::INVALID_JSON_DESCRIPTION,
            format!("{}\n at {location}", error.message),
        )
    }
}
