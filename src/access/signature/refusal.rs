//! Why a request is not let in, in AWS's words.

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not signed.
    #[error("Missing Authentication Token")]
    Missing,
    /// Its header is no `AWS4-HMAC-SHA256` with all its parts.
    #[error("{0}")]
    Incomplete(String),
    /// Nobody here knows the key or the token.
    #[error("The security token included in the request is invalid.")]
    Unknown,
    /// It is signed for something else, at another time, or not as a whole.
    #[error("{0}")]
    Invalid(String),
    /// It was signed with another secret, or changed since.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
}

impl Refusal {
    /// AWS's error type.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::Unknown => "UnrecognizedClientException",
            Self::Invalid(_) | Self::Mismatch => "InvalidSignatureException",
        }
    }
}
