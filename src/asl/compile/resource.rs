//! `Resource`: taking an ARN apart, and what Express refuses.

use super::report::Fault;
use super::{Compiler, code};
use crate::asl::source::Node;
use crate::asl::{Resource, ResourceKind};
use crate::value::Text;

impl<'s> Compiler<'s> {
    pub(super) fn resource(&mut self, state: &'s Node) -> Option<Resource> {
        let arn = self.string(state, "Resource")?;
        let node = state.get("Resource")?;
        let Some(kind) = resource_kind(arn) else {
            let message = match arn.starts_with("arn:") {
                true => format!(
                    "The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region."
                ),
                false => "Value is not a valid resource ARN".to_owned(),
            };
            let code = match arn.starts_with("arn:") {
                true => code::INVALID_RESOURCE,
                false => code::SCHEMA_VALIDATION_FAILED,
            };
            let fault = Fault::new(code, message).of(node);
            let hint = arn.contains("${").then(|| {
                "a ${…} placeholder must be replaced before the definition is loaded".to_owned()
            });
            self.report.push(fault.maybe_hint(hint));
            return None;
        };
        if !arn.starts_with("arn:") {
            let message = "AWS takes only ARNs as resources";
            self.report
                .push(Fault::warning(code::INVALID_RESOURCE, node, message));
        }
        if let Some((refusal, what)) = standard_only(arn, &kind) {
            if self.options.express {
                self.report.push(Fault::schema(node, refusal));
            } else if !self.takes_standard {
                self.not_supported(state, "Resource", what);
            }
        }
        Some(Resource {
            arn: arn.clone(),
            kind,
        })
    }
}

impl Resource {
    /// Whether only STANDARD workflows may use it.
    pub(crate) fn is_standard_only(&self) -> bool {
        standard_only(&self.arn, &self.kind).is_some()
    }
}

/// What only STANDARD workflows may use: AWS's refusal (its blanks included), and what it is.
fn standard_only(arn: &str, kind: &ResourceKind) -> Option<(&'static str, &'static str)> {
    if let ResourceKind::Integration { resource, .. } = kind {
        let (_, pattern) = resource.split_once('.')?;
        return match pattern {
            "waitForTaskToken" => Some((
                "Express state machine does not support '.waitForTaskToken' service integration ",
                "the '.waitForTaskToken' service integration",
            )),
            _ => Some((
                "Express state machine does not support '.sync' service integration",
                "the '.sync' service integration",
            )),
        };
    }
    is_activity(arn).then_some((
        "Express state machine does not support Activity ARN",
        "an activity",
    ))
}

fn is_activity(arn: &str) -> bool {
    let mut parts = arn.split(':');
    parts.nth(2) == Some("states") && parts.nth(2) == Some("activity")
}

/// `None` for what can be no resource. A URI that is no ARN is left to the connectors, and logged like a function.
fn resource_kind(arn: &str) -> Option<ResourceKind> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "states", _, _, "activity", name] => {
            let is_arn = !partition.is_empty() && is_name(name, "-_.");
            is_arn.then_some(ResourceKind::LambdaFunction)
        }
        ["arn", partition, "states", _, _, rest @ ..] => {
            let (action, service) = rest.split_last()?;
            let (api, pattern) = match action.split_once('.') {
                Some((api, pattern)) => (api, Some(pattern)),
                // `.sync:2` holds a colon of its own.
                None if *action == "2" => return versioned_sync(partition, service),
                None => (*action, None),
            };
            let known = matches!(pattern, None | Some("sync" | "waitForTaskToken"));
            integration(partition, service, api, action).filter(|_| known)
        }
        [
            "arn",
            partition,
            "lambda",
            _,
            _,
            "function",
            name,
            qualifier @ ..,
        ] => {
            let is_qualifier = match qualifier {
                [] => true,
                [qualifier] => *qualifier == "$LATEST" || is_name(qualifier, "-_"),
                _ => false,
            };
            let is_function = !partition.is_empty() && is_name(name, "-_") && is_qualifier;
            is_function.then_some(ResourceKind::LambdaFunction)
        }
        ["arn", partition, service, _, _, name, ..] => {
            let is_arn = ![partition, service, name]
                .iter()
                .any(|part| part.is_empty());
            is_arn.then_some(ResourceKind::LambdaFunction)
        }
        ["arn", ..] | [_] => None,
        [scheme, rest @ ..] => {
            let is_uri = is_name(scheme, "+-.") && !rest.concat().is_empty();
            let is_plain = !arn.contains(|c: char| c.is_whitespace() || c == '{' || c == '}');
            (is_uri && is_plain).then_some(ResourceKind::LambdaFunction)
        }
        [] => None,
    }
}

fn versioned_sync(partition: &str, service: &[&str]) -> Option<ResourceKind> {
    let (action, service) = service.split_last()?;
    let api = action.strip_suffix(".sync")?;
    integration(partition, service, api, &format!("{action}:2"))
}

fn integration(
    partition: &str,
    service: &[&str],
    api: &str,
    resource: &str,
) -> Option<ResourceKind> {
    let is_service = !service.is_empty() && service.iter().all(|part| is_name(part, "-_"));
    let is_arn = !partition.is_empty() && is_service && is_name(api, "-_");
    is_arn.then(|| ResourceKind::Integration {
        resource_type: Text::from(service.join(":")),
        resource: Text::new(resource),
    })
}

fn is_name(text: &str, also: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
}
