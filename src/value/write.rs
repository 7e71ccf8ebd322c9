//! A value as compact JSON text.

use super::{Value, View};

pub(super) fn value(v: &Value, out: &mut Vec<u8>) {
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
            out.push(b'{');
            for (i, (k, v)) in o.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                string(k, out);
                out.push(b':');
                value(v, out);
            }
            out.push(b'}');
        }
    }
}

pub(super) fn to_string(v: &Value) -> String {
    let mut out = Vec::with_capacity(v.json_bytes());
    value(v, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends a JSON string: quotes, and escapes only where JSON requires them.
pub(crate) fn string(s: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = s.as_bytes();
    while let Some(at) = rest.iter().position(|b| escape_bytes(*b) > 1) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, tail)) = tail.split_first() else {
            break;
        };
        escape(*byte, out);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Length of the JSON string with its quotes.
pub(super) fn string_bytes(s: &str) -> usize {
    2 + s.bytes().map(escape_bytes).sum::<usize>()
}

const fn escape_bytes(byte: u8) -> usize {
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
            const HEX: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\u00");
            out.extend(
                [byte >> 4, byte & 15]
                    .iter()
                    .filter_map(|n| HEX.get(usize::from(*n))),
            );
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
