//! Cases of the kinds `create` and `validate`: how a definition is refused.

use serde_json::{Value as Json, json};
use stepstream::asl::{CompileOptions, Diagnostic, Severity, compile_with};

use crate::Verdict;
use crate::case::Case;
use crate::compare::Names;
use crate::execution::refused;

pub(crate) fn judge_create(case: &Case) -> Verdict {
    let expected = &case.expect()["createError"];
    if expected["type"] != "InvalidDefinition" {
        return Verdict::NotYet(format!("CreateStateMachine's {}", expected["type"]));
    }
    let diagnostics = match errors(case) {
        Ok(diagnostics) => diagnostics,
        Err(verdict) => return verdict,
    };
    let list: Vec<String> = diagnostics
        .iter()
        .map(|d| match &d.location {
            Some(location) => format!("{}: {} at {location}", d.code, d.message),
            None => format!("{}: {}", d.code, d.message),
        })
        .collect();
    let actual = json!(format!(
        "Invalid State Machine Definition: '{}'",
        list.join(", ")
    ));
    verdict(Names::default().difference(&expected["message"], &actual, "createError/message"))
}

pub(crate) fn judge_validate(case: &Case) -> Verdict {
    let diagnostics = match errors(case) {
        Ok(diagnostics) => diagnostics,
        Err(verdict) => return verdict,
    };
    let list: Vec<Json> = diagnostics
        .iter()
        .map(|d| {
            let mut diagnostic = json!({"code": d.code, "message": d.message, "severity": "ERROR"});
            if let Some(location) = &d.location {
                diagnostic["location"] = json!(location);
            }
            diagnostic
        })
        .collect();
    let actual = json!({
        "result": if list.is_empty() { "OK" } else { "FAIL" },
        "diagnostics": list,
        "truncated": false,
    });
    verdict(Names::default().difference(case.expect(), &actual, "expect"))
}

/// The errors of the definition; a verdict if it only asks for what is not there yet.
fn errors(case: &Case) -> Result<Vec<Diagnostic>, Verdict> {
    let (_, diagnostics) = compile_with(
        &case.definition(),
        &CompileOptions {
            express: case.is_express(),
        },
    );
    let mut errors = diagnostics;
    errors.retain(|d| d.severity == Severity::Error);
    if !errors.is_empty() && errors.iter().all(Diagnostic::is_not_supported) {
        return Err(refused(&errors));
    }
    errors.retain(|d| !d.is_not_supported());
    Ok(errors)
}

fn verdict(difference: Option<String>) -> Verdict {
    difference.map_or(Verdict::Passed, |difference| {
        Verdict::Failed(vec![difference])
    })
}
