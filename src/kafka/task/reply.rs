//! A reply record → the end of its task.

use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};

use super::fault::{self, SERVICE};
use super::request::CORRELATION_ID;
use crate::kafka::event::{self, Record};
use crate::kafka::route::Header;
use crate::machine::TaskResult;
use crate::value::{ObjectBuilder, Value};

/// The value of the last header with the correlation id.
pub(super) fn correlation_id<'a>(message: &'a BorrowedMessage<'_>) -> Option<&'a [u8]> {
    last(message, CORRELATION_ID)
}

/// How the task of a reply has ended.
pub(super) fn result(message: &BorrowedMessage<'_>) -> TaskResult {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let payload = message.payload().unwrap_or_default();
    if last(message, "asl-status").is_some_and(|status| status != b"SUCCEEDED") {
        let error = last(message, "asl-error").map_or_else(|| SERVICE.to_owned(), text);
        return TaskResult::Failed(fault::new(&error, text(payload)));
    }
    let record = Record {
        topic: message.topic(),
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message.timestamp().to_millis(),
        key: message.key(),
    };
    let headers = || {
        let headers = message.headers().into_iter().flat_map(|list| list.iter());
        headers.map(|h| -> Header<'_> { (h.key.as_bytes(), h.value) })
    };
    let shown = event::context(&record, headers, None);
    let mut members = ObjectBuilder::with_capacity(8);
    for (name, value) in shown
        .get("Kafka")
        .and_then(Value::as_object)
        .iter()
        .flat_map(|o| o.iter())
    {
        members.insert(name.clone(), value.clone());
    }
    let value = match message.payload() {
        None => Value::NULL,
        Some(payload) => {
            Value::parse(payload).unwrap_or_else(|_| Value::from(text(payload).as_str()))
        }
    };
    members.insert("Value", value);
    match members.finish() {
        Ok(value) => TaskResult::Succeeded(value),
        Err(_) => {
            let cause = "The reply is nested too deeply.".to_owned();
            TaskResult::Failed(fault::new(SERVICE, cause))
        }
    }
}

fn last<'a>(message: &'a BorrowedMessage<'_>, name: &str) -> Option<&'a [u8]> {
    let headers = message.headers()?;
    let named = headers.iter().filter(|header| header.key == name);
    named.last().and_then(|header| header.value)
}
