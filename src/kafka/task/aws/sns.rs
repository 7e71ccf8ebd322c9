//! `sns:publish` to a topic: `MessageGroupId` is the record's key, `MessageAttributes` and `Subject` its headers.

use super::{Message, Refusal, sqs, topic};
use crate::kafka::task::record::{Draft, bytes};
use crate::value::Value;

/// The message of a call.
pub(super) fn message(payload: &Value, places: &[(String, String)]) -> Result<Message, Refusal> {
    let member = |name| payload.get(name).filter(|value| !value.is_null());
    let arn = member("TopicArn").or_else(|| member("TargetArn"));
    let Some(arn) = arn.and_then(Value::as_str) else {
        return Err(invalid(
            "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
        ));
    };
    let Some(topic) = topic(places, arn) else {
        return Err(Refusal {
            exception: Some("NotFoundException"),
            code: "NotFound",
            message: "Topic does not exist".to_owned(),
        });
    };
    let body = member("Message").and_then(bytes).unwrap_or_default();
    if body.is_empty() {
        return Err(invalid("Invalid parameter: Empty message"));
    }
    let body = match member("MessageStructure").and_then(Value::as_str) {
        // A message for each protocol: a topic's is the default one.
        Some("json") => {
            let messages = Value::parse(&body).map_err(|_| {
                invalid("Invalid parameter: Message Structure - JSON message body failed to parse")
            })?;
            let default = messages.get("default").and_then(bytes);
            default.ok_or_else(|| {
                invalid(
                    "Invalid parameter: Message Structure - No default entry in JSON message body",
                )
            })?
        }
        Some(_) | None => body,
    };
    let is_fifo = arn.ends_with(".fifo");
    let group = member("MessageGroupId").and_then(Value::as_str);
    if is_fifo && group.is_none() {
        return Err(invalid(
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    let mut headers = Vec::new();
    if let Some(members) = member("MessageAttributes").and_then(Value::as_object) {
        let attributes = sqs::attributes(members).map_err(|refusal| Refusal {
            exception: Some("InvalidParameterValueException"),
            code: "ParameterValueInvalid",
            ..refusal
        })?;
        headers.extend(attributes.into_iter().map(|a| (a.name, a.value)));
    }
    for name in ["Subject", "MessageDeduplicationId"] {
        let value = member(name).and_then(bytes);
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    let draft = Draft {
        topic: topic.to_owned(),
        key: group.map(|group| group.as_bytes().to_vec()),
        value: Some(body),
        headers,
        ..Draft::default()
    };
    Ok(Message {
        draft,
        answer: Vec::new(),
        is_fifo,
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal {
        exception: Some("InvalidParameterException"),
        code: "InvalidParameter",
        message: message.to_owned(),
    }
}
