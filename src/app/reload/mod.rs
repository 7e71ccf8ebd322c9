//! Settings and definitions loaded again while the service runs: everything is read and checked first, then activated at once.
//!
//! Asked for by a signal, by HTTP, or by a watch that finds other files. What is faulty changes nothing, and all its faults are told to
//! whoever asked, to the log and by a metric. A workflow gets a new revision if its definition, or something that goes into it, has changed;
//! executions that have begun keep theirs. What can be taken over only by a restart is named, see [`restart_needed`].
//!
//! *Not here*: who sends the signal, and the HTTP endpoint.

mod files;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use tokio::sync::oneshot;

use super::http::Reloaded;
use super::service::Shared;
use super::workflows::{self, Candidate, Outside, Refusal, Source};
use crate::config::{self, Environment, Settings, restart_needed};
use crate::connectors::Nested;
use crate::engine::Registry;
use crate::history::LogLevel;
use crate::metrics::ReloadMetrics;
use files::Files;

/// Where settings come from, again and again.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The settings file.
    pub path: PathBuf,
    /// The variables that win over it.
    pub environment: Environment,
    /// Where the API's machines are kept, if the command line says so.
    pub state_dir: Option<PathBuf>,
}

/// What a reload needs of the service.
#[derive(Debug)]
pub(super) struct Running {
    /// What it was started with.
    pub(super) settings: Settings,
    pub(super) registry: Arc<Registry>,
    pub(super) nested: Nested,
    pub(super) edge: Shared,
    /// What each workflow's active revision was made from.
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) outside: Arc<Outside>,
}

/// Asks for reloads; they come one after the other.
#[derive(Clone, Debug)]
pub struct Reloads(Sender<Request>);

#[derive(Debug)]
struct Request {
    asked_by: &'static str,
    answer: Option<oneshot::Sender<Reloaded>>,
}

/// What came of a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Report {
    /// All is as it should be; the new revisions, if any.
    Good {
        revisions: Vec<(String, u64)>,
        /// Workflows that had stopped for their dead letters, and go on.
        resumed: Vec<String>,
        restart_needed: Vec<String>,
    },
    /// Nothing was changed.
    Refused(Vec<String>),
}

/// Reloads that may wait for one that is under way.
const WAITING_MAX: usize = 8;

impl Reloads {
    /// Asks for a reload, and says where its answer comes; `None` if too many wait, or the service has ended.
    #[must_use]
    pub fn ask(&self, asked_by: &'static str) -> Option<oneshot::Receiver<Reloaded>> {
        let (answer, answered) = oneshot::channel();
        let answer = Some(answer);
        self.0.try_send(Request { asked_by, answer }).ok()?;
        Some(answered)
    }
}

/// Begins to wait for requests, on a thread of its own, which ends when nobody can ask any more.
pub(super) fn start(origin: Option<Origin>, running: Running) -> std::io::Result<Reloads> {
    let (sender, requests) = bounded(WAITING_MAX);
    let interval = running.settings.server.watch_interval;
    let reloader = Reloader {
        origin,
        running,
        metrics: ReloadMetrics::new(),
    };
    std::thread::Builder::new()
        .name("reload".to_owned())
        .spawn(move || reloader.run(&requests, interval))?;
    Ok(Reloads(sender))
}

struct Reloader {
    origin: Option<Origin>,
    running: Running,
    metrics: ReloadMetrics,
}

impl Reloader {
    fn run(mut self, requests: &Receiver<Request>, interval: Option<Duration>) {
        // What was loaded last, and what the last look has found.
        let (mut loaded, mut seen) = (Files::default(), Files::default());
        loop {
            let request = match interval {
                None => requests.recv().map_err(RecvTimeoutError::from),
                Some(interval) => requests.recv_timeout(interval),
            };
            match request {
                Ok(request) => {
                    loaded = self.look();
                    let report = self.reload(request.asked_by);
                    if let Some(answer) = request.answer {
                        // Whoever asked may have gone away.
                        drop(answer.send(report.answer()));
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    let found = self.look();
                    // Files that are being written differ from look to look.
                    if found != loaded && found == seen {
                        self.reload("the watch");
                        loaded.clone_from(&found);
                    }
                    seen = found;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn look(&self) -> Files {
        let origin = self.origin.as_ref();
        origin.map(Files::read).unwrap_or_default()
    }

    /// Loads everything again, and tells what came of it.
    fn reload(&mut self, asked_by: &str) -> Report {
        let report = self.load().unwrap_or_else(Report::Refused);
        match &report {
            Report::Refused(faults) => {
                self.metrics.refused.increment(1);
                self.metrics.faults.set(faults.len() as f64);
                for fault in faults {
                    tracing::error!("{fault}");
                }
                tracing::error!(asked_by, "reload refused: what was active stays so");
            }
            Report::Good {
                revisions,
                resumed,
                restart_needed,
            } => {
                for workflow in resumed {
                    tracing::info!(asked_by, workflow, "goes on after it had stopped");
                }
                self.metrics.faults.set(0.0);
                if !restart_needed.is_empty() {
                    tracing::warn!(
                        settings = restart_needed.join(", "),
                        "changed settings that need a restart"
                    );
                }
                if revisions.is_empty() {
                    self.metrics.unchanged.increment(1);
                    tracing::info!(asked_by, "reloaded: no workflow has changed");
                } else {
                    self.metrics.activated.increment(1);
                }
                for (workflow, revision) in revisions {
                    tracing::info!(asked_by, workflow, revision, "reloaded");
                }
            }
        }
        report
    }

    fn load(&mut self) -> Result<Report, Vec<String>> {
        let origin = self.origin.as_ref().ok_or_else(|| {
            vec!["the process was started without a settings file to load again".to_owned()]
        })?;
        let mut new = config::load(&origin.path, &origin.environment)
            .map_err(|faults| faults.0.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        if let (Some(api), Some(folder)) = (&mut new.api, &origin.state_dir) {
            api.state_dir = Some(folder.clone());
        }
        let restart_needed = restart_needed(&self.running.settings, &new);
        let kafka: Vec<_> = new.workflows.iter().map(|w| w.kafka.clone()).collect();
        let Candidate {
            mut prepared,
            sources,
            outside,
        } = self.prepare(new).map_err(|refused| told(&refused))?;
        let running = &mut self.running;
        let is_new_outside = !Arc::ptr_eq(&outside, &running.outside);
        prepared.retain(|definition| {
            let name = definition.name.as_str();
            match running.sources.get(name) {
                Some(source) => is_new_outside || sources.get(name) != Some(source),
                // Its topics are not read: it waits for a restart.
                None => false,
            }
        });
        let activated = running.registry.activate(prepared);
        running.outside = outside;
        for (name, source) in sources {
            running.sources.entry(name).and_modify(|s| *s = source);
        }
        let resumed = running.edge.with(|edge| edge.renew(&kafka));
        let revisions = activated
            .iter()
            .map(|revision| (revision.name.to_string(), revision.number));
        Ok(Report::Good {
            revisions: revisions.collect(),
            resumed: resumed.unwrap_or_default(),
            restart_needed,
        })
    }

    fn prepare(&self, new: Settings) -> Result<Candidate, Vec<Refusal>> {
        let running = &self.running.settings;
        let mut settings = Settings {
            // What tasks and names of machines share with the rest of the process.
            kafka: running.kafka.clone(),
            identity: running.identity.clone(),
            ..new
        };
        for workflow in &mut settings.workflows {
            let mut before = running.workflows.iter();
            let before = before.find(|b| b.kafka.name == workflow.kafka.name);
            if before.is_some_and(|before| before.kafka.logs.is_none()) {
                // There is no topic open to write them to.
                workflow.recording.level = LogLevel::Off;
            }
        }
        let files = workflows::read(&settings)?;
        let outside = Outside::start(&settings, &self.running.nested, Some(&self.running.outside))?;
        let candidate = workflows::prepare(&self.running.registry, &settings, &files, outside)?;
        workflows::warn(&files);
        Ok(candidate)
    }
}

impl Report {
    fn answer(&self) -> Reloaded {
        let body = match self {
            Self::Good {
                revisions,
                resumed,
                restart_needed,
            } => {
                let revision = |(workflow, revision): &(String, u64)| serde_json::json!({ "workflow": workflow, "revision": revision });
                let status = match revisions.is_empty() {
                    true => "unchanged",
                    false => "activated",
                };
                serde_json::json!({
                    "status": status,
                    "activated": revisions.iter().map(revision).collect::<Vec<_>>(),
                    "resumed": resumed,
                    "restart_needed": restart_needed,
                })
            }
            Self::Refused(faults) => {
                serde_json::json!({ "status": "refused", "faults": faults })
            }
        };
        Reloaded {
            is_good: matches!(self, Self::Good { .. }),
            body: format!("{body}\n"),
        }
    }
}

/// One line for each fault.
fn told(refusals: &[Refusal]) -> Vec<String> {
    let lines = |refusal: &Refusal| match refusal {
        Refusal::File(why) => vec![why.clone()],
        Refusal::Definition(file, diagnostics) => {
            let faults = diagnostics.iter().filter(|d| d.is_error());
            let line = |d: &crate::asl::Diagnostic| {
                let hint = d.hint.as_ref();
                let hint = hint.map_or_else(String::new, |hint| format!(" ({hint})"));
                format!("{}:{}:{}: {d}{hint}", file.name, d.line, d.column)
            };
            faults.map(line).collect()
        }
    };
    refusals.iter().flat_map(lines).collect()
}
