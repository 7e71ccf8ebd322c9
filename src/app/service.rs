//! The whole of it, running: engine, Kafka edge, API and HTTP endpoint, built in this order and taken down in the order in which
//! work comes to its end.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::oneshot;

use super::doors;
use super::http::{Bounds, Door, Endpoint, Health, Pages, Reloaded};
use super::outlet::KafkaOutlet;
use super::recorder;
use super::reload::{self, Origin, Reloads, Running};
use super::state_folder::StateFolder;
use super::workflows::{self, Files, Outside, Refusal};
use crate::api::{Api, Outlet, Parts, Shelf};
use crate::config::Settings;
use crate::connectors::{Nested, NestedOutlet};
use crate::engine::{Engine, NoConnectors, Registry, SystemClock};
use crate::kafka::{Edge, ShutdownReport, Statistics};

/// A running service.
#[derive(Debug)]
pub struct Service {
    edge: Shared,
    engine: Engine,
    api: Option<Api>,
    endpoint: Endpoint,
    reloads: Reloads,
    grace: Duration,
}

/// Why a service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Workflows are refused.
    #[error("{} refused", if .0.len() == 1 { "a workflow is" } else { "workflows are" })]
    Refused(Vec<Refusal>),
    /// A setting does not work.
    #[error("{setting}: {why}")]
    Setting {
        /// The key's path.
        setting: &'static str,
        /// What happened.
        why: String,
    },
}

impl Service {
    /// Loads the workflows and starts everything. Without an `origin` every later reload is refused.
    ///
    /// # Errors
    /// If a workflow is refused, in which case nothing was started, or a setting does not work.
    pub fn start(
        settings: &Settings,
        files: &[Files],
        origin: Option<Origin>,
    ) -> Result<Self, StartError> {
        let prometheus = recorder::install().map_err(|why| StartError::Setting {
            setting: "server.listen",
            why: why.to_string(),
        })?;
        let nested = Nested::new();
        let registry = Arc::new(Registry::new(Arc::new(NoConnectors)));
        let candidate = Outside::start(settings, &nested, None)
            .and_then(|outside| workflows::prepare(&registry, settings, files, outside))
            .map_err(StartError::Refused)?;
        let (sources, outside) = (candidate.sources, candidate.outside);
        registry.activate(candidate.prepared);
        let engine =
            Engine::start(&settings.engine, Arc::new(SystemClock::new())).map_err(|why| {
                StartError::Setting {
                    setting: "engine.workers",
                    why: why.to_string(),
                }
            })?;
        let door = Door {
            tokens: doors::tokens(settings.server.tokens.as_ref(), "server.tokens_file")?,
            tls: doors::tls(settings.server.tls.as_ref(), "server.tls")?,
        };
        let edge = start_edge(settings, &engine, &registry)?;
        let outlet = edge.as_ref().map(|edge| outlet(edge, BTreeMap::new()));
        nested.connect(
            engine.clone(),
            &registry,
            outlet.map(|outlet| outlet as Arc<dyn NestedOutlet>),
        );
        let api = start_api(settings, &engine, &registry, edge.as_ref())?;
        let edge = Shared::new(edge);
        let running = Running {
            settings: settings.clone(),
            registry,
            nested,
            edge: edge.clone(),
            sources,
            outside,
        };
        let reloads = reload::start(origin, running).map_err(|why| StartError::Setting {
            setting: "server.watch_interval_ms",
            why: format!("a thread cannot be started: {why}"),
        })?;
        let endpoint = Endpoint::start(
            settings.server.listen,
            door,
            Arc::new(Observed {
                prometheus,
                reloads: reloads.clone(),
                observer: Observer {
                    edge: edge.clone(),
                    engine: engine.clone(),
                },
            }),
            Bounds::default(),
        )
        .map_err(|why| StartError::Setting {
            setting: "server.listen",
            why: why.to_string(),
        })?;
        Ok(Self {
            edge,
            engine,
            api,
            endpoint,
            reloads,
            grace: settings.server.shutdown_grace,
        })
    }

    /// Where metrics and health are served.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.endpoint.address()
    }

    /// Where the AWS API is served, if it is.
    #[must_use]
    pub fn api_address(&self) -> Option<SocketAddr> {
        self.api.as_ref().map(Api::address)
    }

    /// What speaks against it.
    #[must_use]
    pub fn health(&self) -> Health {
        health(&self.edge, &self.engine)
    }

    /// A view of it that lives as long as it does, and longer.
    #[must_use]
    pub fn observer(&self) -> Observer {
        Observer {
            edge: self.edge.clone(),
            engine: self.engine.clone(),
        }
    }

    /// Where settings and definitions are asked to be loaded again.
    #[must_use]
    pub const fn reloads(&self) -> &Reloads {
        &self.reloads
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.edge.with(Edge::statistics).unwrap_or_default()
    }

    /// Begins nothing more, finishes what has begun within the grace time, commits, and ends. What was left undone, if anything.
    #[must_use]
    pub fn shutdown(self) -> Option<String> {
        let clock = self.engine.clock();
        let began = clock.now();
        // Before Kafka: its producer carries what these executions owe.
        let open = self.api.map_or(0, |api| api.stop(self.grace));
        let spent = clock.now().as_millis() - began.as_millis();
        let spent = Duration::from_millis(u64::try_from(spent).unwrap_or(0));
        let left = self
            .edge
            .take()
            .map(|edge| edge.shutdown(self.grace.saturating_sub(spent)))
            .unwrap_or_default();
        let given_up = self.engine.shutdown(Duration::ZERO);
        tracing::debug!(?given_up, "the engine has stopped");
        self.endpoint.stop();
        undone(&left, open)
    }
}

/// The Kafka edge, if there is anything for it to do.
fn start_edge(
    settings: &Settings,
    engine: &Engine,
    registry: &Arc<Registry>,
) -> Result<Option<Edge>, StartError> {
    let workflows: Vec<_> = settings.workflows.iter().map(|w| w.kafka.clone()).collect();
    if workflows.is_empty() && settings.kafka.log_topics.is_empty() {
        return Ok(None);
    }
    let edge = Edge::start(&settings.kafka, &workflows, engine, registry);
    edge.map(Some).map_err(|faults| {
        let why: Vec<String> = faults.iter().map(ToString::to_string).collect();
        StartError::Setting {
            setting: "kafka",
            why: why.join("\n"),
        }
    })
}

fn start_api(
    settings: &Settings,
    engine: &Engine,
    registry: &Arc<Registry>,
    edge: Option<&Edge>,
) -> Result<Option<Api>, StartError> {
    let Some(api) = &settings.api else {
        return Ok(None);
    };
    let outlet = edge.map(|edge| outlet(edge, api.log_groups.clone()) as Arc<dyn Outlet>);
    let names = settings.workflows.iter().map(|w| w.kafka.name.clone());
    let folder = api.state_dir.as_deref().map(StateFolder::open);
    let folder = folder.transpose().map_err(|why| StartError::Setting {
        setting: "api.state_dir",
        why,
    })?;
    let parts = Parts {
        engine: engine.clone(),
        registry: Arc::clone(registry),
        workflows: names.collect(),
        outlet,
        shelf: folder.map(|folder| Arc::new(folder) as Arc<dyn Shelf>),
        access: doors::access(api)?,
        tls: doors::tls(api.tls.as_ref(), "api.tls")?,
    };
    let started = Api::start(api.options.clone(), parts);
    started.map(Some).map_err(|why| match why {
        crate::api::StartError::Listen(why) => StartError::Setting {
            setting: "api.listen",
            why: format!("{} cannot be listened at: {why}", api.options.listen),
        },
        why @ (crate::api::StartError::Shelf(_) | crate::api::StartError::Kept { .. }) => {
            StartError::Setting {
                setting: "api.state_dir",
                why: why.to_string(),
            }
        }
    })
}

/// The way to the topics for executions that no event began.
fn outlet(edge: &Edge, log_groups: BTreeMap<String, String>) -> Arc<KafkaOutlet> {
    Arc::new(KafkaOutlet {
        outbox: Arc::clone(edge.outbox()),
        log_groups,
    })
}

/// Looks at a service and changes nothing in it.
#[derive(Clone, Debug)]
pub struct Observer {
    edge: Shared,
    engine: Engine,
}

impl Observer {
    /// What speaks against the service.
    #[must_use]
    pub fn health(&self) -> Health {
        health(&self.edge, &self.engine)
    }

    /// Why it can never go on, if so: the process should end and be started anew.
    #[must_use]
    pub fn fatal(&self) -> Option<String> {
        let fatal = self.edge.with(Edge::fatal).flatten();
        fatal.map(|error| error.to_string())
    }
}

/// The edge, for as long as it runs.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Kafka>>);

#[derive(Debug)]
enum Kafka {
    /// Nothing is to be done with Kafka.
    Unused,
    Running(Box<Edge>),
    Stopped,
}

impl Shared {
    fn new(edge: Option<Edge>) -> Self {
        let kafka = edge.map_or(Kafka::Unused, |edge| Kafka::Running(Box::new(edge)));
        Self(Arc::new(Mutex::new(kafka)))
    }

    pub(super) fn with<T>(&self, ask: impl FnOnce(&Edge) -> T) -> Option<T> {
        match &*self.lock() {
            Kafka::Running(edge) => Some(ask(edge)),
            Kafka::Unused | Kafka::Stopped => None,
        }
    }

    fn is_stopped(&self) -> bool {
        matches!(*self.lock(), Kafka::Stopped)
    }

    fn take(&self) -> Option<Box<Edge>> {
        match std::mem::replace(&mut *self.lock(), Kafka::Stopped) {
            Kafka::Running(edge) => Some(edge),
            Kafka::Unused | Kafka::Stopped => None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kafka> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn undone(left: &ShutdownReport, open: usize) -> Option<String> {
    let ShutdownReport {
        unanswered,
        unacknowledged,
        stuck_groups,
    } = left;
    if *left == ShutdownReport::default() && open == 0 {
        return None;
    }
    let given_up = match open {
        0 => String::new(),
        open => format!(", {open} executions that the API started were given up"),
    };
    let stuck = match stuck_groups.as_slice() {
        [] => String::new(),
        groups => format!(", the groups {} did not end", groups.join(", ")),
    };
    Some(format!(
        "{unanswered} events were not answered and {unacknowledged} records not acknowledged{stuck}{given_up}"
    ))
}

fn health(edge: &Shared, engine: &Engine) -> Health {
    let mut health = Health::default();
    if !engine.is_alive() {
        health.not_live.push("a worker has ended".to_owned());
    }
    match edge.with(Edge::health) {
        Some(of_edge) if !of_edge.live => health.not_live.extend(of_edge.reasons),
        Some(of_edge) => health.not_ready.extend(of_edge.reasons),
        None if edge.is_stopped() => health.not_ready.push("the process is stopping".to_owned()),
        None => {}
    }
    health
}

struct Observed {
    prometheus: PrometheusHandle,
    reloads: Reloads,
    observer: Observer,
}

impl Pages for Observed {
    fn metrics(&self) -> String {
        self.prometheus.render()
    }

    fn health(&self) -> Health {
        self.observer.health()
    }

    fn reload(&self) -> Option<oneshot::Receiver<Reloaded>> {
        self.reloads.ask("HTTP")
    }

    fn upkeep(&self) {
        self.prometheus.run_upkeep();
    }
}
