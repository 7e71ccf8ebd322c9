//! The texts of all files that a service is made from, to see whether one has changed.
//!
//! They are read whole: a time of change can stand still while a text changes, and links may lead elsewhere.
//!
//! *Not here*: what the texts mean.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::Origin;
use crate::config;

/// Each file's text, or why it could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Files(BTreeMap<PathBuf, Result<Vec<u8>, ErrorKind>>);

impl Files {
    /// The settings file and, as far as it can be understood, the files that it names.
    pub(super) fn read(origin: &Origin) -> Self {
        let mut files = Self::default();
        files.add(&origin.path);
        let Ok(settings) = config::load(&origin.path, &origin.environment) else {
            return files;
        };
        for workflow in &settings.workflows {
            files.add(&workflow.definition);
            if let Some(mocks) = &workflow.mocks {
                files.add(&mocks.file);
            }
        }
        if let Some(file) = &settings.mocks_file {
            files.add(file);
        }
        let connections = settings.tasks.connections.iter();
        let secrets = connections.filter_map(|connection| connection.secret_file.as_deref());
        for file in secrets.chain(settings.tasks.http.ca_file.as_deref()) {
            files.add(file);
        }
        files
    }

    fn add(&mut self, path: &Path) {
        let text = std::fs::read(path).map_err(|error| error.kind());
        self.0.insert(path.to_owned(), text);
    }
}
