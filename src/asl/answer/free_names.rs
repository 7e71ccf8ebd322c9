//! The names that an expression reads and does not bind itself: variables of the workflow.
//!
//! The text is only cut into tokens: a faulty expression has references, too. A name that is bound anywhere in a JSONata
//! expression (`$x := …`, `function($x)`) counts as bound in all of it.

use std::collections::BTreeSet;

/// Functions and values that every JSONata expression has.
#[rustfmt::skip]
const JSONATA_NAMES: &[&str] = &[
    "states",
    "abs", "append", "assert", "average", "base64decode", "base64encode", "boolean", "ceil", "contains", "count",
    "decodeUrl", "decodeUrlComponent", "distinct", "each", "encodeUrl", "encodeUrlComponent", "error", "exists",
    "filter", "floor", "formatBase", "formatInteger", "formatNumber", "fromMillis", "hash", "join", "keys", "length",
    "lookup", "lowercase", "map", "match", "max", "merge", "millis", "min", "not", "now", "number", "pad", "parse",
    "parseInteger", "partition", "power", "random", "range", "reduce", "replace", "reverse", "round", "shuffle", "sift",
    "single", "sort", "split", "spread", "sqrt", "string", "substring", "substringAfter", "substringBefore", "sum",
    "toMillis", "trim", "type", "uppercase", "uuid", "zip",
];

/// The variables that a JSONPath or a call of an intrinsic function reads.
pub(super) fn in_path<'t>(text: &'t str, names: &mut BTreeSet<&'t str>) {
    let mut tokens = Tokens::new(text, "'");
    while let Some(token) = tokens.next_token() {
        if let Token::Variable(name) = token {
            names.insert(name);
        }
    }
}

/// The variables that a JSONata expression reads, given with its braces.
pub(super) fn in_jsonata<'t>(text: &'t str, names: &mut BTreeSet<&'t str>) {
    let inner = text.strip_prefix("{%").and_then(|t| t.strip_suffix("%}"));
    let Some(inner) = inner else { return };
    let mut tokens = Tokens::new(inner, "'\"`");
    let mut read = BTreeSet::new();
    let mut bound = BTreeSet::new();
    let mut last = None;
    let mut parameters = false;
    while let Some(token) = tokens.next_token() {
        match token {
            Token::Variable(name) if parameters => {
                bound.insert(name);
            }
            Token::Variable(name) => {
                read.insert(name);
            }
            Token::Word("function" | "λ") => parameters = true,
            Token::Bind => bound.extend(last),
            Token::Other(')') => parameters = false,
            Token::Word(_) | Token::Literal | Token::Other(_) => {}
        }
        last = if let Token::Variable(name) = token {
            Some(name)
        } else {
            None
        };
    }
    let free = |name: &&str| !bound.contains(name) && !JSONATA_NAMES.contains(name);
    names.extend(read.into_iter().filter(free));
}

#[derive(Clone, Copy)]
enum Token<'t> {
    /// `$name`, without the sign.
    Variable(&'t str),
    Word(&'t str),
    /// A string, a quoted name, a regular expression.
    Literal,
    /// `:=`
    Bind,
    Other(char),
}

struct Tokens<'t> {
    rest: &'t str,
    quotes: &'static str,
    /// Whether what was read last is an operand, so that a slash divides by it.
    after_operand: bool,
}

impl<'t> Tokens<'t> {
    fn new(text: &'t str, quotes: &'static str) -> Self {
        Self {
            rest: text,
            quotes,
            after_operand: false,
        }
    }

    fn next_token(&mut self) -> Option<Token<'t>> {
        self.blanks();
        let c = self.rest.chars().next()?;
        let is_jsonata = self.quotes.contains('`');
        let token = match c {
            '$' => self.variable(),
            _ if self.quotes.contains(c) => self.literal(c),
            '/' if is_jsonata && !self.after_operand => self.literal(c),
            _ if is_name(c) => Token::Word(self.take(|c| !is_name(c))),
            ':' if self.rest.starts_with(":=") => {
                self.skip(2);
                Token::Bind
            }
            _ => {
                self.skip(c.len_utf8());
                Token::Other(c)
            }
        };
        self.after_operand = match token {
            Token::Variable(_) | Token::Literal | Token::Other(')' | ']' | '}' | '$') => true,
            Token::Word(word) => !matches!(word, "and" | "or" | "in"),
            Token::Bind | Token::Other(_) => false,
        };
        Some(token)
    }

    /// `$name`; the sign alone (`$`, `$$`, `$.`) is no variable, and `$$.name` reads no variable either.
    fn variable(&mut self) -> Token<'t> {
        self.skip(1);
        if self.rest.starts_with('$') {
            self.skip(1);
            return Token::Other('$');
        }
        match self.take(|c| !is_name(c)) {
            "" => Token::Other('$'),
            name => Token::Variable(name),
        }
    }

    /// What stands between two marks, in which a backslash takes the next character as it is.
    fn literal(&mut self, mark: char) -> Token<'t> {
        let mut chars = self.rest.char_indices().skip(1);
        let mut end = self.rest.len();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && mark != '`' {
                chars.next();
            } else if c == mark {
                end = at + c.len_utf8();
                break;
            }
        }
        self.skip(end);
        Token::Literal
    }

    /// Blanks and comments.
    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let is_comment = self.quotes.contains('`') && self.rest.starts_with("/*");
            if !is_comment {
                return;
            }
            self.rest = self.rest.split_once("*/").map_or("", |(_, rest)| rest);
        }
    }

    fn take(&mut self, ends: impl Fn(char) -> bool) -> &'t str {
        let len = self.rest.find(ends).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
