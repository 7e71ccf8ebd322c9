//! The `Authorization` header of a signed request, taken apart.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{ALGORITHM, Refusal};

/// What a request presents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented<'h> {
    /// Who says to have signed it.
    pub access_key: &'h str,
    pub(super) date: &'h str,
    pub(super) region: &'h str,
    pub(super) service: &'h str,
    pub(super) terminator: &'h str,
    /// Separated by semicolons.
    pub(super) signed_headers: &'h str,
    pub(super) signature: &'h str,
    /// The header `x-amz-date`.
    pub(super) time: &'h str,
}

impl<'h> Presented<'h> {
    /// Takes the headers `authorization` and `x-amz-date` of a request apart.
    ///
    /// # Errors
    /// If the request is not signed in this way, or parts are missing.
    pub fn parse(authorization: Option<&'h str>, time: Option<&'h str>) -> Result<Self, Refusal> {
        let header = authorization.unwrap_or_default().trim();
        let Some(rest) = header.strip_prefix(ALGORITHM) else {
            return Err(Refusal::Missing);
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for pair in rest.split([',', ' ']).filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(Refusal::Incomplete(format!(
                    "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{}'.",
                    hashed(header)
                )));
            };
            match name {
                "Credential" => credential = Some(value),
                "SignedHeaders" => signed_headers = Some(value),
                "Signature" => signature = Some(value),
                _ => {}
            }
        }
        let (Some(credential), Some(signature), Some(signed_headers), Some(time)) =
            (credential, signature, signed_headers, time)
        else {
            let missing = [
                (credential, "'Credential' parameter"),
                (signature, "'Signature' parameter"),
                (signed_headers, "'SignedHeaders' parameter"),
                (
                    time,
                    "existence of either a 'X-Amz-Date' or a 'Date' header",
                ),
            ];
            let missing = missing.iter().filter(|(part, _)| part.is_none());
            let missing: String = missing
                .map(|(_, part)| format!("Authorization header requires {part}. "))
                .collect();
            return Err(Refusal::Incomplete(format!(
                "{missing}(Hashed with SHA-256 and encoded with Base64) Authorization={}",
                hashed(header)
            )));
        };
        let parts: Vec<&str> = credential.rsplitn(5, '/').collect();
        let [terminator, service, region, date, access_key] = *parts.as_slice() else {
            return Err(Refusal::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"
            )));
        };
        Ok(Self {
            access_key,
            date,
            region,
            service,
            terminator,
            signed_headers,
            signature,
            time,
        })
    }
}

/// A header is not shown: it may hold a secret of another kind.
fn hashed(header: &str) -> String {
    STANDARD.encode(Sha256::digest(header))
}
