//! The text of a definition as a tree that knows where everything stands.
//!
//! *Not here*: no meaning. What a field is for is known in `compile`.

mod parse;
#[cfg(test)]
mod tests;

use crate::value::{ArrayBuilder, ObjectBuilder, Text, Value};

pub(super) use parse::SyntaxError;

/// The longest definition, in bytes: the quota of CreateStateMachine.
pub const DEFINITION_BYTES_MAX: usize = 1_048_576;

/// A parsed text.
#[derive(Debug)]
pub(super) struct Source<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    /// The outermost value.
    pub(super) root: Node,
    /// Where keys stand that their object already had.
    pub(super) duplicates: Vec<Span>,
}

/// Bytes of the text from `start` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A JSON value with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) json: Json,
}

/// What a node holds.
#[derive(Debug)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Value),
    String(Text),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// An entry of an object.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: Text,
    pub(super) key_span: Span,
    pub(super) value: Node,
}

impl<'t> Source<'t> {
    /// Parses a text, which the caller has found to be no longer than [`DEFINITION_BYTES_MAX`].
    pub(super) fn parse(text: &'t str) -> Result<Self, SyntaxError> {
        let (root, duplicates) = parse::parse(text)?;
        Ok(Self {
            text,
            line_starts: line_starts(text),
            root,
            duplicates,
        })
    }

    /// Line and column of a byte, both from 1, the column in characters.
    pub(super) fn line_and_column(&self, at: usize) -> (usize, usize) {
        let line = self.line_starts.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|i| self.line_starts.get(i));
        let before = self.text.as_bytes().get(start.copied().unwrap_or(0)..at);
        (line.max(1), 1 + chars(before.unwrap_or_default()))
    }

    /// What stands at a span.
    pub(super) fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    /// The place of a node as AWS writes it: `/States/Name/Retry[0]`; `/` is the whole definition.
    pub(super) fn pointer(&self, node: &Node) -> String {
        let mut pointer = String::new();
        let mut at = &self.root;
        while at.span != node.span {
            let inside = |n: &Node| n.span.start <= node.span.start && node.span.end <= n.span.end;
            at = match &at.json {
                Json::Object(members) => {
                    let i = members.partition_point(|m| m.value.span.end < node.span.end);
                    let Some(member) = members.get(i).filter(|m| inside(&m.value)) else {
                        break;
                    };
                    pointer.push('/');
                    pointer.push_str(&member.key);
                    &member.value
                }
                Json::Array(elements) => {
                    let i = elements.partition_point(|e| e.span.end < node.span.end);
                    let Some(element) = elements.get(i).filter(|e| inside(e)) else {
                        break;
                    };
                    pointer.push('[');
                    pointer.push_str(&i.to_string());
                    pointer.push(']');
                    element
                }
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => break,
            };
        }
        if pointer.is_empty() {
            pointer.push('/');
        }
        pointer
    }
}

impl Node {
    /// The entries in order; none if it is no object.
    pub(super) fn members(&self) -> &[Member] {
        if let Json::Object(members) = &self.json {
            members
        } else {
            &[]
        }
    }

    /// The entry of a key; of equal keys the last one, as [`Value::parse`] has it.
    pub(super) fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().rev().find(|m| m.key == key)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.member(key).map(|m| &m.value)
    }

    /// The string, if it is one.
    pub(super) fn as_text(&self) -> Option<&Text> {
        if let Json::String(text) = &self.json {
            Some(text)
        } else {
            None
        }
    }

    /// The node that an RFC 6901 pointer leads to from here, as far as it leads.
    pub(super) fn descend(&self, pointer: &str) -> &Self {
        let mut at = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let next = match &at.json {
                Json::Object(_) => at.get(&step),
                Json::Array(elements) => step.parse().ok().and_then(|i: usize| elements.get(i)),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
            };
            let Some(next) = next else { break };
            at = next;
        }
        at
    }

    /// The same as a value. The depth of both is bounded alike, so nothing is lost.
    pub(super) fn to_value(&self) -> Value {
        match &self.json {
            Json::Null => Value::NULL,
            Json::Bool(b) => Value::from(*b),
            Json::Number(number) => number.clone(),
            Json::String(text) => Value::from(text.clone()),
            Json::Array(elements) => {
                let mut array = ArrayBuilder::with_capacity(elements.len());
                for element in elements {
                    array.push(element.to_value());
                }
                array.finish().unwrap_or_default()
            }
            Json::Object(members) => {
                let mut object = ObjectBuilder::with_capacity(members.len());
                for member in members {
                    object.insert(member.key.clone(), member.value.to_value());
                }
                object.finish().unwrap_or_default()
            }
        }
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let after_breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
    std::iter::once(0).chain(after_breaks).collect()
}

/// Line and column of a byte of a text that is no JSON.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = 1 + memchr::memchr_iter(b'\n', before).count();
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    (line, 1 + chars(before.get(start..).unwrap_or_default()))
}

/// How many characters begin in these bytes.
fn chars(utf8: &[u8]) -> usize {
    utf8.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}
