//! Regular expressions of JSONata 2.0.6: JavaScript's, by way of the `regex` crate, which matches in linear time.
//!
//! A literal is translated once. *Not here*: what is done with matches; look-around and back-references, which the linear time excludes and which are refused.
//!
//! Four differences from JavaScript are left: text is matched by code points and not by UTF-16 code units (`.` takes a whole emoji);
//! beyond ASCII `i` compares by Unicode's simple case folding; with `m`, of `\r\n` only the outer ends are those of a line, and
//! U+2028 and U+2029 are none; a group within a repetition keeps the text of its last match, also when a later turn passes it by.

#[cfg(test)]
mod tests;
mod translate;

use std::ops::Range;

/// The most bytes that a compiled regular expression may take, and as many again while it matches.
pub(crate) const COMPILED_BYTES_MAX: usize = 1024 * 1024;

/// Why a regular expression is refused. Positions count characters of its source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RegexError {
    /// JSONata's `S0301`.
    #[error("Empty regular expressions are not allowed")]
    Empty,
    /// JavaScript refuses it too.
    #[error("Invalid regular expression /{source_text}/: {reason} at position {position}")]
    Syntax {
        source_text: String,
        reason: &'static str,
        position: usize,
    },
    /// JavaScript knows it, and this engine does not.
    #[error("Regular expression /{source_text}/ uses {what}, which is not supported")]
    Unsupported {
        source_text: String,
        what: &'static str,
    },
    #[error(
        "Regular expression /{source_text}/ takes more than {COMPILED_BYTES_MAX} bytes when compiled"
    )]
    TooLarge { source_text: String },
}

/// A compiled literal `/source/flags`.
#[derive(Debug, Clone)]
pub(crate) struct Regex {
    compiled: ::regex::Regex,
}

impl Regex {
    /// Compiles `source`, as it stands between the slashes, with `i` and `m` of `flags`.
    ///
    /// # Errors
    /// As [`RegexError`] tells.
    pub(crate) fn new(source: &str, flags: &str) -> Result<Self, RegexError> {
        if source.is_empty() {
            return Err(RegexError::Empty);
        }
        let translated = translate::translate(source, flags)?;
        let compiled = ::regex::RegexBuilder::new(&translated)
            .size_limit(COMPILED_BYTES_MAX)
            .dfa_size_limit(COMPILED_BYTES_MAX)
            .build()
            .map_err(|error| {
                let source_text = source.to_owned();
                if matches!(error, ::regex::Error::CompiledTooBig(_)) {
                    return RegexError::TooLarge { source_text };
                }
                // The translation is well-formed: what is left are limits such as that of nesting.
                RegexError::Unsupported {
                    source_text,
                    what: "more nesting or repetition than there is room for",
                }
            })?;
        Ok(Self { compiled })
    }

    /// The first match that begins at byte `from` or behind it.
    pub(super) fn find_at(&self, text: &str, from: usize) -> Option<Found> {
        let captures = self.compiled.captures_at(text, from)?;
        let groups = captures.iter().skip(1);
        let whole = captures.get(0)?;
        Some(Found {
            start: whole.start(),
            end: whole.end(),
            groups: groups.map(|group| Some(group?.range())).collect(),
        })
    }
}

/// A match, in bytes.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What each group has matched, if it took part.
    pub(super) groups: Vec<Option<Range<usize>>>,
}
