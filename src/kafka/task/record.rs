//! The parameters of a task → the record that it sends. Pure.
//!
//! | member | type | the record's |
//! | --- | --- | --- |
//! | `Topic` | text | topic, which the settings must allow |
//! | `Key`, `Value` | any | text as its own bytes, null or nothing as null, anything else as JSON |
//! | `Headers` | object | headers: as a value is; a list gives one header for each of its items; null gives none |
//! | `Partition` | integer | partition; without it the key decides |
//! | `Timestamp` | integer | time, in milliseconds since the epoch; without it the moment of sending |

use super::fault::{self, INVALID_PARAMETER, TOPIC_NOT_ALLOWED};
use crate::kafka::courier::Parcel;
use crate::kafka::native::Headers;
use crate::kafka::reply::allows;
use crate::machine::TaskError;
use crate::value::{Object, Value, View};

/// The members of a record; other ones belong to the kind of task.
pub(super) const MEMBERS: [&str; 6] =
    ["Topic", "Key", "Value", "Headers", "Partition", "Timestamp"];

/// What a task sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) topic: String,
    pub(super) partition: Option<i32>,
    pub(super) timestamp: Option<i64>,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(String, Vec<u8>)>,
}

impl Draft {
    pub(super) fn parcel(self) -> Parcel {
        let mut headers = Headers::with_capacity(self.headers.len());
        for (name, value) in &self.headers {
            headers.add(name, value);
        }
        Parcel {
            topic: self.topic,
            partition: self.partition,
            timestamp: self.timestamp,
            key: self.key.map(Vec::into_boxed_slice),
            value: self.value.map(Vec::into_boxed_slice),
            headers,
        }
    }
}

/// Reads the parameters of a task; `others` are further members that it may have.
///
/// # Errors
/// If a member is of a wrong type or unknown, or the topic is not allowed.
pub(super) fn draft(
    payload: &Value,
    allowed: &[String],
    others: &[&str],
) -> Result<Draft, TaskError> {
    let Some(members) = payload.as_object() else {
        return Err(invalid("The parameters must be an object."));
    };
    for (name, _) in members.iter() {
        if !MEMBERS.contains(&name.as_str()) && !others.contains(&name.as_str()) {
            return Err(invalid(&format!("The parameter '{name}' is unknown.")));
        }
    }
    let Some(topic) = members.get("Topic").and_then(Value::as_str) else {
        return Err(invalid(
            "The parameter 'Topic' must be the name of a topic.",
        ));
    };
    if !allowed.iter().any(|pattern| allows(pattern, topic)) {
        let cause = format!("The topic '{topic}' is not one of kafka.tasks.topics.");
        return Err(fault::new(TOPIC_NOT_ALLOWED, cause));
    }
    let partition = integer(members, "Partition")?
        .map(i32::try_from)
        .transpose();
    let partition = partition.map_err(|_| invalid("The parameter 'Partition' is too large."))?;
    let bytes = |name| members.get(name).and_then(bytes);
    Ok(Draft {
        topic: topic.to_owned(),
        partition,
        timestamp: integer(members, "Timestamp")?,
        key: bytes("Key"),
        value: bytes("Value"),
        headers: headers(members.get("Headers"))?,
    })
}

/// A member that must be an integer, not negative, if it is there.
pub(super) fn integer(members: Object<'_>, name: &str) -> Result<Option<i64>, TaskError> {
    let Some(value) = members.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = value.as_number().and_then(|number| number.as_i64());
    let number = number.filter(|number| *number >= 0);
    let wrong = || {
        invalid(&format!(
            "The parameter '{name}' must be an integer that is not negative."
        ))
    };
    number.map(Some).ok_or_else(wrong)
}

/// A value as bytes; null has none.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value.view() {
        View::Null => None,
        View::String(text) => Some(text.as_bytes().to_vec()),
        View::Bool(_) | View::Number(_) | View::Array(_) | View::Object(_) => {
            Some(value.to_json().into_bytes())
        }
    }
}

fn headers(value: Option<&Value>) -> Result<Vec<(String, Vec<u8>)>, TaskError> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let Some(members) = value.as_object() else {
        return Err(invalid("The parameter 'Headers' must be an object."));
    };
    let mut headers = Vec::with_capacity(members.len());
    for (name, value) in members.iter() {
        if name.contains('\0') {
            return Err(invalid(
                "The name of a header must not have a NUL character.",
            ));
        }
        let values = value.as_array();
        let values = values.unwrap_or_else(|| std::slice::from_ref(value));
        let values = values.iter().filter_map(bytes);
        headers.extend(values.map(|value| (name.to_string(), value)));
    }
    Ok(headers)
}

pub(super) fn invalid(cause: &str) -> TaskError {
    fault::new(INVALID_PARAMETER, cause.to_owned())
}
