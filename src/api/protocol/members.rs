//! Answers, written member by member.

use crate::machine::Timestamp;
use crate::value::{Value, write_json_string};

/// A JSON object that is being written.
#[derive(Debug)]
pub(in crate::api) struct Members {
    out: Vec<u8>,
}

/// A JSON array that is being written.
#[derive(Debug)]
pub(in crate::api) struct List {
    out: Vec<u8>,
}

impl Members {
    pub(in crate::api) fn new() -> Self {
        Self::with_capacity(256)
    }

    pub(in crate::api) fn with_capacity(bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes);
        out.push(b'{');
        Self { out }
    }

    pub(in crate::api) fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        write_json_string(text, &mut self.out);
    }

    pub(in crate::api) fn optional_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// The JSON text of a value, as a text.
    pub(in crate::api) fn json_text(&mut self, name: &str, value: &Value) {
        self.text(name, &value.to_json());
    }

    pub(in crate::api) fn integer(&mut self, name: &str, number: i64) {
        self.key(name);
        let mut digits = itoa::Buffer::new();
        self.out.extend_from_slice(digits.format(number).as_bytes());
    }

    pub(in crate::api) fn flag(&mut self, name: &str, flag: bool) {
        self.raw(name, if flag { b"true" } else { b"false" });
    }

    /// Seconds since the epoch, as AWS's JSON protocols write an instant.
    pub(in crate::api) fn instant(&mut self, name: &str, at: Timestamp) {
        self.key(name);
        let ms = at.as_millis();
        let mut digits = itoa::Buffer::new();
        let seconds = digits.format(ms.div_euclid(1_000));
        self.out.extend_from_slice(seconds.as_bytes());
        let rest = ms.rem_euclid(1_000);
        if rest != 0 {
            self.out.push(b'.');
            for digit in [rest / 100, rest / 10 % 10, rest % 10] {
                self.out.push(b'0' + digit as u8);
            }
        }
    }

    pub(in crate::api) fn object(&mut self, name: &str, members: Self) {
        self.raw(name, &members.finish());
    }

    pub(in crate::api) fn list(&mut self, name: &str, list: List) {
        self.raw(name, &list.finish());
    }

    /// A member whose value is JSON already.
    pub(in crate::api) fn raw(&mut self, name: &str, json: &[u8]) {
        self.key(name);
        self.out.extend_from_slice(json);
    }

    pub(in crate::api) fn finish(mut self) -> Vec<u8> {
        self.out.push(b'}');
        self.out
    }

    fn key(&mut self, name: &str) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        write_json_string(name, &mut self.out);
        self.out.push(b':');
    }
}

impl List {
    pub(in crate::api) fn new() -> Self {
        Self { out: vec![b'['] }
    }

    pub(in crate::api) fn object(&mut self, members: Members) {
        self.raw(&members.finish());
    }

    /// An element that is JSON already.
    pub(in crate::api) fn raw(&mut self, json: &[u8]) {
        self.comma();
        self.out.extend_from_slice(json);
    }

    pub(in crate::api) fn text(&mut self, text: &str) {
        self.comma();
        write_json_string(text, &mut self.out);
    }

    fn comma(&mut self) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.push(b']');
        self.out
    }
}
