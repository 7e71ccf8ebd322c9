//! Tokens of an expression, one at a time: whether `/` divides or opens a regular expression is the parser's to know.

use super::Refusal;
use crate::value::{Text, Value};

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    End,
    /// An operator or punctuation.
    Symbol(&'static str),
    Name(Text),
    /// Without its `$`; empty for `$` itself.
    Variable(Text),
    Literal(Value),
}

/// Longest first, so that the first that fits is the one.
const SYMBOLS: &[&str] = &[
    "..", ":=", "!=", ">=", "<=", "**", "~>", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#",
    ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<", ">", "^", "&", "!", "~",
];

/// The rest of a text, and where it starts.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next token and where it starts.
    pub(super) fn next(&mut self) -> Result<(Token, usize), Refusal> {
        self.skip_blanks()?;
        let start = self.at;
        let rest = self.rest();
        let Some(first) = rest.bytes().next() else {
            return Ok((Token::End, start));
        };
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            self.at += symbol.len();
            return Ok((Token::Symbol(symbol), start));
        }
        let token = match first {
            b'"' | b'\'' => self.string(first)?,
            b'`' => self.quoted_name()?,
            b'0'..=b'9' => self.number()?,
            _ => self.name(),
        };
        Ok((token, start))
    }

    fn skip_blanks(&mut self) -> Result<(), Refusal> {
        loop {
            let rest = self.rest();
            let blanks = rest.len()
                - rest
                    .trim_start_matches([' ', '\t', '\n', '\r', '\u{b}'])
                    .len();
            self.at += blanks;
            let Some(comment) = self.rest().strip_prefix("/*") else {
                return Ok(());
            };
            let Some(end) = comment.find("*/") else {
                return Err(Refusal::new("S0106", "Comment has no closing tag", self.at));
            };
            self.at += end + 4;
        }
    }

    fn string(&mut self, quote: u8) -> Result<Token, Refusal> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.bytes().position(|b| b == quote || b == b'\\');
            let Some(plain) = plain else {
                return Err(Refusal::new(
                    "S0101",
                    "String literal must be terminated by a matching quote",
                    self.text.len(),
                ));
            };
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain + 1;
            if rest.as_bytes().get(plain) == Some(&quote) {
                return Ok(Token::Literal(Value::from(text)));
            }
            self.escape(&mut text)?;
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, text: &mut String) -> Result<(), Refusal> {
        let Some(letter) = self.rest().chars().next() else {
            return Ok(());
        };
        let at = self.at;
        self.at += letter.len_utf8();
        text.push(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(text),
            other => {
                let text = format!("Unsupported escape sequence: \\\"{other}\"");
                return Err(Refusal::new("S0103", text, at));
            }
        });
        Ok(())
    }

    /// The digits of `\u`, and those of a second one that completes a pair; a lone surrogate becomes U+FFFD.
    fn unicode(&mut self, text: &mut String) -> Result<(), Refusal> {
        let unit = self.four_digits()?;
        if (0xd800..0xdc00).contains(&unit) && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.four_digits()?;
            if let Some(Ok(pair)) = char::decode_utf16([unit, low]).next() {
                text.push(pair);
                return Ok(());
            }
            self.at = back;
        }
        text.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    fn four_digits(&mut self) -> Result<u16, Refusal> {
        let digits = self.rest().get(..4);
        let hexadecimal = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        match hexadecimal.and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            Some(unit) => {
                self.at += 4;
                Ok(unit)
            }
            None => Err(Refusal::new(
                "S0104",
                "The escape sequence \\u must be followed by 4 hex digits",
                self.at,
            )),
        }
    }

    fn quoted_name(&mut self) -> Result<Token, Refusal> {
        let inner = self.text.get(self.at + 1..).unwrap_or_default();
        let Some((name, _)) = inner.split_once('`') else {
            return Err(Refusal::new(
                "S0105",
                "Quoted property name must be terminated with a backquote (`)",
                self.text.len(),
            ));
        };
        self.at += name.len() + 2;
        Ok(Token::Name(Text::new(name)))
    }

    /// A number keeps the digits it is written with.
    fn number(&mut self) -> Result<Token, Refusal> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| {
            let tail = bytes.get(from..).unwrap_or_default();
            tail.iter().take_while(|b| b.is_ascii_digit()).count()
        };
        let mut length = if bytes.first() == Some(&b'0') {
            1
        } else {
            digits(0)
        };
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits(length + 1 + sign);
            if exponent > 0 {
                length += 1 + sign + exponent;
            }
        }
        let text = self.rest().get(..length).unwrap_or_default();
        let value = Value::parse(text.as_bytes())
            .ok()
            .filter(|v| v.as_number().is_some_and(|n| n.as_f64().is_finite()));
        match value {
            Some(value) => {
                self.at += length;
                Ok(Token::Literal(value))
            }
            None => Err(Refusal::new(
                "S0102",
                format!("Number out of range: {text:?}"),
                self.at,
            )),
        }
    }

    fn name(&mut self) -> Token {
        let rest = self.rest();
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}');
        let operator = |c: char| c.is_ascii() && ".[]{}(),@#;:?+-*/%|=<>^&!~".contains(c);
        let length = rest.find(|c| blank(c) || operator(c)).unwrap_or(rest.len());
        let word = rest.get(..length).unwrap_or_default();
        self.at += length;
        if let Some(variable) = word.strip_prefix('$') {
            return Token::Variable(Text::new(variable));
        }
        match word {
            "and" => Token::Symbol("and"),
            "or" => Token::Symbol("or"),
            "in" => Token::Symbol("in"),
            "true" => Token::Literal(Value::TRUE),
            "false" => Token::Literal(Value::FALSE),
            "null" => Token::Literal(Value::NULL),
            name => Token::Name(Text::new(name)),
        }
    }

    /// The pattern and flags of a regular expression whose opening `/` stands at `start`.
    ///
    /// A `/` inside parentheses, brackets or braces does not end it, nor does one after a backslash.
    pub(super) fn regular_expression(
        &mut self,
        start: usize,
    ) -> Result<(&'t str, &'t str), Refusal> {
        self.at = start + 1;
        let bytes = self.rest().as_bytes();
        let mut open = 0_usize;
        let mut escaped = false;
        for (length, byte) in bytes.iter().enumerate() {
            match byte {
                b'/' if !escaped && open == 0 => {
                    if length == 0 {
                        return Err(Refusal::new(
                            "S0301",
                            "Empty regular expressions are not allowed",
                            self.at,
                        ));
                    }
                    let pattern = self.rest().get(..length).unwrap_or_default();
                    self.at += length + 1;
                    let rest = self.rest();
                    let flags = rest.len() - rest.trim_start_matches(['i', 'm']).len();
                    self.at += flags;
                    return Ok((pattern, rest.get(..flags).unwrap_or_default()));
                }
                b'(' | b'[' | b'{' if !escaped => open += 1,
                b')' | b']' | b'}' if !escaped => open = open.saturating_sub(1),
                _ => {}
            }
            escaped = !escaped && *byte == b'\\';
        }
        Err(Refusal::new(
            "S0302",
            "No terminating / in regular expression",
            self.text.len(),
        ))
    }

    /// The signature of a lambda whose opening `<` stands at `start`, with its brackets and without blanks.
    pub(super) fn signature(&mut self, start: usize) -> String {
        let mut open = 0_usize;
        let mut signature = String::new();
        self.at = start;
        for c in self.rest().chars() {
            self.at += c.len_utf8();
            match c {
                '<' => open += 1,
                '>' => open -= 1,
                // A body without end is refused where it is read.
                '{' => {
                    self.at -= 1;
                    break;
                }
                _ => {}
            }
            if !c.is_whitespace() {
                signature.push(c);
            }
            if open == 0 {
                break;
            }
        }
        signature
    }
}
