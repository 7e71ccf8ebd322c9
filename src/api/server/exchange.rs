//! One request → one response: what HTTP has to say about it, before and after the operation.

use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};

use super::{body, door, hosts};
use crate::api::operations;
use crate::api::protocol::Fault;
use crate::api::shared::Shared;

const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const TARGET: &str = "x-amz-target";
const TRACE: &str = "x-amzn-trace-id";
const REQUEST_ID: &str = "x-amzn-requestid";

pub(super) async fn exchange(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let answer = answer(shared, request).await;
    let id = HeaderValue::try_from(shared.ids.text()).expect("digits and hyphens make a header");
    let metrics = &shared.metrics;
    let (outcome, mut response) = match answer {
        Ok(body) => (
            &metrics.answered,
            Response::new(Full::new(Bytes::from(body))),
        ),
        Err(fault) => {
            let outcome = match fault.status {
                429 | 503 => &metrics.full,
                500.. => &metrics.broken,
                _ => &metrics.refused,
            };
            (outcome, refusal(&fault))
        }
    };
    outcome.increment(1);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(REQUEST_ID, id);
    response
}

async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Result<Vec<u8>, Fault> {
    check_host(shared, &request)?;
    if request.method() != Method::POST {
        let message = "The API of Step Functions is asked by POST";
        return Err(Fault::new("UnknownOperationException", message).with_status(405));
    }
    let (parts, incoming) = request.into_parts();
    let entry = door::enter(shared, &parts.headers)?;
    let Ok(_permit) = shared.requests.try_acquire() else {
        return Err(Fault::throttled("Rate exceeded: too many requests at once"));
    };
    let body = body::read(shared, incoming).await?;
    entry.check(shared, &parts, &body.bytes)?;
    let target = header(&parts.headers, TARGET).unwrap_or_default();
    let trace = header(&parts.headers, TRACE);
    operations::answer(shared, target, body, trace).await
}

fn check_host(shared: &Shared, request: &Request<Incoming>) -> Result<(), Fault> {
    let of_uri = request
        .uri()
        .authority()
        .map(hyper::http::uri::Authority::as_str);
    let host = of_uri.or_else(|| request.headers().get(HOST)?.to_str().ok());
    let host = host.unwrap_or_default();
    if hosts::is_answered(host, &shared.options.hosts) {
        return Ok(());
    }
    let message = format!("Stepstream is not called '{host}': if it is, add the name to api.hosts");
    Err(Fault::new("AccessDeniedException", message).with_status(403))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn refusal(fault: &Fault) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(fault.body())));
    *response.status_mut() = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    if let Some(seconds) = fault.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if fault.status == 405 {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}
