//! What all requests share.

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::Semaphore;

use super::intake::Intake;
use super::open::Open;
use super::protocol::{Fault, Ids};
use super::recent::Recent;
use super::store::Store;
use super::{Access, ApiOptions, Outlet, Shelf, StartError, machines};
use crate::engine::{Engine, Registry, Witness};
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
    /// Where machines made here are kept, and were; without one they end with the process.
    pub shelf: Option<Arc<dyn Shelf>>,
    /// Who may ask.
    pub access: Access,
    /// Certificate and key; without them plain HTTP is spoken.
    pub tls: Option<Arc<ServerConfig>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: ApiOptions,
    pub(super) access: Access,
    pub(super) tls: Option<Arc<ServerConfig>>,
    pub(super) engine: Engine,
    pub(super) registry: Arc<Registry>,
    pub(super) store: Store,
    pub(super) ids: Ids,
    pub(super) metrics: ApiMetrics,
    pub(super) outlet: Option<Arc<dyn Outlet>>,
    pub(super) intake: Intake,
    pub(super) recent: Arc<Recent>,
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
    pub(super) fn new(options: ApiOptions, parts: Parts) -> Result<Self, StartError> {
        let now = parts.engine.clock().now();
        let registry = Arc::clone(&parts.registry);
        let kept = parts.shelf.as_ref().map(|shelf| shelf.kept());
        let kept = kept.transpose().map_err(StartError::Shelf)?;
        let kept = kept.unwrap_or_default();
        let made = machines::load_kept(&options, &registry, &parts.workflows, &kept)?;
        let recent = Recent::new(
            options.recent_executions_max,
            options.recent_executions_bytes_max,
        );
        let keeps_any = options.recent_executions_max > 0 && !options.is_strict;
        if options.keeps_all_executions && keeps_any {
            parts.engine.watch(Arc::clone(&recent) as Arc<dyn Witness>);
        }
        Ok(Self {
            store: Store::new(registry, &parts.workflows, made, parts.shelf, now),
            intake: Intake::new(parts.engine.clone()),
            open: Arc::default(),
            recent,
            access: parts.access,
            tls: parts.tls,
            engine: parts.engine,
            registry: parts.registry,
            ids: Ids::new(),
            metrics: ApiMetrics::new(),
            outlet: parts.outlet,
            requests: Semaphore::new(options.requests_max),
            body_bytes: Semaphore::new(options.bodies_bytes_max),
            computing: Arc::new(Semaphore::new(COMPUTING_MAX)),
            options,
        })
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
