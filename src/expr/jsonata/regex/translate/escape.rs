//! What follows a backslash (ECMA-262, AtomEscape and CharacterEscape, with Annex B).

use super::RegexError;
use super::Translator;
use super::class::Set;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    Character(char),
    Set(Set),
    Boundary { negated: bool },
}

impl Translator<'_> {
    pub(super) fn escape(&mut self, in_class: bool) -> Result<Escape, RegexError> {
        let Some(character) = self.take() else {
            return Err(self.syntax("\\ at end of pattern"));
        };
        Ok(match character {
            'd' => Escape::Set(Set::Digit),
            'D' => Escape::Set(Set::NotDigit),
            'w' => Escape::Set(Set::Word),
            'W' => Escape::Set(Set::NotWord),
            's' => Escape::Set(Set::Space),
            'S' => Escape::Set(Set::NotSpace),
            'b' if in_class => Escape::Character('\u{8}'),
            'b' => Escape::Boundary { negated: false },
            'B' if !in_class => Escape::Boundary { negated: true },
            't' => Escape::Character('\t'),
            'n' => Escape::Character('\n'),
            'v' => Escape::Character('\u{b}'),
            'f' => Escape::Character('\u{c}'),
            'r' => Escape::Character('\r'),
            'c' => Escape::Character(self.control()),
            'x' => Escape::Character(self.hexadecimal(2).unwrap_or('x')),
            'u' => self.unicode()?,
            'k' if self.has_names => return Err(self.unsupported("a back-reference")),
            '1'..='9' if !in_class && self.refers_back() => {
                return Err(self.unsupported("a back-reference"));
            }
            '0'..='7' => Escape::Character(self.octal(character)),
            other => Escape::Character(other),
        })
    }

    /// `\cX`; without a letter the backslash is itself.
    fn control(&mut self) -> char {
        match self.peek(0).filter(char::is_ascii_alphabetic) {
            Some(letter) => {
                self.at += 1;
                char::from_u32(u32::from(letter) % 32).unwrap_or('\\')
            }
            None => {
                // The `c` comes again, as a literal.
                self.at -= 1;
                '\\'
            }
        }
    }

    /// Whether the number at the digit just taken is that of a group.
    fn refers_back(&self) -> bool {
        let digits = self.characters.iter().skip(self.at - 1);
        let number = digits
            .map_while(|digit| digit.to_digit(10))
            .fold(0usize, |number, digit| {
                number.saturating_mul(10).saturating_add(digit as usize)
            });
        number <= self.groups
    }

    /// Up to three octal digits, up to 0o377.
    fn octal(&mut self, first: char) -> char {
        let mut value = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(digit) = self.peek(0).and_then(|digit| digit.to_digit(8)) else {
                break;
            };
            if value * 8 + digit > 0o377 {
                break;
            }
            value = value * 8 + digit;
            self.at += 1;
        }
        char::from_u32(value).unwrap_or(first)
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let value = self.hexadecimal_value(digits)?;
        let character = char::from_u32(value)?;
        self.at += digits;
        Some(character)
    }

    fn hexadecimal_value(&self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |value, ahead| {
            Some(value * 16 + self.peek(ahead)?.to_digit(16)?)
        })
    }

    /// `\uXXXX`; two surrogates are the one character that they make.
    fn unicode(&mut self) -> Result<Escape, RegexError> {
        let Some(unit) = self.hexadecimal_value(4) else {
            return Ok(Escape::Character('u'));
        };
        self.at += 4;
        if let Some(character) = char::from_u32(unit) {
            return Ok(Escape::Character(character));
        }
        let from = self.at;
        if unit < 0xDC00
            && self.take_if("\\u")
            && let Some(low @ 0xDC00..=0xDFFF) = self.hexadecimal_value(4)
            && let Some(character) =
                char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
        {
            self.at += 4;
            return Ok(Escape::Character(character));
        }
        self.at = from;
        Err(self.unsupported("a lone surrogate"))
    }
}
