//! JSON text to value, in one pass.
//!
//! Strict RFC 8259, with every text of its grammar accepted up to a depth of [`DEPTH_MAX`]. That includes an escape
//! of a lone surrogate (`"\ud800"`), which names no character: it becomes U+FFFD, so that such an event runs
//! instead of being refused, as it does on AWS.
//!
//! The members of all open containers lie on two scratch stacks; a container takes its own off the top when it
//! closes, so it is allocated once, at its exact size. Sizes are counted on the way.
//!
//! *Not here*: comments, NaN, trailing commas, a byte order mark.

use std::borrow::Cow;

use super::node::{Distinct, Extent, Header, distinct};
use super::number::Digits;
use super::scan::plain_bytes;
use super::{DEPTH_MAX, Text, Value, build, write};

/// Why a text is no JSON value, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at byte {at}")]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// The byte, counted from 0.
    pub at: usize,
}

/// What is wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseErrorKind {
    /// The text is not UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
    /// The text ends inside a value, or is empty.
    #[error("unexpected end of the text")]
    End,
    /// A byte that cannot stand here.
    #[error("unexpected character")]
    Unexpected,
    /// A malformed number.
    #[error("malformed number")]
    Number,
    /// A malformed escape, or a control character in a string.
    #[error("malformed string")]
    String,
    /// Nested deeper than [`DEPTH_MAX`].
    #[error("nested deeper than {DEPTH_MAX} levels")]
    Depth,
    /// Something stands behind the value.
    #[error("trailing characters")]
    Trailing,
}

/// So many digits fit an `i64` whatever they are.
const INT_DIGITS_MAX: usize = 18;

pub(super) fn parse(json: &[u8]) -> Result<Value, ParseError> {
    let text = utf8(json)?;
    let mut parser = Parser {
        text,
        at: 0,
        levels: 0,
        extent: Extent::EMPTY,
        elements: Vec::new(),
        entries: Vec::new(),
    };
    parser.space();
    let value = parser.value()?;
    parser.space();
    if parser.at < json.len() {
        return Err(parser.error(ParseErrorKind::Trailing));
    }
    Ok(value)
}

fn utf8(json: &[u8]) -> Result<&str, ParseError> {
    simdutf8::basic::from_utf8(json).or_else(|_| {
        // Only the slower check tells where.
        std::str::from_utf8(json).map_err(|e| ParseError {
            kind: ParseErrorKind::Utf8,
            at: e.valid_up_to(),
        })
    })
}

struct Parser<'a> {
    text: &'a str,
    /// The next byte.
    at: usize,
    /// Open containers.
    levels: usize,
    /// What the innermost open container adds up to so far.
    extent: Extent,
    /// The elements of the open arrays, outermost first.
    elements: Vec<Value>,
    /// The entries of the open objects, outermost first.
    entries: Vec<(Text, Value)>,
}

impl<'a> Parser<'a> {
    /// Recursion is bounded by [`DEPTH_MAX`].
    fn value(&mut self) -> Result<Value, ParseError> {
        match self.peek() {
            Some(b'"') => {
                let text = self.string()?;
                Ok(Value::from(Text::from(text)))
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b't') => self.word("true", Value::TRUE),
            Some(b'f') => self.word("false", Value::FALSE),
            Some(b'n') => self.word("null", Value::NULL),
            _ => Err(self.misplaced(ParseErrorKind::Unexpected)),
        }
    }

    fn object(&mut self) -> Result<Value, ParseError> {
        let outer = self.open()?;
        let first = self.entries.len();
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                let key = self.string()?;
                self.space();
                if self.peek() != Some(b':') {
                    return Err(self.misplaced(ParseErrorKind::Unexpected));
                }
                self.at += 1;
                self.extent.json_bytes += 1;
                self.space();
                let value = self.value()?;
                self.entries.push((Text::from(key), value));
                if self.closes(b'}')? {
                    break;
                }
            }
        }
        let Distinct { index, dropped } = distinct(&mut self.entries, first);
        if dropped {
            self.extent = Extent::of(self.entries.get(first..).unwrap_or_default());
        }
        let extent = self.close(outer);
        let entries = self.entries.drain(first..);
        Ok(build::object(Header { extent, index }, entries))
    }

    fn array(&mut self) -> Result<Value, ParseError> {
        let outer = self.open()?;
        let first = self.elements.len();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                let value = self.value()?;
                self.elements.push(value);
                if self.closes(b']')? {
                    break;
                }
            }
        }
        let extent = self.close(outer);
        Ok(build::array(extent, self.elements.drain(first..)))
    }

    /// Steps into a container; the extent of the one around it is returned, to be given to [`Self::close`].
    fn open(&mut self) -> Result<Extent, ParseError> {
        if self.levels == DEPTH_MAX {
            return Err(self.error(ParseErrorKind::Depth));
        }
        self.levels += 1;
        self.at += 1;
        self.space();
        Ok(std::mem::replace(&mut self.extent, Extent::EMPTY))
    }

    /// Steps out of a container, and tells its extent.
    fn close(&mut self, outer: Extent) -> Extent {
        self.levels -= 1;
        let inner = self.extent;
        self.extent = Extent {
            json_bytes: outer.json_bytes + inner.json_bytes,
            depth: outer.depth.max(inner.depth + 1),
        };
        inner
    }

    /// Steps over a comma, or over the bracket that closes the container.
    fn closes(&mut self, bracket: u8) -> Result<bool, ParseError> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.extent.json_bytes += 1;
                self.space();
                Ok(false)
            }
            Some(b) if b == bracket => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.misplaced(ParseErrorKind::Unexpected)),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, ParseError> {
        for expected in word.bytes() {
            if self.peek() != Some(expected) {
                return Err(self.misplaced(ParseErrorKind::Unexpected));
            }
            self.at += 1;
        }
        self.extent.json_bytes += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let from = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let digits_from = self.at;
        let mut int: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            // Wraps only beyond 18 digits, where it is not used.
            int = int.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let digits = self.at - digits_from;
        if digits == 0 {
            return Err(self.misplaced(ParseErrorKind::Number));
        }
        if digits > 1 && self.rest(digits_from).first() == Some(&b'0') {
            self.at = digits_from + 1;
            return Err(self.error(ParseErrorKind::Number));
        }
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        self.extent.json_bytes += self.at - from;
        let minus_zero = negative && int == 0;
        if whole && digits <= INT_DIGITS_MAX && !minus_zero {
            return Ok(Value::from(if negative { -int } else { int }));
        }
        let digits = Digits::prefix(self.rest(from), self.at - from);
        Ok(digits.map_or_else(|| Value::from_digits(self.slice(from)), Value::from))
    }

    /// Steps over digits, at least one.
    fn digits(&mut self) -> Result<(), ParseError> {
        let from = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at == from {
            return Err(self.misplaced(ParseErrorKind::Number));
        }
        Ok(())
    }

    fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
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

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn rest(&self, from: usize) -> &'a [u8] {
        self.text.as_bytes().get(from..).unwrap_or_default()
    }

    /// The text from `from` up to here; both stand beside ASCII bytes.
    fn slice(&self, from: usize) -> &'a str {
        self.text
            .get(from..self.at)
            .expect("slices begin and end at ASCII bytes")
    }

    const fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { kind, at: self.at }
    }

    /// The error about the next byte: of this kind, or about the end of the text if there is none.
    fn misplaced(&self, kind: ParseErrorKind) -> ParseError {
        self.error(if self.at < self.text.len() {
            kind
        } else {
            ParseErrorKind::End
        })
    }
}
