//! The JSON value that flows through every execution.
//!
//! Made for this work: a clone is O(1) (shared nodes), key order is kept, an insert copies on write,
//! numbers keep the digits they came with (`1.10`, `1E400`, 23 digits), depth is bounded when a value is
//! parsed *and* when it is built, and the size of its JSON text is known without writing it. Objects that are made alike
//! share their keys.
//!
//! *Not here*: no `Serialize`, no conversion that can lose a number without saying so, no interior mutability but for what
//! [`Keys`] and [`Hint`] remember, which changes no answer.

mod build;
mod change;
mod convert;
mod decimal;
mod eq;
mod keys;
mod node;
mod number;
mod object;
mod parse;
mod scan;
mod write;

#[cfg(test)]
mod tests;

pub use build::{ArrayBuilder, ObjectBuilder, TooDeep};
pub use keys::{Hint, Keys};
pub use number::Number;
pub use object::Object;
pub use parse::{ParseError, ParseErrorKind, Parser};
/// A string of a value or a key: up to 23 bytes are stored in place, longer ones are shared.
pub use smol_str::SmolStr as Text;

pub(crate) use write::string as write_json_string;

use node::{ArrayNode, Extent, ObjectFacts, ObjectNode};
use number::Digits;

/// The deepest nesting of arrays and objects that a value may have; a scalar has depth 0.
pub const DEPTH_MAX: usize = 128;

/// A JSON value of 24 bytes; cloning never copies its contents, unless they fit these bytes.
#[derive(Clone)]
pub struct Value(Repr);

const _: () = {
    const fn crosses_threads<T: Send + Sync>() {}
    crosses_threads::<Value>();
    assert!(
        size_of::<Value>() == 24,
        "values are moved and scanned in bulk"
    );
};

#[derive(Clone)]
enum Repr {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number whose digits must survive, up to 22 bytes long.
    Digits(Digits),
    /// The same, longer.
    LongDigits(triomphe::Arc<str>),
    String(Text),
    Array(ArrayNode),
    Object(ObjectNode),
}

/// A borrowed look at a value, to `match` on.
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(Number<'a>),
    /// A string.
    String(&'a str),
    /// An array.
    Array(&'a [Value]),
    /// An object.
    Object(Object<'a>),
}

impl Value {
    /// `null`.
    pub const NULL: Self = Self(Repr::Null);
    /// `true`.
    pub const TRUE: Self = Self(Repr::Bool(true));
    /// `false`.
    pub const FALSE: Self = Self(Repr::Bool(false));

    /// `{}`.
    #[must_use]
    pub fn empty_object() -> Self {
        let facts = ObjectFacts {
            extent: Extent::EMPTY,
            keys: Keys::new(std::iter::empty()),
        };
        build::object(facts, std::iter::empty())
    }

    /// `[]`.
    #[must_use]
    pub fn empty_array() -> Self {
        build::array(Extent::EMPTY, std::iter::empty())
    }

    /// Parses one JSON text (RFC 8259, UTF-8, nothing after it but white space).
    ///
    /// Of two equal keys the later value wins, at the place of the first. Depth is bounded by [`DEPTH_MAX`]. An
    /// escape of a lone surrogate becomes U+FFFD.
    ///
    /// # Errors
    /// What is wrong and at which byte.
    pub fn parse(json: &[u8]) -> Result<Self, ParseError> {
        Parser::new().parse(json)
    }

    /// A look at the contents.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        match &self.0 {
            Repr::Null => View::Null,
            Repr::Bool(b) => View::Bool(*b),
            Repr::Int(i) => View::Number(Number::Int(*i)),
            Repr::Float(f) => View::Number(Number::Float(*f)),
            Repr::Digits(d) => View::Number(Number::Text(d.as_str())),
            Repr::LongDigits(d) => View::Number(Number::Text(d)),
            Repr::String(s) => View::String(s),
            Repr::Array(a) => View::Array(&a.slice),
            Repr::Object(o) => View::Object(Object(o)),
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Repr::String(s) = &self.0 {
            Some(s)
        } else {
            None
        }
    }

    /// The string as a shareable text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        if let Repr::String(s) = &self.0 {
            Some(s)
        } else {
            None
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Repr::Bool(b) = self.0 {
            Some(b)
        } else {
            None
        }
    }

    /// Whether it is a number.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(
            self.0,
            Repr::Int(_) | Repr::Float(_) | Repr::Digits(_) | Repr::LongDigits(_)
        )
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<Number<'_>> {
        if let View::Number(n) = self.view() {
            Some(n)
        } else {
            None
        }
    }

    /// The nearest double, if it is a number.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        if let Repr::Digits(digits) = &self.0 {
            return Some(digits.as_f64());
        }
        self.as_number().map(Number::as_f64)
    }

    /// The elements, if it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Repr::Array(a) = &self.0 {
            Some(&a.slice)
        } else {
            None
        }
    }

    /// The entries, if it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<Object<'_>> {
        if let Repr::Object(o) = &self.0 {
            Some(Object(o))
        } else {
            None
        }
    }

    /// The member `key` of an object; `None` for anything else.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.0, Repr::Null)
    }

    /// Length in bytes of the compact JSON text: O(1) for containers, O(length) for strings.
    #[must_use]
    pub fn json_bytes(&self) -> usize {
        match &self.0 {
            Repr::Array(a) => a.header.header.json_bytes,
            Repr::Object(o) => o.header.header.extent.json_bytes,
            Repr::String(s) => write::string_bytes(s),
            Repr::Null => 4,
            Repr::Bool(b) => 5 - usize::from(*b),
            Repr::Digits(digits) => digits.as_bytes().len(),
            Repr::LongDigits(digits) => digits.len(),
            Repr::Int(i) => Number::Int(*i).json_bytes(),
            Repr::Float(f) => Number::Float(*f).json_bytes(),
        }
    }

    /// Whether the compact JSON text is longer than this; a string that is short enough whatever must be escaped is not looked at.
    #[must_use]
    pub fn is_longer_than(&self, bytes: usize) -> bool {
        match self.as_str() {
            Some(s) if s.len() <= bytes.saturating_sub(2) / write::ESCAPED_BYTES_MAX => false,
            Some(_) | None => self.json_bytes() > bytes,
        }
    }

    /// Nesting of containers: 0 for a scalar, 1 for `[]`.
    #[must_use]
    pub fn depth(&self) -> usize {
        match &self.0 {
            Repr::Array(a) => a.header.header.depth,
            Repr::Object(o) => o.header.header.extent.depth,
            Repr::Null
            | Repr::Bool(_)
            | Repr::Int(_)
            | Repr::Float(_)
            | Repr::Digits(_)
            | Repr::LongDigits(_)
            | Repr::String(_) => 0,
        }
    }

    /// Appends the compact JSON text.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.reserve(self.json_bytes());
        write::value(self, out);
    }

    /// The compact JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        write::to_string(self)
    }
}

impl Default for Value {
    fn default() -> Self {
        Self::NULL
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self(Repr::Bool(b))
    }
}

impl From<i64> for Value {
    fn from(i: i64) -> Self {
        Self(Repr::Int(i))
    }
}

impl From<&str> for Value {
    fn from(s: &str) -> Self {
        Self(Repr::String(Text::new(s)))
    }
}

impl From<String> for Value {
    fn from(s: String) -> Self {
        Self(Repr::String(Text::from(s)))
    }
}

impl From<Text> for Value {
    fn from(s: Text) -> Self {
        Self(Repr::String(s))
    }
}
