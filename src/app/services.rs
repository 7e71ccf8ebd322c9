//! The connectors of outside services, made from the settings.

use std::sync::Arc;

use super::workflows::Refusal;
use crate::asl::{Resource, ResourceKind};
use crate::config::{ConnectionSettings, TaskSettings};
use crate::connectors::{
    Clients, Connection, HttpConnectors, HttpSettings, LambdaConnectors, Reach, Secret,
    SystemNetwork,
};
use crate::engine::{Connector, Connectors, SystemClock};

/// Lambda functions and HTTP tasks.
#[derive(Debug)]
pub struct Services {
    lambda: LambdaConnectors,
    http: HttpConnectors,
}

/// What the settings of services name and do not hold: secrets and certificates.
#[derive(Debug, PartialEq, Eq)]
pub struct Material {
    connections: Vec<Connection>,
    /// Certificates in PEM.
    authorities: Vec<u8>,
}

impl Material {
    /// Reads it.
    ///
    /// # Errors
    /// All that cannot be read, or is nothing that a request can hold.
    pub fn read(settings: &TaskSettings) -> Result<Self, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let mut connections = Vec::new();
        for written in &settings.connections {
            match connection(written) {
                Ok(connection) => connections.push(connection),
                Err(why) => refusals.push(Refusal::File(why)),
            }
        }
        let mut authorities = Vec::new();
        if let Some(file) = &settings.http.ca_file {
            match std::fs::read(file) {
                Ok(read) => authorities = read,
                Err(why) => refusals.push(Refusal::File(format!(
                    "{}: it cannot be read: {why}",
                    file.display()
                ))),
            }
        }
        if refusals.is_empty() {
            Ok(Self {
                connections,
                authorities,
            })
        } else {
            Err(refusals)
        }
    }
}

impl Services {
    /// Starts the thread on which requests run.
    ///
    /// # Errors
    /// If a certificate is none, or there can be no thread.
    pub fn start(settings: &TaskSettings, material: &Material) -> Result<Self, Vec<Refusal>> {
        let per_host = settings.http.connections_per_host_max;
        let clients = Clients::start(Arc::new(SystemNetwork), &material.authorities, per_host)
            .map_err(|why| vec![Refusal::File(why.to_string())])?;
        let http = HttpSettings {
            allow: settings.http.allow.clone(),
            connections: material.connections.clone(),
            limits: settings.http.limits,
        };
        let clock = Arc::new(SystemClock::new());
        let guarded = clients.client(http.reach(settings.http.allow_addresses.clone()));
        let trusting = clients.client(Reach::Everything);
        Ok(Self {
            lambda: LambdaConnectors::new(settings.lambda.clone(), trusting.clone(), clock),
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
            ResourceKind::Integration { resource_type, .. }
                if !matches!(resource_type.as_str(), "lambda" | "aws-sdk:lambda") =>
            {
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
