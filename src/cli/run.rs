//! `stepstream run`: one execution, without Kafka, step by step.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::execution::{
    SEED, VIRTUAL_BEGIN, identity, input, machine_name, settings, substitution,
};
use super::trace::Trace;
use super::{Ended, Failure, refusals};
use crate::app::connectors;
use crate::app::definition::{DefinitionFile, Substitutions};
use crate::app::solo::{Happening, Pace, Solo};
use crate::app::workflows::{File, Refusal, mocked};
use crate::asl;
use crate::engine::{Clock, Connectors, ManualClock, SystemClock};
use crate::history::{LogLevel, write_log_entry};
use crate::machine::{Identity, Limits, Options, Outcome, Recording, Status, Timestamp};
use crate::value::Value;

/// Run one execution of a definition, and show what it does step by step
///
/// No Kafka is needed. Tasks are answered from a file of mocks, and what it does not answer is done by the services of the settings.
/// If the workflow fails, the exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The definition, a file in the Amazon States Language
    definition: PathBuf,
    /// The execution's input, a JSON file; - is stdin [default: {}]
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// What stands in the definition for ${NAME}; may be given more than once
    #[arg(long = "substitute", value_name = "NAME=VALUE", value_parser = substitution)]
    substitutions: Vec<(String, String)>,
    /// Answers for tasks, in the format of Step Functions Local
    #[arg(long, value_name = "FILE")]
    mocks: Option<PathBuf>,
    /// Which test case of the mocks; needed if the state machine has several
    #[arg(long, value_name = "NAME", requires = "mocks")]
    test_case: Option<String>,
    /// Settings, of which only the services are used: [lambda], [http], [[connections]], [kafka.tasks]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The state machine's name [default: the definition's file name up to its first dot]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Do not wait really: the clock begins at 2026-01-01 and jumps to whatever is next
    #[arg(long)]
    virtual_time: bool,
    /// Print the execution's history too, as log entries in AWS's shape, one a line
    #[arg(long)]
    history: bool,
    /// Print one JSON object in the shape of StartSyncExecution's answer, with --history also its events
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let (definition, mocks) = match files(arguments) {
        Ok(files) => files,
        Err(refused) => return refusals::print(&refused),
    };
    let input = input(arguments.input.as_deref())?;
    let name = arguments
        .name
        .clone()
        .unwrap_or_else(|| machine_name(&arguments.definition));
    let (program, diagnostics) = asl::compile(&definition.text);
    let Some(program) = program else {
        let diagnostics = definition.as_written(diagnostics);
        return refusals::print(&[Refusal::Definition(Box::new(definition), diagnostics)]);
    };
    let services = match connectors::alone(&settings(arguments.config.as_deref())?) {
        Ok(services) => services,
        Err(refused) => return refusals::print(&refused),
    };
    let connectors: Arc<dyn Connectors> = match &mocks {
        None => services,
        Some(file) => match mocked(&name, file, arguments.test_case.as_deref()) {
            Ok(connectors) => Arc::new(connectors.or(services)),
            Err(refused) => return refusals::print(&[refused]),
        },
    };
    let solo = Solo::new(Arc::new(program), &name, &*connectors).map_err(|missing| {
        let hint = "mock it: --mocks FILE, in the format of Step Functions Local; or --config FILE with services";
        Failure::refused(format!("{}\n{hint}", missing.0.join("\n")))
    })?;
    let identity = identity(&name);
    let (pace, clock): (Pace, Box<dyn Clock>) = if arguments.virtual_time {
        (Pace::Virtual, Box::new(ManualClock::new(VIRTUAL_BEGIN)))
    } else {
        (Pace::Real, Box::new(SystemClock::new()))
    };
    let options = Options {
        identity: identity.clone(),
        limits: Limits::default(),
        seed: SEED,
        recording: Recording {
            level: LogLevel::All,
            include_execution_data: true,
        },
        context: Value::NULL,
    };
    let mut report = Report {
        trace: Trace::new(io::stdout().is_terminal() && !arguments.json),
        quiet: arguments.json,
        arn: identity.arn(),
        history: Vec::new(),
        failed: None,
    };
    let outcome = solo.run(
        input.clone(),
        options,
        pace,
        &*clock,
        &mut |happening, now| {
            report.happen(happening, now);
        },
    );
    report.end(arguments, &identity, &input, &outcome)?;
    Ok(match outcome.status {
        Status::Succeeded => Ended::Well,
        Status::Failed | Status::TimedOut | Status::Aborted => Ended::Badly,
    })
}

/// Reads the definition and the mocks.
fn files(arguments: &Arguments) -> Result<(DefinitionFile, Option<File>), Vec<Refusal>> {
    let substitutions: Substitutions = arguments.substitutions.iter().cloned().collect();
    let definition = DefinitionFile::read(&arguments.definition, &substitutions);
    let mocks = arguments.mocks.as_deref().map(File::read).transpose();
    match (definition, mocks) {
        (Ok(definition), Ok(mocks)) => Ok((definition, mocks)),
        (definition, mocks) => Err(definition.err().into_iter().chain(mocks.err()).collect()),
    }
}

/// What is printed while the execution runs, and what is kept for its end.
struct Report {
    trace: Trace,
    /// Nothing is printed before the end.
    quiet: bool,
    arn: String,
    /// Log entries, each a JSON text.
    history: Vec<Vec<u8>>,
    /// The first failure of writing; the execution goes on to its end all the same.
    failed: Option<io::Error>,
}

impl Report {
    fn happen(&mut self, happening: Happening<'_>, now: Timestamp) {
        if let Happening::Record(record) = happening {
            let mut entry = Vec::new();
            write_log_entry(record, &self.arn, &mut entry);
            self.history.push(entry);
        }
        if self.quiet || self.failed.is_some() {
            return;
        }
        let mut out = io::stdout().lock();
        let written = self.trace.write(&mut out, happening, now);
        // Flushed, so that it is seen before the wait that follows.
        self.failed = written.and_then(|()| out.flush()).err();
    }

    fn end(
        self,
        arguments: &Arguments,
        identity: &Identity,
        input: &Value,
        outcome: &Outcome,
    ) -> Result<(), Failure> {
        if let Some(error) = self.failed {
            return Err(error.into());
        }
        let mut out = io::stdout().lock();
        if arguments.json {
            let history = arguments.history.then_some(self.history.as_slice());
            write_answer(&mut out, identity, input, outcome, history)?;
            return Ok(());
        }
        self.trace.end(&mut out, outcome)?;
        if arguments.history {
            writeln!(out)?;
            for entry in &self.history {
                out.write_all(entry)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }
}

/// The answer of StartSyncExecution, without the bill; dates as the AWS CLI shows them.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    execution_arn: String,
    state_machine_arn: String,
    name: &'a str,
    start_date: String,
    stop_date: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    input: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    /// Beyond AWS's answer: the log entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<&'a RawValue>>,
}

fn write_answer(
    out: &mut impl Write,
    identity: &Identity,
    input: &Value,
    outcome: &Outcome,
    history: Option<&[Vec<u8>]>,
) -> io::Result<()> {
    let answer = Answer {
        execution_arn: identity.arn(),
        state_machine_arn: identity.machine.arn(),
        name: &identity.name,
        start_date: outcome.start.to_rfc3339(),
        stop_date: outcome.stop.to_rfc3339(),
        status: outcome.status.as_str(),
        error: outcome.error.as_deref(),
        cause: outcome.cause.as_deref(),
        input: input.to_json(),
        output: outcome.output.as_ref().map(Value::to_json),
        events: history.map(entries).transpose()?,
    };
    serde_json::to_writer(&mut *out, &answer)?;
    out.write_all(b"\n")
}

fn entries(history: &[Vec<u8>]) -> serde_json::Result<Vec<&RawValue>> {
    let entries = history.iter().map(|entry| serde_json::from_slice(entry));
    entries.collect()
}
