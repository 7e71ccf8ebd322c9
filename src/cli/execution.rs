//! What the commands that run a definition without Kafka have in common: who an execution is, and what it is given.
//!
//! *Not here*: running it.

use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use crate::config::{self, Environment, Settings};
use crate::machine::{ExecutionKind, Identity, MachineIdentity, Timestamp};
use crate::value::{Text, Value};

/// 2026-01-01T00:00:00Z, where virtual time begins.
pub(super) const VIRTUAL_BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);
/// Fixed, so that equal runs give equal answers.
pub(super) const SEED: u64 = 2_026;

/// Reads `NAME=VALUE`.
pub(super) fn substitution(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// The settings of a file, or of the environment alone.
pub(super) fn settings(path: Option<&Path>) -> Result<Settings, Failure> {
    let environment = Environment::of_process();
    let settings = match path {
        Some(path) => config::load(path, &environment),
        None => config::parse(Path::new("no file"), "", &environment),
    };
    settings.map_err(|faults| Failure::refused(format!("the settings are refused\n{faults}")))
}

/// The execution's input: a file, or stdin for `-`; an empty object if none is named.
pub(super) fn input(path: Option<&Path>) -> Result<Value, Failure> {
    let (name, text) = match path {
        None => return Ok(Value::empty_object()),
        Some(path) if path.as_os_str() == "-" => {
            let mut text = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut text);
            ("stdin".to_owned(), read.map(|_| text))
        }
        Some(path) => (path.display().to_string(), std::fs::read(path)),
    };
    let text =
        text.map_err(|error| Failure::refused(format!("{name}: it cannot be read: {error}")))?;
    Value::parse(&text)
        .map_err(|error| Failure::refused(format!("{name}: the input is not JSON: {error}")))
}

/// `config/workflows/iot-check.asl.json` is `iot-check`.
pub(super) fn machine_name(definition: &Path) -> String {
    let file = definition.file_name().unwrap_or_default().to_string_lossy();
    let stem = file.split('.').next().filter(|stem| !stem.is_empty());
    stem.unwrap_or("run").to_owned()
}

/// The same in every run.
pub(super) fn identity(machine: &str) -> Identity {
    Identity {
        machine: Arc::new(MachineIdentity {
            partition: Text::new_static("aws"),
            region: Text::new_static("us-east-1"),
            account: Text::new_static("123456789012"),
            name: Text::new(machine),
            role_arn: Text::new_static("arn:aws:iam::123456789012:role/stepstream"),
        }),
        name: Text::new_static("run"),
        uuid: u128::from(SEED),
        kind: ExecutionKind::ExpressSync,
    }
}
