//! Regular expressions of filters: Java's, as far as they can be matched in linear time.
//!
//! *Not here*: look-around, back references, possessive quantifiers and `\Q…\E`, which are refused.

use regex::{Regex, RegexBuilder};

use crate::expr::cursor::{Cursor, PathError};

/// The largest compiled expression, and the largest cache of its states, in bytes.
const COMPILED_BYTES_MAX: usize = 256 * 1024;
/// The deepest nesting of groups.
const GROUPS_NESTING_MAX: u32 = 50;

/// An expression that must match a whole text.
#[derive(Debug)]
pub(in crate::expr::path) struct Pattern(Regex);

impl Pattern {
    /// Parses `/…/` and its flags: `i`, and from later versions of Jayway `s`, `m`, `x` and `u`.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PathError> {
        let start = cursor.clone();
        cursor.expect("/")?;
        let from = cursor.at();
        let mut in_class = false;
        loop {
            match cursor.peek() {
                None => return Err(start.error("the regular expression is not closed")),
                Some('/') if !in_class => break,
                Some('\\') => {
                    cursor.next();
                }
                Some('[') => in_class = true,
                Some(']') => in_class = false,
                Some(_) => {}
            }
            cursor.next();
        }
        let source = cursor.since(from);
        cursor.expect("/")?;
        let flags = cursor.take_while(|c| c.is_ascii_alphabetic());
        if let Some(flag) = flags.chars().find(|flag| !"ismxu".contains(*flag)) {
            return Err(start.error(format!("there is no flag '{flag}'")));
        }
        let has = |flag| flags.contains(flag);
        let source = translated(source, has('s'))
            .ok_or_else(|| start.error("possessive quantifiers are not supported"))?;
        // Alone first, or a parenthesis in it could close the group around it; with `x` a comment may stand at its end.
        let close = if has('x') { "\n)" } else { ")" };
        let whole = format!(r"\A(?:{source}{close}\z");
        let compiled = [&source, &whole].map(|pattern| {
            RegexBuilder::new(pattern)
                .case_insensitive(has('i'))
                .dot_matches_new_line(has('s'))
                .multi_line(has('m'))
                .ignore_whitespace(has('x'))
                .size_limit(COMPILED_BYTES_MAX)
                .dfa_size_limit(COMPILED_BYTES_MAX)
                .nest_limit(GROUPS_NESTING_MAX)
                .build()
        });
        let [alone, whole] = compiled;
        alone.and(whole).map(Self).map_err(|e| {
            let shown = e.to_string();
            let reason = shown
                .lines()
                .last()
                .unwrap_or("")
                .trim_start_matches("error: ");
            start.error(format!("the regular expression is not supported: {reason}"))
        })
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Java's meaning of classes that are wider here: `\d`, `\w` and `\s` know ASCII only, and `.` stops at five line ends.
///
/// `None` if it has a possessive quantifier, which would be read as something else.
fn translated(source: &str, dot_matches_all: bool) -> Option<String> {
    const WORD: &str = "a-zA-Z0-9_";
    const SPACE: &str = r" \t\n\x0B\f\r";
    let mut out = String::with_capacity(source.len() + 16);
    let mut classes = 0_usize;
    let mut after_quantifier = false;
    let mut characters = source.chars();
    while let Some(c) = characters.next() {
        if c == '+' && after_quantifier && classes == 0 {
            return None;
        }
        after_quantifier = matches!(c, '*' | '+' | '?' | '}');
        match c {
            '\\' => match characters.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.extend(["[", WORD, "]"]),
                Some('W') => out.extend(["[^", WORD, "]"]),
                Some('s') => out.extend(["[", SPACE, "]"]),
                Some('S') => out.extend(["[^", SPACE, "]"]),
                escaped => {
                    out.push('\\');
                    out.extend(escaped);
                }
            },
            '.' if classes == 0 && !dot_matches_all => {
                out.push_str(r"[^\n\r\x{85}\x{2028}\x{2029}]");
            }
            _ => {
                match c {
                    '[' => classes += 1,
                    ']' => classes = classes.saturating_sub(1),
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    Some(out)
}
