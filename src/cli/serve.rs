//! `stepstream serve`: the real thing.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::execution::settings;
use super::{Ended, Failure, refusals};
use crate::app::reload::{Origin, Reloads};
use crate::app::service::{Observer, Service, StartError};
use crate::app::signals::{Hangups, Signals};
use crate::app::watch::watch;
use crate::app::workflows;
use crate::config::{Environment, Settings};
use crate::connectors::Nested;

/// Run workflows on the events of a Kafka cluster, until told to stop
///
/// SIGTERM or SIGINT: no further event is begun, those begun are finished within server.shutdown_grace_ms, offsets are
/// committed. A second signal ends the process at once; what was not answered is done again by the next run.
/// SIGHUP: settings and definitions are loaded again; faulty ones change nothing.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The settings; `stepstream config` prints all there are. Without them the AWS API is served alone
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep state machines made by the API in this folder, and load those that are there; api.state_dir in the settings
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    /// Check settings and definitions, and start nothing
    #[arg(long)]
    check: bool,
    /// How the process tells of itself on stderr: text or json; STEPSTREAM_LOG says how much (info)
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"], hide_possible_values = true)]
    log_format: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    let mut settings = settings(arguments.config.as_deref())?;
    if let Some(folder) = &arguments.state_dir {
        let api = settings.api.as_mut();
        let api = api.ok_or_else(|| {
            Failure::refused("--state-dir is of the API, which is not served".to_owned())
        })?;
        api.state_dir = Some(folder.clone());
    }
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
    let no_signals =
        |error: std::io::Error| Failure::refused(format!("signals cannot be received: {error}"));
    let mut signals = Signals::install().map_err(no_signals)?;
    let hangups = Hangups::install().map_err(no_signals)?;
    let origin = arguments.config.clone().map(|path| Origin {
        path,
        environment: Environment::of_process(),
        state_dir: arguments.state_dir.clone(),
    });
    let service = match Service::start(&settings, &files, origin) {
        Ok(service) => service,
        Err(StartError::Refused(refused)) => return refusals::print(&refused),
        Err(error) => return Err(Failure::refused(error.to_string())),
    };
    reload_at(hangups, service.reloads().clone())?;
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

/// Asks for a reload at each SIGHUP, on a thread of its own.
fn reload_at(mut hangups: Hangups, reloads: Reloads) -> Result<(), Failure> {
    let wait = move || {
        while hangups.wait() {
            if reloads.ask("SIGHUP").is_none() {
                tracing::warn!("a reload is not tried: too many wait");
            }
        }
    };
    let thread = std::thread::Builder::new().name("hangups".to_owned());
    let spawned = thread.spawn(wait);
    spawned.map_err(|error| Failure::refused(format!("a thread cannot be started: {error}")))?;
    Ok(())
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
    let scheme = |tls: bool| if tls { "https" } else { "http" };
    let server = &settings.server;
    let address = service.address();
    let http = scheme(server.tls.is_some());
    tracing::info!("metrics and health: {http}://{address}");
    warn_of_plain_secrets(address, server.tls.is_some(), server.tokens.is_some());
    if let (Some(address), Some(api)) = (service.api_address(), &settings.api) {
        let http = scheme(api.tls.is_some());
        tracing::info!("AWS API: {http}://{address}");
        warn_of_plain_secrets(address, api.tls.is_some(), api.tokens.is_some());
    }
}

/// A token that crosses a network in the clear is everybody's.
fn warn_of_plain_secrets(address: SocketAddr, has_tls: bool, has_tokens: bool) {
    if has_tokens && !has_tls && !address.ip().is_loopback() {
        tracing::warn!(
            "tokens come to {address} in the clear: give it a certificate, or put TLS in front"
        );
    }
}
