//! Percent-encoding: queries, and bodies that are forms.

use crate::value::{Value, View};

/// How a form writes the elements of an array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ArrayFormat {
    /// `a[0]=x&a[1]=y`
    #[default]
    Indices,
    /// `a=x&a=y`
    Repeat,
    /// `a=x,y`
    Commas,
    /// `a[]=x&a[]=y`
    Brackets,
}

/// The pairs of an object as a form; members of objects within it are `a[b]`.
pub(super) fn form(body: &Value, format: ArrayFormat) -> String {
    let mut pairs = Vec::new();
    if let Some(object) = body.as_object() {
        for (name, value) in object.iter() {
            flatten(name.to_string(), value, format, &mut pairs);
        }
    }
    query(&pairs)
}

/// As deep as the value, which is bounded.
fn flatten(name: String, value: &Value, format: ArrayFormat, pairs: &mut Vec<(String, String)>) {
    match value.view() {
        View::Object(object) => {
            for (inner, value) in object.iter() {
                flatten(format!("{name}[{inner}]"), value, format, pairs);
            }
        }
        View::Array(elements) if format == ArrayFormat::Commas => {
            let texts: Vec<String> = elements.iter().map(text).collect();
            pairs.push((name, texts.join(",")));
        }
        View::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                let name = match format {
                    ArrayFormat::Indices => format!("{name}[{index}]"),
                    ArrayFormat::Brackets => format!("{name}[]"),
                    ArrayFormat::Repeat | ArrayFormat::Commas => name.clone(),
                };
                flatten(name, value, format, pairs);
            }
        }
        View::Null | View::Bool(_) | View::Number(_) | View::String(_) => {
            pairs.push((name, text(value)));
        }
    }
}

/// A scalar as it stands in a header, a query or a form: null is empty.
pub(super) fn text(value: &Value) -> String {
    match value.view() {
        View::Null => String::new(),
        View::String(text) => text.to_owned(),
        View::Bool(_) | View::Number(_) | View::Array(_) | View::Object(_) => value.to_json(),
    }
}

/// `a=b&c=d`
pub(super) fn query(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode(name, &mut out);
        out.push('=');
        encode(value, &mut out);
    }
    out
}

/// The pairs of a query that somebody wrote.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        String::from_utf8_lossy(&decode(text.replace('+', " ").as_bytes())).into_owned()
    };
    let written = query.split('&').filter(|pair| !pair.is_empty());
    written
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let digit = |half: u8| {
                DIGITS
                    .get(usize::from(half))
                    .copied()
                    .map_or('0', char::from)
            };
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte & 15));
        }
    }
}

/// Each `%` that is followed by two hexadecimal digits is a byte.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digits = (digit(after.first()), digit(after.get(1)));
        match digits {
            (Some(high), Some(low)) if *first == b'%' => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_a_form_in_four_formats() {
        let body = br#"{"array":["a","b"],"metadata":{"order details":"x y"},"n":1.50,"no":null,"yes":true,"\u00e4":"&="}"#;
        let body = Value::parse(body).unwrap();
        let rest = "&metadata%5Border%20details%5D=x%20y&n=1.50&no=&yes=true&%C3%A4=%26%3D";
        let cases = [
            (ArrayFormat::Indices, "array%5B0%5D=a&array%5B1%5D=b"),
            (ArrayFormat::Repeat, "array=a&array=b"),
            (ArrayFormat::Commas, "array=a%2Cb"),
            (ArrayFormat::Brackets, "array%5B%5D=a&array%5B%5D=b"),
        ];
        for (format, array) in cases {
            assert_eq!(form(&body, format), format!("{array}{rest}"));
        }
    }

    #[test]
    fn objects_in_arrays_keep_their_names() {
        let body = Value::parse(br#"{"a":[{"b":[1,2]}]}"#).unwrap();
        let cases = [
            (ArrayFormat::Indices, "a[0][b][0]=1&a[0][b][1]=2"),
            (ArrayFormat::Repeat, "a[b]=1&a[b]=2"),
            (ArrayFormat::Brackets, "a[][b][]=1&a[][b][]=2"),
            (ArrayFormat::Commas, r#"a={"b":[1,2]}"#),
        ];
        for (format, expected) in cases {
            let decoded = String::from_utf8(decode(form(&body, format).as_bytes())).unwrap();
            assert_eq!(decoded, expected);
        }
    }

    #[test]
    fn a_written_query_is_read() {
        let read = pairs("a=b%20c&d=+&e&&f=%zz%4");
        let expected = [("a", "b c"), ("d", " "), ("e", ""), ("f", "%zz%4")];
        assert_eq!(read, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
}
