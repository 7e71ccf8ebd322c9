//! What the failures topic says of an execution: the shape of a `StartSyncExecution` answer.

use crate::engine::Finished;
use crate::machine::Timestamp;
use crate::value::Value;

/// The size of the memory that AWS bills at least, and the step of its durations.
const BILLED_MEMORY_MB: i64 = 64;
const BILLED_STEP_MS: i64 = 100;

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
    let ms = (outcome.stop.as_millis() - outcome.start.as_millis()).max(1);
    let billed_ms = ms.saturating_add(BILLED_STEP_MS - 1) / BILLED_STEP_MS * BILLED_STEP_MS;
    let billing = format!(
        r#"{{"billedDurationInMilliseconds":{billed_ms},"billedMemoryUsedInMB":{BILLED_MEMORY_MB}}}"#
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
