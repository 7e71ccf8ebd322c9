//! How a command ended, and the exit code that says so.

use std::io::Write as _;
use std::process::ExitCode;

/// A command was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Exit code 0.
    Well,
    /// A workflow failed, or the demo found an event lost or repeated: exit code 1. The command has said what.
    Badly,
    /// A definition is refused: exit code 2. The command has said what.
    Refused,
}

/// A command was not done: exit code 2, or 1 if nothing that the user gave is to blame.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What the user gave is refused; the text names it and says what to do.
    #[error("{0}")]
    Refused(String),
    /// It began well and could not go on.
    #[error("{0}")]
    Broken(String),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    pub(super) fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }
}

/// Says on stderr why a command was not done, if it was not, and gives the exit code.
#[must_use]
pub fn report(result: Result<Ended, Failure>) -> ExitCode {
    match result {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::Badly) => ExitCode::from(1),
        Ok(Ended::Refused) => ExitCode::from(2),
        // Whoever reads our output has seen enough (`| head`).
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // If stderr is closed too, the exit code is all that can be said.
            drop(writeln!(std::io::stderr(), "error: {failure}"));
            match failure {
                Failure::Broken(_) => ExitCode::from(1),
                Failure::Refused(_) | Failure::Output(_) => ExitCode::from(2),
            }
        }
    }
}

/// Prints what the parser of the command line has to say: a mistake, or the help that was asked for.
#[must_use]
pub fn report_usage(usage: &clap::Error) -> ExitCode {
    drop(usage.print());
    if usage.use_stderr() {
        ExitCode::from(2)
    } else {
        ExitCode::SUCCESS
    }
}
