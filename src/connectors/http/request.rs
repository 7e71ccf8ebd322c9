//! What a state asks for → the request that is sent.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HeaderMap;
use hyper::{Method, Request, Uri};

use super::connection::Connection;
use super::form::{self, ArrayFormat};
use super::headers;
use super::target::{Target, TargetRule};
use crate::connectors::parameters::{self, missing, runtime, unusable};
use crate::machine::TaskError;
use crate::value::{ObjectBuilder, Text, Value};

const PARAMETERS: &[&str] = &[
    "ApiEndpoint",
    "Authentication",
    "Headers",
    "InvocationConfig",
    "Method",
    "QueryParameters",
    "RequestBody",
    "Transform",
];

const JSON: &str = "application/json; charset=UTF-8";
const FORM: &str = "application/x-www-form-urlencoded";

/// The error of a target that no rule allows.
const DENIED: &str = "States.Http";

/// A request that may be sent.
#[derive(Debug)]
pub(super) struct Prepared {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Prepared {
    pub(super) fn body(&self) -> Bytes {
        self.body.clone()
    }

    pub(super) fn into_request(self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request
    }
}

/// The ARN of the connection to use, if one is named.
pub(super) fn connection(parameters: &Value) -> Result<Option<&Text>, TaskError> {
    let named = |name| parameters.get(name).filter(|written| !written.is_null());
    let written = match (named("Authentication"), named("InvocationConfig")) {
        (Some(_), Some(_)) => {
            let why = "Authentication and InvocationConfig must not both be given";
            return Err(unusable(parameters, why));
        }
        (Some(written), None) | (None, Some(written)) => written,
        (None, None) => return Ok(None),
    };
    let arn = written.get("ConnectionArn").and_then(Value::as_text);
    arn.map(Some)
        .ok_or_else(|| missing(parameters, "ConnectionArn"))
}

pub(super) fn prepare(
    parameters: &Value,
    rules: &[TargetRule],
    connection: Option<&Connection>,
    region: &str,
) -> Result<Prepared, TaskError> {
    parameters::object(parameters, PARAMETERS)?;
    let method = method(parameters)?;
    let target = target(parameters, rules)?;
    let mut query = form::pairs(&target.query);
    query.extend(query_parameters(parameters)?);
    if let Some(connection) = connection {
        let own = connection.query();
        query.retain(|(name, _)| own.iter().all(|(own, _)| own != name));
        query.extend(own.iter().cloned());
    }
    let body = body(parameters, connection)?;
    let content_type = body.as_ref().map(|(_, content_type)| *content_type);
    let headers = headers::of(parameters, connection, content_type, region)?;
    let uri = target.url(&form::query(&query)).parse().map_err(|why| {
        let why = format!("ApiEndpoint and QueryParameters make no URL: {why}");
        runtime(why)
    })?;
    Ok(Prepared {
        method,
        uri,
        headers,
        body: Bytes::from(body.map_or_else(Vec::new, |(body, _)| body)),
    })
}

fn method(parameters: &Value) -> Result<Method, TaskError> {
    let Some(method) = parameters::text(parameters, "Method")? else {
        return Err(missing(parameters, "Method"));
    };
    Ok(match method.as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "DELETE" => Method::DELETE,
        "PATCH" => Method::PATCH,
        "OPTIONS" => Method::OPTIONS,
        "HEAD" => Method::HEAD,
        _ => {
            let why = "Method must be one of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD";
            return Err(unusable(parameters, why));
        }
    })
}

fn target(parameters: &Value, rules: &[TargetRule]) -> Result<Target, TaskError> {
    let Some(endpoint) = parameters::text(parameters, "ApiEndpoint")? else {
        return Err(missing(parameters, "ApiEndpoint"));
    };
    let denied = |cause: String| TaskError {
        error: Text::new_static(DENIED),
        cause: Some(cause),
    };
    let target = Target::parse(endpoint)
        .map_err(|why| denied(format!("The ApiEndpoint cannot be called: {why}.")))?;
    if rules.iter().any(|rule| rule.allows(&target)) {
        Ok(target)
    } else {
        Err(denied(format!(
            "HTTP tasks must not call {target}: no entry of http.allow names it."
        )))
    }
}

fn query_parameters(parameters: &Value) -> Result<Vec<(String, String)>, TaskError> {
    let refuse = || {
        unusable(
            parameters,
            "QueryParameters must be an object, a text or an array of those",
        )
    };
    let Some(written) = parameters.get("QueryParameters") else {
        return Ok(Vec::new());
    };
    let mut pairs = Vec::new();
    for part in elements(written) {
        if let Some(object) = part.as_object() {
            for (name, value) in object.iter() {
                for value in elements(value) {
                    pairs.push((name.to_string(), form::text(value)));
                }
            }
        } else if let Some(text) = part.as_str() {
            pairs.extend(form::pairs(text));
        } else if !part.is_null() {
            return Err(refuse());
        }
    }
    Ok(pairs)
}

/// Those of an array; anything else stands for itself.
fn elements(value: &Value) -> &[Value] {
    value
        .as_array()
        .unwrap_or_else(|| std::slice::from_ref(value))
}

/// The body, if there is one, and its type.
fn body(
    parameters: &Value,
    connection: Option<&Connection>,
) -> Result<Option<(Vec<u8>, &'static str)>, TaskError> {
    let written = parameters.get("RequestBody").cloned();
    let own = connection.map_or(&[][..], Connection::body);
    let body = match (written, own) {
        (None, []) => return Ok(None),
        (Some(written), []) => written,
        (written, own) => merge(written, own)?,
    };
    let format = encoding(parameters)?;
    Ok(Some(match (format, body.as_str()) {
        (None, Some(text)) => (text.as_bytes().to_vec(), JSON),
        (None, None) => (body.to_json().into_bytes(), JSON),
        (Some(_), Some(text)) => (text.as_bytes().to_vec(), FORM),
        (Some(format), None) => (form::form(&body, format).into_bytes(), FORM),
    }))
}

/// The connection's members over the definition's.
fn merge(written: Option<Value>, own: &[(String, String)]) -> Result<Value, TaskError> {
    let mut merged = ObjectBuilder::new();
    if let Some(written) = written.filter(|written| !written.is_null()) {
        let Some(object) = written.as_object() else {
            return Err(runtime(
                "The RequestBody cannot be merged with that of the connection: it is no object."
                    .to_owned(),
            ));
        };
        for (name, value) in object.iter() {
            merged.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in own {
        merged.insert(name.as_str(), Value::from(value.as_str()));
    }
    merged.finish().map_err(|why| runtime(why.to_string()))
}

/// How arrays are written, if the body is to be a form.
fn encoding(parameters: &Value) -> Result<Option<ArrayFormat>, TaskError> {
    let transform = match parameters.get("Transform") {
        Some(transform) if !transform.is_null() => transform,
        _ => return Ok(None),
    };
    match transform.get("RequestBodyEncoding").map(Value::as_str) {
        None | Some(Some("NONE")) => return Ok(None),
        Some(Some("URL_ENCODED")) => {}
        Some(_) => {
            let why = "RequestBodyEncoding must be one of NONE, URL_ENCODED";
            return Err(unusable(parameters, why));
        }
    }
    let options = transform.get("RequestEncodingOptions");
    let format = options.and_then(|options| options.get("ArrayFormat"));
    match format.map(Value::as_str) {
        None => Ok(Some(ArrayFormat::default())),
        Some(Some("INDICES")) => Ok(Some(ArrayFormat::Indices)),
        Some(Some("REPEAT")) => Ok(Some(ArrayFormat::Repeat)),
        Some(Some("COMMAS")) => Ok(Some(ArrayFormat::Commas)),
        Some(Some("BRACKETS")) => Ok(Some(ArrayFormat::Brackets)),
        Some(_) => {
            let why = "ArrayFormat must be one of INDICES, REPEAT, COMMAS, BRACKETS";
            Err(unusable(parameters, why))
        }
    }
}
