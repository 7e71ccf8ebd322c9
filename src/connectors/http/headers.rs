//! The headers of a request: the definition's, over them the connection's, over them those that are always the same.

use hyper::header::{
    CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE, USER_AGENT,
};

use super::connection::Connection;
use super::form;
use crate::connectors::parameters::{runtime, unusable};
use crate::machine::TaskError;
use crate::value::Value;

/// What a definition must not set; connections may.
const FORBIDDEN: &[&str] = &[
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
];

/// The same by their beginning.
const FORBIDDEN_PREFIXES: &[&str] = &["x-forwarded-", "x-amz-", "x-amzn-"];

/// The first 256 KiB are all that a task can hold.
const FIXED_RANGE: &str = "bytes=0-262144";

/// The headers of a request with these parameters; `content_type` is that of its body, unless another was asked for.
pub(super) fn of(
    parameters: &Value,
    connection: Option<&Connection>,
    content_type: Option<&'static str>,
    region: &str,
) -> Result<HeaderMap, TaskError> {
    let mut headers = HeaderMap::new();
    match parameters.get("Headers") {
        Some(written) if !written.is_null() => {
            let Some(object) = written.as_object() else {
                return Err(unusable(parameters, "Headers must be an object"));
            };
            for (name, value) in object.iter() {
                add(&mut headers, name, value)?;
            }
        }
        _ => {}
    }
    // The body's length is counted, and its bytes are not encoded.
    headers.remove(CONTENT_LENGTH);
    if let Some(connection) = connection {
        for (name, value) in connection.headers() {
            headers.insert(name.clone(), value.clone());
        }
    }
    if let Some(content_type) = content_type
        && !headers.contains_key(CONTENT_TYPE)
    {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    let agent = format!("Amazon|StepFunctions|HttpInvoke|{region}");
    let agent = HeaderValue::try_from(agent)
        .map_err(|_| runtime("identity.region is nothing that a header can hold".to_owned()))?;
    headers.insert(USER_AGENT, agent);
    headers.insert(RANGE, HeaderValue::from_static(FIXED_RANGE));
    Ok(headers)
}

fn add(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), TaskError> {
    let lower = name.to_ascii_lowercase();
    let is_forbidden = FORBIDDEN.contains(&lower.as_str())
        || FORBIDDEN_PREFIXES
            .iter()
            .any(|prefix| lower.starts_with(prefix));
    if is_forbidden {
        return Err(runtime(format!(
            "The header {name} is not allowed in an HTTP task."
        )));
    }
    let odd = || {
        runtime(format!(
            "The header {name:?} is nothing that HTTP can send."
        ))
    };
    let key = HeaderName::from_bytes(lower.as_bytes()).map_err(|_| odd())?;
    let one = std::slice::from_ref(value);
    for value in value.as_array().unwrap_or(one) {
        let value = HeaderValue::try_from(form::text(value)).map_err(|_| odd())?;
        headers.append(key.clone(), value);
    }
    Ok(())
}
