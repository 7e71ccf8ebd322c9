//! What the invoke API answered → how the task ended, in AWS's words.

use hyper::header::HeaderMap;

use super::RESPONSE_BYTES_MAX;
use super::invocation::{Form, Invocation, service_error};
use crate::connectors::client::{Failure, Received};
use crate::connectors::parameters::runtime;
use crate::machine::{TaskError, TaskResult};
use crate::value::{ArrayBuilder, ObjectBuilder, Text, Value};

/// Names of headers as AWS shows them; others are shown in lower case.
const HEADERS: &[&str] = &[
    "Connection",
    "Content-Length",
    "Content-Type",
    "Date",
    "X-Amz-Executed-Version",
    "X-Amz-Function-Error",
    "X-Amz-Log-Result",
    "x-amzn-Remapped-Content-Length",
    "x-amzn-RequestId",
    "X-Amzn-Trace-Id",
];

/// Error codes that are classes of AWS's client; any other is the base class.
const CODES: &[&str] = &[
    "CodeArtifactUserFailedException",
    "EC2AccessDeniedException",
    "EC2ThrottledException",
    "EC2UnexpectedException",
    "EFSIOException",
    "EFSMountConnectivityException",
    "EFSMountFailureException",
    "EFSMountTimeoutException",
    "ENILimitReachedException",
    "InvalidParameterValueException",
    "InvalidRequestContentException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "RecursiveInvocationException",
    "RequestTooLargeException",
    "ResourceConflictException",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "SerializedRequestEntityTooLargeException",
    "ServiceException",
    "SnapStartException",
    "SnapStartNotReadyException",
    "SnapStartTimeoutException",
    "SubnetIPAddressLimitReachedException",
    "TooManyRequestsException",
    "UnsupportedMediaTypeException",
];

pub(super) fn of(invocation: &Invocation, sent: Result<Received, Failure>) -> TaskResult {
    match sent {
        Err(failure) => TaskResult::Failed(transport(&failure)),
        Ok(received) if received.status.is_success() => {
            let has_failed = received.headers.contains_key("x-amz-function-error");
            if has_failed && invocation.form != Form::Sdk {
                return TaskResult::Failed(function_error(invocation, &received));
            }
            succeeded(invocation, &received)
        }
        Ok(received) => {
            let code = code(&received);
            // `cargo lambda` answers for a failed function with 500 and the function's own error.
            if code.is_none() && error_type(&received.body).is_some() {
                if invocation.form == Form::Sdk {
                    return TaskResult::Succeeded(sdk_answer(&received, 200, Some("Unhandled")));
                }
                return TaskResult::Failed(function_error(invocation, &received));
            }
            TaskResult::Failed(refused(invocation, &received, code))
        }
    }
}

/// There was no answer. What AWS's client throws in its place.
fn transport(failure: &Failure) -> TaskError {
    let (error, cause) = match failure {
        Failure::TimedOut(_) => (
            "Lambda.ClientExecutionTimeoutException",
            "Client execution did not complete before the specified timeout configuration"
                .to_owned(),
        ),
        Failure::TooLarge(_) => (
            "Function.ResponseSizeTooLarge",
            format!(
                "{{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES_MAX} bytes).\"}}"
            ),
        ),
        Failure::Denied(why) | Failure::Unreachable(why) | Failure::Broken(why) => (
            "Lambda.SdkClientException",
            format!("Unable to execute HTTP request: {why}"),
        ),
    };
    TaskError {
        error: Text::new_static(error),
        cause: Some(cause),
    }
}

/// The function has failed: its own error, and its own words.
fn function_error(invocation: &Invocation, received: &Received) -> TaskError {
    let body = String::from_utf8_lossy(&received.body);
    match error_type(&received.body) {
        Some(error) => TaskError {
            error,
            // The service writes it anew, without blanks.
            cause: Some(match Value::parse(&received.body) {
                Ok(failure) if invocation.form == Form::Service => failure.to_json(),
                _ => body.into_owned(),
            }),
        },
        None => TaskError {
            error: Text::new_static("Lambda.Unknown"),
            cause: Some(format!(
                "The cause could not be determined because Lambda did not return an error type. Returned payload: {body}"
            )),
        },
    }
}

fn error_type(body: &[u8]) -> Option<Text> {
    let failure = Value::parse(body).ok()?;
    let error = failure.get("errorType")?.as_text()?;
    (!error.is_empty()).then(|| error.clone())
}

/// The service did not invoke the function.
fn refused(invocation: &Invocation, received: &Received, code: Option<String>) -> TaskError {
    let status = received.status.as_u16();
    let code = code.unwrap_or_else(|| {
        let code = match status {
            404 => "ResourceNotFoundException",
            413 => "RequestTooLargeException",
            429 => "TooManyRequestsException",
            500.. => "ServiceException",
            _ => "null",
        };
        code.to_owned()
    });
    let class = if CODES.contains(&code.as_str()) {
        code.as_str()
    } else {
        invocation.form.base_exception()
    };
    let message = message(received);
    let id = request_id(invocation, &received.headers);
    TaskError {
        error: Text::from(format!("Lambda.{class}")),
        cause: Some(service_error(invocation.form, &message, status, &code, &id)),
    }
}

/// The error code, if the answer says one: in a header, or in its body.
fn code(received: &Received) -> Option<String> {
    let header = received.headers.get("x-amzn-errortype");
    let written = match header.and_then(|value| value.to_str().ok()) {
        Some(code) => code.to_owned(),
        None => {
            let body = Value::parse(&received.body).ok()?;
            let member = ["__type", "code"].iter().find_map(|name| body.get(name));
            member?.as_str()?.to_owned()
        }
    };
    // `com.amazonaws…#CODE` and `CODE:http://…` are known from other services.
    let code = written.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().trim();
    (!code.is_empty()).then(|| code.to_owned())
}

/// What the service said: its message, or whatever text there is.
fn message(received: &Received) -> String {
    /// Enough of a page of HTML to know it by.
    const SHOWN_CHARS_MAX: usize = 1_000;
    let body = Value::parse(&received.body).ok();
    let member = body.as_ref().and_then(|body| {
        let names = ["Message", "message", "errorMessage"];
        names.iter().find_map(|name| body.get(name)?.as_str())
    });
    match member {
        Some(message) => message.to_owned(),
        None if received.body.is_empty() => received.reason.clone(),
        None => {
            let text = String::from_utf8_lossy(&received.body);
            text.chars().take(SHOWN_CHARS_MAX).collect()
        }
    }
}

fn succeeded(invocation: &Invocation, received: &Received) -> TaskResult {
    let answer = match invocation.form {
        Form::Function => Some(payload(&received.body)),
        Form::Service => envelope(invocation, received, payload(&received.body)),
        Form::Sdk => {
            let failure = received.headers.get("x-amz-function-error");
            let failure = failure.map(|failure| String::from_utf8_lossy(failure.as_bytes()));
            let status = received.status.as_u16();
            Some(sdk_answer(received, status, failure.as_deref()))
        }
    };
    match answer {
        Some(answer) => TaskResult::Succeeded(answer),
        None => TaskResult::Failed(runtime(
            "The function's answer is nested too deeply.".to_owned(),
        )),
    }
}

/// The members of the API's answer, and nothing else.
fn sdk_answer(received: &Received, status: u16, failure: Option<&str>) -> Value {
    let header = |name: &str| {
        let value = received.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut answer = ObjectBuilder::with_capacity(5);
    let version = header("x-amz-executed-version").unwrap_or_else(|| "$LATEST".to_owned());
    answer.insert("ExecutedVersion", Value::from(version));
    if let Some(failure) = failure {
        answer.insert("FunctionError", Value::from(failure));
    }
    if let Some(log) = header("x-amz-log-result") {
        answer.insert("LogResult", Value::from(log));
    }
    let payload = String::from_utf8_lossy(&received.body).into_owned();
    answer.insert("Payload", Value::from(payload));
    answer.insert("StatusCode", Value::from(i64::from(status)));
    answer.finish().expect("one level is not too deep")
}

/// What is no JSON stays a text.
fn payload(body: &[u8]) -> Value {
    Value::parse(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body).into_owned()))
}

/// `None` if it would be nested too deeply.
fn envelope(invocation: &Invocation, received: &Received, payload: Value) -> Option<Value> {
    let text = |name: &str| {
        let value = received.headers.get(name)?;
        Some(Value::from(
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        ))
    };
    let status = Value::from(i64::from(received.status.as_u16()));
    let version = text("x-amz-executed-version").unwrap_or_else(|| Value::from("$LATEST"));
    let id = request_id(invocation, &received.headers);

    let mut response = ObjectBuilder::with_capacity(1);
    response.insert("RequestId", Value::from(id));

    let mut envelope = ObjectBuilder::with_capacity(6);
    envelope.insert("ExecutedVersion", version);
    if let Some(log) = text("x-amz-log-result") {
        envelope.insert("LogResult", log);
    }
    envelope.insert("Payload", payload);
    envelope.insert(
        "SdkHttpMetadata",
        http_metadata(&received.headers, &status)?,
    );
    envelope.insert("SdkResponseMetadata", response.finish().ok()?);
    envelope.insert("StatusCode", status);
    envelope.finish().ok()
}

fn http_metadata(headers: &HeaderMap, status: &Value) -> Option<Value> {
    let mut all = ObjectBuilder::with_capacity(headers.keys_len());
    let mut first = ObjectBuilder::with_capacity(headers.keys_len());
    for name in headers.keys() {
        let shown = HEADERS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name.as_str()))
            .map_or(name.as_str(), |known| known);
        let values = headers.get_all(name).iter();
        let values: Vec<Value> = values
            .map(|value| Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        if let Some(value) = values.first() {
            first.insert(shown, value.clone());
        }
        all.insert(shown, ArrayBuilder::from_iter(values).finish().ok()?);
    }
    let mut metadata = ObjectBuilder::with_capacity(3);
    metadata.insert("AllHttpHeaders", all.finish().ok()?);
    metadata.insert("HttpHeaders", first.finish().ok()?);
    metadata.insert("HttpStatusCode", status.clone());
    metadata.finish().ok()
}

fn request_id(invocation: &Invocation, headers: &HeaderMap) -> String {
    let given = headers
        .get("x-amzn-requestid")
        .or_else(|| headers.get("x-amz-request-id"));
    given
        .and_then(|id| id.to_str().ok())
        .map_or_else(|| invocation.request_id.clone(), str::to_owned)
}
