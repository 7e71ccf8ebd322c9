//! JSON text to value.

use super::{Text, Value, build};

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
    /// Nested deeper than [`super::DEPTH_MAX`].
    #[error("nested too deeply")]
    Depth,
    /// Something stands behind the value.
    #[error("trailing characters")]
    Trailing,
}

// The interim parser: correct by serde_json, exact digits by its raw text.
pub(super) fn parse(json: &[u8]) -> Result<Value, ParseError> {
    let text = std::str::from_utf8(json).map_err(|e| ParseError {
        kind: ParseErrorKind::Utf8,
        at: e.valid_up_to(),
    })?;
    let mut p = Parser {
        text,
        bytes: json,
        at: 0,
    };
    p.space();
    let v = p.value(0)?;
    p.space();
    if p.at < json.len() {
        return Err(p.error(ParseErrorKind::Trailing));
    }
    Ok(v)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { kind, at: self.at }
    }
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
    fn expect(&mut self, b: u8) -> Result<(), ParseError> {
        match self.peek() {
            Some(x) if x == b => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.error(ParseErrorKind::Unexpected)),
            None => Err(self.error(ParseErrorKind::End)),
        }
    }
    fn value(&mut self, depth: usize) -> Result<Value, ParseError> {
        match self.peek() {
            None => Err(self.error(ParseErrorKind::End)),
            Some(b'{') => {
                if depth >= super::DEPTH_MAX {
                    return Err(self.error(ParseErrorKind::Depth));
                }
                self.at += 1;
                self.space();
                let mut o = super::ObjectBuilder::new();
                if self.peek() == Some(b'}') {
                    self.at += 1;
                    return o.finish().map_err(|_| self.error(ParseErrorKind::Depth));
                }
                loop {
                    self.space();
                    let k = self.string()?;
                    self.space();
                    self.expect(b':')?;
                    self.space();
                    let v = self.value(depth + 1)?;
                    o.insert(k, v);
                    self.space();
                    if self.peek() == Some(b',') {
                        self.at += 1;
                        continue;
                    }
                    self.expect(b'}')?;
                    break;
                }
                o.finish().map_err(|_| self.error(ParseErrorKind::Depth))
            }
            Some(b'[') => {
                if depth >= super::DEPTH_MAX {
                    return Err(self.error(ParseErrorKind::Depth));
                }
                self.at += 1;
                self.space();
                let mut a = Vec::new();
                if self.peek() == Some(b']') {
                    self.at += 1;
                    return build::array(a.into_iter())
                        .map_err(|_| self.error(ParseErrorKind::Depth));
                }
                loop {
                    self.space();
                    a.push(self.value(depth + 1)?);
                    self.space();
                    if self.peek() == Some(b',') {
                        self.at += 1;
                        continue;
                    }
                    self.expect(b']')?;
                    break;
                }
                build::array(a.into_iter()).map_err(|_| self.error(ParseErrorKind::Depth))
            }
            Some(b'"') => Ok(Value::from(self.string()?)),
            Some(b't') => self.word("true", Value::TRUE),
            Some(b'f') => self.word("false", Value::FALSE),
            Some(b'n') => self.word("null", Value::NULL),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => Err(self.error(ParseErrorKind::Unexpected)),
        }
    }
    fn word(&mut self, w: &str, v: Value) -> Result<Value, ParseError> {
        if self.bytes.get(self.at..self.at + w.len()) == Some(w.as_bytes()) {
            self.at += w.len();
            Ok(v)
        } else {
            Err(self.error(ParseErrorKind::Unexpected))
        }
    }
    fn number(&mut self) -> Result<Value, ParseError> {
        let from = self.at;
        while matches!(
            self.peek(),
            Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
        ) {
            self.at += 1;
        }
        let t = self.text.get(from..self.at).unwrap_or("");
        if serde_json::from_str::<&serde_json::value::RawValue>(t).is_err() {
            return Err(self.error(ParseErrorKind::Number));
        }
        if t != "-0"
            && let Ok(i) = t.parse::<i64>()
        {
            return Ok(Value::from(i));
        }
        Ok(Value::from_digits(t))
    }
    fn string(&mut self) -> Result<Text, ParseError> {
        let from = self.at;
        self.expect(b'"')?;
        loop {
            match self.peek() {
                None => return Err(self.error(ParseErrorKind::End)),
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        let raw = self
            .text
            .get(from..self.at)
            .ok_or_else(|| self.error(ParseErrorKind::String))?;
        serde_json::from_str::<String>(raw)
            .map(Text::from)
            .map_err(|_| self.error(ParseErrorKind::String))
    }
}
