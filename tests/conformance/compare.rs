//! Comparing what was recorded with what came out; `<<name>>` stands for what differs from run to run.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::case::Case;

/// What the names of one case stand for, once they have been met.
#[derive(Clone, Default)]
pub(crate) struct Names {
    met: HashMap<String, Json>,
    /// A member that AWS did not have yet when the case was recorded.
    newer: Option<&'static str>,
}

impl Names {
    pub(crate) fn of(case: &Case) -> Self {
        let newer = case.is_before_redrive().then_some("RedriveCount");
        Self {
            met: HashMap::new(),
            newer,
        }
    }

    /// `None` if `actual` is what was expected, else where and how it differs.
    pub(crate) fn difference(
        &mut self,
        expected: &Json,
        actual: &Json,
        place: &str,
    ) -> Option<String> {
        let differs = || {
            Some(format!(
                "{place}: expected {}, got {}",
                shorten(expected),
                shorten(actual)
            ))
        };
        match (expected, actual) {
            (Json::String(pattern), _) if wildcard(pattern).is_some() => {
                let name = wildcard(pattern).unwrap_or_default();
                if self.stands_for(name, actual) {
                    None
                } else {
                    differs()
                }
            }
            (Json::String(pattern), Json::String(text)) => {
                if self.text(pattern, text) {
                    None
                } else {
                    differs()
                }
            }
            // The whole text of the data is known by a name only.
            (Json::Object(expected), _) if text_of(expected).is_some() => {
                let pattern = text_of(expected).unwrap_or_default();
                self.difference(&Json::from(pattern), &Json::from(actual.to_string()), place)
            }
            (Json::Object(expected_entries), Json::Object(entries)) => {
                for (key, value) in expected_entries {
                    let place = format!("{place}/{key}");
                    match entries.get(key) {
                        Some(actual) => {
                            if let Some(difference) = self.difference(value, actual, &place) {
                                return Some(difference);
                            }
                        }
                        None => {
                            return Some(format!(
                                "{place}: expected {}, got nothing",
                                shorten(value)
                            ));
                        }
                    }
                }
                let surplus = entries.keys().find(|key| {
                    !expected_entries.contains_key(*key) && self.newer != Some(key.as_str())
                })?;
                Some(format!(
                    "{place}/{surplus}: expected nothing, got {}",
                    shorten(&entries[surplus])
                ))
            }
            (Json::Array(expected_elements), Json::Array(elements)) => {
                if expected_elements.len() != elements.len() {
                    return differs();
                }
                let pairs = expected_elements.iter().zip(elements).enumerate();
                pairs
                    .map(|(i, (e, a))| self.difference(e, a, &format!("{place}/{i}")))
                    .find_map(|d| d)
            }
            (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => None,
            _ if expected == actual => None,
            _ => differs(),
        }
    }

    /// Names that end in `:N` or `_Nidx` stand for one value throughout a case. A name stands for itself too: mocks
    /// return it as it is written.
    fn stands_for(&mut self, name: &str, actual: &Json) -> bool {
        if !is_constant(name) || actual.as_str().and_then(wildcard) == Some(name) {
            return true;
        }
        match self.met.get(name) {
            Some(known) => known == actual,
            None => {
                self.met.insert(name.to_owned(), actual.clone());
                true
            }
        }
    }

    /// Whether `text` is the pattern with one or more characters for each name.
    fn text(&mut self, pattern: &str, text: &str) -> bool {
        let Some((before, name, after)) = first_wildcard(pattern) else {
            return pattern == text;
        };
        let Some(rest) = text.strip_prefix(before) else {
            return false;
        };
        if let Some(rest) = rest.strip_prefix(&format!("<<{name}>>")) {
            return self.text(after, rest);
        }
        if let Some(known) = self.met.get(name).and_then(Json::as_str).map(str::to_owned) {
            return rest
                .strip_prefix(known.as_str())
                .is_some_and(|rest| self.text(after, rest));
        }
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        for end in ends {
            let mut names = self.clone();
            let (stand_in, rest) = rest.split_at(end);
            if names.stands_for(name, &Json::from(stand_in)) && names.text(after, rest) {
                *self = names;
                return true;
            }
        }
        false
    }
}

/// The text, if the object is `{"$text": …}`.
fn text_of(object: &Map<String, Json>) -> Option<&str> {
    let text = object.get("$text").filter(|_| object.len() == 1)?;
    text.as_str()
}

/// The name, if the whole text is `<<name>>`.
fn wildcard(pattern: &str) -> Option<&str> {
    first_wildcard(pattern)
        .filter(|(before, _, after)| before.is_empty() && after.is_empty())
        .map(|(_, name, _)| name)
}

fn first_wildcard(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once("<<")?;
    let (name, after) = rest.split_once(">>")?;
    Some((before, name, after))
}

fn is_constant(name: &str) -> bool {
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    name.rsplit_once(':').is_some_and(|(_, n)| digits(n))
        || name
            .strip_suffix("idx")
            .and_then(|n| n.rsplit_once('_'))
            .is_some_and(|(_, n)| digits(n))
}

fn shorten(json: &Json) -> String {
    let text = json.to_string();
    let end = text
        .char_indices()
        .nth(300)
        .map_or(text.len(), |(at, _)| at);
    text[..end].to_owned()
}
