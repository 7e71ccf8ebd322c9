//! What all requests share.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::intake::Intake;
use super::open::Open;
use super::protocol::{Fault, Ids};
use super::store::Store;
use super::{ApiOptions, Outlet};
use crate::engine::{Engine, Registry};
use crate::machine::Timestamp;
use crate::metrics::ApiMetrics;

/// What the API stands on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Runs the executions.
    pub engine: Engine,
    /// Where machines are put; those that are in it by `workflows` are shown and cannot be changed.
    pub registry: Arc<Registry>,
    /// The names of the machines that belong to the settings.
    pub workflows: Vec<String>,
    /// Where logs and outcomes go; without one they are dropped.
    pub outlet: Option<Arc<dyn Outlet>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: ApiOptions,
    pub(super) engine: Engine,
    pub(super) registry: Arc<Registry>,
    pub(super) store: Store,
    pub(super) ids: Ids,
    pub(super) metrics: ApiMetrics,
    pub(super) outlet: Option<Arc<dyn Outlet>>,
    pub(super) intake: Intake,
    /// Executions that were started here and have not ended.
    pub(super) open: Arc<Open>,
    /// One permit a request that is being answered.
    pub(super) requests: Semaphore,
    /// One permit a byte of the bodies that are being received.
    pub(super) body_bytes: Semaphore,
    /// One permit a request that computes on a thread of its own.
    pub(super) computing: Arc<Semaphore>,
}

/// Definitions that are compiled or tested at once.
pub(super) const COMPUTING_MAX: usize = 16;

impl Shared {
    pub(super) fn new(options: ApiOptions, parts: Parts) -> Self {
        let now = parts.engine.clock().now();
        Self {
            store: Store::new(Arc::clone(&parts.registry), &parts.workflows, now),
            intake: Intake::new(parts.engine.clone()),
            open: Arc::default(),
            engine: parts.engine,
            registry: parts.registry,
            ids: Ids::new(),
            metrics: ApiMetrics::new(),
            outlet: parts.outlet,
            requests: Semaphore::new(options.requests_max),
            body_bytes: Semaphore::new(options.bodies_bytes_max),
            computing: Arc::new(Semaphore::new(COMPUTING_MAX)),
            options,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.engine.clock().now()
    }

    /// Does what takes long, such as compiling, on a thread where it holds up no other request.
    pub(super) async fn compute<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let shared = Arc::clone(self);
        let permit = Arc::clone(&self.computing).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&shared)
        });
        done.await.unwrap_or_else(|_| {
            let message = "The request was ended by a bug in Stepstream.";
            Err(Fault::new("InternalFailure", message).with_status(500))
        })
    }
}
