//! Lists in pages: how many, and where the next one begins.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Fault, Fields};

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct Page {
    /// What is listed: a token of another list is none here.
    of: String,
    /// The key of the last entry of the page before.
    pub(in crate::api) after: Option<String>,
    /// At most so many entries.
    pub(in crate::api) entries_max: usize,
}

/// How many entries a page has if nobody says, and at most.
const ENTRIES_DEFAULT: i64 = 100;
const ENTRIES_MAX: i64 = 1_000;
const TOKEN_CHARS_MAX: usize = 1_024;

impl Page {
    /// `maxResults` and `nextToken` of a request; `of` names the list.
    pub(in crate::api) fn of(of: &str, fields: &mut Fields) -> Result<Self, Fault> {
        let entries = fields.integer("maxResults", 0, ENTRIES_MAX)?;
        let token = fields.optional_text("nextToken", 1, TOKEN_CHARS_MAX)?;
        let entries = entries.filter(|n| *n > 0).unwrap_or(ENTRIES_DEFAULT);
        let after = match token {
            None => None,
            Some(token) => Some(
                read(of, &token)
                    .ok_or_else(|| Fault::new("InvalidToken", "Invalid Token: 'Invalid token'"))?,
            ),
        };
        Ok(Self {
            of: of.to_owned(),
            after,
            entries_max: usize::try_from(entries).unwrap_or(1),
        })
    }

    /// Takes this page's entries from those behind `after`; the token of the next page if there are more.
    pub(in crate::api) fn take<T>(
        &self,
        entries: impl Iterator<Item = T>,
        key: impl Fn(&T) -> String,
    ) -> (Vec<T>, Option<String>) {
        let mut page: Vec<T> = entries.take(self.entries_max + 1).collect();
        let token = (page.len() > self.entries_max).then(|| {
            page.truncate(self.entries_max);
            page.last().map(|last| self.token(&key(last)))
        });
        (page, token.flatten())
    }

    /// The token of the page behind the entry of this key.
    pub(in crate::api) fn token(&self, key: &str) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}\n{key}", self.of))
    }
}

fn read(of: &str, token: &str) -> Option<String> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let key = text.strip_prefix(of)?.strip_prefix('\n')?;
    Some(key.to_owned())
}
