//! DescribeStateMachine, DescribeStateMachineForExecution and ListStateMachines.

use std::ops::Bound;
use std::sync::Arc;

use crate::api::executions::offered;
use crate::api::protocol::{Fault, Fields, List, Members, Page, Qualifier};
use crate::api::shared::Shared;
use crate::api::store::{Configuration, Logging, Machine, Version};
use crate::asl::answer::variable_references;
use crate::history::LogLevel;

/// Of a machine, or of one of its versions; an alias is described by an operation of its own.
pub(in crate::api) fn describe(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("stateMachineArn", 1, 256)?;
    let has_data = has_data(&mut fields)?;
    fields.check()?;
    shared.store.with(&arn, |machine, parts| {
        let missing = || Fault::machine_does_not_exist(&arn);
        let version = match &parts.qualifier {
            None => None,
            Some(Qualifier::Version(number)) => {
                Some(machine.versions.get(number).ok_or_else(missing)?)
            }
            Some(Qualifier::Alias(_)) => {
                let alias = "An alias is described by DescribeStateMachineAlias";
                return Err(Fault::invalid_arn(alias));
            }
        };
        let current = shared.store.current(machine);
        Ok(description(machine, &current, version, &arn, has_data))
    })
}

fn description(
    machine: &Machine,
    current: &Configuration,
    version: Option<&Version>,
    arn: &str,
    has_data: bool,
) -> Vec<u8> {
    let configuration = version.map_or(current, |version| &version.configuration);
    let mut answer = Members::with_capacity(configuration.revision.text.len() + 1_024);
    answer.instant(
        "creationDate",
        version.map_or(machine.created, |v| v.created),
    );
    if let Some(version) = version {
        answer.text("description", &version.description);
    }
    answer.text("name", machine.name());
    answer.text("stateMachineArn", arn);
    answer.text("status", "ACTIVE");
    answer.text("type", machine.machine_type.as_str());
    describe_configuration(configuration, has_data, &mut answer);
    answer.finish()
}

/// Of the revision that it began with; of executions that nobody remembers, the one that is active now.
pub(in crate::api) fn describe_for_execution(
    shared: &Shared,
    mut fields: Fields,
) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("executionArn", 1, 256)?;
    let has_data = has_data(&mut fields)?;
    fields.check()?;
    let parts = offered(shared, &arn)?;
    let kept = shared.recent.of_arn(&parts);
    if let Some(configuration) = kept.as_ref().and_then(|kept| kept.configuration()) {
        return Ok(description_for_execution(configuration, has_data));
    }
    shared.store.read(|machines| {
        let machine = machines
            .get(&parts.machine)
            .filter(|machine| parts.is_of(&machine.current.revision.machine))
            .filter(|_| parts.is_express())
            .ok_or_else(|| Fault::execution_does_not_exist(&arn))?;
        let mut configuration = Configuration::clone(&shared.store.current(machine));
        if let Some(kept) = &kept {
            configuration.revision = Arc::clone(&kept.revision);
        }
        Ok(description_for_execution(&configuration, has_data))
    })
}

fn description_for_execution(configuration: &Configuration, has_data: bool) -> Vec<u8> {
    let revision = &configuration.revision;
    let mut answer = Members::with_capacity(revision.text.len() + 1_024);
    answer.text("name", &revision.machine.name);
    answer.text("stateMachineArn", &revision.machine.arn());
    answer.instant("updateDate", configuration.updated);
    describe_configuration(configuration, has_data, &mut answer);
    answer.finish()
}

/// In the order of their names.
pub(in crate::api) fn list(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let page = Page::of("ListStateMachines", &mut fields)?;
    fields.check()?;
    shared.store.read(|machines| {
        let after = match &page.after {
            Some(name) => Bound::Excluded(name.as_str()),
            None => Bound::Unbounded,
        };
        let rest = machines.range::<str, _>((after, Bound::Unbounded));
        let (machines, token) = page.take(rest, |(name, _)| (*name).clone());
        let mut listed = List::new();
        for (name, machine) in machines {
            let mut members = Members::new();
            members.instant("creationDate", machine.created);
            members.text("name", name);
            members.text("stateMachineArn", &machine.arn());
            members.text("type", machine.machine_type.as_str());
            listed.object(members);
        }
        let mut answer = Members::new();
        answer.optional_text("nextToken", token.as_deref());
        answer.list("stateMachines", listed);
        Ok(answer.finish())
    })
}

fn has_data(fields: &mut Fields) -> Result<bool, Fault> {
    let word = fields.word("includedData", &["ALL_DATA", "METADATA_ONLY"])?;
    Ok(word != Some("METADATA_ONLY"))
}

fn describe_configuration(configuration: &Configuration, has_data: bool, answer: &mut Members) {
    let revision = &configuration.revision;
    answer.text("definition", if has_data { &revision.text } else { "{}" });
    let mut encryption = Members::new();
    encryption.text("type", "AWS_OWNED_KEY");
    answer.object("encryptionConfiguration", encryption);
    answer.object("loggingConfiguration", logging(&configuration.logging));
    answer.optional_text("revisionId", configuration.revision_id.as_deref());
    answer.text("roleArn", &revision.machine.role_arn);
    let mut tracing = Members::new();
    tracing.flag("enabled", configuration.is_traced);
    answer.object("tracingConfiguration", tracing);
    if has_data {
        let mut references = Members::new();
        for (state, names) in variable_references(&revision.text) {
            let mut listed = List::new();
            for name in names {
                listed.text(&name);
            }
            references.list(&state, listed);
        }
        answer.object("variableReferences", references);
    }
}

fn logging(logging: &Logging) -> Members {
    let mut members = Members::new();
    if !logging.destinations.is_empty() {
        let mut destinations = List::new();
        for arn in &logging.destinations {
            let (mut destination, mut group) = (Members::new(), Members::new());
            group.text("logGroupArn", arn);
            destination.object("cloudWatchLogsLogGroup", group);
            destinations.object(destination);
        }
        members.list("destinations", destinations);
    }
    members.flag("includeExecutionData", logging.include_execution_data);
    let level = match logging.level {
        LogLevel::All => "ALL",
        LogLevel::Error => "ERROR",
        LogLevel::Fatal => "FATAL",
        LogLevel::Off => "OFF",
    };
    members.text("level", level);
    members
}
