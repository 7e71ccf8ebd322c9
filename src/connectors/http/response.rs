//! What a service answered → how the task ended.

use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use crate::connectors::client::{Failure, Received};
use crate::connectors::parameters::runtime;
use crate::machine::{TaskError, TaskResult};
use crate::value::{ArrayBuilder, ObjectBuilder, Text, Value};

pub(super) fn of(sent: Result<Received, Failure>) -> TaskResult {
    let ended = match sent {
        Ok(received) if received.status.is_success() => envelope(&received),
        Ok(received) => Err(status_error(&received)),
        Err(failure) => Err(transport(failure)),
    };
    ended.map_or_else(TaskResult::Failed, TaskResult::Succeeded)
}

fn transport(failure: Failure) -> TaskError {
    let (error, cause) = match failure {
        Failure::Denied(why) => ("States.Http", format!("HTTP tasks must not call it: {why}.")),
        Failure::TooLarge(_) => (
            "States.DataLimitExceeded",
            "The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit.".to_owned(),
        ),
        Failure::Unreachable(why) | Failure::Broken(why) => ("States.Http.Socket", why),
        timed_out @ Failure::TimedOut(_) => ("States.Http.Socket", timed_out.to_string()),
    };
    TaskError {
        error: Text::new_static(error),
        cause: Some(cause),
    }
}

/// Any status but 2xx: what the service said is the cause.
fn status_error(received: &Received) -> TaskError {
    let cause = match text(received) {
        Ok(text) if !text.is_empty() => text,
        _ => received.reason.clone(),
    };
    TaskError {
        error: Text::from(format!(
            "States.Http.StatusCode.{}",
            received.status.as_u16()
        )),
        cause: Some(cause),
    }
}

fn envelope(received: &Received) -> Result<Value, TaskError> {
    let too_deep = |_| runtime("The response is nested too deeply.".to_owned());
    let text =
        text(received).map_err(|why| runtime(format!("The response is not supported: {why}.")))?;
    let mut envelope = ObjectBuilder::with_capacity(4);
    envelope.insert("Headers", headers(&received.headers)?);
    envelope.insert("ResponseBody", body(text, &received.headers));
    envelope.insert(
        "StatusCode",
        Value::from(i64::from(received.status.as_u16())),
    );
    envelope.insert("StatusText", Value::from(received.reason.as_str()));
    envelope.finish().map_err(too_deep)
}

fn headers(headers: &HeaderMap) -> Result<Value, TaskError> {
    let too_deep = |_| runtime("The response is nested too deeply.".to_owned());
    let mut all = ObjectBuilder::with_capacity(headers.keys_len());
    for name in headers.keys() {
        let values = headers.get_all(name).iter();
        let values =
            values.map(|v| Value::from(String::from_utf8_lossy(v.as_bytes()).into_owned()));
        let values = ArrayBuilder::from_iter(values).finish().map_err(too_deep)?;
        all.insert(name.as_str(), values);
    }
    all.finish().map_err(too_deep)
}

/// JSON where the service says so, and where it can be nothing else; else the text.
fn body(text: String, headers: &HeaderMap) -> Value {
    let (essence, _) = content_type(headers);
    let is_json = essence.ends_with("/json") || essence.ends_with("+json");
    let is_container = text.trim_start().starts_with(['{', '[']);
    if is_json || is_container {
        Value::parse(text.as_bytes()).unwrap_or_else(|_| Value::from(text))
    } else {
        Value::from(text)
    }
}

/// The body as text, or why it is none.
fn text(received: &Received) -> Result<String, String> {
    let (essence, charset) = content_type(&received.headers);
    let is_binary = essence == "application/octet-stream"
        || ["image/", "video/", "audio/"]
            .iter()
            .any(|kind| essence.starts_with(kind));
    if is_binary {
        return Err(format!("its content type is {essence}"));
    }
    let encoding = received.headers.get(CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err("it is compressed, although nobody asked for it".to_owned());
    }
    match charset.as_str() {
        "" | "utf-8" | "utf8" | "us-ascii" | "ascii" => String::from_utf8(received.body.to_vec())
            .map_err(|_| "it cannot be read as a text in UTF-8".to_owned()),
        "iso-8859-1" | "latin1" => Ok(received.body.iter().copied().map(char::from).collect()),
        _ => Err(format!("its charset is {charset}")),
    }
}

/// `text/html` and `utf-8`, both in lower case and possibly empty.
fn content_type(headers: &HeaderMap) -> (String, String) {
    let written = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let written = written.unwrap_or_default().to_ascii_lowercase();
    let mut parts = written.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_owned();
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    let charset = charset.unwrap_or_default().trim_matches('"').to_owned();
    (essence, charset)
}
