//! Cases of the kinds `create`, `validate` and `variableReferences`: what is answered about a definition.

use serde_json::{Value as Json, json};
use stepstream::asl::answer::{
    Account, CreateRefusal, CreateRequest, LogLevel, Logging, ValidateAnswer, ValidateRequest,
    check_create, validate, variable_references,
};
use stepstream::asl::{Diagnostic, Severity};
use stepstream::machine::MachineIdentity;
use stepstream::value::Text;

use crate::Verdict;
use crate::case::Case;
use crate::compare::Names;
use crate::execution::refused;

/// The account of a case: it has no log groups, and at most one machine.
struct Recorded {
    machine: Option<(String, String)>,
}

impl Account for Recorded {
    fn machine_arn(&self, name: &str) -> String {
        let machine = MachineIdentity {
            partition: Text::new("aws"),
            region: Text::new("us-east-1"),
            account: Text::new("111111111111"),
            name: Text::new(name),
            role_arn: Text::default(),
        };
        machine.arn()
    }

    fn machine(&self, name: &str) -> Option<CreateRequest<'_>> {
        let (_, definition) = self.machine.as_ref().filter(|(own, _)| own == name)?;
        Some(CreateRequest::new(name_of(self), definition))
    }

    fn has_log_group(&self, _arn: &str) -> bool {
        false
    }
}

fn name_of(account: &Recorded) -> &str {
    account.machine.as_ref().map_or("", |(name, _)| name)
}

/// The recordings leave out what was asked before, and whether a version was described: both follow from what was
/// answered.
pub(crate) fn judge_create(case: &Case) -> Verdict {
    let expected = &case.expect()["createError"];
    let name = case.json["name"].as_str().unwrap_or("machine");
    let definition = case.definition();
    let earlier = (expected["type"] == "StateMachineAlreadyExists")
        .then(|| (name.to_owned(), format!("{definition}\n")));
    let describes_version = expected["message"]
        .as_str()
        .is_some_and(|message| message.starts_with("Version description"));
    let destinations = destinations(&case.json["logging"]);
    let destinations: Vec<&str> = destinations.iter().map(String::as_str).collect();
    let request = CreateRequest {
        express: case.is_express(),
        logging: logging(&case.json["logging"], &destinations),
        version_description: describes_version.then_some("a version"),
        ..CreateRequest::new(name, &definition)
    };
    let account = Recorded { machine: earlier };
    let actual = match check_create(&request, &account) {
        Ok(creation) => json!(format!("{creation:?}")),
        Err(CreateRefusal::InvalidDefinition(errors)) => match supported(errors) {
            Ok(errors) => answer(&CreateRefusal::InvalidDefinition(errors)),
            Err(verdict) => return verdict,
        },
        Err(refusal) => answer(&refusal),
    };
    let mut expected = expected.clone();
    if let Some(members) = expected.as_object_mut() {
        members.remove("operation");
    }
    verdict(Names::default().difference(&expected, &actual, "createError"))
}

fn answer(refusal: &CreateRefusal) -> Json {
    json!({"type": refusal.error_type(), "message": refusal.to_string()})
}

fn logging<'c>(configuration: &Json, destinations: &'c [&'c str]) -> Logging<'c> {
    Logging {
        level: match configuration["level"].as_str() {
            Some("ALL") => LogLevel::All,
            Some("ERROR") => LogLevel::Error,
            Some("FATAL") => LogLevel::Fatal,
            _ => LogLevel::Off,
        },
        include_execution_data: configuration["includeExecutionData"] == true,
        destinations,
    }
}

fn destinations(configuration: &Json) -> Vec<String> {
    let listed = configuration["destinations"].as_array();
    let listed = listed.map(Vec::as_slice).unwrap_or_default();
    listed
        .iter()
        .map(|d| &d["cloudWatchLogsLogGroup"]["logGroupArn"])
        .map(|arn| arn.as_str().unwrap_or_default().to_owned())
        .collect()
}

pub(crate) fn judge_validate(case: &Case) -> Verdict {
    let definition = case.definition();
    let request = ValidateRequest {
        express: case.is_express(),
        ..ValidateRequest::new(&definition)
    };
    let diagnostics = match supported(validate(&request).diagnostics) {
        Ok(diagnostics) => diagnostics,
        Err(verdict) => return verdict,
    };
    let answer = ValidateAnswer::of(diagnostics, request.severity, request.results_max);
    let listed: Vec<Json> = answer.diagnostics.iter().map(diagnostic).collect();
    let actual = json!({
        "result": answer.result(),
        "diagnostics": listed,
        "truncated": answer.truncated,
    });
    verdict(Names::default().difference(case.expect(), &actual, "expect"))
}

fn diagnostic(diagnostic: &Diagnostic) -> Json {
    let severity = match diagnostic.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
    };
    let mut json =
        json!({"code": diagnostic.code, "message": diagnostic.message, "severity": severity});
    if let Some(location) = &diagnostic.location {
        json["location"] = json!(location);
    }
    json
}

pub(crate) fn judge_variable_references(case: &Case) -> Verdict {
    let actual = json!({"variableReferences": variable_references(&case.definition())});
    verdict(Names::default().difference(case.expect(), &actual, "expect"))
}

/// What AWS would find, too; a verdict if the definition only asks for what Express does not have.
fn supported(mut diagnostics: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Verdict> {
    let has_errors = diagnostics.iter().any(Diagnostic::is_error);
    let is_refused = |d: &Diagnostic| d.is_error() && !d.is_not_supported();
    if has_errors && !diagnostics.iter().any(is_refused) {
        return Err(refused(&diagnostics));
    }
    diagnostics.retain(|d| !d.is_not_supported());
    Ok(diagnostics)
}

fn verdict(difference: Option<String>) -> Verdict {
    difference.map_or(Verdict::Passed, |difference| {
        Verdict::Failed(vec![difference])
    })
}
