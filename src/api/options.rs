//! Every bound of the API, in one place.

use std::net::SocketAddr;
use std::time::Duration;

use crate::machine::{Limits, MachineIdentity};

/// Where the API listens, whom it answers, and what a client may take of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiOptions {
    /// The address: 127.0.0.1:8083, as Step Functions Local.
    pub listen: SocketAddr,
    /// Names that a request's `Host` may have, beside those of the loopback and literal addresses it listens at; each also with
    /// `sync-` before it. `*` is any name.
    pub hosts: Vec<String>,
    /// Partition, region, account and default role of machines; its name is not used.
    pub identity: MachineIdentity,
    /// Bounds of executions of machines made here.
    pub limits: Limits,
    /// Threads that speak HTTP: 0, the default, is one a core.
    pub threads: usize,
    /// Connections at once: 10,000. Further ones wait in the listener's backlog.
    pub connections_max: usize,
    /// Requests that are being answered, StartSyncExecution's among them: 10,000. Further ones get 429.
    pub requests_max: usize,
    /// The head of a request, in bytes: 65,536.
    pub head_bytes_max: usize,
    /// The body of a request, in bytes: 2,097,152, so that a definition of a mebibyte fits in as a JSON text. A larger one gets 413.
    pub body_bytes_max: usize,
    /// Bytes of all bodies that are being received: 67,108,864. Beyond it requests get 429.
    pub bodies_bytes_max: usize,
    /// Until the head of a request has come, also of the next one of a connection: 20 s.
    pub head_time_max: Duration,
    /// From its head until its body has come: 30 s; then 408.
    pub body_time_max: Duration,
    /// How long a client may take no byte of an answer: 30 s.
    pub write_time_max: Duration,
    /// Machines made by the API: 10,000.
    pub machines_max: usize,
    /// Executions that can be asked about: 10,000. Those under way that were begun here are kept beyond it.
    pub recent_executions_max: usize,
    /// Whether executions that events or other executions began are among them: not by default, as it costs time for each.
    pub keeps_all_executions: bool,
    /// Bytes of all data of those of them that have ended: 67,108,864.
    pub recent_executions_bytes_max: usize,
    /// Whether what AWS offers for Standard only is refused for Express, in AWS's words.
    pub is_strict: bool,
}

impl ApiOptions {
    /// The defaults, for machines of this identity.
    #[must_use]
    pub fn new(identity: MachineIdentity) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8083)),
            hosts: Vec::new(),
            identity,
            limits: Limits::default(),
            threads: 0,
            connections_max: 10_000,
            requests_max: 10_000,
            head_bytes_max: 65_536,
            body_bytes_max: 2 << 20,
            bodies_bytes_max: 64 << 20,
            head_time_max: Duration::from_secs(20),
            body_time_max: Duration::from_secs(30),
            write_time_max: Duration::from_secs(30),
            machines_max: 10_000,
            recent_executions_max: 10_000,
            keeps_all_executions: false,
            recent_executions_bytes_max: 64 << 20,
            is_strict: false,
        }
    }
}
