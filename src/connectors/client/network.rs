//! The seam to the network: names to addresses, addresses to connections. A test puts its own in its place.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::net::TcpStream;

/// Addresses of a name, soon.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// A connection, soon.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// Everything that the client asks of the network.
pub trait Network: Send + Sync + std::fmt::Debug {
    /// The addresses of a name. Asked for names only, never for literal addresses.
    fn resolve(&self, host: String, port: u16) -> Resolving;

    /// A connection to an address.
    fn connect(&self, address: SocketAddr) -> Connecting;
}

/// The network of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNetwork;

impl Network for SystemNetwork {
    fn resolve(&self, host: String, port: u16) -> Resolving {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }

    fn connect(&self, address: SocketAddr) -> Connecting {
        Box::pin(async move {
            let stream = TcpStream::connect(address).await?;
            // A request is written at once; waiting for more only delays it.
            stream.set_nodelay(true)?;
            Ok(stream)
        })
    }
}
