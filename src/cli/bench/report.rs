//! What a bench found, as text and as JSON.

use std::io::{self, Write};
use std::time::Duration;

use super::tally::Tally;
use crate::value::Value;

/// What a run was made of and what it used; the tally has what came of it.
#[derive(Debug)]
pub(super) struct Measured {
    /// "kafka" or "in-process".
    pub(super) mode: &'static str,
    pub(super) warm_up: u64,
    /// Events after the warm-up.
    pub(super) events: u64,
    /// Events a second that were due; `None` is as fast as answers came.
    pub(super) rate: Option<u64>,
    /// When the first event after the warm-up was due.
    pub(super) began: Duration,
    /// Of the measured process, while it answered the events after the warm-up.
    pub(super) cpu_s: Option<f64>,
    pub(super) peak_mib: Option<f64>,
    /// Of the values of the events after the warm-up.
    pub(super) bytes_in: u64,
}

/// A name, a value with its digits, and how the text calls it.
struct Row(&'static str, Option<(f64, usize)>, &'static str);

/// Whether every event was answered exactly once.
pub(super) fn verified(tally: &Tally) -> bool {
    tally.lost() == 0 && tally.duplicates == 0 && tally.foreign == 0
}

#[expect(clippy::cast_precision_loss, reason = "figures for a reader")]
fn rows(measured: &Measured, tally: &Tally) -> Vec<Row> {
    let whole = |count: u64| Some((count as f64, 0));
    let took_s = tally.last.saturating_sub(measured.began).as_secs_f64();
    let of_a_million = |cpu_s: f64| (cpu_s / measured.events as f64 * 1e6, 2);
    let latency = |quantile| Some((tally.latency_ms(quantile), 3));
    vec![
        Row("warm_up", whole(measured.warm_up), "events of the warm-up"),
        Row("events", whole(measured.events), "events measured"),
        Row("rate", measured.rate.and_then(whole), "events a second due"),
        Row(
            "events_per_s",
            (took_s > 0.0).then(|| (measured.events as f64 / took_s, 0)),
            "events a second answered",
        ),
        Row("p50_ms", latency(0.5), "latency, p50, ms"),
        Row("p90_ms", latency(0.9), "latency, p90, ms"),
        Row("p99_ms", latency(0.99), "latency, p99, ms"),
        Row("p99_9_ms", latency(0.999), "latency, p99.9, ms"),
        Row("p99_99_ms", latency(0.9999), "latency, p99.99, ms"),
        Row("max_ms", latency(1.0), "latency, longest, ms"),
        Row(
            "cpu_s_per_million",
            measured.cpu_s.map(of_a_million),
            "CPU seconds per million events",
        ),
        Row(
            "peak_mib",
            measured.peak_mib.map(|mib| (mib, 1)),
            "peak memory, MiB",
        ),
        Row("bytes_in", whole(measured.bytes_in), "bytes of events"),
        Row("bytes_out", whole(tally.bytes_out), "bytes of answers"),
        Row("results", whole(tally.results), "results"),
        Row("failures", whole(tally.failures), "failures"),
        Row("dead_letters", whole(tally.dead_letters), "dead letters"),
        Row("lost", whole(tally.lost()), "events without an answer"),
        Row("duplicates", whole(tally.duplicates), "second answers"),
        Row("foreign", whole(tally.foreign), "answers to other events"),
    ]
}

/// One object; what is not known is null.
pub(super) fn write_json(
    measured: &Measured,
    tally: &Tally,
    out: &mut impl Write,
) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let verified = verified(tally);
    let mode = Value::from(measured.mode).to_json();
    write!(
        out,
        r#"{{"version":"{version}","mode":{mode},"verified":{verified}"#
    )?;
    for Row(name, value, _) in rows(measured, tally) {
        match value {
            Some((value, digits)) => write!(out, r#","{name}":{value:.digits$}"#)?,
            None => write!(out, r#","{name}":null"#)?,
        }
    }
    writeln!(out, "}}")
}

pub(super) fn write_text(
    measured: &Measured,
    tally: &Tally,
    out: &mut impl Write,
) -> io::Result<()> {
    for Row(_, value, text) in rows(measured, tally) {
        match value {
            Some((value, digits)) => writeln!(out, "{text:32} {value:>16.digits$}")?,
            None => writeln!(out, "{text:32} {:>16}", "-")?,
        }
    }
    let verdict = if verified(tally) {
        "every event was answered exactly once"
    } else {
        "NOT every event was answered exactly once"
    };
    writeln!(out, "\n{verdict}")
}
