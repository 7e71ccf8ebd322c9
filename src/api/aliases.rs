//! Aliases of machines: one or two versions, picked by weight at each start.

use std::ops::Bound;

use super::protocol::{Fault, Fields, List, Members, Page, Qualifier, machine_arn};
use super::shared::Shared;
use super::store::{Alias, Machine, Route};
use super::versions::conflict;

/// Aliases that one machine may have.
const ALIASES_MAX: usize = 100;
const ROUTES_MAX: usize = 2;
const WEIGHTS_SUM: u64 = 100;

pub(super) fn create(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let name = fields.text("name", 1, 80)?;
    let description = fields
        .optional_text("description", 0, 256)?
        .unwrap_or_default();
    let asked = routing(&mut fields)?;
    if asked.is_none() {
        fields.break_null("routingConfiguration");
    }
    fields.check()?;
    check_name(&name)?;
    let asked = asked.unwrap_or_default();
    let now = shared.now();
    let machine_arn = machine_of(&asked)?;
    shared.store.changes().machine(&machine_arn, |machine, _| {
        let routes = check_routes(machine, &asked)?;
        let created = match machine.aliases.get(&name) {
            Some(same) if same.routes == routes && same.description == description => same.created,
            Some(_) => {
                return Err(conflict(
                    "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
                ));
            }
            None if machine.aliases.len() >= ALIASES_MAX => {
                let message = format!("A state machine has at most {ALIASES_MAX} aliases");
                return Err(Fault::new("ServiceQuotaExceededException", message).with_status(402));
            }
            None => {
                let alias = Alias {
                    description,
                    routes,
                    created: now,
                    updated: now,
                };
                machine.aliases.insert(name.clone(), alias);
                now
            }
        };
        let mut answer = Members::new();
        answer.instant("creationDate", created);
        answer.text("stateMachineAliasArn", &machine.alias_arn(&name));
        Ok(answer.finish())
    })
}

pub(super) fn describe(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let (arn, name) = alias_arn(&mut fields)?;
    fields.check()?;
    let found = shared.store.with(&arn, |machine, _| {
        let alias = machine.aliases.get(&name).ok_or_else(not_found)?;
        let mut routes = List::new();
        for route in &alias.routes {
            let mut members = Members::new();
            members.text(
                "stateMachineVersionArn",
                &machine.version_arn(route.version),
            );
            members.integer("weight", i64::try_from(route.weight).unwrap_or(0));
            routes.object(members);
        }
        let mut answer = Members::new();
        answer.instant("creationDate", alias.created);
        answer.text("description", &alias.description);
        answer.text("name", &name);
        answer.list("routingConfiguration", routes);
        answer.text("stateMachineAliasArn", &arn);
        answer.instant("updateDate", alias.updated);
        Ok(answer.finish())
    });
    found.map_err(no_machine_no_alias)
}

pub(super) fn update(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let (arn, name) = alias_arn(&mut fields)?;
    let description = fields.optional_text("description", 0, 256)?;
    let asked = routing(&mut fields)?;
    fields.check()?;
    if description.is_none() && asked.is_none() {
        let message = "Either the description or the routing configuration must be specified";
        return Err(Fault::validation_because(
            "MISSING_REQUIRED_PARAMETER",
            message,
        ));
    }
    let now = shared.now();
    let changed = shared.store.changes().machine(&arn, |machine, _| {
        let routes = asked
            .map(|asked| check_routes(machine, &asked))
            .transpose()?;
        let alias = machine.aliases.get_mut(&name).ok_or_else(not_found)?;
        if let Some(routes) = routes {
            alias.routes = routes;
        }
        if let Some(description) = description {
            alias.description = description;
        }
        alias.updated = now;
        let mut answer = Members::new();
        answer.instant("updateDate", now);
        Ok(answer.finish())
    });
    changed.map_err(no_machine_no_alias)
}

/// In the order of their names; those that lead to a version, if its ARN is given.
pub(super) fn list(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("stateMachineArn", 1, 256)?;
    let page = Page::of("ListStateMachineAliases", &mut fields)?;
    fields.check()?;
    shared.store.with(&arn, |machine, parts| {
        let leads = |alias: &Alias| match parts.qualifier {
            Some(Qualifier::Version(version)) => alias.leads_to(version),
            _ => true,
        };
        let after = match &page.after {
            Some(name) => Bound::Excluded(name.as_str()),
            None => Bound::Unbounded,
        };
        let rest = machine.aliases.range::<str, _>((after, Bound::Unbounded));
        let rest = rest.filter(|(_, alias)| leads(alias));
        let (aliases, token) = page.take(rest, |(name, _)| (*name).clone());
        let mut listed = List::new();
        for (name, alias) in aliases {
            let mut members = Members::new();
            members.instant("creationDate", alias.created);
            members.text("stateMachineAliasArn", &machine.alias_arn(name));
            listed.object(members);
        }
        let mut answer = Members::new();
        answer.optional_text("nextToken", token.as_deref());
        answer.list("stateMachineAliases", listed);
        Ok(answer.finish())
    })
}

pub(super) fn delete(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let (arn, name) = alias_arn(&mut fields)?;
    fields.check()?;
    let deleted = shared.store.changes().machine(&arn, |machine, _| {
        machine.aliases.remove(&name).ok_or_else(not_found)
    });
    deleted.map_err(no_machine_no_alias)?;
    Ok(Members::new().finish())
}

/// The ARNs and weights that are asked for.
type Asked = Vec<(String, u64)>;

fn routing(fields: &mut Fields) -> Result<Option<Asked>, Fault> {
    let asked = fields.structures("routingConfiguration", |fields| {
        let arn = fields.text("stateMachineVersionArn", 1, 256)?;
        let weight = fields.integer("weight", 0, 100)?;
        if weight.is_none() && !fields.has("weight") {
            fields.break_null("weight");
        }
        Ok((arn, weight.and_then(|w| u64::try_from(w).ok()).unwrap_or(0)))
    })?;
    let count = asked.as_ref().map_or(1, Vec::len);
    if count == 0 || count > ROUTES_MAX {
        let bound = match count {
            0 => "greater than or equal to 1".to_owned(),
            _ => format!("less than or equal to {ROUTES_MAX}"),
        };
        fields.break_count(
            "routingConfiguration",
            &format!("Member must have length {bound}"),
        );
    }
    Ok(asked)
}

/// The ARN of the one machine whose versions are asked for.
fn machine_of(asked: &Asked) -> Result<String, Fault> {
    let without = |arn: &str| arn.rsplit_once(':').map(|(machine, _)| machine.to_owned());
    let mut machines = asked.iter().filter_map(|(arn, _)| without(arn));
    let first = machines.next().unwrap_or_default();
    if machines.any(|machine| machine != first) {
        let message = "Routing configuration must contain versions of one state machine";
        return Err(Fault::validation_because(
            "INVALID_ROUTING_CONFIGURATION",
            message,
        ));
    }
    Ok(first)
}

fn check_routes(machine: &Machine, asked: &Asked) -> Result<Vec<Route>, Fault> {
    let invalid = |message: String| {
        Err(Fault::validation_because(
            "INVALID_ROUTING_CONFIGURATION",
            message,
        ))
    };
    let weights: Vec<String> = asked.iter().map(|(_, weight)| weight.to_string()).collect();
    if asked.iter().map(|(_, weight)| weight).sum::<u64>() != WEIGHTS_SUM {
        return invalid(format!(
            "Sum of routing configuration weights must equal 100. Received: [{}]",
            weights.join(", ")
        ));
    }
    if let [(first, _), (second, _)] = asked.as_slice()
        && first == second
    {
        return invalid(format!(
            "Routing configuration must contain distinct state machine version ARNs. Received: [{first}, {second}]"
        ));
    }
    let route = |(arn, weight): &(String, u64)| {
        let parts = machine_arn(arn)?;
        let Some(Qualifier::Version(version)) = parts.qualifier else {
            return Err(Fault::invalid_arn(&format!("It names no version: {arn}")));
        };
        if parts.name != machine.name() {
            let message =
                "Routing configuration must contain versions of the alias's state machine";
            return Err(Fault::validation_because(
                "INVALID_ROUTING_CONFIGURATION",
                message,
            ));
        }
        let is_there = machine.versions.contains_key(&version);
        is_there
            .then_some(Route {
                version,
                weight: *weight,
            })
            .ok_or_else(not_found)
    };
    asked.iter().map(route).collect()
}

/// An alias's name: not digits alone, which are a version.
fn check_name(name: &str) -> Result<(), Fault> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_name = name.chars().all(legal) && name.chars().any(|c| !c.is_ascii_digit());
    match is_name {
        true => Ok(()),
        false => Err(Fault::validation(format!(
            "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$"
        ))),
    }
}

fn alias_arn(fields: &mut Fields) -> Result<(String, String), Fault> {
    let arn = fields.text("stateMachineAliasArn", 1, 256)?;
    fields.check()?;
    match machine_arn(&arn)?.qualifier {
        Some(Qualifier::Alias(name)) => Ok((arn, name)),
        _ => Err(Fault::invalid_arn(&format!("It names no alias: {arn}"))),
    }
}

fn not_found() -> Fault {
    Fault::new(
        "ResourceNotFound",
        "Request references a resource that does not exist.",
    )
}

/// An alias of a machine that is not there is not there either.
fn no_machine_no_alias(fault: Fault) -> Fault {
    match fault.name {
        "StateMachineDoesNotExist" => not_found(),
        _ => fault,
    }
}
