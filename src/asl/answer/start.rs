//! StartExecution and StartSyncExecution: whether an execution may begin with this name and input, and AWS's error if not.

use super::create::{CreateRefusal, check_name};
use crate::asl::source::Source;
use crate::value::Value;

/// The longest input, in bytes of its text.
const INPUT_BYTES_MAX: usize = 262_144;

/// A request of StartExecution or StartSyncExecution, as far as it can be refused.
#[derive(Clone, Copy, Debug)]
pub struct StartRequest<'r> {
    /// Whether it is StartSyncExecution.
    pub waits: bool,
    /// Whether the machine's `type` is `EXPRESS`.
    pub express: bool,
    /// `name`
    pub name: Option<&'r str>,
    /// `input`; no text stands for `{}`.
    pub input: Option<&'r str>,
    /// The execution of this machine and name, if there is one; Express knows none.
    pub running: Option<Running<'r>>,
}

/// An execution of the name that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Running<'r> {
    /// Its ARN.
    pub arn: &'r str,
    /// The text of its input.
    pub input: &'r str,
    /// Whether it has ended: its name is not free again.
    pub is_over: bool,
}

/// What a good request leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum StartOf {
    /// A new execution with this input.
    New(Value),
    /// Nothing: the same request was answered before, and its execution is under way.
    AlreadyThere,
}

/// Why a start is refused; shown as AWS's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartRefusal {
    /// A field breaks a rule of its own.
    #[error("{0}")]
    Validation(String),
    /// The name is none.
    #[error("Invalid Name: '{0}'")]
    InvalidName(String),
    /// The input is not JSON.
    #[error("Invalid State Machine Execution Input: '{0}'")]
    InvalidExecutionInput(String),
    /// Only executions of Express are waited for.
    #[error("This operation is not supported by this type of state machine")]
    TypeNotSupported,
    /// Another input was given to the execution of this name, or it has ended: its ARN.
    #[error("Execution Already Exists: '{0}'")]
    ExecutionAlreadyExists(String),
}

impl StartRefusal {
    /// AWS's error type.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Validation(_) => "ValidationException",
            Self::InvalidName(_) => "InvalidName",
            Self::InvalidExecutionInput(_) => "InvalidExecutionInput",
            Self::TypeNotSupported => "StateMachineTypeNotSupported",
            Self::ExecutionAlreadyExists(_) => "ExecutionAlreadyExists",
        }
    }
}

/// Checks a request. Nothing is started: that is the caller's.
///
/// # Errors
/// AWS's first error.
pub fn check_start(request: &StartRequest<'_>) -> Result<StartOf, StartRefusal> {
    if let Some(name) = request.name {
        check_name(name).map_err(|refusal| match refusal {
            CreateRefusal::InvalidName(name) => StartRefusal::InvalidName(name),
            CreateRefusal::Validation(_)
            | CreateRefusal::InvalidDefinition(_)
            | CreateRefusal::InvalidLoggingConfiguration(_)
            | CreateRefusal::StateMachineAlreadyExists(_) => {
                StartRefusal::Validation(refusal.to_string())
            }
        })?;
    }
    if request.waits && !request.express {
        return Err(StartRefusal::TypeNotSupported);
    }
    let input = input(request.input)?;
    match request.running {
        Some(running) if running.is_over || running.input != request.input.unwrap_or("{}") => {
            let arn = running.arn.to_owned();
            Err(StartRefusal::ExecutionAlreadyExists(arn))
        }
        Some(_) => Ok(StartOf::AlreadyThere),
        None => Ok(StartOf::New(input)),
    }
}

fn input(text: Option<&str>) -> Result<Value, StartRefusal> {
    let Some(text) = text else {
        return Ok(Value::empty_object());
    };
    if text.len() > INPUT_BYTES_MAX {
        return Err(StartRefusal::Validation(format!(
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to {INPUT_BYTES_MAX}"
        )));
    }
    if text.trim().is_empty() {
        let message = "Invalid execution input.".to_owned();
        return Err(StartRefusal::InvalidExecutionInput(message));
    }
    Value::parse(text.as_bytes()).map_err(|error| {
        let told = Source::parse(text).err().map(|error| error.message);
        StartRefusal::InvalidExecutionInput(told.unwrap_or_else(|| error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, input, and the input as it is taken, or the refusal.
    type Case<'c> = (Option<&'c str>, Option<&'c str>, Result<&'c str, &'c str>);

    #[test]
    fn starts_are_refused_as_on_aws() {
        let long = "n".repeat(81);
        #[rustfmt::skip]
        let cases: [Case<'_>; 9] = [
            (None, None, Ok("{}")),
            (Some("a"), Some(" [1, 2] "), Ok("[1,2]")),
            (None, Some("\"text\""), Ok("\"text\"")),
            (Some("a b"), None, Err("InvalidName: Invalid Name: 'a b'")),
            (Some(""), None, Err("ValidationException: 1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1")),
            (Some(&long), None, Err("ValidationException: 1 validation error detected: Value 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80")),
            (None, Some(""), Err("InvalidExecutionInput: Invalid State Machine Execution Input: 'Invalid execution input.'")),
            (None, Some("not some json"), Err("InvalidExecutionInput: Invalid State Machine Execution Input: 'Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'")),
            (None, Some("{\"a\":}"), Err("InvalidExecutionInput: Invalid State Machine Execution Input: 'Unexpected character ('}' (code 125)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')'")),
        ];
        for (name, input, expected) in cases {
            let found = check_start(&StartRequest {
                name,
                input,
                ..EXPRESS
            });
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(shown(found), expected, "{name:?} {input:?}");
        }
        let running = |input| {
            let arn = "arn:running";
            let is_over = false;
            Some(Running {
                arn,
                input,
                is_over,
            })
        };
        let over = running("{}").map(|running| Running {
            is_over: true,
            ..running
        });
        #[rustfmt::skip]
        let cases = [
            (StartRequest { express: false, ..EXPRESS }, Ok("{}")),
            (StartRequest { waits: true, ..EXPRESS }, Ok("{}")),
            (StartRequest { waits: true, express: false, ..EXPRESS }, Err("StateMachineTypeNotSupported: This operation is not supported by this type of state machine")),
            (StartRequest { running: running("{}"), ..EXPRESS }, Ok("already there")),
            (StartRequest { running: over, ..EXPRESS }, Err("ExecutionAlreadyExists: Execution Already Exists: 'arn:running'")),
            (StartRequest { running: running("{\"a\":1}"), ..EXPRESS }, Err("ExecutionAlreadyExists: Execution Already Exists: 'arn:running'")),
        ];
        for (request, expected) in cases {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(shown(check_start(&request)), expected, "{request:?}");
        }
    }

    const EXPRESS: StartRequest<'_> = StartRequest {
        waits: false,
        express: true,
        name: None,
        input: None,
        running: None,
    };

    fn shown(found: Result<StartOf, StartRefusal>) -> Result<String, String> {
        match found {
            Ok(StartOf::New(input)) => Ok(input.to_json()),
            Ok(StartOf::AlreadyThere) => Ok("already there".to_owned()),
            Err(refusal) => Err(format!("{}: {refusal}", refusal.error_type())),
        }
    }
}
