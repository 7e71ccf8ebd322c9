//! ListExecutions: of one machine, or those that one of its versions or aliases began, the latest first.

use crate::api::protocol::{Fault, Fields, List, Members, Page, Qualifier};
use crate::api::recent::Kept;
use crate::api::shared::Shared;
use crate::api::store::{MachineType, Way};

const STATUSES: &[&str] = &[
    "RUNNING",
    "SUCCEEDED",
    "FAILED",
    "TIMED_OUT",
    "ABORTED",
    "PENDING_REDRIVE",
];

pub(in crate::api) fn list(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.optional_text("stateMachineArn", 1, 256)?;
    let map_run = fields.optional_text("mapRunArn", 1, 2_000)?;
    let status = fields.word("statusFilter", STATUSES)?;
    let redriven = fields.word("redriveFilter", &["REDRIVEN", "NOT_REDRIVEN"])?;
    let page = Page::of("ListExecutions", &mut fields)?;
    fields.check()?;
    let arn = match (arn, map_run) {
        (Some(arn), None) => arn,
        (None, Some(run)) => {
            let message = format!("Resource not found: '{run}'");
            return Err(Fault::new("ResourceNotFound", message));
        }
        (given, _) => {
            let message = match given {
                Some(_) => "State Machine ARN and Map Run ARN are both provided",
                None => "State Machine ARN or Map Run ARN must be provided",
            };
            let reason = "MISSING_REQUIRED_PARAMETER";
            return Err(Fault::validation_because(reason, message));
        }
    };
    let (machine, qualifier) = shared.store.with(&arn, |machine, parts| {
        if shared.options.is_strict && machine.machine_type == MachineType::Express {
            return Err(Fault::type_not_supported());
        }
        Ok((machine.name().to_owned(), parts.qualifier.clone()))
    })?;
    let is_wanted = |kept: &Kept| {
        redriven != Some("REDRIVEN")
            && *kept.identity.machine.name == *machine
            && status.is_none_or(|status| kept.status() == status)
            && came_by(kept.way(), qualifier.as_ref())
    };
    let before = page.after.as_deref().and_then(|key| key.parse().ok());
    let before = before.unwrap_or(u64::MAX);
    let found = shared.recent.list(before, page.entries_max + 1, is_wanted);
    let (found, token) = page.take(found.into_iter(), |kept| kept.number.to_string());
    let mut listed = List::new();
    for kept in found {
        let mut members = Members::new();
        members.text("executionArn", &kept.identity.arn());
        members.text("name", &kept.identity.name);
        members.integer("redriveCount", 0);
        members.instant("startDate", kept.started);
        members.optional_text("stateMachineAliasArn", kept.alias_arn().as_deref());
        members.text("stateMachineArn", &kept.identity.machine.arn());
        members.optional_text("stateMachineVersionArn", kept.version_arn().as_deref());
        members.text("status", kept.status());
        if let Some(outcome) = kept.outcome() {
            members.instant("stopDate", outcome.stop);
        }
        listed.object(members);
    }
    let mut answer = Members::new();
    answer.list("executions", listed);
    answer.optional_text("nextToken", token.as_deref());
    Ok(answer.finish())
}

fn came_by(way: &Way, qualifier: Option<&Qualifier>) -> bool {
    match (qualifier, way) {
        (None, _) => true,
        (Some(Qualifier::Version(version)), way) => way.version() == Some(*version),
        (Some(Qualifier::Alias(alias)), Way::Alias { name, .. }) => **name == **alias,
        (Some(Qualifier::Alias(_)), _) => false,
    }
}
