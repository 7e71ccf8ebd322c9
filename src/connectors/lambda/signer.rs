//! Signs invocations, for endpoints that ask for it, as AWS's own do.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, HOST, HeaderValue};

use crate::access::{self, Scope, SecretKey};
use crate::connectors::http::Secret;
use crate::machine::Timestamp;

/// Who invokes, by the keys that AWS gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LambdaSigner {
    /// `AKIA…`
    pub key_id: String,
    /// The key itself.
    pub secret: Secret,
    /// Of keys that are valid for a while.
    pub session_token: Option<Secret>,
    /// `us-east-1`
    pub region: String,
}

impl LambdaSigner {
    /// Adds the headers of a signature that is valid for some minutes from `now`.
    pub(super) fn sign(&self, request: &mut Request<Full<Bytes>>, body: &[u8], now: Timestamp) {
        let instant = instant(now);
        let host = host(request.uri());
        let headers = request.headers_mut();
        let token = self.session_token.as_ref().map(Secret::reveal);
        let added = [
            (HOST.as_str(), Some(host.as_str())),
            ("x-amz-date", Some(instant.as_str())),
            ("x-amz-security-token", token),
        ];
        for (name, value) in added {
            // A value that no header can hold is no host, date or token, and AWS says so.
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        let authorization = {
            let headers = request.headers().iter();
            let headers: Vec<(&str, &str)> = headers
                .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
                .collect();
            let uri = request.uri();
            let signed = access::Request {
                method: request.method().as_str(),
                path: uri.path(),
                query: uri.query().unwrap_or_default(),
                headers: &headers,
                payload: body,
            };
            let (date, _) = instant.split_at_checked(8).unwrap_or((&instant, ""));
            let scope = Scope {
                date,
                region: &self.region,
                service: "lambda",
            };
            let secret = SecretKey::new(self.secret.reveal().to_owned());
            access::authorization(&signed, &instant, scope, &self.key_id, &secret)
        };
        if let Ok(mut value) = HeaderValue::from_str(&authorization) {
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
    }
}

/// As the client would write it: the port only if it is not the usual one.
fn host(uri: &hyper::Uri) -> String {
    let name = uri.host().unwrap_or_default();
    match (uri.port_u16(), uri.scheme_str()) {
        (None, _) | (Some(443), Some("https")) | (Some(80), Some("http")) => name.to_owned(),
        (Some(port), _) => format!("{name}:{port}"),
    }
}

/// `20150830T123600Z`
fn instant(now: Timestamp) -> String {
    let text = now.to_rfc3339();
    let (seconds, _) = text.split_at_checked(19).unwrap_or((&text, ""));
    let digits = seconds.chars().filter(|c| !matches!(c, '-' | ':'));
    digits.chain(['Z']).collect()
}
