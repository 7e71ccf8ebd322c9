//! The result of tests as a person reads it, and as a program does.

use std::fmt::Write as _;

use serde_json::json;

use super::Report;
use crate::app::suite::Ran;

/// As a table, the coverage below it.
pub(super) fn text(report: &Report) -> String {
    let mut text = format!("{}\n\n", report.machine);
    let width = report.ran.iter().map(|ran| ran.name.chars().count()).max();
    let width = width.unwrap_or_default();
    let mut line = |line: String| {
        text.push_str(line.trim_end());
        text.push('\n');
    };
    for ran in &report.ran {
        let verdict = if ran.faults.is_empty() {
            "ok"
        } else {
            "FAILED"
        };
        let status = ran.outcome.status.as_str();
        let took = seconds(ran);
        line(format!(
            "  {verdict:<7} {:<width$}  {status:<9} {took:>8.3} s",
            ran.name
        ));
        for fault in &ran.faults {
            line(format!("          {fault}"));
        }
    }
    let coverage = &report.coverage;
    let states: Vec<&str> = coverage.states_missed().collect();
    let transitions = coverage.transitions_missed();
    let transitions: Vec<String> = transitions.map(|(a, b)| format!("{a} > {b}")).collect();
    line(String::new());
    line(covered(
        "states",
        coverage.states.len(),
        "never entered",
        &states,
    ));
    let all = coverage.transitions.len();
    line(covered("transitions", all, "never taken", &transitions));
    let failed = report.failed();
    let passed = report.ran.len() - failed;
    line(format!("\n{passed} passed, {failed} failed"));
    text
}

fn covered<S: AsRef<str>>(what: &str, all: usize, how: &str, missed: &[S]) -> String {
    let reached = all - missed.len();
    let mut text = format!("{what:<12} {reached} of {all}");
    for (at, missed) in missed.iter().enumerate() {
        let before = if at == 0 {
            format!("; {how}: ")
        } else {
            ", ".to_owned()
        };
        // Writing to a string cannot fail.
        write!(text, "{before}{}", missed.as_ref()).ok();
    }
    text
}

/// How long the execution took, in virtual seconds.
pub(super) fn seconds(ran: &Ran) -> f64 {
    let ms = ran.outcome.stop.as_millis() - ran.outcome.start.as_millis();
    ms as f64 / 1_000.0
}

/// One JSON object.
pub(super) fn json(report: &Report) -> String {
    let tests: Vec<_> = report
        .ran
        .iter()
        .map(|ran| {
            json!({
                "name": &*ran.name,
                "passed": ran.faults.is_empty(),
                "status": ran.outcome.status.as_str(),
                "seconds": seconds(ran),
                "faults": ran.faults,
            })
        })
        .collect();
    let coverage = &report.coverage;
    let states = coverage.states.iter();
    let states: Vec<_> = states
        .map(|(name, times)| json!({"name": name, "times": times}))
        .collect();
    let transitions = coverage.transitions.iter();
    let transitions: Vec<_> = transitions
        .map(|((from, to), times)| json!({"from": from, "to": to, "times": times}))
        .collect();
    let failed = report.failed();
    let object = json!({
        "machine": report.machine,
        "passed": report.ran.len() - failed,
        "failed": failed,
        "tests": tests,
        "states": states,
        "transitions": transitions,
    });
    format!("{object}\n")
}
