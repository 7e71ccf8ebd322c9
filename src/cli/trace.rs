//! An execution's history as a person reads it: a line for each thing that happened.

use std::io::{self, Write};

use super::iterations::Iterations;
use crate::app::solo::Happening;
use crate::history::{Detail, EventType, HistoryEvent};
use crate::machine::{Outcome, Status, Timestamp, Wakeup};

/// Writes lines; times are relative to the first one.
#[derive(Debug)]
pub(super) struct Trace {
    coloured: bool,
    began: Option<Timestamp>,
    /// The data of a state's entry or exit that was shown last: shown again only when it has changed.
    shown: String,
    iterations: Iterations,
}

/// Data beyond so many characters is cut; `--json` and `--history` have it whole.
const DATA_CHARS_MAX: usize = 160;

const PLAIN: &str = "\x1b[0m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";

/// Marks, which also indent what happens within a state.
const ENTERED: &str = "> ";
const EXITED: &str = "< ";
const WITHIN: &str = "    ";

/// A line's parts.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    colour: &'static str,
    mark: &'static str,
    label: String,
    data: String,
}

impl Line {
    /// Says within which iterations it happened.
    fn within(mut self, iterations: &str) -> Self {
        if !iterations.is_empty() {
            self.label.push(' ');
            self.label.push_str(iterations);
        }
        self
    }
}

impl Trace {
    pub(super) fn new(coloured: bool) -> Self {
        Self {
            coloured,
            began: None,
            shown: String::new(),
            iterations: Iterations::default(),
        }
    }

    pub(super) fn write(
        &mut self,
        out: &mut impl Write,
        happening: Happening<'_>,
        now: Timestamp,
    ) -> io::Result<()> {
        let began = *self.began.get_or_insert(now);
        let line = match happening {
            Happening::Record(event) => {
                let within = self.iterations.note(event);
                line(event).map(|line| line.within(&within))
            }
            Happening::Idle(ms, reason) => Some(Line {
                colour: YELLOW,
                mark: WITHIN,
                label: match reason {
                    Wakeup::Retry => "tries again in".to_owned(),
                    Wakeup::Wait | Wakeup::TaskTimeout | Wakeup::Deadline => "waits".to_owned(),
                },
                data: format!("{} s", seconds(ms)),
            }),
        };
        let Some(line) = line else { return Ok(()) };
        let at = seconds(now.as_millis() - began.as_millis());
        let Line {
            colour,
            mark,
            label,
            mut data,
        } = line;
        if mark == ENTERED || mark == EXITED {
            if data == self.shown {
                data.clear();
            } else {
                self.shown.clone_from(&data);
            }
        }
        let label = format!("{mark}{label}");
        let (colour, dim, plain) = self.colours(colour);
        let text = format!(
            "{at:>9}  {colour}{label:<28}{plain} {dim}{}{plain}",
            cut(&data)
        );
        writeln!(out, "{}", text.trim_end())
    }

    /// The closing line: how it ended, with what.
    pub(super) fn end(&self, out: &mut impl Write, outcome: &Outcome) -> io::Result<()> {
        let took = seconds(outcome.stop.as_millis() - outcome.start.as_millis());
        let colour = match outcome.status {
            Status::Succeeded => GREEN,
            Status::Failed | Status::TimedOut | Status::Aborted => RED,
        };
        let (colour, _, plain) = self.colours(colour);
        writeln!(out)?;
        writeln!(
            out,
            "{colour}{}{plain} after {took} s",
            outcome.status.as_str()
        )?;
        if let Some(output) = &outcome.output {
            writeln!(out, "{}", output.to_json())?;
        }
        if let Some(error) = &outcome.error {
            writeln!(out, "error  {error}")?;
        }
        if let Some(cause) = &outcome.cause {
            writeln!(out, "cause  {cause}")?;
        }
        Ok(())
    }

    const fn colours(&self, colour: &'static str) -> (&'static str, &'static str, &'static str) {
        if self.coloured {
            (colour, DIM, PLAIN)
        } else {
            ("", "", "")
        }
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "most events have no line of their own"
)]
/// What to show of an event; nothing of those that add nothing.
fn line(event: &HistoryEvent) -> Option<Line> {
    let text = |name| text(event, name);
    let line = |colour, mark, label, data| {
        Some(Line {
            colour,
            mark,
            label,
            data,
        })
    };
    let event_type = event.event_type.as_str();
    if let Some(kind) = event_type.strip_suffix("StateEntered") {
        let label = format!("{} ({})", text("name"), kind.to_lowercase());
        return line(BOLD, ENTERED, label, text("input"));
    }
    if event_type.ends_with("StateExited") {
        return line(BOLD, EXITED, text("name"), text("output"));
    }
    match event.event_type {
        EventType::TaskScheduled => {
            let label = format!("{}:{}", text("resourceType"), text("resource"));
            line(PLAIN, WITHIN, label, text("parameters"))
        }
        EventType::LambdaFunctionScheduled => line(PLAIN, WITHIN, text("resource"), text("input")),
        EventType::TaskSucceeded | EventType::LambdaFunctionSucceeded => {
            line(GREEN, WITHIN, "answers".to_owned(), text("output"))
        }
        EventType::TaskFailed
        | EventType::TaskTimedOut
        | EventType::LambdaFunctionFailed
        | EventType::LambdaFunctionTimedOut => {
            let (error, cause) = (text("error"), text("cause"));
            let data = if cause.is_empty() {
                error
            } else {
                format!("{error}: {cause}")
            };
            line(RED, WITHIN, "fails".to_owned(), data)
        }
        EventType::MapStateStarted => line(PLAIN, WITHIN, "items".to_owned(), text("length")),
        EventType::MapIterationFailed => {
            let label = format!("iteration of {} fails", text("name"));
            line(RED, WITHIN, label, String::new())
        }
        EventType::MapIterationAborted => {
            let label = format!("iteration of {} is aborted", text("name"));
            line(YELLOW, WITHIN, label, String::new())
        }
        // Said by the closing lines, or by the lines around them.
        _ => None,
    }
}

/// A particular of an event as text; empty if it has none of this name.
fn text(event: &HistoryEvent, name: &str) -> String {
    let mut entries = event.details.entries().iter();
    match entries.find(|(found, _)| *found == name) {
        Some((_, Detail::Text(text))) => text.to_string(),
        Some((
            _,
            Detail::Data(value)
            | Detail::JsonText(value)
            | Detail::Texts(value)
            | Detail::Role(value),
        )) => value.to_json(),
        Some((_, Detail::Number(number))) => number.to_string(),
        None => String::new(),
    }
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

fn cut(data: &str) -> String {
    match data.char_indices().nth(DATA_CHARS_MAX) {
        Some((end, _)) => format!("{}…", data.get(..end).unwrap_or_default()),
        None => data.to_owned(),
    }
}
