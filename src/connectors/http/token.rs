//! Tokens of OAuth connections: asked for once, kept until shortly before they expire.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::connection::{Connection, OAuthClient, basic};
use super::form;
use crate::connectors::client::{Client, Failure, Limits};
use crate::machine::TaskError;
use crate::value::{Number, Text, Value};

/// What asking for a token may take.
const LIMITS: Limits = Limits {
    time_max: Duration::from_secs(30),
    body_bytes_max: 65_536,
};

/// How long a token is kept whose life nobody told.
const LIFE_UNTOLD: Duration = Duration::from_secs(300);

/// The longest life that is believed.
const LIFE_MAX: Duration = Duration::from_secs(86_400);

/// A token that expires so soon is not used any more; of short lives, half.
const MARGIN: Duration = Duration::from_secs(30);

/// Those of all connections, by their index.
#[derive(Debug)]
pub(super) struct Tokens(Vec<Option<Arc<TokenSource>>>);

/// The tokens of one connection. Whoever needs one waits for the one request that fetches it.
pub(super) struct TokenSource {
    connection: String,
    oauth: OAuthClient,
    client: Client,
    kept: Mutex<Option<Kept>>,
}

/// A token as a header's value.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(HeaderValue);

struct Kept {
    token: Token,
    until: Instant,
}

impl Tokens {
    pub(super) fn new(connections: &[Connection], client: Client) -> Self {
        let source = |connection: &Connection| {
            let oauth = connection.oauth()?.clone();
            Some(Arc::new(TokenSource {
                connection: connection.name().to_owned(),
                oauth,
                client: client.clone(),
                kept: Mutex::new(None),
            }))
        };
        Self(connections.iter().map(source).collect())
    }

    pub(super) fn of(&self, connection: usize) -> Option<Arc<TokenSource>> {
        self.0.get(connection)?.clone()
    }
}

impl TokenSource {
    /// The token that is kept, or a new one.
    pub(super) async fn get(&self) -> Result<Token, TaskError> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = &*kept
            && Instant::now() < kept.until
        {
            return Ok(kept.token.clone());
        }
        *kept = None;
        let fresh = self.fetch().await?;
        let token = fresh.token.clone();
        *kept = Some(fresh);
        Ok(token)
    }

    /// The service does not take `used` any more; the next request asks for another.
    pub(super) async fn forget(&self, used: &Token) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.token == *used) {
            *kept = None;
        }
    }

    async fn fetch(&self) -> Result<Kept, TaskError> {
        let request = self
            .request()
            .map_err(|why| self.failed("InternalError", &why))?;
        let asked = Instant::now();
        let received = match self.client.send(request, LIMITS).await {
            Ok(received) => received,
            Err(Failure::TimedOut(_)) => {
                return Err(self.failed("AuthInProgress", "no answer in time"));
            }
            Err(failure) => return Err(self.failed("InternalError", &failure.to_string())),
        };
        if !received.status.is_success() {
            let status = received.status.as_u16();
            return Err(self.failed("InvalidConnectionState", &format!("status {status}")));
        }
        let answer = Value::parse(&received.body).unwrap_or_default();
        let token = answer.get("access_token").and_then(Value::as_str);
        let bearer = token.and_then(|token| HeaderValue::try_from(format!("Bearer {token}")).ok());
        let Some(mut bearer) = bearer else {
            return Err(self.failed("InvalidConnectionState", "an answer without access_token"));
        };
        bearer.set_sensitive(true);
        let told = answer.get("expires_in").and_then(seconds);
        let life = told.unwrap_or(LIFE_UNTOLD).min(LIFE_MAX);
        Ok(Kept {
            token: Token(bearer),
            until: asked + (life - MARGIN.min(life / 2)),
        })
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, String> {
        let OAuthClient {
            token_url,
            client_id,
            client_secret,
            in_header,
            parameters,
        } = &self.oauth;
        let mut members = vec![("grant_type".to_owned(), "client_credentials".to_owned())];
        let mut request = Request::post(token_url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        if *in_header {
            let mut value = HeaderValue::try_from(basic(client_id, client_secret))
                .map_err(|_| "the client's id is nothing that a header can hold".to_owned())?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        } else {
            members.push(("client_id".to_owned(), client_id.clone()));
            members.push((
                "client_secret".to_owned(),
                client_secret.reveal().to_owned(),
            ));
        }
        members.extend(parameters.iter().cloned());
        let body = Full::new(Bytes::from(form::query(&members)));
        request
            .body(body)
            .map_err(|_| "token_url is no URL".to_owned())
    }

    /// AWS's error for a connection, and why; never what the endpoint answered, which may hold a secret.
    fn failed(&self, error: &str, why: &str) -> TaskError {
        let connection = &self.connection;
        TaskError {
            error: Text::from(format!("Events.ConnectionResource.{error}")),
            cause: Some(format!(
                "Connection '{connection}' is not authorized: its token endpoint gave {why}."
            )),
        }
    }
}

impl Token {
    pub(super) fn bearer(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSource")
            .field("connection", &self.connection)
            .finish_non_exhaustive()
    }
}

/// Some endpoints give a text.
fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_number().and_then(Number::as_i64);
    let number = number.or_else(|| value.as_str()?.parse().ok())?;
    u64::try_from(number).ok().map(Duration::from_secs)
}
