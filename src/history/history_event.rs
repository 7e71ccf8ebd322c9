//! A history event as the JSON that GetExecutionHistory answers.

use super::{Detail, EventType, HistoryEvent};
use crate::value::{Object, Value, write_json_string};

/// Appends one event: AWS's members in the order of their names, the time in seconds, no line feed. Members of `more`
/// are added to the particulars.
pub fn write_history_event(event: &HistoryEvent, more: &[(&str, &str)], out: &mut Vec<u8>) {
    let mut number = itoa::Buffer::new();
    out.push(b'{');
    if let Some(name) = holder(event.event_type) {
        write_json_string(&name, out);
        out.push(b':');
        write_details(event, more, out);
        out.push(b',');
    }
    out.extend_from_slice(b"\"id\":");
    out.extend_from_slice(number.format(event.id).as_bytes());
    out.extend_from_slice(b",\"previousEventId\":");
    out.extend_from_slice(number.format(event.previous_id).as_bytes());
    out.extend_from_slice(b",\"timestamp\":");
    let ms = event.timestamp.as_millis();
    out.extend_from_slice(number.format(ms.div_euclid(1_000)).as_bytes());
    out.push(b'.');
    let rest = ms.rem_euclid(1_000);
    out.extend([rest / 100, rest / 10 % 10, rest % 10].map(|digit| b'0' + digit as u8));
    out.extend_from_slice(b",\"type\":\"");
    out.extend_from_slice(event.event_type.as_str().as_bytes());
    out.extend_from_slice(b"\"}");
}

/// The member that holds an event's particulars; none where AWS's model knows none of its type.
fn holder(event_type: EventType) -> Option<String> {
    if event_type.is_state_entered() {
        return Some("stateEnteredEventDetails".to_owned());
    }
    if event_type.is_state_exited() {
        return Some("stateExitedEventDetails".to_owned());
    }
    let has_none = matches!(
        event_type,
        EventType::LambdaFunctionStarted
            | EventType::MapStateAborted
            | EventType::MapStateFailed
            | EventType::MapStateSucceeded
            | EventType::ParallelStateAborted
            | EventType::ParallelStateFailed
            | EventType::ParallelStateStarted
            | EventType::ParallelStateSucceeded
            | EventType::TaskStateAborted
            | EventType::WaitStateAborted
    );
    if has_none {
        return None;
    }
    let (first, rest) = event_type.as_str().split_at(1);
    Some(format!("{}{rest}EventDetails", first.to_ascii_lowercase()))
}

fn write_details(event: &HistoryEvent, more: &[(&str, &str)], out: &mut Vec<u8>) {
    let key = |name: &str, out: &mut Vec<u8>| {
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
    };
    out.push(b'{');
    for (name, detail) in event.details.entries() {
        key(name, out);
        let is_data = match detail {
            Detail::Text(text) => {
                write_json_string(text, out);
                false
            }
            Detail::Number(n) => {
                out.extend_from_slice(itoa::Buffer::new().format(*n).as_bytes());
                false
            }
            Detail::JsonText(value) => {
                write_json_string(&value.to_json(), out);
                false
            }
            Detail::Role(arn) => {
                out.extend_from_slice(b"{\"roleArn\":");
                arn.write_json(out);
                out.push(b'}');
                false
            }
            Detail::Data(value) => {
                write_json_string(&value.to_json(), out);
                true
            }
            Detail::Texts(values) => {
                write_texts(values, out);
                true
            }
        };
        if is_data {
            key(&format!("{name}Details"), out);
            out.extend_from_slice(b"{\"truncated\":false}");
        }
    }
    for (name, text) in more {
        key(name, out);
        write_json_string(text, out);
    }
    out.push(b'}');
}

/// The members in the order of their names, each value's JSON as a text.
pub(super) fn write_texts(values: &Value, out: &mut Vec<u8>) {
    let object = values.as_object();
    let mut entries: Vec<_> = object.into_iter().flat_map(Object::iter).collect();
    entries.sort_by_key(|(name, _)| *name);
    out.push(b'{');
    for (at, (name, value)) in entries.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_json_string(name, out);
        out.push(b':');
        write_json_string(&value.to_json(), out);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Details;
    use crate::machine::Timestamp;

    #[test]
    fn events_are_written_as_the_api_answers_them() {
        type Fill = fn(&mut Details);
        let text = Value::parse(br#"{"b":[1.10],"a":"x"}"#).unwrap();
        #[rustfmt::skip]
        let cases: [(EventType, Fill, &str); 8] = [
            (EventType::PassStateEntered, |d| { d.data("input", &Value::empty_object()); d.text("name", "P".into()); }, r#"{"stateEnteredEventDetails":{"input":"{}","inputDetails":{"truncated":false},"name":"P"},"id":7,"#),
            (EventType::ChoiceStateExited, |d| d.text("name", "C".into()), r#"{"stateExitedEventDetails":{"name":"C"},"id":7,"#),
            (EventType::ExecutionAborted, |_| {}, r#"{"executionAbortedEventDetails":{},"id":7,"#),
            (EventType::LambdaFunctionStarted, |_| {}, r#"{"id":7,"#),
            (EventType::MapStateStarted, |d| d.number("length", 3), r#"{"mapStateStartedEventDetails":{"length":3},"id":7,"#),
            (EventType::TaskScheduled, |d| { d.json_text("parameters", &Value::from(1)); d.role("taskCredentials", &Value::from("r")); }, r#"{"taskScheduledEventDetails":{"parameters":"1","taskCredentials":{"roleArn":"r"}},"id":7,"#),
            (EventType::ExecutionFailed, |d| d.error(Some(&"E".into()), Some("c")), r#"{"executionFailedEventDetails":{"cause":"c","error":"E"},"id":7,"#),
            (EventType::ParallelStateFailed, |_| {}, r#"{"id":7,"#),
        ];
        let written = |event_type, more: &[(&str, &str)], fill: &dyn Fn(&mut Details)| {
            let mut event = HistoryEvent {
                id: 7,
                previous_id: 6,
                timestamp: Timestamp::from_millis(1_700_000_000_025),
                event_type,
                details: Details::new(true),
            };
            fill(&mut event.details);
            let mut out = Vec::new();
            write_history_event(&event, more, &mut out);
            String::from_utf8(out).unwrap()
        };
        for (event_type, fill, expected) in cases {
            let name = event_type.as_str();
            let expected = format!(
                r#"{expected}"previousEventId":6,"timestamp":1700000000.025,"type":"{name}"}}"#
            );
            assert_eq!(written(event_type, &[], &fill), expected);
        }
        let exited = written(EventType::PassStateExited, &[("z", "y")], &|details| {
            details.texts("assignedVariables", &text);
        });
        let expected = r#"{"stateExitedEventDetails":{"assignedVariables":{"a":"\"x\"","b":"[1.10]"},"assignedVariablesDetails":{"truncated":false},"z":"y"},"id":7,"#;
        assert_eq!(exited.get(..expected.len()), Some(expected));
    }
}
