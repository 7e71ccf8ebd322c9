//! Keys that may sign, and whether a request was signed by one of them.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq as _;

use super::{Presented, Refusal, Request, Scope, TERMINATOR, hex, signature};
use crate::machine::Timestamp;

/// A secret access key. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

/// Secret keys by access key.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<String, SecretKey>);

/// What a signature must be for.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'e> {
    /// `us-east-1`
    pub region: &'e str,
    /// `states`
    pub service: &'e str,
    /// The present time.
    pub now: Timestamp,
    /// Headers that must be signed if they are there, beside `host`; in lower case.
    pub headers: &'e [&'e str],
}

/// How far the time of a request may be from ours.
const SKEW_MIN: i64 = 15;
/// A shorter secret could be guessed.
const SECRET_BYTES_MIN: usize = 16;

impl SecretKey {
    /// Keeps it.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    pub(super) fn salted(&self) -> Vec<u8> {
        format!("AWS4{}", self.0).into_bytes()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Keys {
    /// Reads them: `ACCESS_KEY:SECRET` or `ACCESS_KEY SECRET`, one a line or separated by commas; lines that begin with a `#` are
    /// not read.
    ///
    /// # Errors
    /// If there is none, or something that is none. The message shows no secret.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let entries = lines.flat_map(|line| line.split(',')).map(str::trim);
        let mut keys = BTreeMap::new();
        for entry in entries.filter(|entry| !entry.is_empty()) {
            let number = keys.len() + 1;
            let pair = entry.split_once([':', ' ', '\t']);
            let (access_key, secret) = pair.ok_or_else(|| {
                format!("entry {number} must be an access key, a colon or a space, and a secret")
            })?;
            let secret = secret.trim();
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if access_key.is_empty() || !access_key.chars().all(is_word) {
                let message = "has an access key that is not of letters, digits and _";
                return Err(format!("entry {number} {message}"));
            }
            if secret.len() < SECRET_BYTES_MIN {
                return Err(format!(
                    "the secret of {access_key} has fewer than {SECRET_BYTES_MIN} characters, and could be guessed"
                ));
            }
            let secret = SecretKey::new(secret.to_owned());
            if keys.insert(access_key.to_owned(), secret).is_some() {
                return Err(format!("{access_key} has two secrets"));
            }
        }
        match keys.is_empty() {
            true => Err("there is no key in it".to_owned()),
            false => Ok(Self(keys)),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What can be said before the body has come: that the key is known, and that the signature is of now and for this.
    ///
    /// # Errors
    /// What AWS says against it.
    pub fn expect(
        &self,
        presented: &Presented<'_>,
        expected: &Expected<'_>,
    ) -> Result<(), Refusal> {
        let Presented {
            access_key,
            date,
            region,
            service,
            terminator,
            time,
            ..
        } = *presented;
        let day = time.split('T').next().unwrap_or_default();
        let of_service = expected.service;
        let faults = [
            (region != expected.region)
                .then(|| format!("Credential should be scoped to a valid region, not '{region}'. ")),
            (service != of_service).then(|| {
                format!("Credential should be scoped to correct service: '{of_service}'. ")
            }),
            (terminator != TERMINATOR).then(|| {
                format!(
                    "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'. "
                )
            }),
            (date != day).then(|| {
                format!(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != '{day}', from '{time}'. "
                )
            }),
        ];
        let faults: String = faults.into_iter().flatten().collect();
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        check_time(time, expected.now)?;
        match self.0.contains_key(access_key) {
            true => Ok(()),
            false => Err(Refusal::Unknown),
        }
    }

    /// Whether the whole request is what was signed.
    ///
    /// # Errors
    /// What AWS says against it.
    pub fn verify(
        &self,
        presented: &Presented<'_>,
        expected: &Expected<'_>,
        request: &Request<'_>,
    ) -> Result<(), Refusal> {
        let secret = self.0.get(presented.access_key).ok_or(Refusal::Unknown)?;
        let mut signed: Vec<&str> = presented.signed_headers.split(';').collect();
        signed.sort_unstable();
        if !signed.contains(&"host") {
            return Err(Refusal::Invalid(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
                    .to_owned(),
            ));
        }
        let is_there = |name: &str| request.headers.iter().any(|(sent, _)| *sent == name);
        let must = expected.headers.iter();
        if let Some(name) = must.copied().find(|n| is_there(n) && !signed.contains(n)) {
            return Err(Refusal::Invalid(format!(
                "There were headers present in the request which were not signed: {name}"
            )));
        }
        let scope = Scope {
            date: presented.date,
            region: presented.region,
            service: presented.service,
        };
        let calculated = hex(&signature(request, &signed, presented.time, scope, secret));
        let is_same = calculated.as_bytes().ct_eq(presented.signature.as_bytes());
        match bool::from(is_same) {
            true => Ok(()),
            false => Err(Refusal::Mismatch),
        }
    }
}

fn check_time(time: &str, now: Timestamp) -> Result<(), Refusal> {
    let Some(sent) = instant(time) else {
        return Err(Refusal::Incomplete(format!(
            "Date must be in ISO-8601 'basic format'. Got '{time}'. See http://en.wikipedia.org/wiki/ISO_8601"
        )));
    };
    const SKEW_MS: i64 = SKEW_MIN * 60_000;
    let (earliest, latest) = (now.plus_millis(-SKEW_MS), now.plus_millis(SKEW_MS));
    let (at, sign, words, bound) = if sent < earliest {
        ("expired", '-', "now earlier", earliest)
    } else if sent > latest {
        ("not yet current", '+', "still later", latest)
    } else {
        return Ok(());
    };
    Err(Refusal::Invalid(format!(
        "Signature {at}: {time} is {words} than {} ({} {sign} {SKEW_MIN} min.)",
        basic(bound),
        basic(now)
    )))
}

/// The instant of `20150830T123600Z`.
fn instant(time: &str) -> Option<Timestamp> {
    let digits = time.strip_suffix('Z')?;
    let (date, clock) = digits.split_once('T')?;
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    let (year, month, day) = (part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?);
    let (hour, minute, second) = (part(clock, 0, 2)?, part(clock, 2, 4)?, part(clock, 4, 6)?);
    if (date.len(), clock.len()) != (8, 6) {
        return None;
    }
    Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// The text of an instant, without the fraction of its second.
fn basic(instant: Timestamp) -> String {
    let text = instant.to_rfc3339();
    let seconds = text.split(['.', 'Z']).next().unwrap_or_default();
    let digits: String = seconds.chars().filter(|c| !"-:".contains(*c)).collect();
    digits + "Z"
}
