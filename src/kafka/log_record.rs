//! What an execution's log records hold: AWS's log entries, one a record, or all in one record with one a line.

use super::settings::LogRecord;
use crate::history::{HistoryEvent, write_log_entry};

/// The log of one execution, in bytes. Beyond it entries are left out, save for the last one, which says how it ended.
/// Below the size of a record that brokers take by default.
pub(super) const LOG_BYTES_MAX: usize = 900_000;

/// The values of the records, and how many entries were left out.
pub(super) fn values(
    events: &[HistoryEvent],
    execution_arn: &str,
    record: LogRecord,
) -> (Vec<Vec<u8>>, usize) {
    let encode = |event: &HistoryEvent| {
        let mut entry = Vec::new();
        write_log_entry(event, execution_arn, &mut entry);
        entry
    };
    let Some((last, earlier)) = events.split_last() else {
        return (Vec::new(), 0);
    };
    let last = encode(last);
    let mut room = LOG_BYTES_MAX.saturating_sub(last.len());
    let mut values = Vec::with_capacity(events.len());
    for event in earlier {
        let entry = encode(event);
        // And the line feed that may follow it.
        match room.checked_sub(entry.len() + 1) {
            Some(less) => room = less,
            None => break,
        }
        values.push(entry);
    }
    let left_out = earlier.len() - values.len();
    values.push(last);
    match record {
        LogRecord::Entry => (values, left_out),
        LogRecord::Execution => (vec![values.join(&b'\n')], left_out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Details, EventType};
    use crate::machine::Timestamp;
    use crate::value::Value;

    fn event(id: u64, event_type: EventType, input: Option<&str>) -> HistoryEvent {
        let mut details = Details::new(true);
        if let Some(input) = input {
            details.data("input", &Value::from(input));
        }
        HistoryEvent {
            id,
            previous_id: id - 1,
            timestamp: Timestamp::from_millis(1),
            event_type,
            details,
        }
    }

    fn texts(events: &[HistoryEvent], record: LogRecord) -> (Vec<String>, usize) {
        let (values, left_out) = values(events, "arn:e", record);
        let texts = values.into_iter().map(|v| String::from_utf8(v).unwrap());
        (texts.collect(), left_out)
    }

    #[test]
    fn a_record_is_an_entry_or_an_execution() {
        let events = [
            event(1, EventType::ExecutionStarted, None),
            event(2, EventType::ExecutionFailed, None),
        ];
        let (entries, left_out) = texts(&events, LogRecord::Entry);
        assert_eq!((entries.len(), left_out), (2, 0));
        assert!(entries[1].starts_with("{\"id\":\"2\",\"type\":\"ExecutionFailed\""));
        let (whole, left_out) = texts(&events, LogRecord::Execution);
        assert_eq!((whole, left_out), (vec![entries.join("\n")], 0));
        assert_eq!(texts(&[], LogRecord::Execution), (vec![], 0));
    }

    #[test]
    fn a_long_log_keeps_its_beginning_and_its_end() {
        let long = "x".repeat(200_000);
        let mut events: Vec<HistoryEvent> = (1..=6)
            .map(|id| event(id, EventType::PassStateEntered, Some(&long)))
            .collect();
        events.push(event(7, EventType::ExecutionSucceeded, None));
        let (entries, left_out) = texts(&events, LogRecord::Entry);
        assert_eq!((entries.len(), left_out), (5, 2));
        assert!(entries[4].contains("ExecutionSucceeded"));
        let (whole, _) = texts(&events, LogRecord::Execution);
        assert!(whole[0].len() <= LOG_BYTES_MAX);
    }
}
