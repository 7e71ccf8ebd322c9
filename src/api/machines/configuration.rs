//! What CreateStateMachine and UpdateStateMachine share: the structures of their requests, and definition → revision.

use std::sync::Arc;

use crate::api::ApiOptions;
use crate::api::protocol::{Fault, Fields};
use crate::api::shared::Shared;
use crate::api::store::Logging;
use crate::asl::answer::{self, Account, CreateRefusal, CreateRequest};
use crate::asl::{DEFINITION_BYTES_MAX, Diagnostic};
use crate::engine::{Definition, Revision};
use crate::history::LogLevel;
use crate::machine::{MachineIdentity, Recording};
use crate::value::Text;

/// The longest definition that a request may hold, in characters.
pub(super) const DEFINITION_CHARS_MAX: usize = DEFINITION_BYTES_MAX;
/// Destinations of logs, and the tags of a machine, that the model allows for.
const TAGS_MAX: usize = 50;

/// `loggingConfiguration`
pub(super) fn logging(fields: &mut Fields) -> Result<Option<Logging>, Fault> {
    fields.structure("loggingConfiguration", |fields| {
        let level = match fields.word("level", &["ALL", "ERROR", "FATAL", "OFF"])? {
            Some("ALL") => LogLevel::All,
            Some("ERROR") => LogLevel::Error,
            Some("FATAL") => LogLevel::Fatal,
            _ => LogLevel::Off,
        };
        let destinations = fields.structures("destinations", |fields| {
            let group = fields.structure("cloudWatchLogsLogGroup", |fields| {
                fields.optional_text("logGroupArn", 1, 256)
            })?;
            Ok(group.flatten().unwrap_or_default())
        })?;
        Ok(Logging {
            level,
            include_execution_data: fields.flag("includeExecutionData")?,
            destinations: destinations.unwrap_or_default(),
        })
    })
}

/// `tracingConfiguration.enabled`
pub(super) fn tracing(fields: &mut Fields) -> Result<Option<bool>, Fault> {
    fields.structure("tracingConfiguration", |fields| fields.flag("enabled"))
}

/// `encryptionConfiguration`: only AWS's own key is taken, which means nothing here.
pub(super) fn encryption(fields: &mut Fields) -> Result<(), Fault> {
    let key = fields.structure("encryptionConfiguration", |fields| {
        fields.word("type", &["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"])
    })?;
    match key.flatten() {
        Some("CUSTOMER_MANAGED_KMS_KEY") => Err(Fault::new(
            "InvalidEncryptionConfiguration",
            "Invalid Encryption Configuration: Stepstream has no keys of KMS",
        )),
        _ => Ok(()),
    }
}

/// `roleArn`: nobody assumes it, but it must be one.
pub(super) fn check_role(arn: &str) -> Result<(), Fault> {
    match arn.starts_with("arn:") {
        true => Ok(()),
        false => Err(Fault::new(
            "InvalidArn",
            format!("Invalid Role Arn: 'Invalid ARN prefix: {arn}'"),
        )),
    }
}

/// `tags`
pub(in crate::api) fn tags(fields: &mut Fields) -> Result<Vec<(String, String)>, Fault> {
    let tags = fields.structures("tags", |fields| {
        let key = fields.text("key", 1, 128)?;
        let value = fields.optional_text("value", 0, 256)?;
        Ok((key, value.unwrap_or_default()))
    })?;
    Ok(tags.unwrap_or_default())
}

/// More tags than a machine may have.
pub(in crate::api) fn check_tags(count: usize) -> Result<(), Fault> {
    match count > TAGS_MAX {
        true => Err(Fault::new("TooManyTags", "Too many tags: at most 50")),
        false => Ok(()),
    }
}

/// Makes a definition the active revision of its machine.
pub(super) fn load(
    shared: &Shared,
    name: &str,
    definition: &str,
    role_arn: &str,
    logging: &Logging,
) -> Result<Arc<Revision>, Fault> {
    let made = definition_of(&shared.options, name, definition, role_arn, logging);
    shared
        .registry
        .put(made)
        .map_err(|refused| invalid_definition(&refused.diagnostics))
}

/// What the registry makes a revision of.
pub(super) fn definition_of(
    options: &ApiOptions,
    name: &str,
    definition: &str,
    role_arn: &str,
    logging: &Logging,
) -> Definition {
    Definition {
        name: Text::new(name),
        text: Text::new(definition),
        machine: MachineIdentity {
            name: Text::new(name),
            role_arn: Text::new(role_arn),
            ..options.identity.clone()
        },
        limits: options.limits,
        recording: Recording {
            level: logging.level,
            include_execution_data: logging.include_execution_data,
        },
        executions_in_flight_max: None,
    }
}

/// The refusal of a definition, in AWS's words; what only this process lacks carries its hint.
pub(in crate::api) fn invalid_definition(diagnostics: &[Diagnostic]) -> Fault {
    let shown: Vec<String> = diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| match (&d.hint, d.code) {
            (Some(hint), "NO_CONNECTOR" | "NOT_SUPPORTED") => format!("{d} ({hint})"),
            _ => d.to_string(),
        })
        .collect();
    let shown = shown.join(", ");
    Fault::new(
        "InvalidDefinition",
        format!("Invalid State Machine Definition: '{shown}'"),
    )
}

pub(super) fn refused(refusal: &CreateRefusal) -> Fault {
    if let CreateRefusal::InvalidDefinition(diagnostics) = refusal {
        return invalid_definition(diagnostics);
    }
    Fault::new(refusal.error_type(), refusal.to_string())
}

/// What is there, as far as a request must be compared with it.
#[derive(Debug)]
pub(super) struct Known<'s> {
    pub(super) shared: &'s Shared,
    /// The machine of the request's name, if there is one.
    pub(super) request: Option<CreateRequest<'s>>,
}

impl Account for Known<'_> {
    fn machine_arn(&self, name: &str) -> String {
        let identity = MachineIdentity {
            name: Text::new(name),
            ..self.shared.options.identity.clone()
        };
        identity.arn()
    }

    fn machine(&self, _: &str) -> Option<CreateRequest<'_>> {
        self.request
    }

    /// A log group is a name for a topic. One without a topic is a place whose logs are dropped.
    fn has_log_group(&self, arn: &str) -> bool {
        arn.starts_with("arn:") && arn.contains(":log-group:")
    }
}

/// A logging configuration in the words of [`answer`].
pub(super) fn asked_logging<'l>(
    logging: &Logging,
    destinations: &'l [&'l str],
) -> answer::Logging<'l> {
    answer::Logging {
        level: match logging.level {
            LogLevel::All => answer::LogLevel::All,
            LogLevel::Error => answer::LogLevel::Error,
            LogLevel::Fatal => answer::LogLevel::Fatal,
            LogLevel::Off => answer::LogLevel::Off,
        },
        include_execution_data: logging.include_execution_data,
        destinations,
    }
}
