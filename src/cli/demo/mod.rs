//! `stepstream demo`: events, workflows and a witness, in one process.
//!
//! A feeder produces events; the product, started as `serve` would start it, answers them; a witness reads the output
//! topics and counts. The verdict is the witness' alone.

mod events;
mod feeder;
mod screen;
mod summary;
mod tally;
mod topics;
mod witness;

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};

use self::events::Stream;
use self::feeder::{Fed, Plan};
use self::screen::{Screen, View};
use self::summary::{Summary, WorkflowLatency};
use self::tally::Tally;
use self::topics::Topics;
use super::stopwatch::Stopwatch;
use super::{Ended, Failure, cluster};
use crate::app::definition::DefinitionFile;
use crate::app::service::Service;
use crate::app::workflows::{File, Files};
use crate::config::{self, Environment, Settings};
use crate::kafka::Embedded;

/// See events flow from Kafka through workflows, with a Kafka inside the process or a real one
///
/// IoT events, some of them poison, run through three workflows. At the end it says whether every event was answered exactly
/// once, counted from the topics by a consumer of its own. If not, the exit code is 1.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// End after so many events [default: none, or all that come in --seconds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    events: Option<u64>,
    /// Events a second; 0 is as many as are answered
    #[arg(long, value_name = "R", default_value_t = 20_000)]
    rate: u64,
    /// End after this time [default: 10, without --events]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: Option<u64>,
    /// Use this cluster, with new topics, instead of the one inside the process
    #[arg(long, value_name = "HOST:PORT")]
    bootstrap: Option<String>,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
}

const SECONDS: u64 = 10;
const SEED: u64 = 2_026;
/// How long the consumer group may take to form.
const READY_MAX: Duration = Duration::from_secs(30);
/// Without a new answer for so long, the rest is lost.
const STALLED_AFTER: Duration = Duration::from_secs(15);

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    super::logging::install("text", "warn");
    let stopwatch = Stopwatch::start();
    let mut screen = Screen::new();
    let cluster = match &arguments.bootstrap {
        Some(_) => None,
        None => Some(embedded()?),
    };
    let (settings, topics) = match (&cluster, &arguments.bootstrap) {
        (Some((embedded, topics)), _) => {
            let servers = embedded.bootstrap_servers();
            (
                settings(servers, topics, &Environment::default())?,
                topics.clone(),
            )
        }
        (None, bootstrap) => {
            let topics = Topics::new(&format!("stepstream-demo-{:x}", stopwatch.birth_ms()));
            let servers = bootstrap.as_deref().unwrap_or_default();
            let settings = settings(servers, &topics, &Environment::of_process())?;
            cluster::create_topics(
                &cluster::client(&settings),
                &topics.all(),
                topics::PARTITIONS,
            )
            .map_err(|why| {
                Failure::refused(format!(
                    "--bootstrap {servers}: topics cannot be created: {why}"
                ))
            })?;
            (settings, topics)
        }
    };
    let service = Service::start(&settings, &files(), None)
        .map_err(|error| Failure::refused(error.to_string()))?;
    introduce(&mut screen, &service, &settings, &topics);
    let plan = plan(arguments);
    let demo = Demo {
        settings: &settings,
        topics: &topics,
        stopwatch,
        tally: Arc::new(Mutex::new(Tally::new(SEED, plan.warm_up()))),
        answered: AtomicU64::new(0),
        fed: Arc::new(Fed::default()),
    };
    let summary = demo.run(plan, service, &mut screen)?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        summary.write_json(&mut out)?;
    } else {
        writeln!(out)?;
        summary.write_table(&mut out)?;
    }
    Ok(if summary.answered_exactly_once {
        Ended::Well
    } else {
        Ended::Badly
    })
}

fn plan(arguments: &Arguments) -> Plan {
    let seconds = match (arguments.seconds, arguments.events) {
        (None, None) => Some(SECONDS),
        (seconds, _) => seconds,
    };
    Plan {
        seed: SEED,
        events: arguments.events,
        rate: Some(arguments.rate).filter(|rate| *rate > 0),
        time: seconds.map(Duration::from_secs),
    }
}

/// The broker inside the process, with its topics.
fn embedded() -> Result<(Embedded, Topics), Failure> {
    let topics = Topics::new("iot");
    let failed = |error: &dyn std::fmt::Display| {
        Failure::refused(format!("the broker inside the process: {error}"))
    };
    let embedded = Embedded::start().map_err(|e| failed(&e))?;
    for topic in topics.all() {
        embedded
            .create_topic(topic, topics::PARTITIONS)
            .map_err(|e| failed(&e))?;
    }
    Ok((embedded, topics))
}

/// The demo's own settings, which are those of `serve`.
fn settings(
    servers: &str,
    topics: &Topics,
    environment: &Environment,
) -> Result<Settings, Failure> {
    let text = include_str!("demo.toml")
        .replace("PREFIX", &topics.prefix)
        .replace("BROKERS", servers);
    let mut settings = config::parse(Path::new("demo.toml"), &text, environment)
        .map_err(|faults| Failure::refused(faults.to_string()))?;
    // What was asked for on the command line wins over the environment.
    servers.clone_into(&mut settings.kafka.bootstrap_servers);
    settings.kafka.group = format!("{}-group", topics.prefix);
    Ok(settings)
}

/// The files that the settings name, in their order; they are part of the binary.
fn files() -> [Files; 3] {
    let file = |name: &str, text: &str| File {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    [
        Files {
            definition: DefinitionFile::json(file(
                "iot-enrich.asl.json",
                include_str!("../../../config/workflows/iot-enrich.asl.json"),
            )),
            mocks: None,
        },
        Files {
            definition: DefinitionFile::json(file(
                "iot-check.asl.json",
                include_str!("../../../config/workflows/iot-check.asl.json"),
            )),
            mocks: None,
        },
        Files {
            definition: DefinitionFile::json(file(
                "iot-register.asl.json",
                include_str!("../../../config/workflows/iot-register.asl.json"),
            )),
            mocks: Some((
                file(
                    "iot-register.mocks.json",
                    include_str!("../../../config/workflows/iot-register.mocks.json"),
                ),
                Some("Busy".to_owned()),
            )),
        },
    ]
}

fn introduce(screen: &mut Screen, service: &Service, settings: &Settings, topics: &Topics) {
    let servers = &settings.kafka.bootstrap_servers;
    screen.say(&format!("Kafka    {servers}"));
    screen.say(&format!("metrics  http://{}/metrics", service.address()));
    screen.say("topics   to be looked at from another terminal:");
    for topic in topics.all() {
        screen.say(&format!("  kcat -C -b {servers} -t {topic} -o -3 -c 3 -J"));
    }
}

/// What the feeder, the witness and the screen share.
struct Demo<'a> {
    settings: &'a Settings,
    topics: &'a Topics,
    stopwatch: Stopwatch,
    tally: Arc<Mutex<Tally>>,
    answered: AtomicU64,
    fed: Arc<Fed>,
}

impl Demo<'_> {
    fn run(&self, plan: Plan, service: Service, screen: &mut Screen) -> Result<Summary, Failure> {
        self.wait_until_ready(&service)?;
        let began = self.stopwatch.elapsed();
        std::thread::scope(|scope| {
            let client = cluster::client(self.settings);
            let (witness_over, over) = bounded(0);
            let (feeder_stop, stop) = bounded(0);
            let witness = scope.spawn({
                let client = client.clone();
                move || self.watch(&client, &over)
            });
            let feeder = scope.spawn(move || self.feed(plan, &client, &stop));
            self.follow(began, screen, &|| feeder.is_finished(), &|| {
                witness.is_finished()
            });
            drop::<Sender<()>>(feeder_stop);
            let fed = feeder.join();
            let stopped = service.shutdown();
            drop::<Sender<()>>(witness_over);
            let watched = witness.join();
            for ended in [fed, watched] {
                match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(why)) => return Err(Failure::refused(why)),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            screen.show(self.view(began));
            if let Some(why) = stopped {
                screen.say(&why);
            }
            if let Some(why) = self.fed.refused() {
                let why = format!("the cluster refused an event: {why}");
                return Err(Failure::refused(why));
            }
            Ok(self.summary())
        })
    }

    fn wait_until_ready(&self, service: &Service) -> Result<(), Failure> {
        loop {
            let reasons = service.health().not_ready;
            if reasons.is_empty() {
                return Ok(());
            }
            if self.stopwatch.elapsed() > READY_MAX {
                let reasons = reasons.join("; ");
                return Err(Failure::refused(format!("not ready: {reasons}")));
            }
            pause(Duration::from_millis(50));
        }
    }

    /// Shows the progress until every event is answered, or nothing moves any more.
    fn follow(
        &self,
        began: Duration,
        screen: &mut Screen,
        fed: &dyn Fn() -> bool,
        blind: &dyn Fn() -> bool,
    ) {
        const LOOK: Duration = Duration::from_millis(10);
        let mut shown = began;
        let mut moved = (0, began);
        loop {
            pause(LOOK);
            let now = self.stopwatch.elapsed();
            let answered = self.answered.load(Ordering::Relaxed);
            if answered != moved.0 {
                moved = (answered, now);
            }
            let done = fed() && answered >= self.fed.acknowledged();
            let stalled = now.saturating_sub(moved.1) > STALLED_AFTER;
            if done || stalled || blind() {
                return;
            }
            if now.saturating_sub(shown) >= screen.interval() {
                screen.show(self.view(began));
                shown = now;
            }
        }
    }

    fn feed(
        &self,
        plan: Plan,
        client: &rdkafka::ClientConfig,
        stop: &crossbeam_channel::Receiver<()>,
    ) -> Result<(), String> {
        let feed = feeder::feed(
            plan,
            client,
            self.topics,
            self.stopwatch,
            &self.fed,
            &self.answered,
            stop,
        );
        feed.map_err(|error| format!("events cannot be produced: {error}"))
    }

    fn watch(
        &self,
        client: &rdkafka::ClientConfig,
        over: &crossbeam_channel::Receiver<()>,
    ) -> Result<(), String> {
        let watch = witness::watch(
            client,
            self.topics,
            self.stopwatch,
            &self.tally,
            &self.answered,
            over,
        );
        watch.map_err(|error| format!("answers cannot be read: {error}"))
    }

    fn view(&self, began: Duration) -> View {
        let events = self.fed.acknowledged();
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        View {
            elapsed: self.stopwatch.elapsed().saturating_sub(began),
            events,
            answered: tally.answered,
            results: tally.results,
            failures: tally.failures,
            dead_letters: tally.dead_letters,
            log_records: tally.log_records,
            p50_ms: tally.latency_ms(None, 0.5),
            p99_ms: tally.latency_ms(None, 0.99),
        }
    }

    fn summary(&self) -> Summary {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let events_in = self.fed.acknowledged();
        let lost = events_in.saturating_sub(tally.answered);
        let of = |name, stream| WorkflowLatency {
            name,
            p50_ms: tally.latency_ms(Some(stream), 0.5),
            p99_ms: tally.latency_ms(Some(stream), 0.99),
        };
        Summary {
            events_in,
            results: tally.results,
            failures: tally.failures,
            dead_letters: tally.dead_letters,
            log_records: tally.log_records,
            lost,
            duplicates: tally.duplicates,
            misplaced: tally.misplaced,
            events_per_second: tally.events_per_second(),
            p50_ms: tally.latency_ms(None, 0.5),
            p99_ms: tally.latency_ms(None, 0.99),
            answered_exactly_once: events_in > 0
                && lost == 0
                && tally.duplicates == 0
                && tally.misplaced == 0,
            workflows: vec![
                of("iot-enrich", Stream::Telemetry),
                of("iot-check", Stream::Readings),
                of("iot-register", Stream::Devices),
            ],
        }
    }
}

fn pause(time: Duration) {
    // It is the wait that is wanted, not the instant that it gives.
    crossbeam_channel::after(time).recv().ok();
}
