//! Settings: a TOML file and the environment → everything resolved and ready to use, or all its faults at once.
//!
//! One table (`table.rs`) says which keys there are, of which kind, with which default and meaning. The reader, the
//! check for unknown keys, the environment variables and `config/stepstream.toml` all come from it.
//!
//! # Environment
//!
//! A variable is `STEPSTREAM_` and the key's path in upper case with `_` for every dot: `kafka.group` is
//! `STEPSTREAM_KAFKA_GROUP`. In the free sections the rest is the property with `_` for its dots:
//! `STEPSTREAM_KAFKA_PROPERTIES_SASL_PASSWORD` is `sasl.password`. It wins over the file. `[[workflows]]` has no variables.
//! A variable that begins like a section but names no key is refused, as an unknown key of the file is.
//! `STEPSTREAM_SECRET_CRM` is the secret of the connection `crm`; `STEPSTREAM_SECRET_API_TOKENS`, `STEPSTREAM_SECRET_API_KEYS` and
//! `STEPSTREAM_SECRET_SERVER_TOKENS` are those of who may ask.
//!
//! *Not here*: no text of a value is ever shown in a fault, because it may be a secret.

mod document;
mod environment;
mod fault;
mod kind;
mod nearest;
mod raw;
mod resolve;
mod restart;
mod section;
mod settings;
mod table;

#[cfg(test)]
mod tests;

pub use document::document;
pub use environment::Environment;
pub use fault::{Fault, Faults};
pub use restart::restart_needed;
pub use settings::{
    ApiSettings, ConnectionSettings, ConnectorLimits, HttpTaskSettings, IdentitySettings,
    MocksSettings, SecretText, ServerSettings, Settings, TaskSettings, TlsSettings, Workflow,
};

use std::path::Path;

/// Reads and resolves a settings file.
///
/// # Errors
/// All faults of the file and of the environment.
pub fn load(path: &Path, environment: &Environment) -> Result<Settings, Faults> {
    let text = std::fs::read_to_string(path).map_err(|error| Faults::unreadable(path, &error))?;
    parse(path, &text, environment)
}

/// Resolves the text of a settings file; `path` is for messages and for relative paths in it.
///
/// # Errors
/// All faults of the text and of the environment.
pub fn parse(path: &Path, text: &str, environment: &Environment) -> Result<Settings, Faults> {
    let mut faults = Faults::default();
    let root = raw::read(path, text, environment, &mut faults);
    let settings = resolve::resolve(path, &root, environment, &mut faults);
    if faults.is_empty() {
        Ok(settings)
    } else {
        faults.sort();
        Err(faults)
    }
}
