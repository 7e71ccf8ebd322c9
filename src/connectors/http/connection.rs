//! Named connections: what a definition must not hold, secrets above all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::machine::TaskError;
use crate::value::Text;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// How a connection says who we are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// Not at all.
    None,
    /// A user and a password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A key in a header of its own.
    ApiKey {
        /// The header's name.
        header: String,
        /// The key.
        value: Secret,
    },
    /// A token that is asked for when it is needed, and kept until it expires.
    OAuth(OAuthClient),
}

/// The client credentials grant of OAuth 2 (RFC 6749, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthClient {
    /// Where tokens are given, an URL.
    pub token_url: String,
    /// Who asks.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// Whether both go into a header, as RFC 6749 prefers, and not into the form.
    pub in_header: bool,
    /// Further members of the form, such as `scope`.
    pub parameters: Vec<(String, String)>,
}

/// A named connection.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    name: String,
    authorization: Authorization,
    /// Its own and that of its authorization; those are marked as sensitive.
    headers: Vec<(HeaderName, HeaderValue)>,
    query: Vec<(String, String)>,
    body: Vec<(String, String)>,
}

impl Secret {
    /// Keeps it.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// Only where it is sent, or made into what is compared.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Authorization {
    /// The same with this secret.
    #[must_use]
    pub fn with_secret(self, secret: Secret) -> Self {
        match self {
            Self::None => Self::None,
            Self::Basic { user, .. } => Self::Basic {
                user,
                password: secret,
            },
            Self::ApiKey { header, .. } => Self::ApiKey {
                header,
                value: secret,
            },
            Self::OAuth(client) => Self::OAuth(OAuthClient {
                client_secret: secret,
                ..client
            }),
        }
    }
}

impl std::fmt::Debug for Connection {
    /// Its name only: people put keys into queries, too.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// A connection whose `headers`, `query` and `body` go with every request, over what a definition says.
    ///
    /// # Errors
    /// If something is nothing that a request can hold; without its value.
    pub fn new(
        name: String,
        authorization: Authorization,
        headers: &[(String, String)],
        query: Vec<(String, String)>,
        body: Vec<(String, String)>,
    ) -> Result<Self, String> {
        let mut all = Vec::with_capacity(headers.len() + 1);
        for (name, value) in headers {
            all.push(header(name, value)?);
        }
        let secret = match &authorization {
            Authorization::Basic { user, password } => {
                Some((AUTHORIZATION.as_str(), basic(user, password)))
            }
            Authorization::ApiKey { header, value } => {
                Some((header.as_str(), value.reveal().to_owned()))
            }
            Authorization::OAuth(client) => {
                let url: Result<hyper::Uri, _> = client.token_url.parse();
                let is_http = url.is_ok_and(|url| {
                    matches!(url.scheme_str(), Some("http" | "https"))
                        && url.authority().is_some_and(|a| !a.as_str().contains('@'))
                });
                if !is_http {
                    return Err("token_url must be an URL".to_owned());
                }
                None
            }
            Authorization::None => None,
        };
        if let Some((name, value)) = secret {
            let (name, mut value) = header(name, &value)?;
            value.set_sensitive(true);
            all.push((name, value));
        }
        Ok(Self {
            name,
            authorization,
            headers: all,
            query,
            body,
        })
    }

    pub(super) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    pub(super) fn query(&self) -> &[(String, String)] {
        &self.query
    }

    pub(super) fn body(&self) -> &[(String, String)] {
        &self.body
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) const fn oauth(&self) -> Option<&OAuthClient> {
        match &self.authorization {
            Authorization::OAuth(client) => Some(client),
            Authorization::None | Authorization::Basic { .. } | Authorization::ApiKey { .. } => {
                None
            }
        }
    }
}

/// `Basic …` of RFC 7617.
pub(super) fn basic(user: &str, password: &Secret) -> String {
    let pair = format!("{user}:{}", password.reveal());
    format!("Basic {}", STANDARD.encode(pair))
}

/// Which of `connections` an ARN means: `arn:aws:events:REGION:ACCOUNT:connection/NAME/ID`, or the name alone.
pub(super) fn find(connections: &[Connection], arn: &str) -> Result<usize, TaskError> {
    let mut parts = arn.splitn(6, ':');
    let is_events = parts.next() == Some("arn") && parts.nth(1) == Some("events");
    let resource = if is_events { parts.nth(2) } else { None };
    let path = resource.and_then(|resource| resource.strip_prefix("connection/"));
    let name = path.map_or(arn, |path| path.split('/').next().unwrap_or_default());
    let found = connections.iter().position(|known| known.name == name);
    found.ok_or_else(|| TaskError {
        error: Text::new_static("Events.ConnectionResource.ResourceNotFound"),
        cause: Some(format!(
            "Connection '{name}' does not exist. ([[connections]] does not name it)"
        )),
    })
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let key = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("{name:?} is no name of a header"))?;
    let value = HeaderValue::try_from(value)
        .map_err(|_| format!("the value of {name} is nothing that a header can hold"))?;
    Ok((key, value))
}
