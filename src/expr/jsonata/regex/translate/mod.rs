//! A regular expression of JavaScript, without its `u` flag, in the syntax of the `regex` crate.
//!
//! ECMA-262, Patterns, with Annex B (lone braces, legacy octal escapes). Every literal is escaped, so that nothing that only the crate
//! knows is left to it.

use super::RegexError;

mod class;
mod escape;

use class::Item;
use escape::Escape;

/// What `.` leaves out.
const LINE_ENDS: &str = "\\n\\r\\x{2028}\\x{2029}";

/// More digits than this in a repetition are more than any size allows.
const REPETITION_DIGITS_MAX: usize = 6;

pub(super) fn translate(source: &str, flags: &str) -> Result<String, RegexError> {
    let mut translator = Translator {
        source,
        characters: source.chars().collect(),
        at: 0,
        output: String::with_capacity(source.len() * 2),
        ignores_case: flags.contains('i'),
        by_line: flags.contains('m'),
        groups: 0,
        has_names: false,
    };
    if flags.contains(|flag| !matches!(flag, 'i' | 'm')) {
        return Err(translator.syntax("invalid flags"));
    }
    translator.count_groups();
    translator.pattern()?;
    Ok(translator.output)
}

struct Translator<'s> {
    source: &'s str,
    characters: Vec<char>,
    at: usize,
    output: String,
    ignores_case: bool,
    by_line: bool,
    /// Capturing groups of the whole pattern.
    groups: usize,
    has_names: bool,
}

impl Translator<'_> {
    fn syntax(&self, reason: &'static str) -> RegexError {
        RegexError::Syntax {
            source_text: self.source.to_owned(),
            reason,
            position: self.at,
        }
    }

    fn unsupported(&self, what: &'static str) -> RegexError {
        RegexError::Unsupported {
            source_text: self.source.to_owned(),
            what,
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    fn take(&mut self) -> Option<char> {
        let character = self.peek(0)?;
        self.at += 1;
        Some(character)
    }

    /// Takes `expected` if it comes next.
    fn take_if(&mut self, expected: &str) -> bool {
        let comes = expected
            .chars()
            .enumerate()
            .all(|(ahead, character)| self.peek(ahead) == Some(character));
        if comes {
            self.at += expected.chars().count();
        }
        comes
    }

    /// A back-reference is one only if its group is somewhere in the pattern.
    fn count_groups(&mut self) {
        let mut in_class = false;
        let mut characters = self.characters.iter().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' => {
                    characters.next();
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '(' if !in_class => {
                    let mut ahead = characters.clone();
                    if ahead.next() != Some(&'?') {
                        self.groups += 1;
                    } else if ahead.next() == Some(&'<') && !matches!(ahead.next(), Some('=' | '!'))
                    {
                        self.groups += 1;
                        self.has_names = true;
                    }
                }
                _ => {}
            }
        }
    }

    fn pattern(&mut self) -> Result<(), RegexError> {
        let mut open = 0usize;
        // Whether what stands before may be repeated.
        let mut repeatable = false;
        while let Some(character) = self.take() {
            repeatable = match character {
                '(' => {
                    self.group()?;
                    open += 1;
                    false
                }
                ')' => {
                    open = open
                        .checked_sub(1)
                        .ok_or_else(|| self.syntax("unmatched ')'"))?;
                    self.output.push(')');
                    true
                }
                '|' => {
                    self.output.push('|');
                    false
                }
                '^' => {
                    self.output
                        .push_str(if self.by_line { "(?mR:^)" } else { "\\A" });
                    false
                }
                '$' => {
                    self.output
                        .push_str(if self.by_line { "(?mR:$)" } else { "\\z" });
                    false
                }
                '.' => {
                    self.output.push_str("[^");
                    self.output.push_str(LINE_ENDS);
                    self.output.push(']');
                    true
                }
                '*' | '+' | '?' => {
                    if !repeatable {
                        return Err(self.syntax("nothing to repeat"));
                    }
                    self.output.push(character);
                    self.lazy();
                    false
                }
                '{' if self.repetition(repeatable)? => false,
                '[' => {
                    self.class()?;
                    true
                }
                '\\' => self.escaped()?,
                other => {
                    self.literal(other);
                    true
                }
            };
        }
        if open > 0 {
            return Err(self.syntax("unterminated group"));
        }
        Ok(())
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<(), RegexError> {
        if !self.take_if("?") {
            self.output.push('(');
        } else if self.take_if(":") {
            self.output.push_str("(?:");
        } else if ["=", "!", "<=", "<!"].iter().any(|kind| self.take_if(kind)) {
            return Err(self.unsupported("look-around"));
        } else if self.take_if("<") {
            // JSONata gives groups by number only.
            let name = self.characters.iter().skip(self.at);
            let length = name
                .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
                .count();
            self.at += length;
            if length == 0 || !self.take_if(">") {
                return Err(self.syntax("invalid capture group name"));
            }
            self.output.push('(');
        } else {
            return Err(self.syntax("invalid group"));
        }
        Ok(())
    }

    fn lazy(&mut self) {
        if self.take_if("?") {
            self.output.push('?');
        }
    }

    /// Takes what follows an opening brace if it is `n}`, `n,}` or `n,m}`; another brace is itself.
    fn repetition(&mut self, repeatable: bool) -> Result<bool, RegexError> {
        let from = self.at;
        let min = self.digits();
        let max = match self.take_if(",") {
            true => self.digits(),
            false => min.clone(),
        };
        if min.is_empty() || !self.take_if("}") {
            self.at = from;
            return Ok(false);
        }
        if !repeatable {
            return Err(self.syntax("nothing to repeat"));
        }
        let number = |digits: &str| {
            let significant = digits.trim_start_matches('0');
            if significant.len() > REPETITION_DIGITS_MAX {
                return Err(RegexError::TooLarge {
                    source_text: self.source.to_owned(),
                });
            }
            Ok(significant.parse::<u32>().unwrap_or(0))
        };
        let min = number(&min)?;
        let repetition = match max.as_str() {
            "" => format!("{{{min},}}"),
            max => {
                let max = number(max)?;
                if max < min {
                    return Err(self.syntax("numbers out of order in quantifier"));
                }
                format!("{{{min},{max}}}")
            }
        };
        self.output.push_str(&repetition);
        self.lazy();
        Ok(true)
    }

    fn digits(&mut self) -> String {
        let rest = self.characters.iter().skip(self.at);
        let digits: String = rest.take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        digits
    }

    /// Translates what follows a backslash; whether it may be repeated.
    fn escaped(&mut self) -> Result<bool, RegexError> {
        match self.escape(false)? {
            Escape::Character(character) => self.literal(character),
            Escape::Set(set) => {
                let item = Item::Set(set);
                class::write(&mut self.output, &[item], false, false);
            }
            Escape::Boundary { negated } => {
                self.output
                    .push_str(if negated { "(?-u:\\B)" } else { "(?-u:\\b)" });
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn literal(&mut self, character: char) {
        let items = [Item::Range(character, character)];
        if !self.ignores_case || !character.is_alphabetic() {
            class::write_character(&mut self.output, character);
        } else {
            class::write(&mut self.output, &items, false, true);
        }
    }
}
