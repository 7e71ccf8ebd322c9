//! The HTTP endpoint for operators: metrics, liveness, readiness.
//!
//! One request a connection, no body is read, and everything a client may take is bounded: connections, bytes and time.
//!
//! *Not here*: the API for starting executions, and any authentication; therefore the loopback is the default.

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, oneshot};

/// What the endpoint shows.
pub trait Pages: Send + Sync + 'static {
    /// All metrics, in Prometheus' text format.
    fn metrics(&self) -> String;

    /// Asked for at each request of `/livez` and `/readyz`; must not block.
    fn health(&self) -> Health;

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
            .spawn(move || runtime.block_on(serve(listener, pages, bounds, stopped)))?;
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
    pages: Arc<dyn Pages>,
    bounds: Bounds,
    stopped: oneshot::Receiver<()>,
) {
    let accepting = async {
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => accept(listener, &pages, bounds).await,
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

async fn accept(listener: tokio::net::TcpListener, pages: &Arc<dyn Pages>, bounds: Bounds) {
    let connections = Arc::new(Semaphore::new(bounds.connections_max));
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Such as too many open files: waiting lets some be closed.
                tracing::warn!(%error, "a connection to the HTTP endpoint failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let pages = Arc::clone(pages);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let response = answer(&request, &*pages);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                // Without a timer hyper silently has no time limit for the head.
                .timer(TokioTimer::new())
                .header_read_timeout(bounds.head_time_max)
                .max_buf_size(bounds.head_bytes_max)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // A client that is too slow or speaks no HTTP is its own concern.
            drop(tokio::time::timeout(bounds.connection_time_max, connection).await);
            drop(permit);
        });
    }
}

const INDEX: &str =
    "stepstream\n\n/metrics  Prometheus metrics\n/livez    alive?\n/readyz   working?\n";

fn answer(request: &Request<Incoming>, pages: &dyn Pages) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned());
        response
            .headers_mut()
            .insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/" => text(StatusCode::OK, INDEX.to_owned()),
        "/metrics" => page(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            pages.metrics(),
        ),
        "/livez" => health("live", &pages.health().not_live),
        "/readyz" => health("ready", &pages.health().not_ready),
        _ => text(
            StatusCode::NOT_FOUND,
            "here are /metrics, /livez, /readyz\n".to_owned(),
        ),
    }
}

fn health(word: &str, against: &[String]) -> Response<Full<Bytes>> {
    let (code, status) = if against.is_empty() {
        (StatusCode::OK, word.to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("not {word}"))
    };
    let body = serde_json::json!({ "status": status, "reasons": against });
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    struct Fixed(Health);

    impl Pages for Fixed {
        fn metrics(&self) -> String {
            "a_total 1\n".to_owned()
        }

        fn health(&self) -> Health {
            self.0.clone()
        }
    }

    fn endpoint(health: Health, bounds: Bounds) -> Endpoint {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Endpoint::start(listen, Arc::new(Fixed(health)), bounds).unwrap()
    }

    /// Sends these bytes and reads to the end of the connection.
    fn exchange(endpoint: &Endpoint, request: &str) -> String {
        let mut stream = TcpStream::connect(endpoint.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn pages_and_their_status() {
        let sick = Health {
            not_live: vec![],
            not_ready: vec!["no \"partition\"".to_owned()],
        };
        let endpoint = endpoint(sick, Bounds::default());
        for (request, status, body) in [
            ("GET /metrics", "200 OK", "a_total 1\n"),
            (
                "GET /livez",
                "200 OK",
                "{\"reasons\":[],\"status\":\"live\"}\n",
            ),
            (
                "GET /readyz",
                "503 Service Unavailable",
                "{\"reasons\":[\"no \\\"partition\\\"\"],\"status\":\"not ready\"}\n",
            ),
            ("GET /", "200 OK", INDEX),
            (
                "GET /x",
                "404 Not Found",
                "here are /metrics, /livez, /readyz\n",
            ),
            ("POST /metrics", "405 Method Not Allowed", "only GET\n"),
            ("HEAD /metrics", "200 OK", ""),
        ] {
            let answer = exchange(&endpoint, &format!("{request} HTTP/1.1\r\nHost: x\r\n\r\n"));
            let (head, found) = answer.split_once("\r\n\r\n").unwrap();
            assert!(
                head.starts_with(&format!("HTTP/1.1 {status}")),
                "{request}: {head}"
            );
            assert_eq!(found, body, "{request}");
        }
        endpoint.stop();
    }

    #[test]
    fn half_requests_are_dropped_and_do_not_keep_others_out() {
        let bounds = Bounds {
            connections_max: 2,
            head_time_max: Duration::from_millis(50),
            ..Bounds::default()
        };
        let endpoint = endpoint(Health::default(), bounds);
        let mut half: Vec<TcpStream> = (0..4)
            .map(|_| {
                let mut stream = TcpStream::connect(endpoint.address()).unwrap();
                stream.write_all(b"GET /livez HTTP/1.1\r\n").unwrap();
                stream
            })
            .collect();
        let answer = exchange(&endpoint, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        for stream in &mut half {
            // The end of the connection; whether with an answer before it is hyper's affair.
            drop(stream.read_to_end(&mut Vec::new()));
        }
        endpoint.stop();
    }
}
