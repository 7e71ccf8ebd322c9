//! Strings and their escapes.

use std::borrow::Cow;

use super::{ParseError, ParseErrorKind, Reader};
use crate::value::scan::plain_bytes;
use crate::value::write;

impl<'a> Reader<'a, '_> {
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        if self.peek() != Some(b'"') {
            return Err(self.misplaced(ParseErrorKind::Unexpected));
        }
        self.at += 1;
        let from = self.at;
        self.at += plain_bytes(self.rest(from));
        if self.peek() == Some(b'"') {
            let text = self.slice(from);
            self.extent.json_bytes += text.len() + 2;
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let text = self.escaped_string(from)?;
        self.extent.json_bytes += write::string_bytes(&text);
        Ok(Cow::Owned(text))
    }

    /// The string whose first byte is at `from`, and whose first special byte is the next.
    fn escaped_string(&mut self, from: usize) -> Result<String, ParseError> {
        let mut out = String::from(self.slice(from));
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    let c = self.escape()?;
                    out.push(c);
                }
                _ => return Err(self.misplaced(ParseErrorKind::String)),
            }
            let from = self.at;
            self.at += plain_bytes(self.rest(from));
            out.push_str(self.slice(from));
        }
    }

    /// Steps over an escape, two if they are a pair of surrogates.
    fn escape(&mut self) -> Result<char, ParseError> {
        self.at += 1;
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.misplaced(ParseErrorKind::String)),
        };
        self.at += 1;
        Ok(c)
    }

    /// What follows `\u`.
    fn unicode(&mut self) -> Result<char, ParseError> {
        let unit = self.hex4()?;
        if !(0xd800..0xdc00).contains(&unit) || !self.rest(self.at).starts_with(b"\\u") {
            return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        let next = self.at;
        self.at += 2;
        let low = self.hex4()?;
        if !(0xdc00..0xe000).contains(&low) {
            // The second is no part of a pair: it is read again, for itself.
            self.at = next;
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        let c = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        Ok(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, ParseError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.misplaced(ParseErrorKind::String));
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
