//! `stepstream validate`: what is wrong with definitions.

use std::io::{self, Write};
use std::path::PathBuf;

use super::diagnostics::{render_json, render_text};
use super::execution::substitution;
use super::{Ended, Failure, refusals, sarif};
use crate::app::definition::{DefinitionFile, Substitutions};
use crate::app::workflows::Refusal;
use crate::asl::{Diagnostic, Severity};

/// Check definitions, and list everything that is wrong with them
///
/// A definition that AWS would refuse is refused with AWS's codes and texts; what only Standard workflows have is NOT_SUPPORTED.
/// What is doubtful is a warning. If any is refused, the exit code is 2.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Definitions, files in the Amazon States Language; in YAML if their names end in .yaml or .yml
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// text, json: for each file a line with the answer of ValidateStateMachineDefinition, or sarif: one log of all files
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json", "sarif"], hide_possible_values = true)]
    format: String,
    /// What stands in the definitions for ${NAME}; may be given more than once
    #[arg(long = "substitute", value_name = "NAME=VALUE", value_parser = substitution)]
    substitutions: Vec<(String, String)>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let substitutions: Substitutions = arguments.substitutions.iter().cloned().collect();
    let mut out = io::stdout().lock();
    let mut ended = Ended::Well;
    let mut unreadable: Vec<Refusal> = Vec::new();
    let mut logged = Vec::new();
    for path in &arguments.files {
        let (file, diagnostics) = match DefinitionFile::read(path, &substitutions) {
            Ok(file) => {
                let diagnostics = file.check();
                (file, diagnostics)
            }
            Err(Refusal::Definition(file, diagnostics)) => (*file, diagnostics),
            Err(refusal @ Refusal::File(_)) => {
                unreadable.push(refusal);
                continue;
            }
        };
        if diagnostics.iter().any(Diagnostic::is_error) {
            ended = Ended::Refused;
        }
        match arguments.format.as_str() {
            "json" => write_json(&mut out, &file, &diagnostics)?,
            "sarif" => logged.push((file.name, diagnostics)),
            _ => write_text(&mut out, &file, &diagnostics)?,
        }
    }
    if arguments.format == "sarif" {
        writeln!(out, "{}", sarif::render(&logged))?;
    }
    if unreadable.is_empty() {
        Ok(ended)
    } else {
        refusals::print(&unreadable)
    }
}

fn write_text(
    out: &mut impl Write,
    file: &DefinitionFile,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    out.write_all(render_text(&file.name, &file.written, diagnostics).as_bytes())?;
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity == severity)
            .count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if !diagnostics.is_empty() {
        writeln!(out)?;
    }
    let verdict = if errors > 0 { "refused" } else { "good" };
    let number = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        more => Some(format!("{more} {what}s")),
    };
    let numbers = [number(errors, "error"), number(warnings, "warning")];
    let numbers: Vec<String> = numbers.into_iter().flatten().collect();
    if numbers.is_empty() {
        writeln!(out, "{}: {verdict}", file.name)
    } else {
        writeln!(out, "{}: {verdict}, {}", file.name, numbers.join(", "))
    }
}

fn write_json(
    out: &mut impl Write,
    file: &DefinitionFile,
    diagnostics: &[Diagnostic],
) -> io::Result<()> {
    let mut answer = render_json(diagnostics);
    if let Some(members) = answer.as_object_mut() {
        members.insert("file".to_owned(), file.name.as_str().into());
    }
    writeln!(out, "{answer}")
}
