//! What the user sees while the demo runs: one block that is drawn again, or plain lines where there is no terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use super::summary::thousands;

/// The state of things, counted from the topics.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct View {
    pub(super) elapsed: Duration,
    pub(super) events: u64,
    pub(super) answered: u64,
    pub(super) results: u64,
    pub(super) failures: u64,
    pub(super) dead_letters: u64,
    pub(super) log_records: u64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Draws on stderr, so that stdout holds only the result.
#[derive(Debug)]
pub(super) struct Screen {
    terminal: bool,
    before: View,
    /// Lines of the block that stands there.
    lines: usize,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
            before: View::default(),
            lines: 0,
        }
    }

    /// How often it wants to be drawn.
    pub(super) const fn interval(&self) -> Duration {
        if self.terminal {
            Duration::from_millis(250)
        } else {
            Duration::from_secs(1)
        }
    }

    /// Writes a line that stays. Where stderr is closed, nobody reads it.
    pub(super) fn say(&mut self, line: &str) {
        self.lines = 0;
        drop(writeln!(io::stderr(), "{line}"));
    }

    /// Shows the state; rates are those since the last time.
    pub(super) fn show(&mut self, view: View) {
        let seconds = view
            .elapsed
            .saturating_sub(self.before.elapsed)
            .as_secs_f64();
        let events_rate = rate(view.events - self.before.events, seconds);
        let answers_rate = rate(view.answered - self.before.answered, seconds);
        let text = if self.terminal {
            self.block(&view, &events_rate, &answers_rate)
        } else {
            line(&view, &events_rate, &answers_rate)
        };
        drop(io::stderr().write_all(text.as_bytes()));
        self.before = view;
    }

    fn block(&mut self, view: &View, events_rate: &str, answers_rate: &str) -> String {
        let up = match self.lines {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        };
        self.lines = 5;
        format!(
            "{up}\n  \
             events    {:>12}  {events_rate:>9}/s    after {:.1} s\n  \
             answered  {:>12}  {answers_rate:>9}/s    in flight {}\n  \
             results   {:>12}    failures {}    dead letters {}    log records {}\n  \
             latency   p50 {:.1} ms    p99 {:.1} ms\n",
            thousands(view.events),
            view.elapsed.as_secs_f64(),
            thousands(view.answered),
            thousands(view.events.saturating_sub(view.answered)),
            thousands(view.results),
            thousands(view.failures),
            thousands(view.dead_letters),
            thousands(view.log_records),
            view.p50_ms,
            view.p99_ms,
        )
    }
}

fn line(view: &View, events_rate: &str, answers_rate: &str) -> String {
    format!(
        "{:5.1} s  events {} ({events_rate}/s)  answered {} ({answers_rate}/s)  in flight {}  \
         results {}  failures {}  dead letters {}  logs {}  p50 {:.1} ms  p99 {:.1} ms\n",
        view.elapsed.as_secs_f64(),
        view.events,
        view.answered,
        view.events.saturating_sub(view.answered),
        view.results,
        view.failures,
        view.dead_letters,
        view.log_records,
        view.p50_ms,
        view.p99_ms,
    )
}

fn rate(count: u64, seconds: f64) -> String {
    if seconds <= 0.0 {
        return "-".to_owned();
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of one demo are far below 2^53, and not negative"
    )]
    let whole = (count as f64 / seconds) as u64;
    thousands(whole)
}
