//! JSON text → nodes. Faults are worded as AWS words them, which is as the parser it uses words them.

use super::{Json, Member, Node, Span};
use crate::value::{DEPTH_MAX, Text, Value};

/// Why a text is no JSON.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::asl) struct SyntaxError {
    /// What is wrong, without the place.
    pub(in crate::asl) message: String,
    /// The byte where it is wrong.
    pub(in crate::asl) at: usize,
    /// The byte up to which the text was read: AWS counts its columns there.
    pub(in crate::asl) read: usize,
    /// Whether the JSON is only nested too deeply.
    pub(in crate::asl) too_deep: bool,
}

/// What AWS says that it was expecting where a value should stand.
const VALUE: &str = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";

/// The root and the repeated keys.
pub(super) fn parse(text: &str) -> Result<(Node, Vec<Span>), SyntaxError> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        duplicates: Vec::new(),
    };
    parser.blanks();
    let root = parser.value()?;
    parser.blanks();
    match parser.peek() {
        None => Ok((root, parser.duplicates)),
        Some(_) => Err(parser.unexpected("expected nothing after the definition")),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Nesting of the containers around `at`.
    depth: usize,
    duplicates: Vec<Span>,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Node, SyntaxError> {
        let start = self.at;
        let json = match self.peek() {
            Some('{') => self.within_bounds(Self::object)?,
            Some('[') => self.within_bounds(Self::array)?,
            Some('"') => Json::String(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some(c) if c.is_alphabetic() || c == '_' || c == '$' => self.word()?,
            Some(_) => return Err(self.unexpected(&format!("expected a valid value ({VALUE})"))),
            None => return Err(self.ended("the text")),
        };
        let span = Span {
            start,
            end: self.at,
        };
        Ok(Node { span, json })
    }

    /// The recursion ends at [`DEPTH_MAX`].
    fn within_bounds(
        &mut self,
        container: impl FnOnce(&mut Self) -> Result<Json, SyntaxError>,
    ) -> Result<Json, SyntaxError> {
        if self.depth == DEPTH_MAX {
            return Err(SyntaxError {
                message: format!("The definition is nested deeper than {DEPTH_MAX} levels"),
                at: self.at,
                read: self.at,
                too_deep: true,
            });
        }
        self.depth += 1;
        self.at += 1;
        let json = container(self)?;
        self.depth -= 1;
        Ok(json)
    }

    fn object(&mut self) -> Result<Json, SyntaxError> {
        let mut members: Vec<Member> = Vec::new();
        let mut keys = std::collections::HashSet::new();
        self.blanks();
        if self.eat('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            let start = self.at;
            match self.peek() {
                Some('"') => {}
                Some(_) => {
                    return Err(self.unexpected("was expecting double-quote to start field name"));
                }
                None => return Err(self.ended("an object")),
            }
            let key = self.string()?;
            let key_span = Span {
                start,
                end: self.at,
            };
            if !keys.insert(key.clone()) {
                self.duplicates.push(key_span);
            }
            self.blanks();
            if !self.eat(':') {
                return Err(self.missing(
                    "was expecting a colon to separate field name and value",
                    "an object",
                ));
            }
            self.blanks();
            let value = self.value()?;
            members.push(Member {
                key,
                key_span,
                value,
            });
            self.blanks();
            if self.eat('}') {
                return Ok(Json::Object(members));
            }
            if !self.eat(',') {
                return Err(self.missing(
                    "was expecting comma to separate Object entries",
                    "an object",
                ));
            }
        }
    }

    fn array(&mut self) -> Result<Json, SyntaxError> {
        let mut elements = Vec::new();
        self.blanks();
        if self.eat(']') {
            return Ok(Json::Array(elements));
        }
        loop {
            self.blanks();
            elements.push(self.value()?);
            self.blanks();
            if self.eat(']') {
                return Ok(Json::Array(elements));
            }
            if !self.eat(',') {
                return Err(
                    self.missing("was expecting comma to separate Array entries", "an array")
                );
            }
        }
    }

    fn string(&mut self) -> Result<Text, SyntaxError> {
        self.at += 1;
        let mut unescaped = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .find(|c: char| c == '"' || c == '\\' || c < ' ')
                .unwrap_or(rest.len());
            unescaped.push_str(rest.get(..plain).unwrap_or(""));
            self.at += plain;
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return Ok(Text::from(unescaped));
                }
                Some('\\') => unescaped.push(self.escape()?),
                Some(control) => {
                    let code = u32::from(control);
                    let message = format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {code})): has to be escaped using backslash to be included in string value"
                    );
                    return Err(self.error(message, 1));
                }
                None => return Err(self.ended("a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let escaped = match self.peek() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.at += 1;
                return self.unicode(start);
            }
            Some(c) => {
                let code = u32::from(c);
                let message = format!("Unrecognized character escape '{c}' (code {code})");
                return Err(self.error(message, c.len_utf8()));
            }
            None => return Err(self.ended("a string")),
        };
        self.at += 1;
        Ok(escaped)
    }

    /// The rest of `\uXXXX`, or of a pair of them.
    fn unicode(&mut self, start: usize) -> Result<char, SyntaxError> {
        let first = self.hex()?;
        if let Some(c) = char::from_u32(first) {
            return Ok(c);
        }
        let pair = self.rest().starts_with("\\u");
        if pair && (0xd800..0xdc00).contains(&first) {
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                if let Some(c) = char::from_u32(code) {
                    return Ok(c);
                }
            }
        }
        self.at = start;
        Err(self.error("Incomplete surrogate pair".to_owned(), 0))
    }

    fn hex(&mut self) -> Result<u32, SyntaxError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(c) = self.peek() else {
                return Err(self.ended("a string"));
            };
            let Some(digit) = c.to_digit(16) else {
                return Err(self.unexpected("expected a hex-digit for character escape sequence"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Json, SyntaxError> {
        let rest = self.rest();
        let len = rest
            .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let digits = rest.get(..len).unwrap_or("");
        match Value::parse(digits.as_bytes()) {
            Ok(value) if value.as_number().is_some() => {
                self.at += len;
                Ok(Json::Number(value))
            }
            _ => Err(self.error(format!("Invalid numeric value '{digits}'"), len)),
        }
    }

    fn word(&mut self) -> Result<Json, SyntaxError> {
        let rest = self.rest();
        let len = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')
            .unwrap_or(rest.len());
        let word = rest.get(..len).unwrap_or("");
        let json = match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => {
                let message = format!("Unrecognized token '{word}': was expecting ({VALUE})");
                return Err(self.error(message, len));
            }
        };
        self.at += len;
        Ok(json)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn blanks(&mut self) {
        while let Some(' ' | '\t' | '\n' | '\r') = self.peek() {
            self.at += 1;
        }
    }

    fn error(&self, message: String, read: usize) -> SyntaxError {
        SyntaxError {
            message,
            at: self.at,
            read: self.at + read,
            too_deep: false,
        }
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let c = self.peek().unwrap_or(' ');
        let message = format!(
            "Unexpected character ('{c}' (code {})): {expected}",
            u32::from(c)
        );
        self.error(message, c.len_utf8())
    }

    fn ended(&self, within: &str) -> SyntaxError {
        self.error(format!("Unexpected end-of-input within {within}"), 0)
    }

    fn missing(&self, expected: &str, within: &str) -> SyntaxError {
        match self.peek() {
            Some(_) => self.unexpected(expected),
            None => self.ended(within),
        }
    }
}
