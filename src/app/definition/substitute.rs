//! `${Name}` → what the settings say, as SAM's `DefinitionSubstitutions` do.
//!
//! A name is made of letters, digits and `_`; everything else that begins like a placeholder is left alone.

use super::places::{Places, over};
use super::{Substitutions, fault};
use crate::asl::Diagnostic;
use crate::value::Value;

/// Replaces all placeholders. Within a JSON string the value is escaped as one; elsewhere it is put as it is, so that a
/// number can be one.
///
/// # Errors
/// One for each name that is not known.
pub(super) fn replace(
    text: &str,
    substitutions: &Substitutions,
    is_json: bool,
) -> Result<(String, Places), Vec<Diagnostic>> {
    let mut out = String::with_capacity(text.len());
    let mut places = Places::default();
    let (mut from, mut made) = ((1, 1), (1, 1));
    let mut unknown: Vec<(&str, Diagnostic)> = Vec::new();
    let mut quoted = Quoted::default();
    let mut rest = text;
    while let Some((before, name, after)) = first_placeholder(rest) {
        quoted.read(before);
        out.push_str(before);
        made = over(made, before);
        from = over(from, before);
        match substitutions.get(name) {
            Some(value) => {
                let value = match is_json && quoted.inside {
                    true => escaped(value),
                    false => value.clone(),
                };
                places.made(made, from);
                made = over(made, &value);
                out.push_str(&value);
            }
            None if unknown.iter().any(|(known, _)| *known == name) => {}
            None => unknown.push((name, missing(name, from, substitutions))),
        }
        from.1 += name.chars().count() + "${}".len();
        places.copied(made, from);
        rest = after;
    }
    out.push_str(rest);
    if unknown.is_empty() {
        Ok((out, places))
    } else {
        Err(unknown.into_iter().map(|(_, fault)| fault).collect())
    }
}

fn missing(name: &str, at: (usize, usize), substitutions: &Substitutions) -> Diagnostic {
    let known: Vec<&str> = substitutions.keys().map(String::as_str).collect();
    let message = format!("There is no substitution for ${{{name}}}");
    let hint = format!("there are substitutions for {}", known.join(", "));
    fault("UNKNOWN_SUBSTITUTION", message, at, Some(hint))
}

fn first_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("${")?;
        let rest = text.get(at + 2..)?;
        let len = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(len);
        if let (false, Some(after)) = (name.is_empty(), after.strip_prefix('}')) {
            return Some((text.get(..at)?, name, after));
        }
        from = at + 2;
    }
}

/// A text as it stands within a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    let inner = quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    inner.unwrap_or_default().to_owned()
}

/// Whether a JSON text that was read so far ends within a string.
#[derive(Default)]
struct Quoted {
    inside: bool,
    after_backslash: bool,
}

impl Quoted {
    fn read(&mut self, text: &str) {
        for c in text.chars() {
            let escaped = std::mem::take(&mut self.after_backslash);
            match c {
                '\\' if self.inside && !escaped => self.after_backslash = true,
                '"' if !escaped => self.inside = !self.inside,
                _ => {}
            }
        }
    }
}
