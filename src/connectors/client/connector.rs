//! Resolve, check, connect: in this order, and to the address that was checked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::{Network, Reach};

/// Until a connection to one address stands.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;

/// Makes the connections of one client.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    network: Arc<dyn Network>,
    reach: Arc<Reach>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unconnected {
    #[error("the address of {host} is not public, and http.allow_addresses does not name it")]
    Denied { host: String },
    #[error("the name {host} cannot be resolved: {why}")]
    Unresolved { host: String, why: io::Error },
    #[error("Connect to {host}:{port} failed: {why}")]
    Refused {
        host: String,
        port: u16,
        why: io::Error,
    },
}

impl Guarded {
    pub(super) fn new(network: Arc<dyn Network>, reach: Reach) -> Self {
        Self {
            network,
            reach: Arc::new(reach),
        }
    }

    async fn connect(self, uri: Uri) -> Result<TcpStream, Unconnected> {
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let host = host.to_owned();
        let addresses = match host.parse::<IpAddr>() {
            Ok(ip) if self.reach.has_literal(ip) => vec![SocketAddr::new(ip, port)],
            Ok(_) => return Err(Unconnected::Denied { host }),
            Err(_) => self.resolve(&host, port).await?,
        };
        let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses {
            let connecting = self.network.connect(address);
            match tokio::time::timeout(CONNECT_TIME_MAX, connecting).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(why)) => refused = why,
                Err(_) => refused = io::Error::from(io::ErrorKind::TimedOut),
            }
        }
        Err(Unconnected::Refused {
            host,
            port,
            why: refused,
        })
    }

    async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Unconnected> {
        let resolving = self.network.resolve(host.to_owned(), port);
        let found = match tokio::time::timeout(CONNECT_TIME_MAX, resolving).await {
            Ok(found) => found,
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
        };
        let unresolved = |why| Unconnected::Unresolved {
            host: host.to_owned(),
            why,
        };
        let found = found.map_err(unresolved)?;
        if found.is_empty() {
            return Err(unresolved(io::Error::from(io::ErrorKind::NotFound)));
        }
        let reachable = found.into_iter().filter(|a| self.reach.has(a.ip()));
        // The port is the one that was asked for, whatever a resolver says.
        let reachable = reachable.map(|a| SocketAddr::new(a.ip(), port));
        let reachable: Vec<SocketAddr> = reachable.take(ADDRESSES_MAX).collect();
        if reachable.is_empty() {
            return Err(Unconnected::Denied {
                host: host.to_owned(),
            });
        }
        Ok(reachable)
    }
}

impl Service<Uri> for Guarded {
    type Response = TokioIo<TcpStream>;
    type Error = Unconnected;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.clone().connect(uri);
        Box::pin(async move { connecting.await.map(TokioIo::new) })
    }
}
