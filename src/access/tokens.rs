//! Bearer tokens (RFC 6750), known by their hashes.

use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

/// Tokens, any of which opens the door.
#[derive(Clone, Default)]
pub struct Tokens {
    hashes: Vec<[u8; 32]>,
}

/// A shorter one could be guessed.
const BYTES_MIN: usize = 16;
const SCHEME: &str = "Bearer ";

impl Tokens {
    /// Reads them: separated by spaces, commas or ends of lines; what follows a `#` at a line's beginning is not read.
    ///
    /// # Errors
    /// If there is none, or one that could be guessed. The message shows none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let tokens = lines.flat_map(|line| line.split([' ', '\t', ',']));
        let mut hashes = Vec::new();
        for token in tokens.filter(|token| !token.is_empty()) {
            if token.len() < BYTES_MIN {
                return Err(format!(
                    "token {} has fewer than {BYTES_MIN} characters, and could be guessed",
                    hashes.len() + 1
                ));
            }
            hashes.push(Sha256::digest(token).into());
        }
        match hashes.is_empty() {
            true => Err("there is no token in it".to_owned()),
            false => Ok(Self { hashes }),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether the value of an `Authorization` header presents one of them; `None` if it presents no token at all.
    #[must_use]
    pub fn admit(&self, authorization: &str) -> Option<bool> {
        let (scheme, token) = authorization.split_at_checked(SCHEME.len())?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return None;
        }
        let presented: [u8; 32] = Sha256::digest(token.trim()).into();
        // All of them are looked at, so that the time does not tell which one was near.
        let found = self.hashes.iter().fold(Choice::from(0), |found, known| {
            found | known.ct_eq(&presented)
        });
        Some(found.into())
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} tokens", self.hashes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_tokens_is_admitted_and_nothing_else() {
        let text = "# of the pipeline\nabcdefghijklmnop\n\nABCDEFGHIJKLMNOP, 0123456789abcdef\n";
        let tokens = Tokens::parse(text).unwrap();
        for (authorization, expected) in [
            ("Bearer abcdefghijklmnop", Some(true)),
            ("bearer ABCDEFGHIJKLMNOP", Some(true)),
            ("BEARER  0123456789abcdef ", Some(true)),
            ("Bearer abcdefghijklmno", Some(false)),
            ("Bearer ", Some(false)),
            ("Bearer #", Some(false)),
            ("Basic abcdefghijklmnop", None),
            ("abcdefghijklmnop", None),
            ("Bearer", None),
            ("", None),
        ] {
            assert_eq!(tokens.admit(authorization), expected, "{authorization}");
        }
        assert_eq!(format!("{tokens:?}"), "3 tokens");
        assert_eq!(Tokens::default().admit("Bearer x"), Some(false));
    }

    #[test]
    fn what_keeps_nobody_out_is_refused_without_being_shown() {
        for (text, expected) in [
            ("", "there is no token in it"),
            (" ,\n# abcdefghijklmnop\n", "there is no token in it"),
            (
                "abcdefghijklmnop short",
                "token 2 has fewer than 16 characters, and could be guessed",
            ),
        ] {
            assert_eq!(Tokens::parse(text).unwrap_err(), expected);
        }
    }
}
