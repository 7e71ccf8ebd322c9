//! `stepstream dlq list`: one line a dead letter, and how many there are of each reason.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::ControlFlow;

use serde_json::{Value as Json, json};

use super::{Choice, Ended, Failure, Place};
use crate::kafka::dead_letters::{DeadLetter, Source, read};
use crate::machine::Timestamp;

/// Show what is there: one line for each dead letter
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    choice: Choice,
    /// One JSON object a line instead of a table
    #[arg(long)]
    json: bool,
}

/// A cause in the table is cut to this many characters.
const CAUSE_CHARS_MAX: usize = 60;

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let (settings, topic) = arguments.place.find()?;
    let mut out = std::io::stdout().lock();
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut listed = 0;
    let mut written = Ok(());
    if !arguments.json {
        writeln!(out, "{HEAD}")?;
    }
    let reading = read(&settings, &topic, |letter| {
        let source = letter.source();
        if arguments.choice.takes(&letter, &source) {
            let line = if arguments.json {
                to_json(&letter, &source).to_string()
            } else {
                row(&letter, &source)
            };
            written = writeln!(out, "{line}");
            listed += 1;
            *reasons
                .entry(source.reason.unwrap_or_default())
                .or_default() += 1;
        }
        match written.is_err() || arguments.choice.is_full(listed) {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    reading.map_err(|error| Failure::Broken(error.to_string()))?;
    written?;
    if !arguments.json {
        let counted = |(reason, count): (&String, &usize)| match reason.as_str() {
            "" => format!("{count} without a reason"),
            reason => format!("{count} {reason}"),
        };
        let of_reasons: Vec<String> = reasons.iter().map(counted).collect();
        let of_reasons = match of_reasons.is_empty() {
            true => String::new(),
            false => format!(": {}", of_reasons.join(", ")),
        };
        writeln!(out, "\n{listed} dead letters in {topic}{of_reasons}")?;
    }
    Ok(Ended::Well)
}

const HEAD: &str = "LETTER       TIME                      REASON            FROM                           REPLAYS  BYTES    CAUSE";

fn row(letter: &DeadLetter, source: &Source) -> String {
    let place = format!("{}:{}", letter.partition, letter.offset);
    let from = match (&source.topic, source.partition, source.offset) {
        (Some(topic), Some(partition), Some(offset)) => format!("{topic}/{partition}/{offset}"),
        (Some(topic), ..) => topic.clone(),
        (None, ..) => "?".to_owned(),
    };
    let reason = source.reason.as_deref().unwrap_or("?");
    let cause = source.cause.as_deref().unwrap_or_default();
    let cause: String = cause
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(CAUSE_CHARS_MAX)
        .collect();
    let bytes = letter.value.as_ref().map_or(0, Vec::len);
    let (time, replays) = (time(letter), source.replays);
    format!("{place:<12} {time:<25} {reason:<17} {from:<30} {replays:>7}  {bytes:<8} {cause}")
        .trim_end()
        .to_owned()
}

pub(super) fn time(letter: &DeadLetter) -> String {
    letter
        .timestamp_ms
        .map(|ms| Timestamp::from_millis(ms).to_rfc3339())
        .unwrap_or_default()
}

fn to_json(letter: &DeadLetter, source: &Source) -> Json {
    json!({
        "partition": letter.partition,
        "offset": letter.offset,
        "time": letter.timestamp_ms.map(|ms| Timestamp::from_millis(ms).to_rfc3339()),
        "reason": source.reason,
        "cause": source.cause,
        "from": {"topic": source.topic, "partition": source.partition, "offset": source.offset},
        "replays": source.replays,
        "value_bytes": letter.value.as_ref().map(Vec::len),
    })
}
