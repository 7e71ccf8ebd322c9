//! What an execution is answered with, and what the failures topic says of it: the shape of a `StartSyncExecution` answer.

use crate::engine::Finished;
use crate::machine::{Billing, Outcome, Status, Timestamp};
use crate::value::Value;

/// What an execution is answered with: its output, or the envelope of one that did not succeed.
pub fn value(finished: &Finished, arn: &str) -> Vec<u8> {
    let mut value = Vec::new();
    match (error(&finished.outcome), &finished.outcome.output) {
        (None, Some(output)) => {
            output.write_json(&mut value);
        }
        _ => write(finished, arn, &mut value),
    }
    value
}

/// The error of an execution that did not succeed. AWS names none for two ends and for a Fail state without one; these have ours.
#[must_use]
pub fn error(outcome: &Outcome) -> Option<&str> {
    let unnamed = match (outcome.status, &outcome.output) {
        (Status::Succeeded, Some(_)) => return None,
        (Status::TimedOut, _) => "States.Timeout",
        (Status::Aborted, _) => "aborted",
        (Status::Failed | Status::Succeeded, _) => "States.TaskFailed",
    };
    Some(outcome.error.as_deref().unwrap_or(unnamed))
}

/// The answer as JSON: ARNs, name, dates in seconds since the epoch, status, error and cause, input as text, billing details.
pub fn write(finished: &Finished, arn: &str, out: &mut Vec<u8>) {
    let outcome = &finished.outcome;
    let member = |name: &str, out: &mut Vec<u8>| {
        out.push(b',');
        string(name, out);
        out.push(b':');
    };
    let text = |name: &str, value: &str, out: &mut Vec<u8>| {
        member(name, out);
        string(value, out);
    };
    let raw = |name: &str, value: &str, out: &mut Vec<u8>| {
        member(name, out);
        out.extend_from_slice(value.as_bytes());
    };
    out.extend_from_slice(b"{\"executionArn\":");
    string(arn, out);
    text("stateMachineArn", &finished.identity.machine.arn(), out);
    text("name", &finished.identity.name, out);
    raw("startDate", &seconds(outcome.start), out);
    raw("stopDate", &seconds(outcome.stop), out);
    text("status", outcome.status.as_str(), out);
    if let Some(error) = &outcome.error {
        text("error", error, out);
    }
    if let Some(cause) = &outcome.cause {
        text("cause", cause, out);
    }
    text("input", &finished.input.to_json(), out);
    raw("inputDetails", r#"{"included":true}"#, out);
    raw("outputDetails", r#"{"included":true}"#, out);
    let billing = Billing::of(finished.revision.text.len(), &finished.input, outcome);
    let billing = format!(
        r#"{{"billedDurationInMilliseconds":{},"billedMemoryUsedInMB":{}}}"#,
        billing.duration_ms, billing.memory_mb
    );
    raw("billingDetails", &billing, out);
    out.push(b'}');
}

fn string(text: &str, out: &mut Vec<u8>) {
    Value::from(text).write_json(out);
}

/// As AWS's JSON protocols write an instant.
fn seconds(at: Timestamp) -> String {
    let ms = at.as_millis();
    match ms.rem_euclid(1_000) {
        0 => ms.div_euclid(1_000).to_string(),
        rest => format!("{}.{rest:03}", ms.div_euclid(1_000)),
    }
}
