//! Requests and responses as TestState shows them.

use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper::{Request, Uri};

use super::connection::Connection;
use crate::connectors::client::Received;
use crate::engine::Trace;
use crate::value::{ObjectBuilder, Value};

/// Keeps a request. What a connection adds is left out, unless secrets are revealed: with one of its own queries or bodies, all of it.
pub(super) fn request<B>(
    trace: &Trace,
    request: &Request<B>,
    body: &[u8],
    connection: Option<&Connection>,
) {
    let connection = connection.filter(|_| !trace.reveals_secrets());
    let of_connection = |name: &HeaderName, value: &HeaderValue| {
        let own = connection.map(Connection::headers).unwrap_or_default();
        let is_secret = value.is_sensitive() || *name == AUTHORIZATION;
        own.iter().any(|(own, _)| own == name) || (is_secret && !trace.reveals_secrets())
    };
    let url = match connection {
        Some(connection) if !connection.query().is_empty() => without_query(request.uri()),
        Some(_) | None => request.uri().to_string(),
    };
    let body = match connection {
        Some(connection) if !connection.body().is_empty() => "".into(),
        Some(_) | None => String::from_utf8_lossy(body),
    };
    trace.sent(members([
        ("protocol", protocol(request.uri())),
        ("method", request.method().as_str()),
        ("url", &url),
        ("headers", &list(request.headers(), of_connection)),
        ("body", &body),
    ]));
}

/// Keeps the response to a request that went to `uri`.
pub(super) fn response(trace: &Trace, uri: &Uri, received: &Received) {
    trace.received(members([
        ("protocol", protocol(uri)),
        ("statusCode", received.status.as_str()),
        ("statusMessage", &received.reason),
        ("headers", &list(&received.headers, |_, _| false)),
        ("body", &String::from_utf8_lossy(&received.body)),
    ]));
}

fn protocol(uri: &Uri) -> &str {
    uri.scheme_str().unwrap_or_default()
}

fn without_query(uri: &Uri) -> String {
    let uri = uri.to_string();
    uri.split('?').next().unwrap_or_default().to_owned()
}

/// `[accept: */*, host: example.com]`
fn list(headers: &HeaderMap, is_hidden: impl Fn(&HeaderName, &HeaderValue) -> bool) -> String {
    let shown = headers
        .iter()
        .filter(|(name, value)| !is_hidden(name, value));
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    format!("[{}]", shown.map(line).collect::<Vec<_>>().join(", "))
}

fn members<const N: usize>(members: [(&'static str, &str); N]) -> Value {
    let mut object = ObjectBuilder::with_capacity(N);
    for (name, text) in members {
        object.insert(name, Value::from(text));
    }
    object.finish().expect("texts are not deep")
}
