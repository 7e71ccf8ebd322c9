//! The commands: what the user wrote → a call of the library → what he reads.
//!
//! Exit codes: 0 when all went well; 1 when a workflow or a test failed, the demo or a bench found an event lost or repeated, or `serve` could not
//! go on; 2 when the command line, the settings or a definition is refused.
//!
//! *Not here*: no logic of executions or of Kafka; a command joins what the rings below offer.

mod bench;
mod cluster;
mod config;
mod demo;
pub mod diagnostics;
mod dlq;
mod ended;
mod execution;
mod iterations;
mod logging;
mod refusals;
mod run;
mod sarif;
mod serve;
mod stopwatch;
mod test;
mod test_state;
mod trace;
mod validate;
mod verify;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub use ended::{Ended, Failure, report, report_usage};

/// Step Functions Express workflows, at Kafka speed.
///
/// Consumes events from Kafka, runs each as a short-lived workflow written in the Amazon States Language, and emits results
/// and execution logs to Kafka topics.
#[derive(Debug, Parser)]
#[command(name = "stepstream", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  all went well
  1  a workflow, a test or a tested state failed, the demo or a bench found an event lost or repeated, a dead letter did not go, verify
     found the promise broken, or serve could not go on
  2  the command line, the settings or a definition is refused";

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Arguments),
    Serve(serve::Arguments),
    Bench(bench::Arguments),
    Run(run::Arguments),
    Validate(validate::Arguments),
    Test(test::Arguments),
    TestState(test_state::Arguments),
    Dlq(dlq::Arguments),
    Verify(verify::Arguments),
    Config(config::Arguments),
}

/// Parses the command line.
///
/// # Errors
/// What is wrong with it; also the text of `--help` and `--version`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(arguments)
}

/// Runs a command.
///
/// # Errors
/// Why it could not be done.
pub fn run(arguments: Arguments) -> Result<Ended, Failure> {
    match arguments.command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::TestState(arguments) => test_state::run(&arguments),
        Command::Dlq(arguments) => dlq::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Config(arguments) => config::run(&arguments),
    }
}
