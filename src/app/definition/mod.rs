//! A definition's file: JSON or YAML, with placeholders or without → the JSON text that is loaded, and the way back from a
//! place in it to the place in the file.
//!
//! *Not here*: whether the definition is good.

mod places;
mod substitute;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;

use super::workflows::{File, Refusal};
use crate::asl::{self, Diagnostic, Severity};
use places::Places;

/// What stands in the place of `${Name}`, by name.
pub type Substitutions = BTreeMap<String, String>;

/// A definition as written, and as it is loaded.
#[derive(Clone, Debug)]
pub struct DefinitionFile {
    /// For messages.
    pub name: String,
    /// The file's text.
    pub written: String,
    /// The definition in JSON, placeholders replaced.
    pub text: String,
    /// From places in `text` to places in `written`, one step after the other.
    ways_back: Vec<Places>,
}

impl DefinitionFile {
    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, is no YAML though its name says so, or holds a placeholder that `substitutions` do not know.
    pub fn read(path: &Path, substitutions: &Substitutions) -> Result<Self, Refusal> {
        Self::new(File::read(path)?, substitutions)
    }

    /// A definition in JSON without placeholders.
    #[must_use]
    pub fn json(file: File) -> Self {
        Self {
            name: file.name,
            text: file.text.clone(),
            written: file.text,
            ways_back: Vec::new(),
        }
    }

    /// Reads a text. Without substitutions placeholders stay as they are, as AWS takes them.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn new(file: File, substitutions: &Substitutions) -> Result<Self, Refusal> {
        let mut definition = Self::json(file);
        let extension = Path::new(&definition.name).extension();
        let is_yaml = extension.is_some_and(|e| e == "yaml" || e == "yml");
        if !substitutions.is_empty() {
            let replaced = substitute::replace(&definition.text, substitutions, !is_yaml);
            definition.step(replaced)?;
        }
        if is_yaml {
            let converted = yaml::to_json(&definition.text).map_err(|fault| vec![fault]);
            definition.step(converted)?;
        }
        Ok(definition)
    }

    fn step(&mut self, done: Result<(String, Places), Vec<Diagnostic>>) -> Result<(), Refusal> {
        match done {
            Ok((text, places)) => {
                self.text = text;
                self.ways_back.push(places);
                Ok(())
            }
            Err(faults) => {
                let faults = self.as_written(faults);
                Err(Refusal::Definition(Box::new(self.clone()), faults))
            }
        }
    }

    /// The faults of the definition, and if it has none, what is doubtful in it; with places in the file.
    #[must_use]
    pub fn check(&self) -> Vec<Diagnostic> {
        let (_, mut diagnostics) = asl::compile(&self.text);
        let is_taken = |d: &Diagnostic| !d.is_error() || d.is_not_supported();
        if diagnostics.iter().all(is_taken) {
            diagnostics.extend(asl::lint(&self.text));
        }
        let mut diagnostics = self.as_written(diagnostics);
        diagnostics.sort_by_key(|d| (d.line, d.column));
        diagnostics
    }

    /// The same diagnostics with places in the file.
    #[must_use]
    pub fn as_written(&self, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for diagnostic in &mut diagnostics {
            let mut place = (diagnostic.line, diagnostic.column);
            for way_back in self.ways_back.iter().rev() {
                place = way_back.back(place);
            }
            (diagnostic.line, diagnostic.column) = place;
        }
        diagnostics
    }
}

/// A fault that is found before there is a definition.
fn fault(
    code: &'static str,
    message: String,
    (line, column): (usize, usize),
    hint: Option<String>,
) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code,
        message,
        location: None,
        line,
        column,
        hint,
    }
}
