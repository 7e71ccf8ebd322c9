//! CreateStateMachine.

use std::sync::Arc;

use super::configuration::{self, Known, asked_logging};
use crate::api::protocol::{Fault, Fields, Members};
use crate::api::shared::Shared;
use crate::api::store::{Configuration, Logging, Machine, MachineType};
use crate::api::versions;
use crate::asl::answer::{CreateRequest, Creation, check_create};

struct Request {
    name: String,
    definition: String,
    role_arn: String,
    machine_type: MachineType,
    logging: Logging,
    is_traced: bool,
    tags: Vec<(String, String)>,
    publish: bool,
    version_description: Option<String>,
}

pub(in crate::api) fn create(shared: &Shared, fields: Fields) -> Result<Vec<u8>, Fault> {
    let request = read(fields)?;
    configuration::check_role(&request.role_arn)?;
    configuration::check_tags(request.tags.len())?;
    let changes = shared.store.changes();
    let before = shared.store.read(|machines| {
        let machine = machines.get(&request.name);
        let is_full = machines.len() >= shared.options.machines_max;
        let before = machine.map(|m| (m.machine_type, Arc::clone(&m.current), m.created));
        (before, is_full)
    });
    let (before, is_full) = before;
    let creation = check(
        shared,
        &request,
        before.as_ref().map(|(t, c, _)| (*t, &**c)),
    )?;
    match (creation, before) {
        (Creation::AlreadyThere, Some((_, current, created))) => {
            let mut answer = Members::new();
            answer.instant("creationDate", created);
            answer.text("stateMachineArn", &current.revision.machine.arn());
            return Ok(answer.finish());
        }
        (_, None) if is_full => {
            let message = "The maximum number of state machines has been reached";
            return Err(Fault::new("StateMachineLimitExceeded", message));
        }
        _ => {}
    }
    let revision = configuration::load(
        shared,
        &request.name,
        &request.definition,
        &request.role_arn,
        &request.logging,
    )?;
    let mut machine = Machine::new(
        request.machine_type,
        Configuration {
            revision,
            revision_id: None,
            logging: request.logging,
            is_traced: request.is_traced,
            updated: shared.now(),
        },
    );
    machine.tags.extend(request.tags);
    let mut answer = Members::new();
    answer.instant("creationDate", machine.created);
    answer.text("stateMachineArn", &machine.arn());
    if request.publish {
        let description = request.version_description.unwrap_or_default();
        let version = versions::publish_current(&mut machine, description, shared.now())?;
        answer.text("stateMachineVersionArn", &machine.version_arn(version));
    }
    changes.put(machine).inspect_err(|_| {
        shared.registry.remove(&request.name);
    })?;
    Ok(answer.finish())
}

fn read(mut fields: Fields) -> Result<Request, Fault> {
    let request = Request {
        name: fields.text("name", 1, 80)?,
        definition: fields.text("definition", 1, configuration::DEFINITION_CHARS_MAX)?,
        role_arn: fields.text("roleArn", 1, 256)?,
        machine_type: match fields.word("type", &["STANDARD", "EXPRESS"])? {
            Some("EXPRESS") => MachineType::Express,
            _ => MachineType::Standard,
        },
        logging: configuration::logging(&mut fields)?.unwrap_or_default(),
        is_traced: configuration::tracing(&mut fields)?.unwrap_or_default(),
        tags: configuration::tags(&mut fields)?,
        publish: fields.flag("publish")?,
        version_description: fields.optional_text("versionDescription", 0, 256)?,
    };
    configuration::encryption(&mut fields)?;
    fields.check()?;
    Ok(request)
}

fn check(
    shared: &Shared,
    request: &Request,
    before: Option<(MachineType, &Configuration)>,
) -> Result<Creation, Fault> {
    let destinations = texts(&request.logging);
    let earlier_destinations = before.map(|(_, c)| texts(&c.logging)).unwrap_or_default();
    let asked = CreateRequest {
        express: request.machine_type == MachineType::Express,
        logging: asked_logging(&request.logging, &destinations),
        publish: request.publish,
        version_description: request.version_description.as_deref(),
        ..CreateRequest::new(&request.name, &request.definition)
    };
    let earlier = before.map(|(machine_type, configuration)| CreateRequest {
        express: machine_type == MachineType::Express,
        logging: asked_logging(&configuration.logging, &earlier_destinations),
        ..CreateRequest::new(&request.name, &configuration.revision.text)
    });
    let known = Known {
        shared,
        request: earlier,
    };
    check_create(&asked, &known).map_err(|refusal| configuration::refused(&refusal))
}

fn texts(logging: &Logging) -> Vec<&str> {
    logging.destinations.iter().map(String::as_str).collect()
}
