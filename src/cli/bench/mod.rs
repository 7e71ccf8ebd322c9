//! `stepstream bench`: a load, a service that is measured, and a reader who counts.
//!
//! With Kafka the service is `stepstream serve` in a process of its own, so that its CPU time and memory are not the generator's.
//! Without Kafka the engine runs in this process, on events that were written before.
//!
//! *Not here*: comparisons with others (`benches/peers`); log records are written and not counted.

mod events;
mod folder;
mod inside;
mod load;
mod outside;
mod report;
mod settings;
mod tally;
mod usage;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::events::{Event, Spread};
use self::folder::Folder;
use self::inside::Inside;
use self::load::{Service, drive};
use self::outside::{Outside, Reader, Served};
use self::report::Measured;
use self::settings::Target;
use self::tally::Tally;
use super::stopwatch::Stopwatch;
use super::{Ended, Failure, cluster, refusals};
use crate::app::workflows;
use crate::connectors::Nested;
use crate::engine::{Engine, SystemClock};

/// Measure a workflow: events a second, latency, CPU time, memory
///
/// Events go to `stepstream serve` in a process of its own, over a Kafka inside this process, a cluster (--bootstrap) or the one of a
/// settings file (--config); or to the engine alone (--in-process). With --rate, latency counts from the time at which an event was
/// meant to be sent. If an event is not answered exactly once, the exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The workflow [default: one that enriches and classifies telemetry]
    #[arg(conflicts_with = "config")]
    definition: Option<PathBuf>,
    /// Serve these settings, and send to the first topic of a workflow; it should have topics for results and failures
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bootstrap", "log", "order"])]
    config: Option<PathBuf>,
    /// Which workflow of --config [default: the first]
    #[arg(long, value_name = "NAME", requires = "config")]
    workflow: Option<String>,
    /// Use this cluster, with new topics, instead of the one inside the process
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "in_process")]
    bootstrap: Option<String>,
    /// No Kafka: the engine alone, in this process
    #[arg(long)]
    in_process: bool,
    /// Events that are measured
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    events: u64,
    /// Events that go ahead and are answered before anything is measured
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    warm_up: u64,
    /// Events a second; 0 is as many as are answered
    #[arg(long, value_name = "R", default_value_t = 0)]
    rate: u64,
    /// A template of events, JSON with {{key}}, {{number}} and {{FROM..TO}} in it
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Fill events up with blanks to so many bytes
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    bytes: u32,
    /// How many keys there are
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    keys: u64,
    /// How often each key comes
    #[arg(long, value_name = "SPREAD", value_enum, default_value_t = Spread::Uniform)]
    spread: Spread,
    /// The log: OFF, FATAL, ERROR or ALL, with data
    #[arg(long, value_name = "LEVEL", default_value = "OFF", value_parser = ["OFF", "FATAL", "ERROR", "ALL"], hide_possible_values = true)]
    log: String,
    /// What runs in order: none, key or partition
    #[arg(long, value_name = "ORDER", default_value = "none", value_parser = ["none", "key", "partition"], hide_possible_values = true)]
    order: String,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    super::logging::install("text", "warn");
    let bench = Bench {
        stopwatch: Stopwatch::start(),
        events: Arc::new(events(arguments)?),
        tally: Arc::new(Mutex::new(Tally::new(
            arguments.warm_up + arguments.events,
            arguments.warm_up,
        ))),
        arguments,
    };
    let folder = Folder::create(&format!(
        "stepstream-bench-{:x}",
        bench.stopwatch.birth_ms()
    ))?;
    let target = Target::new(arguments, &folder, bench.stopwatch)?;
    let measured = if arguments.in_process {
        let files = match workflows::read(&target.settings) {
            Ok(files) => files,
            Err(refused) => return refusals::print(&refused),
        };
        match workflows::load(&target.settings, &files, &Nested::new()) {
            Ok(registry) => bench.inside(&target, &registry)?,
            Err(refused) => return refusals::print(&refused),
        }
    } else {
        bench.outside(&target, &folder)?
    };
    let tally = bench.tally.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = std::io::stdout().lock();
    if arguments.json {
        report::write_json(&measured, &tally, &mut out)?;
    } else {
        report::write_text(&measured, &tally, &mut out)?;
    }
    Ok(if report::verified(&tally) {
        Ended::Well
    } else {
        Ended::Badly
    })
}

fn events(arguments: &Arguments) -> Result<Vec<Event>, Failure> {
    let template =
        match &arguments.event {
            None => None,
            Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
                Failure::refused(format!("--event {}: {error}", path.display()))
            })?),
        };
    let bytes = usize::try_from(arguments.bytes).unwrap_or(usize::MAX);
    events::write(template.as_deref(), arguments.keys, arguments.spread, bytes)
}

struct Bench<'a> {
    arguments: &'a Arguments,
    stopwatch: Stopwatch,
    events: Arc<Vec<Event>>,
    tally: Arc<Mutex<Tally>>,
}

impl Bench<'_> {
    fn inside(
        &self,
        target: &Target,
        registry: &crate::engine::Registry,
    ) -> Result<Measured, Failure> {
        let engine = Engine::start(&target.settings.engine, Arc::new(SystemClock::new()))?;
        let revision = registry
            .get(&target.workflow.name)
            .expect("the workflow was loaded from the same settings");
        let mut inside = Inside {
            engine: engine.clone(),
            revision,
            events: Arc::clone(&self.events),
            tally: Arc::clone(&self.tally),
            stopwatch: self.stopwatch,
            worker: 0,
        };
        let measured = self.measure("in-process", &mut inside, "self");
        let _stopped = engine.shutdown(Duration::ZERO);
        measured
    }

    fn outside(&self, target: &Target, folder: &Folder) -> Result<Measured, Failure> {
        let client = cluster::client(&target.settings);
        let reader = Reader::new(
            &client,
            &target.workflow,
            Arc::clone(&self.tally),
            self.stopwatch,
        )
        .map_err(|error| Failure::refused(format!("answers cannot be read: {error}")))?;
        let mut served = Served::start(&target.path, target.ours, folder)?;
        let process = served.process();
        let topic = target
            .workflow
            .topics
            .first()
            .ok_or_else(|| Failure::refused("the workflow has no topic"))?;
        let over = AtomicBool::new(false);
        let measured = std::thread::scope(|scope| {
            let reading = scope.spawn(|| reader.read(&over));
            let measured = Outside::new(&client, topic, &self.events, &mut served)
                .and_then(|mut outside| self.measure("kafka", &mut outside, &process));
            over.store(true, Ordering::Relaxed);
            match reading.join() {
                Ok(Ok(())) => measured,
                Ok(Err(error)) => Err(Failure::Broken(format!("answers cannot be read: {error}"))),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })?;
        served.stop();
        Ok(measured)
    }

    fn measure(
        &self,
        mode: &'static str,
        service: &mut impl Service,
        process: &str,
    ) -> Result<Measured, Failure> {
        let Arguments {
            warm_up,
            events,
            rate,
            ..
        } = *self.arguments;
        let rate = Some(rate).filter(|rate| *rate > 0);
        drive(service, self.stopwatch, &self.tally, (0, warm_up), rate)?;
        let (began, cpu_before) = (self.stopwatch.elapsed(), usage::cpu_s(process));
        let range = (warm_up, warm_up + events);
        drive(service, self.stopwatch, &self.tally, range, rate)?;
        let cpu_after = usage::cpu_s(process);
        let bytes = inside::from(&self.events, warm_up).map(|event| event.value.len() as u64);
        let count = usize::try_from(events).unwrap_or(usize::MAX);
        Ok(Measured {
            mode,
            warm_up,
            events,
            rate,
            began,
            cpu_s: cpu_after
                .zip(cpu_before)
                .map(|(after, before)| after - before),
            peak_mib: usage::peak_mib(process),
            bytes_in: bytes.take(count).sum(),
        })
    }
}

fn pause(time: Duration) {
    // It is the wait that is wanted, not the instant that it gives.
    crossbeam_channel::after(time).recv().ok();
}
