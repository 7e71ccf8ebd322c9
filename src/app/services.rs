//! The connectors of outside services, made from the settings.

use std::sync::Arc;

use super::workflows::Refusal;
use crate::asl::{Resource, ResourceKind};
use crate::config::{ConnectionSettings, TaskSettings};
use crate::connectors::{
    Clients, Connection, HttpConnectors, HttpSettings, LambdaConnectors, Reach, Secret,
    SystemNetwork,
};
use crate::engine::{Connector, Connectors};

/// Lambda functions and HTTP tasks.
#[derive(Debug)]
pub struct Services {
    lambda: LambdaConnectors,
    http: HttpConnectors,
}

impl Services {
    /// Reads what the settings name, and starts the thread on which requests run.
    ///
    /// # Errors
    /// All that cannot be read, or is nothing that a request can hold.
    pub fn start(settings: &TaskSettings) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let mut connections = Vec::new();
        for written in &settings.connections {
            match connection(written) {
                Ok(connection) => connections.push(connection),
                Err(why) => refusals.push(Refusal::File(why)),
            }
        }
        let authorities = match &settings.http.ca_file {
            None => Ok(Vec::new()),
            Some(file) => std::fs::read(file)
                .map_err(|why| format!("{}: it cannot be read: {why}", file.display())),
        };
        let clients = authorities.and_then(|authorities| {
            let per_host = settings.http.connections_per_host_max;
            Clients::start(Arc::new(SystemNetwork), &authorities, per_host)
                .map_err(|why| why.to_string())
        });
        let clients = match clients {
            Ok(clients) if refusals.is_empty() => clients,
            other => {
                refusals.extend(other.err().map(Refusal::File));
                return Err(refusals);
            }
        };
        let http = HttpSettings {
            allow: settings.http.allow.clone(),
            connections,
            limits: settings.http.limits,
        };
        let guarded = clients.client(http.reach(settings.http.allow_addresses.clone()));
        let trusting = clients.client(Reach::Everything);
        Ok(Self {
            lambda: LambdaConnectors::new(settings.lambda.clone(), trusting.clone()),
            http: HttpConnectors::new(http, guarded, trusting),
        })
    }
}

impl Connectors for Services {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        match &resource.kind {
            ResourceKind::Integration { resource_type, .. } if resource_type == "http" => {
                self.http.resolve(machine, state, resource)
            }
            ResourceKind::Integration { resource_type, .. } if resource_type != "lambda" => {
                Err("no service here does tasks of this kind".to_owned())
            }
            ResourceKind::Integration { .. } | ResourceKind::LambdaFunction => {
                self.lambda.resolve(machine, state, resource)
            }
        }
    }
}

/// A connection with its secret: that of the environment, else that of its file.
fn connection(settings: &ConnectionSettings) -> Result<Connection, String> {
    let secret = match (&settings.secret, &settings.secret_file) {
        (Some(secret), _) => secret.clone(),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file)
                .map_err(|why| format!("{}: it cannot be read: {why}", file.display()))?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            Secret::new(text.strip_suffix('\r').unwrap_or(text).to_owned())
        }
        (None, None) => Secret::new(String::new()),
    };
    Connection::new(
        settings.name.clone(),
        settings.authorization.clone().with_secret(secret),
        &settings.headers,
        settings.query.clone(),
        settings.body.clone(),
    )
    .map_err(|why| format!("the connection {}: {why}", settings.name))
}
