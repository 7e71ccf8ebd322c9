//! AWS's Signature Version 4, in headers: making a signature, and finding out whether one is good.
//!
//! *Not here*: signatures in queries and of chunks, which nothing that we speak uses, and session tokens, which only AWS gives.

mod canonical;
mod keys;
mod presented;
mod refusal;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

pub use keys::{Expected, Keys, SecretKey};
pub use presented::Presented;
pub use refusal::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

/// A request, as far as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// `POST`
    pub method: &'r str,
    /// As it was sent, with its escapes.
    pub path: &'r str,
    /// As it was sent, without the `?`.
    pub query: &'r str,
    /// Names in lower case; a name may come more than once.
    pub headers: &'r [(&'r str, &'r str)],
    /// The body.
    pub payload: &'r [u8],
}

/// What a signature is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'s> {
    /// `20150830`
    pub date: &'s str,
    /// `us-east-1`
    pub region: &'s str,
    /// `states`
    pub service: &'s str,
}

/// The value of an `Authorization` header for a request that was sent at `time`, `20150830T123600Z`, which its header
/// `x-amz-date` holds. All headers of the request are signed.
#[must_use]
pub fn authorization(
    request: &Request<'_>,
    time: &str,
    scope: Scope<'_>,
    access_key: &str,
    secret: &SecretKey,
) -> String {
    let mut signed: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    signed.sort_unstable();
    signed.dedup();
    let signature = hex(&signature(request, &signed, time, scope, secret));
    let Scope {
        date,
        region,
        service,
    } = scope;
    format!(
        "{ALGORITHM} Credential={access_key}/{date}/{region}/{service}/{TERMINATOR}, SignedHeaders={}, Signature={signature}",
        signed.join(";")
    )
}

fn signature(
    request: &Request<'_>,
    signed_headers: &[&str],
    time: &str,
    scope: Scope<'_>,
    secret: &SecretKey,
) -> [u8; 32] {
    let Scope {
        date,
        region,
        service,
    } = scope;
    let canonical = canonical::request(request, signed_headers);
    let canonical = hex(&Sha256::digest(canonical).into());
    let text = format!("{ALGORITHM}\n{time}\n{date}/{region}/{service}/{TERMINATOR}\n{canonical}");
    let mut key = mac(&secret.salted(), date);
    for part in [region, service, TERMINATOR] {
        key = mac(&key, part);
    }
    mac(&key, &text)
}

fn mac(key: &[u8], text: &str) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let mut mac = mac.expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map(char::from);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .flatten()
        .collect()
}
