//! CloudEvents 1.0 in Kafka records: which mode a record is in, what its data is, and what the attributes are.
//!
//! In binary mode the record's value is the data, headers `ce_…` are the attributes, and `content-type` is `datacontenttype`. In
//! structured mode (`content-type: application/cloudevents+json`) the value is the whole event as a JSON object. An event without
//! data has the data null.
//!
//! *Not here*: other event formats than JSON, and batches, which the Kafka binding does not have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::route::Header;
use crate::value::{Object, ObjectBuilder, Value};

/// How an event is put into a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is no CloudEvent; the value is all there is.
    None,
    /// The attributes are headers.
    Binary,
    /// The value has data and attributes, in JSON.
    Structured,
    /// The value has data and attributes, in a format that is not read here.
    Unknown,
}

/// An event in structured mode, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudEvent {
    /// What it tells.
    pub data: Value,
    /// Everything else by name: texts, numbers and booleans.
    pub attributes: Value,
}

const PREFIX: &[u8] = b"ce_";
const VERSION: &str = "specversion";
/// What every event has.
const REQUIRED: [&str; 4] = [VERSION, "id", "source", "type"];
const DATA: &str = "data";
const DATA_BASE64: &str = "data_base64";

/// The mode of a record with these headers. Of several headers of one name the last counts.
pub fn mode<'a>(headers: impl Iterator<Item = Header<'a>>) -> Mode {
    let mut mode = Mode::None;
    let mut is_binary = false;
    for (name, value) in headers {
        if is_content_type(name) {
            mode = value.map_or(Mode::None, of_content_type);
        } else {
            is_binary |= name.strip_prefix(PREFIX) == Some(VERSION.as_bytes());
        }
    }
    if mode == Mode::None && is_binary {
        return Mode::Binary;
    }
    mode
}

/// The attributes of an event in binary mode, all of them text; none in another mode. Those that are not UTF-8 are left out.
pub fn attributes<'a>(headers: impl Iterator<Item = Header<'a>>) -> Option<Value> {
    let mut attributes = ObjectBuilder::with_capacity(8);
    let mut is_event = false;
    for (name, value) in headers {
        let Some(text) = value.and_then(|value| std::str::from_utf8(value).ok()) else {
            continue;
        };
        if is_content_type(name) {
            attributes.insert("datacontenttype", Value::from(text));
        } else if let Some(name) = name.strip_prefix(PREFIX)
            && let Ok(name) = std::str::from_utf8(name)
        {
            is_event |= name == VERSION;
            attributes.insert(name, Value::from(text));
        }
    }
    is_event.then(|| attributes.finish().expect("texts are not deep"))
}

/// Takes an event in structured mode apart. Data in Base64 is read if it is JSON, and otherwise stays as it is.
///
/// # Errors
/// Why it is no event.
pub fn open(envelope: &Value) -> Result<CloudEvent, String> {
    let Some(event) = envelope.as_object() else {
        return Err("a CloudEvent is an object".to_owned());
    };
    for name in REQUIRED {
        let text = event.get(name).and_then(Value::as_str);
        if text.is_none_or(str::is_empty) {
            return Err(format!("a CloudEvent has a text as {name}"));
        }
    }
    let version = event.get(VERSION).and_then(Value::as_str);
    if let Some(version) = version.filter(|version| *version != "1.0") {
        return Err(format!("CloudEvents {version} is not known, but 1.0"));
    }
    let data = match (event.get(DATA), event.get(DATA_BASE64)) {
        (Some(_), Some(_)) => return Err(format!("both {DATA} and {DATA_BASE64} are given")),
        (Some(data), None) => data.clone(),
        (None, Some(data)) => decoded(data, event)?,
        (None, None) => Value::NULL,
    };
    let mut attributes = ObjectBuilder::with_capacity(event.len());
    for (name, value) in event.iter() {
        if name == DATA || name == DATA_BASE64 || value.is_null() {
            continue;
        }
        if value.as_array().is_some() || value.as_object().is_some() {
            return Err(format!(
                "the attribute {name} is neither text nor number nor boolean"
            ));
        }
        attributes.insert(name.clone(), value.clone());
    }
    let attributes = attributes.finish().map_err(|why| why.to_string())?;
    Ok(CloudEvent { data, attributes })
}

fn decoded(data: &Value, event: Object<'_>) -> Result<Value, String> {
    let bytes = data.as_str().and_then(|text| BASE64.decode(text).ok());
    let bytes = bytes.ok_or_else(|| format!("{DATA_BASE64} is not Base64"))?;
    let content_type = event.get("datacontenttype").and_then(Value::as_str);
    match content_type {
        Some(content_type) if !is_json(content_type) => Ok(data.clone()),
        _ => Value::parse(&bytes).map_err(|why| format!("{DATA_BASE64}: {why}")),
    }
}

fn is_content_type(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"content-type")
}

fn of_content_type(value: &[u8]) -> Mode {
    let media_type = media_type(&String::from_utf8_lossy(value));
    match media_type.strip_prefix("application/cloudevents") {
        Some("+json") => Mode::Structured,
        Some(_) => Mode::Unknown,
        None => Mode::None,
    }
}

fn is_json(content_type: &str) -> bool {
    let media_type = media_type(content_type);
    media_type.ends_with("/json") || media_type.ends_with("+json")
}

/// Without parameters, in small letters.
fn media_type(content_type: &str) -> String {
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_the_mode_and_the_attributes() {
        type Case<'a> = (&'a [Header<'a>], Mode, Option<&'a str>);
        let structured = "application/cloudevents+json; charset=UTF-8".as_bytes();
        let cases: [Case<'_>; 7] = [
            (&[], Mode::None, None),
            (
                &[(b"content-type", Some(b"application/json"))],
                Mode::None,
                None,
            ),
            (&[(b"ce_id", Some(b"1"))], Mode::None, None),
            (
                &[(b"content-type", Some(structured))],
                Mode::Structured,
                None,
            ),
            (
                &[(b"content-type", Some(b"application/cloudevents+avro"))],
                Mode::Unknown,
                None,
            ),
            (
                &[
                    (b"ce_specversion", Some(b"1.0")),
                    (b"ce_id", Some(b"1")),
                    (b"ce_x", Some(b"\xff")),
                    (b"other", Some(b"x")),
                    (b"Content-Type", Some(b"text/json")),
                    (b"ce_id", Some(b"2")),
                ],
                Mode::Binary,
                Some(r#"{"specversion":"1.0","id":"2","datacontenttype":"text/json"}"#),
            ),
            (
                &[
                    (b"content-type", Some(structured)),
                    (b"content-type", None),
                    (b"ce_specversion", None),
                ],
                Mode::Binary,
                None,
            ),
        ];
        for (headers, expected, shown) in cases {
            assert_eq!(mode(headers.iter().copied()), expected, "{headers:?}");
            let attributes = attributes(headers.iter().copied()).map(|value| value.to_json());
            assert_eq!(attributes.as_deref(), shown, "{headers:?}");
        }
    }

    #[test]
    fn an_event_is_data_and_attributes() {
        let required = r#""specversion":"1.0","id":"1","source":"/s","type":"t""#;
        let with = |members: &str| format!("{{{required}{members}}}");
        // The event, its data or what is wrong, and its attributes beyond those that all have.
        let cases = [
            (with(""), Ok("null"), ""),
            (with(r#","data":{"a":1.10}"#), Ok(r#"{"a":1.10}"#), ""),
            (with(r#","data":null,"x":7"#), Ok("null"), r#","x":7"#),
            (with(r#","data":null,"x":null"#), Ok("null"), ""),
            (with(r#","x":[]"#), Err("the attribute x is neither"), ""),
            (with(r#","data_base64":"WzFd""#), Ok("[1]"), ""),
            (
                with(r#","datacontenttype":"image/png","data_base64":"AAE=""#),
                Ok(r#""AAE=""#),
                r#","datacontenttype":"image/png""#,
            ),
            (
                with(r#","data_base64":"!""#),
                Err("data_base64 is not Base64"),
                "",
            ),
            (with(r#","data_base64":"AAE=""#), Err("data_base64: "), ""),
            (
                with(r#","data_base64":7"#),
                Err("data_base64 is not Base64"),
                "",
            ),
            (
                with(r#","data":1,"data_base64":"AAE=""#),
                Err("both data and data_base64 are given"),
                "",
            ),
            ("[]".to_owned(), Err("a CloudEvent is an object"), ""),
            (
                "{}".to_owned(),
                Err("a CloudEvent has a text as specversion"),
                "",
            ),
            (
                with("").replace("\"1\"", "1"),
                Err("a CloudEvent has a text as id"),
                "",
            ),
            (
                with("").replace("\"t\"", "\"\""),
                Err("a CloudEvent has a text as type"),
                "",
            ),
            (
                with("").replace("1.0", "0.3"),
                Err("CloudEvents 0.3 is not known, but 1.0"),
                "",
            ),
        ];
        for (text, expected, attributes) in cases {
            let event = open(&Value::parse(text.as_bytes()).expect("JSON"));
            match (event, expected) {
                (Ok(event), Ok(data)) => {
                    assert_eq!(event.data.to_json(), data, "{text}");
                    assert_eq!(event.attributes.to_json(), with(attributes), "{text}");
                }
                (Err(why), Err(expected)) => assert!(why.starts_with(expected), "{text}: {why}"),
                (event, _) => panic!("{text}: {event:?}"),
            }
        }
    }
}
