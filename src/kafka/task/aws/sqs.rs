//! `sqs:sendMessage`: `MessageGroupId` is the record's key, `MessageAttributes` its headers.

use super::metadata::md5;
use super::{Message, Refusal, topic};
use crate::kafka::task::record::{Draft, bytes};
use crate::value::{Object, Text, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The message of a call.
pub(super) fn message(payload: &Value, places: &[(String, String)]) -> Result<Message, Refusal> {
    let member = |name| payload.get(name).filter(|value| !value.is_null());
    let url = member("QueueUrl").ok_or_else(|| missing("QueueUrl"))?;
    let url = url.as_str().unwrap_or_default();
    let Some(topic) = topic(places, url) else {
        return Err(Refusal {
            exception: Some("QueueDoesNotExistException"),
            code: "AWS.SimpleQueueService.NonExistentQueue",
            message: "The specified queue does not exist for this wsdl version.".to_owned(),
        });
    };
    // Step Functions sends an object as its JSON text.
    let body = member("MessageBody").and_then(bytes).unwrap_or_default();
    if body.is_empty() {
        return Err(missing("MessageBody"));
    }
    let delay = member("DelaySeconds").and_then(Value::as_number);
    if delay.is_some_and(|delay| delay.as_f64() > 0.0) {
        return Err(Refusal {
            exception: None,
            code: "InvalidParameterValue",
            message: "Value for parameter DelaySeconds is invalid. Reason: a topic cannot delay a message.".to_owned(),
        });
    }
    let is_fifo = url.ends_with(".fifo");
    let group = member("MessageGroupId").and_then(Value::as_str);
    if is_fifo && group.is_none() {
        return Err(missing("MessageGroupId"));
    }
    let attributes = match member("MessageAttributes").and_then(Value::as_object) {
        Some(members) => attributes(members)?,
        None => Vec::new(),
    };
    let mut headers: Vec<(String, Vec<u8>)> = Vec::with_capacity(attributes.len() + 1);
    headers.extend(attributes.iter().map(|a| (a.name.clone(), a.value.clone())));
    if let Some(id) = member("MessageDeduplicationId").and_then(bytes) {
        headers.push(("MessageDeduplicationId".to_owned(), id));
    }
    let mut answer = Vec::with_capacity(2);
    if !attributes.is_empty() {
        let digest = digest(attributes);
        answer.push(("MD5OfMessageAttributes", Value::from(digest.as_str())));
    }
    answer.push(("MD5OfMessageBody", Value::from(md5(&body).as_str())));
    let draft = Draft {
        topic: topic.to_owned(),
        key: group.map(|group| group.as_bytes().to_vec()),
        value: Some(body),
        headers,
        ..Draft::default()
    };
    Ok(Message {
        draft,
        answer,
        is_fifo,
    })
}

/// One message attribute.
pub(super) struct Attribute {
    pub(super) name: String,
    data_type: String,
    is_binary: bool,
    pub(super) value: Vec<u8>,
}

/// The members of `MessageAttributes`: `{"DataType", "StringValue" or "BinaryValue"}`.
pub(super) fn attributes(members: Object<'_>) -> Result<Vec<Attribute>, Refusal> {
    let attribute = |(name, value): (&Text, &Value)| {
        let text = |member| value.get(member).and_then(Value::as_str);
        let invalid = |what: &str| Refusal {
            exception: None,
            code: "InvalidParameterValue",
            message: format!("The message attribute '{name}' must contain {what}."),
        };
        let data_type =
            text("DataType").ok_or_else(|| invalid("a non-empty message attribute type"))?;
        let is_binary = data_type.starts_with("Binary");
        let bytes = if is_binary {
            text("BinaryValue").and_then(|text| BASE64.decode(text).ok())
        } else {
            text("StringValue").map(|text| text.as_bytes().to_vec())
        };
        let bytes = bytes.filter(|bytes| !bytes.is_empty());
        Ok(Attribute {
            name: name.to_string(),
            data_type: data_type.to_owned(),
            is_binary,
            value: bytes.ok_or_else(|| invalid("a non-empty message attribute value"))?,
        })
    };
    members.iter().map(attribute).collect()
}

/// AWS's digest: for each attribute by its name, name, type and value with their lengths before them.
fn digest(mut attributes: Vec<Attribute>) -> String {
    attributes.sort_by(|a, b| a.name.cmp(&b.name));
    let mut all = Vec::new();
    let mut add = |bytes: &[u8], before: Option<u8>| {
        all.extend(before);
        all.extend((bytes.len() as u32).to_be_bytes());
        all.extend_from_slice(bytes);
    };
    for attribute in &attributes {
        add(attribute.name.as_bytes(), None);
        add(attribute.data_type.as_bytes(), None);
        add(
            &attribute.value,
            Some(if attribute.is_binary { 2 } else { 1 }),
        );
    }
    md5(&all)
}

fn missing(name: &str) -> Refusal {
    Refusal {
        exception: None,
        code: "MissingParameter",
        message: format!("The request must contain the parameter {name}."),
    }
}
