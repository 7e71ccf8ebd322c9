//! The HTTP endpoint for operators: metrics, liveness, readiness, and the wish to reload.
//!
//! One request a connection, no body is read, and everything a client may take is bounded: connections, bytes and time.
//!
//! With tokens, metrics, reloads and the reasons of bad health are for their bearers; whether it is well may be asked by anybody, since
//! what watches over processes has no token. Without them a reload is answered only to callers on this machine that are no web page.
//!
//! *Not here*: the API for starting executions.

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ORIGIN, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::TlsAcceptor;

use crate::access::Tokens;

/// What the endpoint shows.
pub trait Pages: Send + Sync + 'static {
    /// All metrics, in Prometheus' text format.
    fn metrics(&self) -> String;

    /// Asked for at each request of `/livez` and `/readyz`; must not block.
    fn health(&self) -> Health;

    /// Asks for a reload, and says where its answer comes; `None` if too many were asked for already. Must not block.
    fn reload(&self) -> Option<oneshot::Receiver<Reloaded>>;

    /// Called every [`UPKEEP`], for what has to be done now and then although nobody asks.
    fn upkeep(&self) {}
}

/// What speaks against the process; with nothing to say it is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why it should be restarted.
    pub not_live: Vec<String>,
    /// Why it does not work at the moment.
    pub not_ready: Vec<String>,
}

/// How a reload ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// Whether it was taken, though nothing may have changed.
    pub is_good: bool,
    /// What came of it, as JSON.
    pub body: String,
}

/// What one client may take of us.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once; further ones wait in the listener's backlog.
    pub connections_max: usize,
    /// Until a request's head has come.
    pub head_time_max: Duration,
    /// From accepting a connection to its end.
    pub connection_time_max: Duration,
    /// The head of a request.
    pub head_bytes_max: usize,
}

/// Who may look, and how they are spoken to.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// With none anybody sees everything.
    pub tokens: Tokens,
    /// Certificate and key; without them plain HTTP is spoken.
    pub tls: Option<Arc<ServerConfig>>,
}

/// How often [`Pages::upkeep`] is called.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// A running endpoint.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections_max: 64,
            head_time_max: Duration::from_secs(10),
            connection_time_max: Duration::from_secs(30),
            head_bytes_max: 16_384,
        }
    }
}

impl Endpoint {
    /// Listens at `listen` and answers on a thread of its own.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn start(
        listen: SocketAddr,
        door: Door,
        pages: Arc<dyn Pages>,
        bounds: Bounds,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || runtime.block_on(serve(listener, door, pages, bounds, stopped)))?;
        Ok(Self {
            address,
            stop,
            thread,
        })
    }

    /// Where it listens; the port is the real one if 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the listener and drops what is still open.
    pub fn stop(self) {
        drop(self.stop);
        // Its only panic would be a bug, which has been printed by then.
        drop(self.thread.join());
    }
}

async fn serve(
    listener: TcpListener,
    door: Door,
    pages: Arc<dyn Pages>,
    bounds: Bounds,
    stopped: oneshot::Receiver<()>,
) {
    let accepting = async {
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => accept(listener, &door, &pages, bounds).await,
            Err(error) => tracing::error!(%error, "the HTTP endpoint cannot listen"),
        }
    };
    let upkeep = async {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            pages.upkeep();
        }
    };
    tokio::select! {
        () = accepting => {}
        () = upkeep => {}
        _ = stopped => {}
    }
}

async fn accept(
    listener: tokio::net::TcpListener,
    door: &Door,
    pages: &Arc<dyn Pages>,
    bounds: Bounds,
) {
    let connections = Arc::new(Semaphore::new(bounds.connections_max));
    let tls = door.tls.clone().map(TlsAcceptor::from);
    let tokens = Arc::new(door.tokens.clone());
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
            return;
        };
        let (stream, is_near) = match listener.accept().await {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical().is_loopback()),
            Err(error) => {
                // Such as too many open files: waiting lets some be closed.
                tracing::warn!(%error, "a connection to the HTTP endpoint failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (tls, tokens, pages) = (tls.clone(), Arc::clone(&tokens), Arc::clone(pages));
        tokio::spawn(async move {
            let conversation = async {
                match tls {
                    None => speak(stream, is_near, &tokens, &pages, bounds).await,
                    Some(tls) => {
                        // Who does not finish the handshake is its own concern.
                        if let Ok(stream) = tls.accept(stream).await {
                            speak(stream, is_near, &tokens, &pages, bounds).await;
                        }
                    }
                }
            };
            drop(tokio::time::timeout(bounds.connection_time_max, conversation).await);
            drop(permit);
        });
    }
}

/// HTTP, over whatever carries it.
async fn speak<T: AsyncRead + AsyncWrite + Unpin>(
    stream: T,
    is_near: bool,
    tokens: &Tokens,
    pages: &Arc<dyn Pages>,
    bounds: Bounds,
) {
    let service = service_fn(async |request| {
        Ok::<_, Infallible>(answer(&request, is_near, tokens, &**pages).await)
    });
    let connection = http1::Builder::new()
        // Without a timer hyper silently has no time limit for the head.
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time_max)
        .max_buf_size(bounds.head_bytes_max)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // A client that is too slow or speaks no HTTP is its own concern.
    drop(connection.await);
}

const INDEX: &str = "stepstream\n\n/metrics  Prometheus metrics\n/livez    alive?\n/readyz   working?\n/reload   POST: load settings and definitions again\n";

async fn answer(
    request: &Request<Incoming>,
    is_near: bool,
    tokens: &Tokens,
    pages: &dyn Pages,
) -> Response<Full<Bytes>> {
    let authorization = request.headers().get(AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let admitted = authorization.and_then(|value| tokens.admit(value));
    let is_known = tokens.is_empty() || admitted == Some(true);
    // A browser lets any page post, but not without saying which.
    let is_page = request.headers().contains_key(ORIGIN);
    let path = request.uri().path();
    let is_reading = request.method() == Method::GET || request.method() == Method::HEAD;
    let may = match path {
        "/reload" => request.method() == Method::POST,
        _ => is_reading,
    };
    if !may {
        let (method, allowed) = match path {
            "/reload" => ("only POST\n", "POST"),
            _ => ("only GET\n", "GET, HEAD"),
        };
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, method.to_owned());
        let allowed = hyper::header::HeaderValue::from_static(allowed);
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    let reasons = |against: Vec<String>| Reasons {
        against,
        are_shown: is_known,
    };
    match path {
        "/metrics" | "/reload" if !is_known => {
            let mut response = text(StatusCode::UNAUTHORIZED, "a token is needed\n".to_owned());
            let bearer = hyper::header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
            response
        }
        "/reload" if tokens.is_empty() && (is_page || !is_near) => text(
            StatusCode::FORBIDDEN,
            "without a token a reload is asked for from this machine, and by no web page\n"
                .to_owned(),
        ),
        "/reload" => reload(pages).await,
        "/" => text(StatusCode::OK, INDEX.to_owned()),
        "/metrics" => page(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            pages.metrics(),
        ),
        "/livez" => health("live", &reasons(pages.health().not_live)),
        "/readyz" => health("ready", &reasons(pages.health().not_ready)),
        _ => text(
            StatusCode::NOT_FOUND,
            "here are /metrics, /livez, /readyz, /reload\n".to_owned(),
        ),
    }
}

async fn reload(pages: &dyn Pages) -> Response<Full<Bytes>> {
    let reloaded = match pages.reload() {
        Some(answer) => answer.await.ok(),
        None => None,
    };
    match reloaded {
        Some(Reloaded { is_good, body }) => {
            let code = match is_good {
                true => StatusCode::OK,
                false => StatusCode::UNPROCESSABLE_ENTITY,
            };
            page(code, "application/json", body)
        }
        None => text(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many reloads wait, or the process is stopping\n".to_owned(),
        ),
    }
}

/// What speaks against the process, and whether the client may know it.
struct Reasons {
    against: Vec<String>,
    are_shown: bool,
}

fn health(word: &str, reasons: &Reasons) -> Response<Full<Bytes>> {
    let (code, status) = if reasons.against.is_empty() {
        (StatusCode::OK, word.to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("not {word}"))
    };
    let body = match reasons.are_shown {
        true => serde_json::json!({ "status": status, "reasons": reasons.against }),
        false => serde_json::json!({ "status": status }),
    };
    page(code, "application/json", format!("{body}\n"))
}

fn text(code: StatusCode, body: String) -> Response<Full<Bytes>> {
    page(code, "text/plain; charset=utf-8", body)
}

fn page(code: StatusCode, content_type: &'static str, body: String) -> Response<Full<Bytes>> {
    Response::builder()
        .status(code)
        .header(CONTENT_TYPE, content_type)
        .header(CACHE_CONTROL, "no-store")
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .body(Full::new(Bytes::from(body)))
        .expect("constant names and values make a response")
}
