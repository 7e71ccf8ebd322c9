//! CreateStateMachine: whether a machine may be made, and AWS's error if not.

use crate::asl::{CompileOptions, Diagnostic, Program, compile_with};

/// The longest name of a state machine, in characters.
const NAME_CHARS_MAX: usize = 80;

/// A request of CreateStateMachine, as far as it can be refused.
#[derive(Clone, Copy, Debug)]
pub struct CreateRequest<'r> {
    /// `name`
    pub name: &'r str,
    /// `definition`
    pub definition: &'r str,
    /// Whether `type` is `EXPRESS`; AWS's default is `STANDARD`.
    pub express: bool,
    /// `loggingConfiguration`
    pub logging: Logging<'r>,
    /// `publish`
    pub publish: bool,
    /// `versionDescription`
    pub version_description: Option<&'r str>,
}

impl<'r> CreateRequest<'r> {
    /// The request that gives nothing but a name and a definition.
    #[must_use]
    pub fn new(name: &'r str, definition: &'r str) -> Self {
        Self {
            name,
            definition,
            express: false,
            logging: Logging::default(),
            publish: false,
            version_description: None,
        }
    }
}

/// `loggingConfiguration`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logging<'r> {
    /// `level`
    pub level: LogLevel,
    /// `includeExecutionData`
    pub include_execution_data: bool,
    /// The `logGroupArn` of each of `destinations`.
    pub destinations: &'r [&'r str],
}

/// `level` of a logging configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// `ALL`
    All,
    /// `ERROR`
    Error,
    /// `FATAL`
    Fatal,
    /// `OFF`, the default.
    #[default]
    Off,
}

/// What is there already.
pub trait Account {
    /// The ARN that a machine of this name has or would have.
    fn machine_arn(&self, name: &str) -> String;

    /// The request that made the machine of this name, if there is one.
    fn machine(&self, name: &str) -> Option<CreateRequest<'_>>;

    /// Whether there is such a log group.
    fn has_log_group(&self, arn: &str) -> bool;
}

/// What a good request leads to.
#[derive(Debug)]
pub enum Creation {
    /// A new machine of this program.
    New(Program),
    /// Nothing: the same request was answered before.
    AlreadyThere,
}

/// Why a request is refused; shown as AWS's message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefusal {
    /// A field breaks a rule of its own or with another.
    #[error("{0}")]
    Validation(String),
    /// The name is none.
    #[error("Invalid Name: '{0}'")]
    InvalidName(String),
    /// The definition has these errors.
    #[error("Invalid State Machine Definition: '{}'", list(.0))]
    InvalidDefinition(Vec<Diagnostic>),
    /// The logging configuration is none.
    #[error("Invalid Logging Configuration: {0}")]
    InvalidLoggingConfiguration(&'static str),
    /// Another request made a machine of this name: its ARN.
    #[error("State Machine Already Exists: '{0}'")]
    StateMachineAlreadyExists(String),
}

impl CreateRefusal {
    /// AWS's error type.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Validation(_) => "ValidationException",
            Self::InvalidName(_) => "InvalidName",
            Self::InvalidDefinition(_) => "InvalidDefinition",
            Self::InvalidLoggingConfiguration(_) => "InvalidLoggingConfiguration",
            Self::StateMachineAlreadyExists(_) => "StateMachineAlreadyExists",
        }
    }
}

fn list(diagnostics: &[Diagnostic]) -> String {
    let listed: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    listed.join(", ")
}

/// Checks a request. Nothing is created: that is the caller's.
///
/// # Errors
/// AWS's first error.
pub fn check_create(
    request: &CreateRequest<'_>,
    account: &impl Account,
) -> Result<Creation, CreateRefusal> {
    check_name(request.name)?;
    if request.version_description.is_some() && !request.publish {
        let message = "Version description can only be set when publish is true";
        return Err(CreateRefusal::Validation(message.to_owned()));
    }
    check_logging(&request.logging, account)?;
    let options = CompileOptions {
        express: request.express,
    };
    let (program, mut diagnostics) = compile_with(request.definition, &options);
    let Some(program) = program else {
        diagnostics.retain(Diagnostic::is_error);
        return Err(CreateRefusal::InvalidDefinition(diagnostics));
    };
    match account.machine(request.name) {
        None => Ok(Creation::New(program)),
        Some(before) if is_same(&before, request) => Ok(Creation::AlreadyThere),
        Some(_) => {
            let arn = account.machine_arn(request.name);
            Err(CreateRefusal::StateMachineAlreadyExists(arn))
        }
    }
}

/// AWS compares these only; definitions are compared as texts.
fn is_same(a: &CreateRequest<'_>, b: &CreateRequest<'_>) -> bool {
    a.definition == b.definition && a.express == b.express && a.logging == b.logging
}

/// Checks the name of a state machine, or of an execution, which follows the same rule.
///
/// # Errors
/// If it is empty, too long, or has characters that no name may have.
/// Checks the name of a state machine.
///
/// # Errors
/// What AWS says against it.
pub fn check_name(name: &str) -> Result<(), CreateRefusal> {
    let chars = name.chars().count();
    let bound = match chars {
        0 => "greater than or equal to 1".to_owned(),
        chars if chars > NAME_CHARS_MAX => format!("less than or equal to {NAME_CHARS_MAX}"),
        _ if name.contains(is_forbidden) => {
            return Err(CreateRefusal::InvalidName(name.to_owned()));
        }
        _ => return Ok(()),
    };
    Err(CreateRefusal::Validation(format!(
        "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must have length {bound}"
    )))
}

fn is_forbidden(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/\u{fffe}\u{ffff}".contains(c)
}

/// Checks a logging configuration.
///
/// # Errors
/// If it is not off and names none, several, or an unknown log group.
pub fn check_logging(logging: &Logging<'_>, account: &impl Account) -> Result<(), CreateRefusal> {
    if logging.level == LogLevel::Off {
        return Ok(());
    }
    let refuse = |message| Err(CreateRefusal::InvalidLoggingConfiguration(message));
    match logging.destinations {
        [arn] if account.has_log_group(arn) => Ok(()),
        [_] => refuse("Log Destination not found."),
        _ => refuse("Must specify exactly one Log Destination."),
    }
}
