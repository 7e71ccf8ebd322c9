//! A history event as the JSON that AWS writes to CloudWatch Logs.

use super::history_event::write_texts;
use super::{Detail, HistoryEvent};
use crate::value::{Value, write_json_string};

/// The longest input or output in an entry, escaped as it stands there; AWS cuts longer ones and says so.
const DATA_BYTES_MAX: usize = 248 * 1024;

/// Appends one log entry: AWS's keys in AWS's order, ids and times as strings, no line feed.
pub fn write_log_entry(event: &HistoryEvent, execution_arn: &str, out: &mut Vec<u8>) {
    let mut number = itoa::Buffer::new();
    out.extend_from_slice(b"{\"id\":\"");
    out.extend_from_slice(number.format(event.id).as_bytes());
    out.extend_from_slice(b"\",\"type\":\"");
    out.extend_from_slice(event.event_type.as_str().as_bytes());
    out.extend_from_slice(b"\",\"details\":");
    write_details(event, out);
    out.extend_from_slice(b",\"previous_event_id\":\"");
    out.extend_from_slice(number.format(event.previous_id).as_bytes());
    out.extend_from_slice(b"\",\"event_timestamp\":\"");
    out.extend_from_slice(number.format(event.timestamp.as_millis()).as_bytes());
    out.extend_from_slice(b"\",\"execution_arn\":");
    write_json_string(execution_arn, out);
    out.extend_from_slice(b",\"redrive_count\":\"0\"}");
}

fn write_details(event: &HistoryEvent, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (name, detail)) in event.details.entries().iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
        match detail {
            Detail::Text(text) => write_json_string(text, out),
            Detail::Number(n) => out.extend_from_slice(itoa::Buffer::new().format(*n).as_bytes()),
            Detail::JsonText(value) => write_json_string(&value.to_json(), out),
            Detail::Role(arn) => {
                out.extend_from_slice(b"{\"roleArn\":");
                arn.write_json(out);
                out.push(b'}');
            }
            Detail::Data(value) => write_data(name, value, out),
            Detail::Texts(values) => write_whole_texts(name, values, out),
        }
    }
    out.push(b'}');
}

fn write_data(name: &str, value: &Value, out: &mut Vec<u8>) {
    let json = value.to_json();
    let kept = fitting(&json);
    write_json_string(kept, out);
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"Details\":{\"truncated\":");
    let is_cut = kept.len() < json.len();
    out.extend_from_slice(if is_cut { b"true}" } else { b"false}" });
}

/// Texts, and that they are whole.
fn write_whole_texts(name: &str, values: &Value, out: &mut Vec<u8>) {
    write_texts(values, out);
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"Details\":{\"truncated\":false}");
}

/// As much of a JSON text as fits; only its quotes and backslashes need an escape.
fn fitting(json: &str) -> &str {
    if json.len() <= DATA_BYTES_MAX / 2 {
        return json;
    }
    let mut escaped_bytes = 0;
    let overflow = json.bytes().position(|byte| {
        escaped_bytes += if matches!(byte, b'"' | b'\\') { 2 } else { 1 };
        escaped_bytes > DATA_BYTES_MAX
    });
    overflow
        .and_then(|at| json.get(..json.floor_char_boundary(at)))
        .unwrap_or(json)
}

#[cfg(test)]
mod tests {
    use super::super::{Details, EventType};
    use super::*;
    use crate::machine::Timestamp;

    fn entry(event_type: EventType, previous_id: u64, fill: impl FnOnce(&mut Details)) -> String {
        let mut details = Details::new(true);
        fill(&mut details);
        let timestamp = Timestamp::from_millis(1_713_959_670_672);
        let event = HistoryEvent {
            id: 7,
            previous_id,
            timestamp,
            event_type,
            details,
        };
        let mut out = Vec::new();
        write_log_entry(&event, "arn:e", &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_entry_has_awss_keys_in_awss_order() {
        let input = Value::parse(br#"{"k": 1}"#).unwrap();
        assert_eq!(
            entry(EventType::PassStateEntered, 6, |d| {
                d.text("name", "A \"b\"".into());
                d.data("input", &input);
            }),
            r#"{"id":"7","type":"PassStateEntered","details":{"input":"{\"k\":1}","inputDetails":{"truncated":false},"name":"A \"b\""},"previous_event_id":"6","event_timestamp":"1713959670672","execution_arn":"arn:e","redrive_count":"0"}"#
        );
        assert_eq!(
            entry(EventType::ExecutionTimedOut, 0, |_| {}),
            r#"{"id":"7","type":"ExecutionTimedOut","details":{},"previous_event_id":"0","event_timestamp":"1713959670672","execution_arn":"arn:e","redrive_count":"0"}"#
        );
    }

    #[test]
    fn data_are_cut_where_their_escaped_text_is_too_long() {
        // The quotes around a string take four bytes, escaped; one within it, escaped twice, takes four too.
        let cases = [
            ("a".repeat(DATA_BYTES_MAX - 4), false),
            ("a".repeat(DATA_BYTES_MAX - 3), true),
            ("ä".repeat(DATA_BYTES_MAX / 2 - 2), false),
            ("ä".repeat(DATA_BYTES_MAX / 2), true),
            ("\"".repeat(DATA_BYTES_MAX / 4 - 1), false),
            ("\"".repeat(DATA_BYTES_MAX / 4), true),
        ];
        for (text, is_cut) in cases {
            let value = Value::from(text.as_str());
            let text = entry(EventType::ExecutionSucceeded, 1, |d| {
                d.data("output", &value);
            });
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["details"]["outputDetails"]["truncated"], is_cut);
            let kept = &json["details"]["output"];
            assert!(value.to_json().starts_with(kept.as_str().unwrap()));
            let escaped_bytes = kept.to_string().len() - 2;
            assert!(escaped_bytes <= DATA_BYTES_MAX, "{escaped_bytes}");
            assert!(
                !is_cut || escaped_bytes > DATA_BYTES_MAX - 4,
                "{escaped_bytes}"
            );
        }
    }

    #[test]
    fn without_execution_data_error_and_parameters_stay() {
        let mut details = Details::new(false);
        details.data("input", &Value::from(1));
        details.data("output", &Value::from(2));
        details.json_text("parameters", &Value::from(3));
        details.error(Some(&"E".into()), Some("why"));
        let names: Vec<&str> = details.entries().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["cause", "error", "parameters"]);
    }
}
