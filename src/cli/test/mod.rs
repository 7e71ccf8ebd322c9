//! `stepstream test`: a workflow's tests, in virtual time.

mod junit;
mod table;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::execution::{SEED, VIRTUAL_BEGIN, identity, machine_name, substitution};
use super::{Ended, Failure, refusals};
use crate::app::definition::{DefinitionFile, Substitutions};
use crate::app::suite::{Coverage, Ran, Suite, parse};
use crate::app::workflows::{File, Refusal};
use crate::asl;
use crate::connectors::MockConfig;

/// Run a workflow's tests, and say what they went through
///
/// Tests stand in a JSON file: an object by name, each with Input and what is expected: Output, or Error and Cause, Status,
/// Path (the states entered, in order). Tasks are answered from a file of mocks in the format of Step Functions Local,
/// by the test case of the test's name or that of its TestCase. Time is virtual. If a test fails, the exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The definition, a file in the Amazon States Language
    definition: PathBuf,
    /// The tests [default: beside the definition, NAME.tests.json]
    #[arg(long, value_name = "FILE")]
    tests: Option<PathBuf>,
    /// Answers for tasks, in the format of Step Functions Local
    #[arg(long, value_name = "FILE")]
    mocks: Option<PathBuf>,
    /// Run only the tests whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The state machine's name [default: the definition's file name up to its first dot]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What stands in the definition for ${NAME}; may be given more than once
    #[arg(long = "substitute", value_name = "NAME=VALUE", value_parser = substitution)]
    substitutions: Vec<(String, String)>,
    /// Write the result as JUnit XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What came of a run of the tests.
#[derive(Debug)]
struct Report {
    machine: String,
    ran: Vec<Ran>,
    coverage: Coverage,
}

impl Report {
    fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| !ran.faults.is_empty()).count()
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let name = arguments.name.clone();
    let machine = name.unwrap_or_else(|| machine_name(&arguments.definition));
    let report = match tested(arguments, machine) {
        Ok(report) => report,
        Err(refused) => return refusals::print(&refused),
    };
    if report.ran.is_empty() {
        let only = arguments.only.as_deref().unwrap_or_default();
        let why = format!("--only {only}: no test has a name that contains it");
        return Err(Failure::refused(why));
    }
    if let Some(path) = &arguments.junit {
        let written = std::fs::write(path, junit::render(&report));
        written.map_err(|error| {
            Failure::refused(format!("{}: it cannot be written: {error}", path.display()))
        })?;
    }
    let mut out = io::stdout().lock();
    let text = if arguments.json {
        table::json(&report)
    } else {
        table::text(&report)
    };
    out.write_all(text.as_bytes())?;
    Ok(if report.failed() == 0 {
        Ended::Well
    } else {
        Ended::Badly
    })
}

fn tested(arguments: &Arguments, machine: String) -> Result<Report, Vec<Refusal>> {
    let substitutions: Substitutions = arguments.substitutions.iter().cloned().collect();
    let tests_path = arguments
        .tests
        .clone()
        .unwrap_or_else(|| beside(&arguments.definition));
    let definition = DefinitionFile::read(&arguments.definition, &substitutions);
    let tests = File::read(&tests_path).and_then(|file| {
        let refuse = |error| Refusal::File(format!("{}: {error}", file.name));
        parse(file.text.as_bytes()).map_err(refuse)
    });
    let mocks = arguments
        .mocks
        .as_deref()
        .map_or(Ok(MockConfig::default()), |path| {
            let file = File::read(path)?;
            let refuse = |error| Refusal::File(format!("{}: {error}", file.name));
            MockConfig::parse(file.text.as_bytes()).map_err(refuse)
        });
    let program = definition.and_then(|definition| {
        let (program, diagnostics) = asl::compile(&definition.text);
        program.ok_or_else(|| {
            let diagnostics = definition.as_written(diagnostics);
            Refusal::Definition(Box::new(definition), diagnostics)
        })
    });
    let (program, tests, mocks) = match (program, tests, mocks) {
        (Ok(program), Ok(tests), Ok(mocks)) => (Arc::new(program), tests, mocks),
        (program, tests, mocks) => {
            let refused = program.err().into_iter().chain(tests.err());
            return Err(refused.chain(mocks.err()).collect());
        }
    };
    let mut coverage = Coverage::new(&program);
    let suite = Suite {
        program: &program,
        identity: &identity(&machine),
        mocks: &mocks,
        begin: VIRTUAL_BEGIN,
        seed: SEED,
    };
    let wanted = arguments.only.as_deref().unwrap_or_default();
    let tests = tests.iter().filter(|test| test.name.contains(wanted));
    let ran = tests.map(|test| suite.run(test, &mut coverage)).collect();
    Ok(Report {
        machine,
        ran,
        coverage,
    })
}

/// `orders.asl.json` has its tests in `orders.tests.json`.
fn beside(definition: &Path) -> PathBuf {
    definition.with_file_name(format!("{}.tests.json", machine_name(definition)))
}
