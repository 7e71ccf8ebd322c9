//! The one form that all spellings of a request have: what is signed.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{Request, hex};

/// `signed_headers` are sorted.
pub(super) fn request(request: &Request<'_>, signed_headers: &[&str]) -> String {
    let Request {
        method,
        path: sent_path,
        query: sent_query,
        headers: sent,
        payload,
    } = request;
    let mut canonical = format!("{method}\n{}\n{}\n", path(sent_path), query(sent_query));
    for name in signed_headers {
        let values = sent.iter().filter(|(sent, _)| sent == name);
        let values: Vec<String> = values.map(|(_, value)| header(value)).collect();
        canonical.push_str(name);
        canonical.push(':');
        canonical.push_str(&values.join(","));
        canonical.push('\n');
    }
    canonical.push('\n');
    canonical.push_str(&signed_headers.join(";"));
    canonical.push('\n');
    canonical.push_str(&hex(&Sha256::digest(payload).into()));
    canonical
}

/// Without `.`, `..` and empty segments, and escaped once more: AWS does so for all services but S3.
fn path(sent: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in sent.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut path = String::from("/");
    path.push_str(&segments.join("/"));
    let is_folder = ["/", "/.", "/.."].iter().any(|end| sent.ends_with(end));
    if is_folder && !segments.is_empty() {
        path.push('/');
    }
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            write!(escaped, "%{byte:02X}").expect("a string takes all that is written");
        }
    }
    escaped
}

/// Its parameters in the order of their names and values.
fn query(sent: &str) -> String {
    let parameters = sent.split('&').filter(|parameter| !parameter.is_empty());
    let split = |parameter| str::split_once(parameter, '=').unwrap_or((parameter, ""));
    let mut parameters: Vec<(&str, &str)> = parameters.map(split).collect();
    parameters.sort_unstable();
    let parameters = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    parameters.collect::<Vec<_>>().join("&")
}

/// Without spaces at the ends, and one where there are several.
fn header(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}
