//! The listener and its connections: everything a client may take is bounded, and a slow one holds up nobody.
//!
//! *Not here*: what is answered.

mod body;
mod door;
mod exchange;
mod hosts;
mod stream;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use super::shared::{COMPUTING_MAX, Parts, Shared};
use super::{Access, ApiOptions};
pub(super) use body::Body;
use stream::Stream;

/// A running API. Dropped without [`Api::stop`], it ends at once.
#[derive(Debug)]
pub struct Api {
    address: SocketAddr,
    shared: Arc<Shared>,
    /// One permit a connection.
    connections: Arc<Semaphore>,
    stop: watch::Sender<bool>,
    runtime: Runtime,
}

/// Why the API does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be had, or the system refuses a thread.
    #[error(transparent)]
    Listen(#[from] std::io::Error),
    /// What is kept of machines cannot be read.
    #[error("{0}")]
    Shelf(String),
    /// What is kept of one machine is wrong.
    #[error("{place}: {why}")]
    Kept {
        /// Where it is.
        place: String,
        /// What is wrong.
        why: String,
    },
}

/// Enough for an expression or a definition of the greatest depth, as the engine's workers have it.
const STACK_BYTES: usize = 8 << 20;
/// How long to wait after a connection could not be accepted, such as for too many open files: some may be closed by then.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

impl Api {
    /// Loads what the shelf keeps, listens at [`ApiOptions::listen`] and answers on threads of its own.
    ///
    /// # Errors
    /// If what is kept cannot be read, the address cannot be had, or the system refuses a thread.
    pub fn start(options: ApiOptions, parts: Parts) -> Result<Self, StartError> {
        let listener = TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(threads)
            .max_blocking_threads(COMPUTING_MAX)
            .thread_name("api")
            .thread_stack_size(STACK_BYTES)
            .enable_all()
            .build()?;
        let connections = Arc::new(Semaphore::new(options.connections_max));
        let shared = Arc::new(Shared::new(options, parts)?);
        let (stop, stopping) = watch::channel(false);
        let acceptor = Acceptor {
            shared: Arc::clone(&shared),
            connections: Arc::clone(&connections),
            stopping,
        };
        runtime.spawn(acceptor.run(listener));
        Ok(Self {
            address,
            shared,
            connections,
            stop,
            runtime,
        })
    }

    /// Where it listens; the port is the real one if 0 was asked for.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the listener and lets requests that have begun, and executions that they started, come to their ends until
    /// `grace` has passed. Returns how many executions were not waited for.
    pub fn stop(self, grace: Duration) -> usize {
        self.stop.send_replace(true);
        let all = u32::try_from(self.shared.options.connections_max).unwrap_or(u32::MAX);
        let ended = async {
            drop(self.connections.acquire_many(all).await);
            self.shared.open.ended().await;
        };
        self.runtime.block_on(async {
            // What is left after the grace time is dropped below.
            tokio::time::timeout(grace, ended).await.ok();
        });
        self.runtime.shutdown_background();
        self.shared.open.count()
    }
}

struct Acceptor {
    shared: Arc<Shared>,
    connections: Arc<Semaphore>,
    stopping: watch::Receiver<bool>,
}

impl Acceptor {
    async fn run(mut self, listener: TcpListener) {
        match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => {
                let mut stopping = self.stopping.clone();
                tokio::select! {
                    () = self.accept(&listener) => {}
                    () = stopped(&mut stopping) => {}
                }
            }
            Err(error) => tracing::error!(%error, "the API cannot listen"),
        }
    }

    async fn accept(&mut self, listener: &tokio::net::TcpListener) {
        loop {
            let Ok(permit) = Arc::clone(&self.connections).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let shared = Arc::clone(&self.shared);
                    tokio::spawn(converse(shared, stream, self.stopping.clone(), permit));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection to the API failed");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            }
        }
    }
}

/// One connection, to its end.
async fn converse(
    shared: Arc<Shared>,
    stream: TcpStream,
    mut stopping: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    // Answers are small and written at once: waiting for more would only cost time. Without it they come late, not wrong.
    stream.set_nodelay(true).ok();
    let Some(tls) = &shared.tls else {
        return speak(&shared, stream, stopping).await;
    };
    let handshake = TlsAcceptor::from(Arc::clone(tls)).accept(stream);
    let handshake = tokio::time::timeout(shared.options.head_time_max, handshake);
    tokio::select! {
        done = handshake => {
            // A client that is too slow, speaks no TLS or does not trust us is its own concern.
            if let Ok(Ok(stream)) = done {
                speak(&shared, stream, stopping).await;
            }
        }
        () = stopped(&mut stopping) => {}
    }
}

/// HTTP, over whatever carries it.
async fn speak<T: AsyncRead + AsyncWrite + Unpin>(
    shared: &Arc<Shared>,
    stream: T,
    mut stopping: watch::Receiver<bool>,
) {
    let options = &shared.options;
    let mut builder = http1::Builder::new();
    builder
        // Without a timer hyper silently has no time limit for the head.
        .timer(TokioTimer::new())
        .header_read_timeout(options.head_time_max)
        .max_buf_size(options.head_bytes_max);
    let stream = Stream::new(stream, options.write_time_max);
    let of_service = Arc::clone(shared);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&of_service);
        async move { Ok::<_, Infallible>(exchange::exchange(&shared, request).await) }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(stream, service));
    // A client that is too slow or speaks no HTTP is its own concern.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An API that was dropped has stopped, too.
    drop(stopping.wait_for(|stop| *stop).await);
}
