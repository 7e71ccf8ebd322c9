//! `stepstream test-state`: one state, run once, with a mocked answer.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::execution::{SEED, identity, input, substitution};
use super::{Ended, Failure, refusals};
use crate::app::definition::{DefinitionFile, Substitutions};
use crate::engine::{Clock as _, SystemClock};
use crate::history::LogLevel;
use crate::machine::test_state::{
    FieldValidation, Mock, StateConfiguration, TestStateRefusal, TestStateRequest, TestStatus,
    test_state,
};
use crate::machine::{Limits, Options, Recording};
use crate::value::Value;

/// Test one state, and show what it makes of its data
///
/// The answer is that of AWS's TestState. Nothing is called and nothing waits: a Task, Map or Parallel state needs a mock.
/// If the state fails, the exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The definition of a state, or with --state-name that of a whole state machine
    definition: PathBuf,
    /// Which state of the state machine
    #[arg(long, value_name = "NAME")]
    state_name: Option<String>,
    /// The state's input, a JSON file; - is stdin [default: {}]
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// INFO: how it ends; DEBUG and TRACE: also what it makes of its data
    #[arg(long, value_name = "LEVEL", default_value = "DEBUG", value_parser = ["INFO", "DEBUG", "TRACE"], hide_possible_values = true)]
    inspection_level: String,
    /// The values of variables, a JSON file
    #[arg(long, value_name = "FILE")]
    variables: Option<PathBuf>,
    /// The context object, a JSON file; only with a mock
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// What the state's work results in, JSON text
    #[arg(long, value_name = "JSON", conflicts_with = "mock_error")]
    mock_result: Option<String>,
    /// The name of the error that the state's work ends with
    #[arg(long, value_name = "NAME")]
    mock_error: Option<String>,
    /// The cause of that error
    #[arg(long, value_name = "TEXT", requires = "mock_error")]
    mock_cause: Option<String>,
    /// How closely the mocked result is compared with what the service answers: STRICT, PRESENT or NONE
    #[arg(long, value_name = "MODE", default_value = "STRICT", value_parser = ["STRICT", "PRESENT", "NONE"], hide_possible_values = true)]
    field_validation: String,
    /// How often the retrier that names the error has retried
    #[arg(long, value_name = "COUNT")]
    retry_count: Option<u64>,
    /// Which state within a Map or Parallel failed
    #[arg(long, value_name = "NAME")]
    error_caused_by: Option<String>,
    /// How many iterations of a Map have failed
    #[arg(long, value_name = "COUNT")]
    failed_iterations: Option<u64>,
    /// What the reader of a Map has read, a JSON file
    #[arg(long, value_name = "FILE")]
    item_reader_data: Option<PathBuf>,
    /// What stands in the definition for ${NAME}; may be given more than once
    #[arg(long = "substitute", value_name = "NAME=VALUE", value_parser = substitution)]
    substitutions: Vec<(String, String)>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let substitutions: Substitutions = arguments.substitutions.iter().cloned().collect();
    let definition = match DefinitionFile::read(&arguments.definition, &substitutions) {
        Ok(definition) => definition,
        Err(refusal) => return refusals::print(&[refusal]),
    };
    let request = request(arguments, &definition.text)?;
    let options = Options {
        identity: identity("state"),
        limits: Limits::default(),
        seed: SEED,
        recording: Recording {
            level: LogLevel::Off,
            include_execution_data: false,
        },
        context: Value::NULL,
    };
    let now = SystemClock::new().now();
    let answer = test_state(&request, options, now, |_, _| {
        unreachable!("without a role, work without a mock is refused")
    });
    let answer = answer.map_err(|refusal| refused(&definition.name, &refusal))?;
    let shown = answer.to_value(arguments.inspection_level != "INFO");
    let mut out = io::stdout().lock();
    writeln!(out, "{:#}", shown.to_serde())?;
    Ok(match answer.status {
        TestStatus::Failed => Ended::Badly,
        TestStatus::Succeeded | TestStatus::Retriable | TestStatus::CaughtError => Ended::Well,
    })
}

fn request<'a>(
    arguments: &'a Arguments,
    definition: &'a str,
) -> Result<TestStateRequest<'a>, Failure> {
    let optional = |path: &Option<PathBuf>| path.as_deref().map(file).transpose();
    let error = arguments.mock_error.as_deref();
    let has_mock = error.is_some() || arguments.mock_result.is_some();
    Ok(TestStateRequest {
        state_name: arguments.state_name.as_deref(),
        input: input(arguments.input.as_deref())?,
        variables: optional(&arguments.variables)?.unwrap_or_else(Value::empty_object),
        context: optional(&arguments.context)?,
        mock: has_mock.then(|| Mock {
            result: arguments.mock_result.as_deref(),
            error_output: error.map(|error| (Some(error), arguments.mock_cause.as_deref())),
            validation: match arguments.field_validation.as_str() {
                "PRESENT" => FieldValidation::Present,
                "NONE" => FieldValidation::None,
                _ => FieldValidation::Strict,
            },
        }),
        configuration: StateConfiguration {
            retrier_retry_count: arguments.retry_count,
            error_caused_by_state: arguments.error_caused_by.as_deref(),
            map_iteration_failure_count: arguments.failed_iterations,
            map_item_reader_data: optional(&arguments.item_reader_data)?,
        },
        ..TestStateRequest::new(definition)
    })
}

fn file(path: &Path) -> Result<Value, Failure> {
    input(Some(path))
}

fn refused(name: &str, refusal: &TestStateRefusal) -> Failure {
    let hint = match refusal {
        TestStateRefusal::NeedsMock | TestStateRefusal::NeedsRole => {
            "\nmock what it does: --mock-result JSON or --mock-error NAME"
        }
        TestStateRefusal::Validation(_) | TestStateRefusal::InvalidDefinition(_) => "",
    };
    Failure::refused(format!("{name}: {refusal}{hint}"))
}
