//! `stepstream serve`: the real thing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Ended, Failure, refusals};
use crate::app::service::{Observer, Service, StartError};
use crate::app::signals::Signals;
use crate::app::watch::watch;
use crate::app::workflows;
use crate::config::{self, Environment, Settings};
use crate::connectors::Nested;

/// Run workflows on the events of a Kafka cluster, until told to stop
///
/// SIGTERM or SIGINT: no further event is begun, those begun are finished within server.shutdown_grace_ms, offsets are
/// committed. A second signal ends the process at once; what was not answered is done again by the next run.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The settings; `stepstream config` prints all there are. Without them the AWS API is served alone
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Check settings and definitions, and start nothing
    #[arg(long)]
    check: bool,
    /// How the process tells of itself on stderr: text or json; STEPSTREAM_LOG says how much (info)
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"], hide_possible_values = true)]
    log_format: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let environment = Environment::of_process();
    let settings = match &arguments.config {
        Some(path) => config::load(path, &environment),
        None => config::parse(Path::new("no file"), "", &environment),
    };
    let settings = settings
        .map_err(|faults| Failure::refused(format!("the settings are refused\n{faults}")))?;
    let files = match workflows::read(&settings) {
        Ok(files) => files,
        Err(refused) => return refusals::print(&refused),
    };
    if arguments.check {
        return match workflows::load(&settings, &files, &Nested::new()) {
            Ok(_) => {
                let count = settings.workflows.len();
                writeln!(
                    std::io::stdout(),
                    "the settings are good: {count} workflows"
                )?;
                Ok(Ended::Well)
            }
            Err(refused) => refusals::print(&refused),
        };
    }
    super::logging::install(&arguments.log_format, "info");
    let mut signals = Signals::install()
        .map_err(|error| Failure::refused(format!("signals cannot be received: {error}")))?;
    let service = match Service::start(&settings, &files) {
        Ok(service) => service,
        Err(StartError::Refused(refused)) => return refusals::print(&refused),
        Err(error) => return Err(Failure::refused(error.to_string())),
    };
    announce(&settings, &service);
    workflows::warn(&files);
    let (running, over) = bounded(0);
    let watching = start_watch(service.observer(), settings.clone(), over)?;
    signals.wait();
    drop::<Sender<()>>(running);
    tracing::info!(
        grace_ms = settings.server.shutdown_grace.as_millis(),
        "stopping: no further event is begun, those begun are finished"
    );
    match service.shutdown() {
        None => tracing::info!("stopped: everything begun was answered and committed"),
        Some(left) => tracing::warn!("stopped: {left}; it is done again by the next run"),
    }
    // A watch that looks at the cluster just now has nothing to say any more.
    let failed = watching
        .is_finished()
        .then(|| watching.join().ok().flatten());
    match failed.flatten() {
        Some(cause) => Err(Failure::Broken(cause)),
        None => Ok(Ended::Well),
    }
}

/// Watches the service on a thread of its own, which ends the process in order when the service cannot go on.
fn start_watch(
    observer: Observer,
    settings: Settings,
    over: Receiver<()>,
) -> Result<JoinHandle<Option<String>>, Failure> {
    let watch = move || {
        let cause = watch(&observer, &settings, &over)?;
        tracing::error!("{cause}");
        Signals::raise();
        Some(cause)
    };
    std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(watch)
        .map_err(|error| Failure::refused(format!("a thread cannot be started: {error}")))
}

fn announce(settings: &Settings, service: &Service) {
    let brokers = settings.kafka.bootstrap_servers.as_str();
    tracing::info!(
        brokers = if settings.workflows.is_empty() {
            "(none)"
        } else {
            brokers
        },
        workers = settings.engine.workers_resolved(),
        "stepstream {}",
        env!("CARGO_PKG_VERSION")
    );
    for workflow in &settings.workflows {
        let kafka = &workflow.kafka;
        tracing::info!(
            topics = kafka.topics.join(","),
            group = kafka.group.as_ref().unwrap_or(&settings.kafka.group),
            results = kafka.results.as_deref().unwrap_or("(dropped)"),
            failures = kafka.failures.as_deref().unwrap_or("(dropped)"),
            dead_letters = kafka.dead_letters,
            "workflow {}",
            kafka.name
        );
    }
    tracing::info!("metrics and health: http://{}", service.address());
    if let Some(address) = service.api_address() {
        tracing::info!("AWS API: http://{address}");
    }
}
