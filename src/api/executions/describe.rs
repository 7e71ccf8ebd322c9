//! DescribeExecution.

use super::find;
use crate::api::protocol::{Fault, Fields, Members};
use crate::api::shared::Shared;

pub(in crate::api) fn describe(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("executionArn", 1, 256)?;
    let word = fields.word("includedData", &["ALL_DATA", "METADATA_ONLY"])?;
    fields.check()?;
    let has_data = word != Some("METADATA_ONLY");
    let kept = find(shared, &arn)?;
    let outcome = kept.outcome();
    let status = kept.status();
    let mut answer = Members::with_capacity(2 * kept.input.json_bytes() + 1_024);
    if let Some(outcome) = outcome {
        answer.optional_text("cause", outcome.cause.as_deref());
        answer.optional_text("error", outcome.error.as_deref());
    }
    answer.text("executionArn", &kept.identity.arn());
    let included: &[u8] = match has_data {
        true => br#"{"included":true}"#,
        false => br#"{"included":false}"#,
    };
    if has_data {
        answer.text("input", &kept.input_text());
    }
    answer.raw("inputDetails", included);
    answer.text("name", &kept.identity.name);
    if let Some(output) = outcome.and_then(|outcome| outcome.output.as_ref()) {
        if has_data {
            answer.json_text("output", output);
        }
        answer.raw("outputDetails", included);
    }
    answer.integer("redriveCount", 0);
    answer.text("redriveStatus", "NOT_REDRIVABLE");
    let reason = format!("Execution is {status} and cannot be redriven");
    answer.text("redriveStatusReason", &reason);
    answer.instant("startDate", kept.started);
    answer.optional_text("stateMachineAliasArn", kept.alias_arn().as_deref());
    answer.text("stateMachineArn", &kept.identity.machine.arn());
    answer.optional_text("stateMachineVersionArn", kept.version_arn().as_deref());
    answer.text("status", status);
    if let Some(outcome) = outcome {
        answer.instant("stopDate", outcome.stop);
    }
    answer.optional_text("traceHeader", kept.trace_header.as_deref());
    Ok(answer.finish())
}
