//! What can come between a request and its answer.

use std::error::Error;
use std::time::Duration;

use super::connector::Unconnected;

/// Why there is no whole answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The address is not within reach: nothing was sent.
    #[error("{0}")]
    Denied(String),
    /// There was no connection: nothing was sent.
    #[error("{0}")]
    Unreachable(String),
    /// The connection ended early, or what came is no HTTP.
    #[error("{0}")]
    Broken(String),
    /// The answer did not come within this time.
    #[error("no answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The body of the answer is longer than so many bytes.
    #[error("the answer's body exceeds {0} bytes")]
    TooLarge(usize),
}

impl Failure {
    /// What hyper or our own connector said, without the layers between.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut innermost = error;
        let mut is_connecting = false;
        loop {
            if let Some(unconnected) = innermost.downcast_ref::<Unconnected>() {
                return match unconnected {
                    Unconnected::Denied { .. } => Self::Denied(unconnected.to_string()),
                    Unconnected::Unresolved { .. } | Unconnected::Refused { .. } => {
                        Self::Unreachable(unconnected.to_string())
                    }
                };
            }
            let legacy = innermost.downcast_ref::<hyper_util::client::legacy::Error>();
            is_connecting |= legacy.is_some_and(hyper_util::client::legacy::Error::is_connect);
            match source(innermost) {
                Some(inner) => innermost = inner,
                None => break,
            }
        }
        let text = innermost.to_string();
        if is_connecting {
            Self::Unreachable(text)
        } else {
            Self::Broken(text)
        }
    }
}

/// The error within; an I/O error hides its own from `source`.
fn source<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<std::io::Error>();
    match wrapped.and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
