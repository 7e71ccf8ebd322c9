//! Refusals, as AWS's clients understand them: a type, a message, an HTTP status.

use super::Members;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct Fault {
    /// The HTTP status.
    pub(in crate::api) status: u16,
    /// The error's name, by which clients tell one from the other.
    pub(in crate::api) name: &'static str,
    /// For people.
    pub(in crate::api) message: String,
    /// `reason` of a `ValidationException`.
    reason: Option<&'static str>,
    /// Seconds after which trying again makes sense.
    pub(in crate::api) retry_after: Option<u32>,
}

/// Names of errors that come from the protocol and from the model, each with the namespace that AWS puts before it; all
/// others come from the service.
const NAMESPACES: &[(&str, &str)] = &[
    ("ValidationException", "com.amazon.coral.validate"),
    ("SerializationException", "com.amazon.coral.service"),
    ("UnknownOperationException", "com.amazon.coral.service"),
    ("AccessDeniedException", "com.amazon.coral.service"),
    ("UnrecognizedClientException", "com.amazon.coral.service"),
    (
        "MissingAuthenticationTokenException",
        "com.amazon.coral.service",
    ),
    ("IncompleteSignatureException", "com.amazon.coral.service"),
    ("InvalidSignatureException", "com.amazon.coral.service"),
    ("InternalFailure", "com.amazon.coral.service"),
    ("RequestEntityTooLargeException", "com.amazon.coral.service"),
    ("RequestTimeoutException", "com.amazon.coral.service"),
    ("ThrottlingException", "com.amazon.coral.availability"),
    (
        "ServiceUnavailableException",
        "com.amazon.coral.availability",
    ),
];
const SERVICE: &str = "com.amazonaws.swf.service.v2.model";

impl Fault {
    /// An error of the service, with the status that most have: 400.
    pub(in crate::api) fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            name,
            message: message.into(),
            reason: None,
            retry_after: None,
        }
    }

    /// A field that breaks a rule of its own or with another.
    pub(in crate::api) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// The same, with AWS's word for why.
    pub(in crate::api) fn validation_because(
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            reason: Some(reason),
            ..Self::validation(message)
        }
    }

    pub(in crate::api) fn invalid_arn(why: &str) -> Self {
        Self::new("InvalidArn", format!("Invalid Arn: '{why}'"))
    }

    pub(in crate::api) fn machine_does_not_exist(arn: &str) -> Self {
        Self::new(
            "StateMachineDoesNotExist",
            format!("State Machine Does Not Exist: '{arn}'"),
        )
    }

    pub(in crate::api) fn execution_does_not_exist(arn: &str) -> Self {
        Self::new(
            "ExecutionDoesNotExist",
            format!("Execution Does Not Exist: '{arn}'"),
        )
    }

    /// Another type of machine could do it.
    pub(in crate::api) fn type_not_supported() -> Self {
        let message = "This operation is not supported by this type of state machine";
        Self::new("StateMachineTypeNotSupported", message)
    }

    /// The body is not what the operation reads.
    pub(in crate::api) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    /// One caller too many at this moment.
    pub(in crate::api) fn throttled(message: impl Into<String>) -> Self {
        Self {
            status: 429,
            retry_after: Some(1),
            ..Self::new("ThrottlingException", message)
        }
    }

    /// The engine takes nothing more at this moment.
    pub(in crate::api) fn unavailable(message: impl Into<String>) -> Self {
        Self {
            status: 503,
            retry_after: Some(1),
            ..Self::new("ServiceUnavailableException", message)
        }
    }

    /// The same error with another status.
    pub(in crate::api) const fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// `__type`: the name behind its namespace. Clients cut what stands before the `#`.
    pub(in crate::api) fn full_type(&self) -> String {
        let namespace = NAMESPACES.iter().find(|(name, _)| *name == self.name);
        let namespace = namespace.map_or(SERVICE, |(_, namespace)| namespace);
        format!("{namespace}#{}", self.name)
    }

    /// The body of the answer.
    pub(in crate::api) fn body(&self) -> Vec<u8> {
        let mut members = Members::new();
        members.text("__type", &self.full_type());
        members.text("message", &self.message);
        members.optional_text("reason", self.reason);
        members.finish()
    }
}
