//! Versions of machines: a configuration under a number.

use std::sync::Arc;

use super::protocol::{Fault, Fields, List, Members, Page, Qualifier, machine_arn};
use super::shared::Shared;
use super::store::{Machine, Version};
use crate::machine::Timestamp;

/// What a description needs.
pub(super) const DESCRIPTION_WITHOUT_VERSION: &str =
    "Version description can only be set when publish is true";
/// Versions that one machine may have.
const VERSIONS_MAX: usize = 1_000;

pub(super) fn publish(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("stateMachineArn", 1, 256)?;
    let revision_id = fields.optional_text("revisionId", 0, 256)?;
    let description = fields.optional_text("description", 0, 256)?;
    fields.check()?;
    let now = shared.now();
    shared.store.changes().machine(&arn, |machine, parts| {
        if parts.qualifier.is_some() {
            return Err(Fault::invalid_arn(&format!("A version is made of a machine: {arn}")));
        }
        if let Some(asked) = revision_id {
            let current = machine.current.revision_id.as_deref().unwrap_or("INITIAL");
            if asked != current {
                let message = format!(
                    "Failed to publish the State Machine version for revision {asked}. The current State Machine revision is {current}."
                );
                return Err(conflict(message));
            }
        }
        let version = publish_current(machine, description.unwrap_or_default(), now)?;
        let created = machine.versions.get(&version).map_or(now, |v| v.created);
        let mut answer = Members::new();
        answer.instant("creationDate", created);
        answer.text("stateMachineVersionArn", &machine.version_arn(version));
        Ok(answer.finish())
    })
}

/// The number of the version of the current configuration, which is made unless it is there.
pub(super) fn publish_current(
    machine: &mut Machine,
    description: String,
    now: Timestamp,
) -> Result<u64, Fault> {
    let current = &machine.current;
    let same = machine
        .versions
        .iter()
        .find(|(_, version)| Arc::ptr_eq(&version.configuration, current));
    if let Some((number, _)) = same {
        return Ok(*number);
    }
    if machine.versions.len() >= VERSIONS_MAX {
        let message = format!("A state machine has at most {VERSIONS_MAX} versions");
        return Err(Fault::new("ServiceQuotaExceededException", message).with_status(402));
    }
    machine.last_version += 1;
    let version = Version {
        configuration: Arc::clone(current),
        description,
        created: now,
    };
    machine.versions.insert(machine.last_version, version);
    Ok(machine.last_version)
}

/// The latest first.
pub(super) fn list(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("stateMachineArn", 1, 256)?;
    let page = Page::of("ListStateMachineVersions", &mut fields)?;
    fields.check()?;
    shared.store.with(&arn, |machine, _| {
        let before = page.after.as_deref().and_then(|key| key.parse().ok());
        let rest = machine.versions.range(..before.unwrap_or(u64::MAX)).rev();
        let (versions, token) = page.take(rest, |(number, _)| number.to_string());
        let mut listed = List::new();
        for (number, version) in versions {
            let mut members = Members::new();
            members.instant("creationDate", version.created);
            members.text("stateMachineVersionArn", &machine.version_arn(*number));
            listed.object(members);
        }
        let mut answer = Members::new();
        answer.optional_text("nextToken", token.as_deref());
        answer.list("stateMachineVersions", listed);
        Ok(answer.finish())
    })
}

/// Also of what is not there: AWS says nothing about it either.
pub(super) fn delete(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("stateMachineVersionArn", 1, 2_000)?;
    fields.check()?;
    let Some(Qualifier::Version(number)) = machine_arn(&arn)?.qualifier else {
        return Err(Fault::invalid_arn(&format!("It names no version: {arn}")));
    };
    shared.store.changes().machine(&arn, |machine, _| {
        let aliases = machine.aliases_of(number);
        if !aliases.is_empty() {
            let aliases = aliases.join(", ");
            return Err(conflict(format!(
                "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [{aliases}]"
            )));
        }
        machine.versions.remove(&number);
        Ok(Members::new().finish())
    })
}

/// What is there speaks against it.
pub(super) fn conflict(message: impl Into<String>) -> Fault {
    Fault::new("ConflictException", message).with_status(409)
}
