//! Character classes: `[…]`, and those of one letter such as `\s`.

use std::fmt::Write as _;

use super::Escape;
use super::RegexError;
use super::Translator;

/// A class of one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Digit,
    NotDigit,
    Word,
    NotWord,
    Space,
    NotSpace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Range(char, char),
    Set(Set),
}

impl Set {
    /// Its members within brackets, or those of its complement, and whether it is the complement.
    fn members(self) -> (&'static str, bool) {
        const DIGITS: &str = "0-9";
        const WORDS: &str = "0-9A-Z_a-z";
        // WhiteSpace and LineTerminator of ECMA-262.
        const SPACES: &str = "\\t\\n\\x{B}\\x{C}\\r\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}";
        match self {
            Self::Digit => (DIGITS, false),
            Self::NotDigit => (DIGITS, true),
            Self::Word => (WORDS, false),
            Self::NotWord => (WORDS, true),
            Self::Space => (SPACES, false),
            Self::NotSpace => (SPACES, true),
        }
    }
}

/// A character with no meaning of its own.
pub(super) fn write_character(output: &mut String, character: char) {
    if character.is_ascii_alphanumeric() || !character.is_ascii() {
        output.push(character);
    } else {
        write!(output, "\\x{{{:X}}}", u32::from(character)).expect("a string takes all text");
    }
}

/// A class, also one of nothing or of everything.
///
/// JavaScript never equates an ASCII letter with another character than its other case: so ASCII letters get that one here, and only a
/// class with characters beyond ASCII is left to Unicode's case folding.
pub(super) fn write(output: &mut String, items: &[Item], negated: bool, ignores_case: bool) {
    if items.is_empty() {
        output.push_str(if negated {
            "[\\x{0}-\\x{10FFFF}]"
        } else {
            "[^\\x{0}-\\x{10FFFF}]"
        });
        return;
    }
    let is_ascii = |item: &Item| match item {
        Item::Range(_, last) => last.is_ascii(),
        Item::Set(_) => true,
    };
    let folds_all = ignores_case && !items.iter().all(is_ascii);
    if folds_all {
        output.push_str("(?i:");
    }
    output.push_str(if negated { "[^" } else { "[" });
    for item in items {
        match *item {
            Item::Range(first, last) => {
                write_range(output, first, last);
                if ignores_case && !folds_all {
                    write_other_case(output, first, last);
                }
            }
            Item::Set(set) => match set.members() {
                (members, false) => output.push_str(members),
                (members, true) => {
                    output.push_str("[^");
                    output.push_str(members);
                    output.push(']');
                }
            },
        }
    }
    output.push(']');
    if folds_all {
        output.push(')');
    }
}

fn write_range(output: &mut String, first: char, last: char) {
    write_character(output, first);
    if last > first {
        output.push('-');
        write_character(output, last);
    }
}

/// The ASCII letters of a range in their other case.
fn write_other_case(output: &mut String, first: char, last: char) {
    let (upper_first, upper_last) = (first.max('A'), last.min('Z'));
    if upper_first <= upper_last {
        let lower = |c: char| c.to_ascii_lowercase();
        write_range(output, lower(upper_first), lower(upper_last));
    }
    let (lower_first, lower_last) = (first.max('a'), last.min('z'));
    if lower_first <= lower_last {
        let upper = |c: char| c.to_ascii_uppercase();
        write_range(output, upper(lower_first), upper(lower_last));
    }
}

impl Translator<'_> {
    /// What follows an opening bracket, up to the closing one.
    pub(super) fn class(&mut self) -> Result<(), RegexError> {
        let negated = self.take_if("^");
        let mut items = Vec::new();
        loop {
            if self.take_if("]") {
                break;
            }
            let first = self.class_atom()?;
            let is_range = self.peek(0) == Some('-') && self.peek(1).is_some_and(|c| c != ']');
            if !is_range {
                items.push(first);
                continue;
            }
            self.at += 1;
            let last = self.class_atom()?;
            match (first, last) {
                (Item::Range(first, _), Item::Range(last, _)) => {
                    if last < first {
                        return Err(self.syntax("range out of order in character class"));
                    }
                    items.push(Item::Range(first, last));
                }
                // Beside a class of its own the hyphen is itself.
                _ => items.extend([first, Item::Range('-', '-'), last]),
            }
        }
        write(&mut self.output, &items, negated, self.ignores_case);
        Ok(())
    }

    fn class_atom(&mut self) -> Result<Item, RegexError> {
        let Some(character) = self.take() else {
            return Err(self.syntax("unterminated character class"));
        };
        let character = match character {
            '\\' => match self.escape(true)? {
                Escape::Set(set) => return Ok(Item::Set(set)),
                Escape::Character(character) => character,
                Escape::Boundary { .. } => '\u{8}',
            },
            other => other,
        };
        Ok(Item::Range(character, character))
    }
}
