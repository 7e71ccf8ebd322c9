//! `http:invoke`: calls any service over HTTP, as AWS's HTTP task does, and only where the settings allow it.
//!
//! A target is checked three times: its text against the rules (`target`), a literal address in it, and the addresses that its name
//! has when the connection is made (`client`). Secrets are in named connections, never in a definition, and go into the request
//! at the very last.
//!
//! *Not here*: redirects (a 302 is an error like any other), proxies, client certificates.

mod connection;
mod form;
mod headers;
mod request;
mod response;
mod target;
mod token;
mod trace;

pub use connection::{Authorization, Connection, OAuthClient, Secret};
pub use target::TargetRule;

use std::borrow::Cow;
use std::sync::Arc;

use super::client::{AddressRange, Client, Limits, Reach};
use crate::asl::{Resource, ResourceKind};
use crate::engine::{Answer, Call, Connector, Connectors};
use crate::machine::{TaskError, TaskResult};
use request::Prepared;
use token::Tokens;

/// What HTTP tasks may do.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Where they may go; nowhere without a rule.
    pub allow: Vec<TargetRule>,
    /// By name.
    pub connections: Vec<Connection>,
    /// What one request may take.
    pub limits: Limits,
}

/// Finds the connector of HTTP tasks.
#[derive(Clone, Debug)]
pub struct HttpConnectors(Arc<Http>);

#[derive(Debug)]
struct Http {
    settings: HttpSettings,
    client: Client,
    tokens: Tokens,
}

impl HttpSettings {
    /// The addresses that the client of these tasks may reach: public ones, `also`, and those that a rule is written with.
    #[must_use]
    pub fn reach(&self, also: Vec<AddressRange>) -> Reach {
        Reach::Public {
            also,
            literals: self.allow.iter().filter_map(TargetRule::literal).collect(),
        }
    }
}

impl HttpConnectors {
    /// Connectors whose tasks go through `client`, which should have the reach of the settings; `tokens` is the client for the token
    /// endpoints of connections, which whoever wrote the settings has chosen.
    #[must_use]
    pub fn new(settings: HttpSettings, client: Client, tokens: Client) -> Self {
        Self(Arc::new(Http {
            tokens: Tokens::new(&settings.connections, tokens),
            settings,
            client,
        }))
    }
}

impl Connectors for HttpConnectors {
    fn resolve(&self, _: &str, _: &str, resource: &Resource) -> Result<Arc<dyn Connector>, String> {
        let is_invoke = matches!(
            &resource.kind,
            ResourceKind::Integration { resource_type, resource }
                if resource_type == "http" && resource == "invoke"
        );
        if !is_invoke {
            return Err("it is no HTTP task".to_owned());
        }
        if self.0.settings.allow.is_empty() {
            return Err("name in http.allow where HTTP tasks may go".to_owned());
        }
        let http: Arc<dyn Connector> = Arc::<Http>::clone(&self.0);
        Ok(http)
    }
}

impl Http {
    fn prepare(&self, call: &Call) -> Result<(Prepared, Option<usize>), TaskError> {
        let wanted = request::connection(&call.payload)?;
        let found = wanted.map(|arn| connection::find(&self.settings.connections, arn));
        let index = found.transpose()?;
        let connection = index.and_then(|index| self.settings.connections.get(index));
        let region = &call.identity.machine.region;
        let rules = &self.settings.allow;
        let prepared = request::prepare(&call.payload, rules, connection, region)?;
        Ok((prepared, index))
    }
}

impl Connector for Http {
    fn call(&self, call: Call, answer: Answer) {
        let (prepared, connection) = match self.prepare(&call) {
            Ok(prepared) => prepared,
            Err(error) => return answer.complete(TaskResult::Failed(error)),
        };
        let (client, limits) = (self.client.clone(), self.settings.limits);
        let tokens = connection.and_then(|index| self.tokens.of(index));
        let connection = connection.and_then(|index| self.settings.connections.get(index));
        let trace = answer
            .trace()
            .cloned()
            .map(|trace| (trace, connection.cloned()));
        self.client.answer(answer, async move {
            let body = prepared.body();
            let mut request = prepared.into_request();
            let mut used = None;
            if let Some(tokens) = &tokens {
                match tokens.get().await {
                    Ok(token) => {
                        request
                            .headers_mut()
                            .insert(hyper::header::AUTHORIZATION, token.bearer());
                        used = Some(token);
                    }
                    Err(error) => return TaskResult::Failed(error),
                }
            }
            if let Some((trace, connection)) = &trace {
                trace::request(trace, &request, &body, connection.as_ref());
            }
            let uri = request.uri().clone();
            let sent = client.send(request, limits).await;
            if let (Some((trace, _)), Ok(received)) = (&trace, &sent) {
                trace::response(trace, &uri, received);
            }
            if let (Some(tokens), Some(used), Ok(received)) = (&tokens, &used, &sent)
                && received.status == hyper::StatusCode::UNAUTHORIZED
            {
                tokens.forget(used).await;
            }
            response::of(sent)
        });
    }

    /// The host, with its port if it is written.
    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let endpoint = call.payload.get("ApiEndpoint")?.as_str()?;
        let (_, rest) = endpoint.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?;
        Some(
            match authority.bytes().any(|byte| byte.is_ascii_uppercase()) {
                true => Cow::Owned(authority.to_ascii_lowercase()),
                false => Cow::Borrowed(authority),
            },
        )
    }
}
