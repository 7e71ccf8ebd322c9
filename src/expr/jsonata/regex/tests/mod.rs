//! Regular expressions by tables of cases: what JavaScript finds.

mod syntax;

use super::Regex;
use super::RegexError;

/// A literal `/source/flags`; without slashes it has no flags.
fn regex(literal: &str) -> Result<Regex, RegexError> {
    match literal
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
    {
        Some((source, flags)) => Regex::new(source, flags),
        None => Regex::new(literal, ""),
    }
}
