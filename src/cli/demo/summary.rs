//! What the demo found, as a table or as one JSON object.

use std::io::{self, Write};

/// The demo's result. Its fields are the members of the object that `--json` prints.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(super) struct Summary {
    pub(super) events_in: u64,
    pub(super) results: u64,
    pub(super) failures: u64,
    pub(super) dead_letters: u64,
    pub(super) log_records: u64,
    /// Events without an answer.
    pub(super) lost: u64,
    /// Answers beyond the first of an event.
    pub(super) duplicates: u64,
    /// Answers on a topic where they do not belong.
    pub(super) misplaced: u64,
    pub(super) events_per_second: f64,
    /// From an event's making to the reading of its answer.
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) answered_exactly_once: bool,
    /// Latency by workflow.
    pub(super) workflows: Vec<WorkflowLatency>,
}

/// One workflow's part of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(super) struct WorkflowLatency {
    pub(super) name: &'static str,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Summary {
    /// Writes the object and a line feed.
    pub(super) fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }

    /// Writes the table and the verdict.
    pub(super) fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let mut row = |name: &str, value: String| writeln!(out, "  {name:<16}{value:>14}");
        row("events in", thousands(self.events_in))?;
        row("results", thousands(self.results))?;
        row("failures", thousands(self.failures))?;
        row("dead letters", thousands(self.dead_letters))?;
        row("log records", thousands(self.log_records))?;
        row("lost", thousands(self.lost))?;
        row("duplicates", thousands(self.duplicates))?;
        if self.misplaced > 0 {
            row("misplaced", thousands(self.misplaced))?;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate is not negative and far below 2^53"
        )]
        let rate = self.events_per_second as u64;
        row("throughput", format!("{} /s", thousands(rate)))?;
        row("latency p50", format!("{:.1} ms", self.p50_ms))?;
        row("latency p99", format!("{:.1} ms", self.p99_ms))?;
        for workflow in &self.workflows {
            let WorkflowLatency {
                name,
                p50_ms,
                p99_ms,
            } = workflow;
            writeln!(out, "    {name:<14}{p50_ms:>11.1} ms {p99_ms:>11.1} ms")?;
        }
        writeln!(out)?;
        if self.answered_exactly_once {
            writeln!(out, "Every event was answered exactly once.")
        } else {
            writeln!(
                out,
                "NOT every event was answered exactly once: see lost, duplicates, misplaced."
            )
        }
    }
}

/// A number with commas between groups of three digits.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }
}
