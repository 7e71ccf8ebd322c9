//! UpdateStateMachine and DeleteStateMachine.

use std::sync::Arc;

use super::configuration::{self, Known, asked_logging};
use crate::api::protocol::{Fault, Fields, Members, machine_arn};
use crate::api::shared::Shared;
use crate::api::store::{Configuration, Logging, MachineType};
use crate::api::versions;
use crate::asl::answer::check_logging;
use crate::asl::{CompileOptions, compile_with};

/// What none of them may be missing from.
const NOTHING_ASKED: &str = "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified";

struct Request {
    arn: String,
    definition: Option<String>,
    role_arn: Option<String>,
    logging: Option<Logging>,
    is_traced: Option<bool>,
    publish: bool,
    version_description: Option<String>,
}

/// Executions that have begun go on with what they began with.
pub(in crate::api) fn update(shared: &Shared, fields: Fields) -> Result<Vec<u8>, Fault> {
    let request = read(fields)?;
    refuse_qualified(&request.arn)?;
    let changes = shared.store.changes();
    let before = shared.store.with(&request.arn, |machine, _| {
        machine.refuse_if_of_settings()?;
        Ok((machine.machine_type, Arc::clone(&machine.current)))
    });
    let (machine_type, before) = before?;
    let current = changed(shared, &request, machine_type, &before)?;
    let updated = changes.machine(&request.arn, |machine, _| {
        let updated = current.updated;
        let revision_id = current.revision_id.clone();
        machine.current = Arc::new(current);
        let mut answer = Members::new();
        answer.optional_text("revisionId", revision_id.as_deref());
        if request.publish {
            let description = request.version_description.unwrap_or_default();
            let version = versions::publish_current(machine, description, updated)?;
            answer.text("stateMachineVersionArn", &machine.version_arn(version));
        }
        answer.instant("updateDate", updated);
        Ok(answer.finish())
    });
    updated.inspect_err(|_| shared.registry.restore(Arc::clone(&before.revision)))
}

/// Also of what is not there: AWS says nothing about it either.
pub(in crate::api) fn delete(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("stateMachineArn", 1, 256)?;
    fields.check()?;
    refuse_qualified(&arn)?;
    let parts = machine_arn(&arn)?;
    shared.store.changes().take_out(&parts)?;
    shared.recent.forget_machine(&parts.name);
    Ok(Members::new().finish())
}

fn read(mut fields: Fields) -> Result<Request, Fault> {
    let definition_max = configuration::DEFINITION_CHARS_MAX;
    let request = Request {
        arn: fields.text("stateMachineArn", 1, 256)?,
        definition: fields.optional_text("definition", 1, definition_max)?,
        role_arn: fields.optional_text("roleArn", 1, 256)?,
        logging: configuration::logging(&mut fields)?,
        is_traced: configuration::tracing(&mut fields)?,
        publish: fields.flag("publish")?,
        version_description: fields.optional_text("versionDescription", 0, 256)?,
    };
    configuration::encryption(&mut fields)?;
    fields.check()?;
    if request.version_description.is_some() && !request.publish {
        return Err(Fault::validation(versions::DESCRIPTION_WITHOUT_VERSION));
    }
    let asks = [
        request.definition.is_some(),
        request.role_arn.is_some(),
        request.logging.is_some(),
        request.is_traced.is_some(),
        fields.has("encryptionConfiguration"),
    ];
    if asks.iter().any(|asked| *asked) {
        Ok(request)
    } else {
        Err(Fault::new("MissingRequiredParameter", NOTHING_ASKED))
    }
}

/// The configuration that the request makes of the one before.
fn changed(
    shared: &Shared,
    request: &Request,
    machine_type: MachineType,
    before: &Configuration,
) -> Result<Configuration, Fault> {
    let logging = request
        .logging
        .clone()
        .unwrap_or_else(|| before.logging.clone());
    if let Some(role_arn) = &request.role_arn {
        configuration::check_role(role_arn)?;
    }
    let destinations: Vec<&str> = logging.destinations.iter().map(String::as_str).collect();
    let known = Known {
        shared,
        request: None,
    };
    check_logging(&asked_logging(&logging, &destinations), &known)
        .map_err(|refusal| configuration::refused(&refusal))?;
    let text = request
        .definition
        .as_deref()
        .unwrap_or(&before.revision.text);
    let options = CompileOptions {
        express: machine_type == MachineType::Express,
    };
    if let (None, faults) = compile_with(text, &options) {
        return Err(configuration::invalid_definition(&faults));
    }
    let machine = &before.revision.machine;
    let role_arn = request.role_arn.as_deref().unwrap_or(&machine.role_arn);
    Ok(Configuration {
        revision: configuration::load(shared, &machine.name, text, role_arn, &logging)?,
        revision_id: Some(shared.ids.text()),
        is_traced: request.is_traced.unwrap_or(before.is_traced),
        logging,
        updated: shared.now(),
    })
}

/// What is done to a machine as a whole is not done to a version or an alias.
fn refuse_qualified(arn: &str) -> Result<(), Fault> {
    match machine_arn(arn)?.qualifier {
        None => Ok(()),
        Some(_) => Err(Fault::invalid_arn(&format!(
            "A qualified state machine ARN is not valid in this context: {arn}"
        ))),
    }
}
