//! `stepstream verify`: whether a cluster's topics and commits keep the promise.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::{Ended, Failure};
use crate::config::{self, Environment};
use crate::kafka::verify::{Choice, Report, VIOLATIONS_MAX, VerifyError, groups, verify};
use crate::machine::Timestamp;

/// Look whether any event was lost, answered twice or out of order, or committed before its answer
///
/// Reads the input topics, results, failures, dead letters and replies of the workflows, and what their consumer groups have
/// committed. It joins no group and changes nothing, so it may be run beside `serve` and at any time: inputs that are not
/// committed yet may be without an answer then. Exit code 1 if the promise is broken.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The settings that `serve` was started with
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Only inputs from this time on, as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Nothing is under way any more: every input must have its answer, committed or not
    #[arg(long)]
    settled: bool,
    /// Look at so many inputs of a group at most; each takes some 100 bytes of memory
    #[arg(long, value_name = "COUNT", default_value_t = 10_000_000)]
    inputs_max: usize,
    /// One JSON object a group instead of text
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let settings = config::load(&arguments.config, &Environment::of_process())
        .map_err(|faults| Failure::refused(format!("the settings are refused\n{faults}")))?;
    let workflows: Vec<_> = settings.workflows.iter().map(|w| w.kafka.clone()).collect();
    let groups = groups(&settings.kafka, &workflows);
    if groups.is_empty() {
        return Err(Failure::refused("the settings have no workflows"));
    }
    let choice = Choice {
        since_ms: arguments.since.map(Timestamp::as_millis),
        settled: arguments.settled,
        inputs_max: arguments.inputs_max,
    };
    let mut out = std::io::stdout().lock();
    let mut clean = true;
    for group in groups {
        let report = verify(&settings.kafka, &workflows, &group, &choice);
        let report = report.map_err(|error| match error {
            VerifyError::TooMany { .. } => Failure::refused(format!(
                "{error}: name a time with --since, or raise --inputs-max"
            )),
            VerifyError::Kafka(error) => Failure::Broken(error.to_string()),
        })?;
        clean &= report.is_clean();
        if arguments.json {
            writeln!(out, "{}", to_json(&report))?;
        } else {
            write_text(&report, &mut out)?;
        }
    }
    Ok(if clean { Ended::Well } else { Ended::Badly })
}

fn write_text(report: &Report, out: &mut impl std::io::Write) -> std::io::Result<()> {
    let Report {
        inputs, outcomes, ..
    } = report;
    let percent = report.duplicate_ratio() * 100.0;
    writeln!(
        out,
        "group {}: {inputs} inputs, {outcomes} outcomes",
        report.group
    )?;
    writeln!(out, "  lost             {}", report.lost)?;
    writeln!(out, "  committed ahead  {}", report.committed_ahead)?;
    writeln!(out, "  out of order     {}", report.out_of_order)?;
    writeln!(
        out,
        "  repeated         {} ({percent:.3} %)",
        report.duplicates
    )?;
    writeln!(out, "  pending          {}", report.pending)?;
    writeln!(out, "  cannot be told   {}", report.unchecked)?;
    writeln!(out, "  of others        {}", report.foreign)?;
    for violation in &report.violations {
        writeln!(out, "  {violation}")?;
    }
    if report.violations.len() == VIOLATIONS_MAX {
        writeln!(
            out,
            "  there may be more; the first {VIOLATIONS_MAX} are shown"
        )?;
    }
    Ok(())
}

fn to_json(report: &Report) -> Json {
    json!({
        "group": report.group,
        "inputs": report.inputs,
        "outcomes": report.outcomes,
        "lost": report.lost,
        "committed_ahead": report.committed_ahead,
        "out_of_order": report.out_of_order,
        "duplicates": report.duplicates,
        "duplicate_ratio": report.duplicate_ratio(),
        "pending": report.pending,
        "unchecked": report.unchecked,
        "foreign": report.foreign,
        "violations": report.violations,
    })
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text)
        .ok_or_else(|| "it must be a time such as 2026-01-31T12:00:00Z".to_owned())
}
