//! Results in the shapes of Step Functions' own integrations.

use crate::engine::Finished;
use crate::machine::{Billing, Timestamp};
use crate::value::{ObjectBuilder, Value};

/// There is no request: nothing goes over a network.
pub(super) const NO_REQUEST: &str = "00000000-0000-0000-0000-000000000000";

/// Of an execution that has begun; the optimized integration adds what its SDK received.
pub(super) fn started(arn: &str, began: Timestamp, is_optimized: bool) -> Value {
    let arn = ("ExecutionArn", Value::from(arn));
    let began = ("StartDate", Value::from(began.to_rfc3339().as_str()));
    if !is_optimized {
        return object([arn, began]);
    }
    let json = "application/x-amz-json-1.0";
    let list = |text: &str| Value::parse(format!("[\"{text}\"]").as_bytes()).unwrap_or(Value::NULL);
    let headers = object([
        ("Content-Type", Value::from(json)),
        ("x-amzn-RequestId", Value::from(NO_REQUEST)),
    ]);
    let all_headers = object([
        ("Content-Type", list(json)),
        ("x-amzn-RequestId", list(NO_REQUEST)),
    ]);
    let http = object([
        ("AllHttpHeaders", all_headers),
        ("HttpHeaders", headers),
        ("HttpStatusCode", Value::from(200_i64)),
    ]);
    let response = object([("RequestId", Value::from(NO_REQUEST))]);
    object([
        arn,
        ("SdkHttpMetadata", http),
        ("SdkResponseMetadata", response),
        began,
    ])
}

/// Of an execution that was waited for, however it ended.
pub(super) fn ended(finished: &Finished) -> Value {
    let outcome = &finished.outcome;
    let included = || object([("Included", Value::from(true))]);
    let bill = Billing::of(finished.revision.text.len(), &finished.input, outcome);
    let billing = object([
        (
            "BilledDurationInMilliseconds",
            Value::from(bill.duration_ms),
        ),
        ("BilledMemoryUsedInMB", Value::from(bill.memory_mb)),
    ]);
    let instant = |at: Timestamp| Value::from(at.to_rfc3339().as_str());
    let text = |text: &str| Value::from(text);
    let mut members = ObjectBuilder::with_capacity(14);
    members.insert("BillingDetails", billing);
    if let Some(cause) = &outcome.cause {
        members.insert("Cause", text(cause));
    }
    if let Some(error) = &outcome.error {
        members.insert("Error", text(error));
    }
    members.insert("ExecutionArn", text(&finished.identity.arn()));
    members.insert("Input", text(&finished.input.to_json()));
    members.insert("InputDetails", included());
    members.insert("Name", text(&finished.identity.name));
    if let Some(output) = &outcome.output {
        members.insert("Output", text(&output.to_json()));
    }
    members.insert("OutputDetails", included());
    members.insert("StartDate", instant(outcome.start));
    members.insert("StateMachineArn", text(&finished.identity.machine.arn()));
    members.insert("Status", text(outcome.status.as_str()));
    members.insert("StopDate", instant(outcome.stop));
    members.finish().expect("texts and numbers are not deep")
}

/// A UUID in its usual form.
pub(super) fn uuid_text(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let (time, rest) = hex.split_at(8);
    let (mid, rest) = rest.split_at(4);
    let (version, rest) = rest.split_at(4);
    let (variant, node) = rest.split_at(4);
    [time, mid, version, variant, node].join("-")
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    let mut object = ObjectBuilder::with_capacity(N);
    for (name, value) in members {
        object.insert(name, value);
    }
    object.finish().expect("texts and numbers are not deep")
}
