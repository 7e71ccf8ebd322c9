//! Who may ask the API.

use crate::access::{Keys, Tokens};

/// Who may ask: the bearer of one of these tokens, and whoever signs with one of these keys. With none of either anybody may.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// `Authorization: Bearer TOKEN`
    pub tokens: Tokens,
    /// AWS's Signature Version 4, as the SDKs make it.
    pub keys: Keys,
}

impl Access {
    /// Whether anybody may ask.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.tokens.is_empty() && self.keys.is_empty()
    }
}
