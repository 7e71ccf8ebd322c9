//! Objects, whose keys are expected to be those that were there the last time.

use super::{ParseError, ParseErrorKind, Reader};
use crate::value::keys::{Keys, settle};
use crate::value::node::{Extent, ObjectFacts};
use crate::value::{Text, Value, build};

impl Reader<'_, '_> {
    pub(super) fn object(&mut self) -> Result<Value, ParseError> {
        let outer = self.open()?;
        let slot = self.slot;
        self.slot += 1;
        let first_value = self.parser.members.len();
        let first_key = self.parser.keys.len();
        let mut expected = self.parser.memory.latest(slot);
        let mut count = 0;
        if self.peek() == Some(b'}') {
            self.at += 1;
        } else {
            loop {
                if let Some(keys) = expected.take() {
                    expected = self.follow(slot, keys, count);
                }
                if expected.is_none() {
                    let key = Text::from(self.string()?);
                    self.parser.keys.push(key);
                }
                self.colon()?;
                let value = self.value()?;
                self.parser.members.push(value);
                count += 1;
                if self.closes(b'}')? {
                    break;
                }
            }
        }
        let keys = match expected {
            Some(keys) if keys.len() == count => keys,
            early => {
                early.iter().for_each(|keys| self.give_up(keys, count));
                self.unexpected(slot, first_key, first_value)
            }
        };
        let extent = self.close(outer);
        let values = self.parser.members.drain(first_value..);
        Ok(build::object(ObjectFacts { extent, keys }, values))
    }

    /// Steps over the next key if it is the one at `count` of these keys, or of others that begin as they do, and tells
    /// which keys to expect on.
    fn follow(&mut self, slot: usize, keys: Keys, count: usize) -> Option<Keys> {
        let rest = self.rest(self.at);
        let keys = if follows(&keys, count, rest) {
            keys
        } else {
            let other = |other: &Keys| {
                follows(other, count, rest)
                    && other.as_slice().get(..count) == keys.as_slice().get(..count)
            };
            let Some(other) = self.parser.memory.find(slot, other) else {
                self.give_up(&keys, count);
                return None;
            };
            other
        };
        let bytes = keys.as_slice().get(count).map_or(0, Text::len) + 2;
        self.at += bytes;
        self.extent.json_bytes += bytes;
        Some(keys)
    }

    /// From here on keys are read one by one, after the first `count` of these.
    fn give_up(&mut self, keys: &Keys, count: usize) {
        let read = keys.as_slice().get(..count).unwrap_or_default();
        self.parser.keys.extend_from_slice(read);
    }

    /// The keys of the innermost object, which nothing told; they are expected from now on.
    fn unexpected(&mut self, slot: usize, first_key: usize, first_value: usize) -> Keys {
        let parser = &mut *self.parser;
        let dropped = settle(
            &mut parser.keys,
            first_key,
            &mut parser.members,
            first_value,
        );
        let keys = parser.memory.keys(slot, parser.keys.drain(first_key..));
        if dropped {
            let values = parser.members.get(first_value..).unwrap_or_default();
            self.extent = Extent::of_object(&keys, values);
        }
        keys
    }

    fn colon(&mut self) -> Result<(), ParseError> {
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.misplaced(ParseErrorKind::Unexpected));
        }
        self.at += 1;
        self.extent.json_bytes += 1;
        self.space();
        Ok(())
    }
}

/// Whether a text goes on with the key at `count`; these keys must need no escape.
fn follows(keys: &Keys, count: usize, rest: &[u8]) -> bool {
    let Some(key) = keys.as_slice().get(count) else {
        return false;
    };
    rest.strip_prefix(b"\"")
        .and_then(|rest| rest.strip_prefix(key.as_bytes()))
        .is_some_and(|rest| rest.first() == Some(&b'"'))
}
