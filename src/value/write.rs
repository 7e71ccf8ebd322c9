//! A value as compact JSON text.

use super::keys::FRAGMENT_BYTES;
use super::scan::plain_bytes;
use super::{Object, Repr, Value, View};

/// Recursion is bounded by [`super::DEPTH_MAX`].
pub(super) fn value(v: &Value, out: &mut Vec<u8>) {
    if let Repr::Digits(digits) = &v.0 {
        return out.extend_from_slice(digits.as_bytes());
    }
    match v.view() {
        View::Null => out.extend_from_slice(b"null"),
        View::Bool(true) => out.extend_from_slice(b"true"),
        View::Bool(false) => out.extend_from_slice(b"false"),
        View::Number(n) => n.write_json(out),
        View::String(s) => string(s, out),
        View::Array(a) => {
            out.push(b'[');
            for (i, element) in a.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                value(element, out);
            }
            out.push(b']');
        }
        View::Object(o) => {
            if let Some(fragments) = o.keys().fragments() {
                return object(o, fragments, out);
            }
            out.push(b'{');
            let plain = o.keys().plain();
            for (i, (k, v)) in o.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                if plain {
                    plain_string(k, out);
                } else {
                    string(k, out);
                }
                out.push(b':');
                value(v, out);
            }
            out.push(b'}');
        }
    }
}

/// An object whose keys are written already.
fn object(object: Object<'_>, fragments: &[u8], out: &mut Vec<u8>) {
    let mut rest = fragments;
    for (at, (key, member)) in object.iter().enumerate() {
        let (fragment, others) = rest.split_at(key.len() + FRAGMENT_BYTES);
        rest = others;
        let from = out.len();
        out.extend_from_slice(fragment);
        if at == 0
            && let Some(comma) = out.get_mut(from)
        {
            *comma = b'{';
        }
        value(member, out);
    }
    if object.is_empty() {
        out.push(b'{');
    }
    out.push(b'}');
}

pub(super) fn to_string(v: &Value) -> String {
    let mut out = Vec::with_capacity(v.json_bytes());
    value(v, &mut out);
    String::from_utf8(out).expect("strings are UTF-8, and all around them is ASCII")
}

/// Appends a string that JSON can hold as it is.
fn plain_string(s: &str, out: &mut Vec<u8>) {
    out.reserve(s.len() + 2);
    out.push(b'"');
    out.extend_from_slice(s.as_bytes());
    out.push(b'"');
}

/// Appends a JSON string: quotes, and escapes only where JSON requires them.
pub(crate) fn string(s: &str, out: &mut Vec<u8>) {
    let mut rest = s.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    loop {
        let (plain, special) = rest.split_at(plain_bytes(rest));
        out.extend_from_slice(plain);
        let Some((byte, tail)) = special.split_first() else {
            break;
        };
        escape(*byte, out);
        rest = tail;
    }
    out.push(b'"');
}

/// Length of the JSON string with its quotes.
pub(super) fn string_bytes(s: &str) -> usize {
    let bytes = s.as_bytes();
    let plain = plain_bytes(bytes);
    let rest = bytes.get(plain..).unwrap_or_default();
    2 + plain + rest.iter().copied().map(escaped_bytes).sum::<usize>()
}

/// The longest escape of one byte.
pub(super) const ESCAPED_BYTES_MAX: usize = 6;

const fn escaped_bytes(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..=0x1f => 6,
        _ => 1,
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let hex = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
