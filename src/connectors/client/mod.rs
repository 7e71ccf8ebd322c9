//! The HTTP client of the connectors: one thread with a reactor, pooled connections, HTTP/2 where it is offered.
//!
//! A request has one bound of time, from waiting for a connection to the last byte of its answer, and one of bytes. An address is
//! checked after a name was resolved, and the connection goes to the address that was checked.
//!
//! *Not here*: redirects, proxies, decompression, cookies, retries of a request that may have been received.

mod connector;
mod failure;
mod hosts;
mod network;
mod reach;
mod reactor;

pub use failure::Failure;
pub use network::{Connecting, Network, Resolving, SystemNetwork};
pub use reach::{AddressRange, Reach};

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderMap;
use hyper::{Request, Response, StatusCode};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::sync::oneshot;

use connector::Guarded;
use hosts::Hosts;
use reactor::Reactor;

use crate::engine::Answer;
use crate::machine::TaskResult;

/// How long a connection that nobody uses is kept.
const IDLE_TIME_MAX: Duration = Duration::from_secs(30);

/// The head of an answer.
const HEAD_BYTES_MAX: usize = 65_536;

/// Opens clients. They share the thread and the network, but not the connections.
#[derive(Clone, Debug)]
pub struct Clients {
    reactor: Arc<Reactor>,
    network: Arc<dyn Network>,
    tls: rustls::ClientConfig,
    connections_per_host_max: usize,
}

/// Sends requests to hosts within its reach.
#[derive(Clone, Debug)]
pub struct Client {
    reactor: Arc<Reactor>,
    pool: legacy::Client<HttpsConnector<Guarded>, Full<Bytes>>,
    hosts: Arc<Hosts>,
}

/// What one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the call to the last byte of the answer.
    pub time_max: Duration,
    /// The body of the answer.
    pub body_bytes_max: usize,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Received {
    /// `200`
    pub status: StatusCode,
    /// `OK`; of HTTP/2, which sends none, the usual one.
    pub reason: String,
    /// In the order they came, names in lower case.
    pub headers: HeaderMap,
    /// At most as long as was allowed.
    pub body: Bytes,
}

/// Why there can be no clients.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    /// The thread cannot be started.
    #[error("the thread of the connectors cannot be started: {0}")]
    Thread(#[from] std::io::Error),
    /// A certificate that was to be trusted is none.
    #[error("the certificates to trust cannot be used: {0}")]
    Certificate(String),
}

impl Clients {
    /// Starts the thread. `authorities` are certificates in PEM to trust besides those that browsers trust.
    ///
    /// # Errors
    /// If there can be no thread, or a certificate is none.
    pub fn start(
        network: Arc<dyn Network>,
        authorities: &[u8],
        connections_per_host_max: usize,
    ) -> Result<Self, ClientsError> {
        Ok(Self {
            tls: tls(authorities)?,
            reactor: Arc::new(Reactor::start()?),
            network,
            connections_per_host_max,
        })
    }

    /// A client with connections of its own, which go nowhere beyond `reach`.
    #[must_use]
    pub fn client(&self, reach: Reach) -> Client {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(self.tls.clone())
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(Guarded::new(Arc::clone(&self.network), reach));
        let pool = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_max_idle_per_host(self.connections_per_host_max)
            .http1_max_buf_size(HEAD_BYTES_MAX)
            .http2_max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX))
            .build(connector);
        Client {
            reactor: Arc::clone(&self.reactor),
            pool,
            hosts: Arc::new(Hosts::new(self.connections_per_host_max)),
        }
    }
}

impl Client {
    /// Answers with what `work` comes to, on the reactor's thread. It is dropped if the answer is given up before, and after the end of
    /// the process's clients.
    pub(super) fn answer(
        &self,
        answer: Answer,
        work: impl Future<Output = TaskResult> + Send + 'static,
    ) {
        let (give_up, given_up) = oneshot::channel();
        // Whoever does not listen any more needs not be told.
        answer.on_given_up(move || give_up.send(()).unwrap_or_default());
        self.reactor.spawn(async move {
            tokio::select! {
                result = work => answer.complete(result),
                Ok(()) = given_up => {}
            }
        });
    }

    /// Sends a request and reads its whole answer. Must run on the reactor's thread.
    ///
    /// # Errors
    /// Whatever came between it and a whole answer.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        limits: Limits,
    ) -> Result<Received, Failure> {
        let exchange = async {
            let _turn = self.hosts.turn(request.uri()).await;
            let response = self.pool.request(request).await;
            receive(response.map_err(|e| Failure::of(&e))?, limits).await
        };
        tokio::time::timeout(limits.time_max, exchange)
            .await
            .unwrap_or(Err(Failure::TimedOut(limits.time_max)))
    }
}

async fn receive(response: Response<Incoming>, limits: Limits) -> Result<Received, Failure> {
    let (head, mut incoming) = response.into_parts();
    let too_large = Failure::TooLarge(limits.body_bytes_max);
    let announced = usize::try_from(incoming.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.body_bytes_max {
        return Err(too_large);
    }
    let mut body = BytesMut::with_capacity(announced);
    while let Some(frame) = incoming.frame().await {
        // Trailers are no data.
        if let Ok(data) = frame.map_err(|e| Failure::of(&e))?.into_data() {
            if body.len() + data.len() > limits.body_bytes_max {
                return Err(too_large);
            }
            body.extend_from_slice(&data);
        }
    }
    let reason = head
        .extensions
        .get::<hyper::ext::ReasonPhrase>()
        .map_or_else(
            || {
                head.status
                    .canonical_reason()
                    .unwrap_or_default()
                    .to_owned()
            },
            |reason| String::from_utf8_lossy(reason.as_bytes()).into_owned(),
        );
    Ok(Received {
        status: head.status,
        reason,
        headers: head.headers,
        body: body.freeze(),
    })
}

fn tls(authorities: &[u8]) -> Result<rustls::ClientConfig, ClientsError> {
    let refuse = |why: &dyn std::fmt::Display| ClientsError::Certificate(why.to_string());
    let mut roots =
        rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        let certificate = certificate.map_err(|e| refuse(&e))?;
        roots.add(certificate).map_err(|e| refuse(&e))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| refuse(&e))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
