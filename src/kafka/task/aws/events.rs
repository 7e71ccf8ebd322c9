//! `events:putEvents`: each entry is a record in the form in which EventBridge hands events on.
//!
//! A record that Kafka refuses is a failed entry. One failed entry fails the task with `EventBridge.FailedEntry`, while the others are sent.

use std::sync::{Arc, Mutex, PoisonError};

use super::metadata::uuid;
use super::topic;
use crate::engine::{Answer, Call};
use crate::kafka::port::Carrier as _;
use crate::kafka::task::client::Client;
use crate::kafka::task::fault;
use crate::kafka::task::record::Draft;
use crate::machine::{TaskResult, Timestamp};
use crate::value::{ArrayBuilder, ObjectBuilder, Value};

/// The name of the bus where an entry names none.
pub(super) const DEFAULT_BUS: &str = "default";
/// Entries that one call may have.
const ENTRIES_MAX: usize = 10;

/// An entry that is not sent: `ErrorCode` and `ErrorMessage`.
type Failed = (String, String);

/// The entries of a call as they end.
#[derive(Debug)]
struct Entries {
    ends: Vec<Option<Result<String, Failed>>>,
    answer: Option<Answer>,
}

/// Sends the entries of a call, and answers when all have ended.
pub(super) fn send(client: &Arc<Client>, call: &Call, answer: Answer) {
    let entries = call.payload.get("Entries").and_then(Value::as_array);
    let entries = entries.unwrap_or_default();
    if entries.is_empty() || entries.len() > ENTRIES_MAX {
        let cause = format!(
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and {ENTRIES_MAX}"
        );
        let error = fault::new("EventBridge.ValidationException", cause);
        return answer.complete(TaskResult::Failed(error));
    }
    let courier = match client.courier() {
        Ok(courier) => courier,
        Err(error) => return answer.complete(TaskResult::Failed(error)),
    };
    let places = &client.settings.event_buses;
    let drafts = entries.iter().enumerate().map(|(index, entry)| {
        let id = uuid(&format!(
            "{:x}/{}/{}/{index}",
            call.identity.uuid, call.state, call.invocation
        ));
        draft(entry, &id, call, client.now(), places).map(|draft| (draft, id))
    });
    let drafts: Vec<_> = drafts.collect();
    let collected = Arc::new(Mutex::new(Entries {
        ends: drafts.iter().map(|_| None).collect(),
        answer: Some(answer),
    }));
    for (index, draft) in drafts.into_iter().enumerate() {
        let (draft, id) = match draft {
            Ok(ready) => ready,
            Err(failed) => {
                end(&collected, index, Err(failed));
                continue;
            }
        };
        let collected = Arc::clone(&collected);
        let tell = Box::new(move |told: Result<_, _>| {
            let told = told.map(|_| id).map_err(|refused| {
                let cause = fault::of_refused(&refused).cause;
                ("InternalFailure".to_owned(), cause.unwrap_or_default())
            });
            end(&collected, index, told);
        });
        courier.send(draft.parcel(), tell);
    }
}

/// One entry has ended; the last one answers the call.
fn end(entries: &Mutex<Entries>, index: usize, how: Result<String, Failed>) {
    let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(end) = entries.ends.get_mut(index) {
        *end = Some(how);
    }
    if entries.ends.iter().any(Option::is_none) {
        return;
    }
    let (body, failed) = body(&entries.ends);
    if let Some(answer) = entries.answer.take() {
        answer.complete(if failed == 0 {
            TaskResult::Succeeded(body)
        } else {
            TaskResult::Failed(fault::new("EventBridge.FailedEntry", body.to_json()))
        });
    }
}

/// What AWS answers, and how many entries have failed.
fn body(ends: &[Option<Result<String, Failed>>]) -> (Value, i64) {
    let mut list = ArrayBuilder::with_capacity(ends.len());
    let mut failed = 0;
    for end in ends.iter().flatten() {
        let mut entry = ObjectBuilder::with_capacity(2);
        match end {
            Ok(id) => entry.insert("EventId", Value::from(id.as_str())),
            Err((code, message)) => {
                failed += 1;
                entry.insert("ErrorCode", Value::from(code.as_str()));
                entry.insert("ErrorMessage", Value::from(message.as_str()));
            }
        }
        list.push(entry.finish().expect("it is not too deep"));
    }
    let mut body = ObjectBuilder::with_capacity(2);
    body.insert("Entries", list.finish().expect("it is not too deep"));
    body.insert("FailedEntryCount", Value::from(failed));
    (body.finish().expect("it is not too deep"), failed)
}

/// The record of an entry.
fn draft(
    entry: &Value,
    id: &str,
    call: &Call,
    now: Timestamp,
    places: &[(String, String)],
) -> Result<Draft, Failed> {
    let member = |name: &str| entry.get(name).filter(|value| !value.is_null());
    let text = |name: &str| {
        let required = || {
            let message =
                format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
            ("InvalidArgument".to_owned(), message)
        };
        let text = member(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).ok_or_else(required)
    };
    let (source, detail_type) = (text("Source")?, text("DetailType")?);
    let malformed = || {
        (
            "MalformedDetail".to_owned(),
            "Detail is malformed.".to_owned(),
        )
    };
    let detail = match member("Detail") {
        None => return Err(text("Detail").err().unwrap_or_else(malformed)),
        Some(detail) => match detail.as_str() {
            Some(json) => Value::parse(json.as_bytes()).map_err(|_| malformed())?,
            None => detail.clone(),
        },
    };
    if detail.as_object().is_none() {
        return Err(malformed());
    }
    let bus = member("EventBusName")
        .and_then(Value::as_str)
        .unwrap_or(DEFAULT_BUS);
    let name = bus.rsplit_once(":event-bus/").map_or(bus, |(_, name)| name);
    let Some(topic) = topic(places, bus).or_else(|| topic(places, name)) else {
        let message = format!("Event bus {name} does not exist.");
        return Err(("ResourceNotFoundException".to_owned(), message));
    };
    let machine = &call.identity.machine;
    let mut resources = ArrayBuilder::with_capacity(2);
    for resource in member("Resources")
        .and_then(Value::as_array)
        .unwrap_or_default()
    {
        resources.push(resource.clone());
    }
    // As AWS adds them.
    resources.push(Value::from(machine.arn().as_str()));
    resources.push(Value::from(call.identity.arn().as_str()));
    let time = member("Time").and_then(Value::as_str).map(str::to_owned);
    let time = time.unwrap_or_else(|| now.to_rfc3339());
    let mut event = ObjectBuilder::with_capacity(9);
    for (name, value) in [
        ("version", "0"),
        ("id", id),
        ("detail-type", detail_type),
        ("source", source),
        ("account", &machine.account),
        ("time", &time),
        ("region", &machine.region),
    ] {
        event.insert(name, Value::from(value));
    }
    let too_deep = |_| malformed();
    event.insert("resources", resources.finish().map_err(too_deep)?);
    event.insert("detail", detail);
    let event = event.finish().map_err(too_deep)?;
    Ok(Draft {
        topic: topic.to_owned(),
        value: Some(event.to_json().into_bytes()),
        ..Draft::default()
    })
}
