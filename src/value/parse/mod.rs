//! JSON text to value, in one pass.
//!
//! Strict RFC 8259, with every text of its grammar accepted up to a depth of [`DEPTH_MAX`]. That includes an escape
//! of a lone surrogate (`"\ud800"`), which names no character: it becomes U+FFFD, so that such an event runs
//! instead of being refused, as it does on AWS.
//!
//! The members of all open containers lie on a scratch stack; a container takes its own off the top when it closes, so it
//! is allocated once, at its exact size. Sizes are counted on the way. A parser that is kept remembers the keys of what it
//! parsed, and shares them with the next text that looks alike.
//!
//! *Not here*: comments, NaN, trailing commas, a byte order mark.

mod memory;
mod object;
mod string;

use super::node::Extent;
use super::number::Digits;
use super::{DEPTH_MAX, Text, Value, build};
use memory::Memory;

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

/// Scratch space for so many members is kept from one text to the next.
const SCRATCH_MEMBERS_MAX: usize = 4096;

/// Parses texts one after the other, faster where they look alike.
#[derive(Debug, Default)]
pub struct Parser {
    /// The members of the open containers, outermost first.
    members: Vec<Value>,
    /// The keys of the open objects, outermost first; an object that looks as expected has none here.
    keys: Vec<Text>,
    memory: Memory,
}

impl Parser {
    /// One that remembers nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`Value::parse`].
    ///
    /// # Errors
    /// What is wrong and at which byte.
    pub fn parse(&mut self, json: &[u8]) -> Result<Value, ParseError> {
        let text = utf8(json)?;
        let mut reader = Reader {
            text,
            at: 0,
            levels: 0,
            extent: Extent::EMPTY,
            slot: 0,
            parser: self,
        };
        let value = reader.whole();
        if value.is_err() {
            self.members.clear();
            self.keys.clear();
        }
        self.members.shrink_to(SCRATCH_MEMBERS_MAX);
        self.keys.shrink_to(SCRATCH_MEMBERS_MAX);
        value
    }
}

/// The number that a text begins with, and how many digits that has. It wraps beyond 18 digits, where it is not used.
fn leading_int(text: &[u8]) -> (i64, usize) {
    let mut int: i64 = 0;
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (int, at);
        }
        int = int.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    (int, text.len())
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

/// One text on its way to a value.
struct Reader<'a, 'p> {
    text: &'a str,
    /// The next byte.
    at: usize,
    /// Open containers.
    levels: usize,
    /// What the innermost open container adds up to so far.
    extent: Extent,
    /// Which object comes next, as [`Memory`] counts them.
    slot: usize,
    parser: &'p mut Parser,
}

impl<'a> Reader<'a, '_> {
    fn whole(&mut self) -> Result<Value, ParseError> {
        self.space();
        let value = self.value()?;
        self.space();
        if self.at < self.text.len() {
            return Err(self.error(ParseErrorKind::Trailing));
        }
        Ok(value)
    }

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

    /// The objects within one element are looked for where those of the first are.
    fn array(&mut self) -> Result<Value, ParseError> {
        let outer = self.open()?;
        let first = self.parser.members.len();
        let (slot, mut slot_after) = (self.slot, self.slot);
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.slot = slot;
                let value = self.value()?;
                slot_after = slot_after.max(self.slot);
                self.parser.members.push(value);
                if self.closes(b']')? {
                    break;
                }
            }
        }
        self.slot = slot_after;
        let extent = self.close(outer);
        Ok(build::array(extent, self.parser.members.drain(first..)))
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
        let text = self.rest(self.at);
        let negative = text.first() == Some(&b'-');
        let sign = usize::from(negative);
        let (int, digits) = leading_int(text.get(sign..).unwrap_or_default());
        let mut end = sign + digits;
        let first = text.get(sign);
        if digits == 0 || (digits > 1 && first == Some(&b'0')) {
            self.at += sign + usize::from(digits > 0);
            return Err(match digits {
                0 => self.misplaced(ParseErrorKind::Number),
                _ => self.error(ParseErrorKind::Number),
            });
        }
        let mut whole = true;
        if text.get(end) == Some(&b'.') {
            whole = false;
            end = self.digits(text, end + 1)?;
        }
        if let Some(b'e' | b'E') = text.get(end) {
            whole = false;
            let signed = matches!(text.get(end + 1), Some(b'+' | b'-'));
            end = self.digits(text, end + 1 + usize::from(signed))?;
        }
        let from = self.at;
        self.at += end;
        self.extent.json_bytes += end;
        let minus_zero = negative && int == 0;
        if whole && digits <= INT_DIGITS_MAX && !minus_zero {
            return Ok(Value::from(if negative { -int } else { int }));
        }
        let digits = Digits::prefix(text, end);
        Ok(digits.map_or_else(|| Value::from_digits(self.slice(from)), Value::from))
    }

    /// Where the digits end that begin at `from`; there must be one at least.
    fn digits(&mut self, text: &[u8], from: usize) -> Result<usize, ParseError> {
        let rest = text.get(from..).unwrap_or_default();
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            self.at += from;
            return Err(self.misplaced(ParseErrorKind::Number));
        }
        Ok(from + digits)
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
