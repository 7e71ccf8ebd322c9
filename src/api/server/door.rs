//! Who is let in: the bearer of a token, or whoever signed the request with a key that is known here.
//!
//! *Not here*: who may do what: whoever is in may do everything.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use hyper::http::request;

use super::Access;
use crate::access::{Expected, Presented, Refusal, Request};
use crate::api::protocol::Fault;
use crate::api::shared::Shared;

/// The service in the scope of signatures.
const SERVICE: &str = "states";
/// What must be signed where it is there, since it says what is done.
const SIGNED: &[&str] = &["x-amz-target"];
const DATE: &str = "x-amz-date";
/// What comes with keys that AWS gave for a time: none of those is known here.
const SESSION: &str = "x-amz-security-token";

/// What is still to be checked of a request when its body has come.
#[derive(Debug)]
pub(super) enum Entry<'h> {
    /// Nothing.
    Free,
    /// Its signature.
    Signed(Presented<'h>),
}

/// What can be said before the body has come.
pub(super) fn enter<'h>(shared: &Shared, headers: &'h HeaderMap) -> Result<Entry<'h>, Fault> {
    let Access { tokens, keys } = &shared.access;
    if shared.access.is_open() {
        return Ok(Entry::Free);
    }
    let authorization = header(headers, AUTHORIZATION.as_str());
    match authorization.and_then(|value| tokens.admit(value)) {
        Some(true) => return Ok(Entry::Free),
        Some(false) => return Err(refused(&Refusal::Unknown)),
        None => {}
    }
    let presented = Presented::parse(authorization, header(headers, DATE));
    let presented = presented.map_err(|refusal| refused(&refusal))?;
    if headers.contains_key(SESSION) {
        return Err(refused(&Refusal::Unknown));
    }
    keys.expect(&presented, &expected(shared))
        .map_err(|refusal| refused(&refusal))?;
    Ok(Entry::Signed(presented))
}

impl Entry<'_> {
    /// The rest, with the body.
    pub(super) fn check(
        &self,
        shared: &Shared,
        parts: &request::Parts,
        body: &[u8],
    ) -> Result<(), Fault> {
        let Self::Signed(presented) = self else {
            return Ok(());
        };
        let headers = parts.headers.iter();
        let headers = headers.filter_map(|(name, value)| Some((name.as_str(), text(value)?)));
        let headers: Vec<(&str, &str)> = headers.collect();
        let request = Request {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &headers,
            payload: body,
        };
        let keys = &shared.access.keys;
        keys.verify(presented, &expected(shared), &request)
            .map_err(|refusal| refused(&refusal))
    }
}

fn expected(shared: &Shared) -> Expected<'_> {
    Expected {
        region: &shared.options.identity.region,
        service: SERVICE,
        now: shared.now(),
        headers: SIGNED,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    text(headers.get(name)?)
}

fn text(value: &hyper::header::HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

fn refused(refusal: &Refusal) -> Fault {
    Fault::new(refusal.error_type(), refusal.to_string())
}
