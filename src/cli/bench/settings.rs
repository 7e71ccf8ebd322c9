//! What is served: the user's settings, or settings made for a definition, with a cluster and topics of their own.

use std::path::{Path, PathBuf};

use super::super::stopwatch::Stopwatch;
use super::super::{Failure, cluster};
use super::Arguments;
use super::folder::Folder;
use crate::config::{self, Environment, Settings};
use crate::kafka::Embedded;
use crate::kafka::settings::WorkflowSettings;

const PARTITIONS: i32 = 12;
const DEFINITION: &str = include_str!("../../../config/workflows/iot-enrich.asl.json");

/// A service to be measured.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) settings: Settings,
    /// Where the settings stand.
    pub(super) path: PathBuf,
    /// Whether they were made here.
    pub(super) ours: bool,
    /// Who gets the events.
    pub(super) workflow: WorkflowSettings,
    /// Lives as long as it is used.
    embedded: Option<Embedded>,
}

impl Target {
    pub(super) fn new(
        arguments: &Arguments,
        folder: &Folder,
        stopwatch: Stopwatch,
    ) -> Result<Self, Failure> {
        match &arguments.config {
            Some(path) => {
                let settings = config::load(path, &Environment::of_process());
                Self::of(
                    settings,
                    path.clone(),
                    arguments.workflow.as_deref(),
                    None,
                    false,
                )
            }
            None => Self::made(arguments, folder, stopwatch),
        }
    }

    fn made(arguments: &Arguments, folder: &Folder, stopwatch: Stopwatch) -> Result<Self, Failure> {
        let embedded = match (&arguments.bootstrap, arguments.in_process) {
            (None, false) => Some(Embedded::start().map_err(|e| of_cluster(&e))?),
            _ => None,
        };
        let servers = match (&embedded, &arguments.bootstrap) {
            (Some(embedded), _) => embedded.bootstrap_servers(),
            (None, Some(servers)) => servers,
            // Never asked for anything.
            (None, None) => "127.0.0.1:9092",
        };
        let definition = match &arguments.definition {
            Some(path) => std::fs::canonicalize(path)
                .map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?,
            None => {
                let path = folder.path().join("bench.asl.json");
                std::fs::write(&path, DEFINITION)?;
                path
            }
        };
        let prefix = format!("stepstream-bench-{:x}", stopwatch.birth_ms());
        let path = folder.path().join("bench.toml");
        std::fs::write(&path, text(arguments, servers, &definition, &prefix))?;
        let settings = config::load(&path, &Environment::default());
        let target = Self::of(settings, path, None, embedded, true)?;
        let topics = ["in", "results", "failures", "dead-letters", "logs"];
        let topics = topics.map(|word| format!("{prefix}-{word}"));
        if let Some(embedded) = &target.embedded {
            for topic in &topics {
                let created = embedded.create_topic(topic, PARTITIONS);
                created.map_err(|e| of_cluster(&e))?;
            }
        } else if !arguments.in_process {
            let client = cluster::client(&target.settings);
            cluster::create_topics(&client, &topics.each_ref().map(String::as_str), PARTITIONS)
                .map_err(|why| of_cluster(&why))?;
        }
        Ok(target)
    }

    fn of(
        settings: Result<Settings, config::Faults>,
        path: PathBuf,
        workflow: Option<&str>,
        embedded: Option<Embedded>,
        ours: bool,
    ) -> Result<Self, Failure> {
        let settings = settings
            .map_err(|faults| Failure::refused(format!("the settings are refused\n{faults}")))?;
        let mut workflows = settings.workflows.iter().map(|workflow| &workflow.kafka);
        let workflow = workflows
            .find(|found| workflow.is_none_or(|name| found.name == name))
            .ok_or_else(|| Failure::refused("the settings have no such workflow"))?
            .clone();
        Ok(Self {
            settings,
            path,
            ours,
            workflow,
            embedded,
        })
    }
}

fn of_cluster(error: &dyn std::fmt::Display) -> Failure {
    Failure::refused(format!("the cluster: {error}"))
}

/// Settings in which a string is written as TOML writes it, which is JSON's way, too.
fn text(arguments: &Arguments, servers: &str, definition: &Path, prefix: &str) -> String {
    let quoted = |text: &str| crate::value::Value::from(text).to_json();
    let (servers, definition) = (quoted(servers), quoted(&definition.display().to_string()));
    let log = match arguments.log.as_str() {
        "OFF" => String::new(),
        level => format!(
            "[workflows.log]\ntopic = \"{prefix}-logs\"\nlevel = \"{level}\"\ninclude_execution_data = true\nrecord = \"execution\"\n"
        ),
    };
    // The broker inside the process tells of new records only when the wait of a fetch is over.
    let wait = if arguments.bootstrap.is_none() {
        "[kafka.consumer]\n\"fetch.wait.max.ms\" = 5\n"
    } else {
        ""
    };
    format!(
        r#"[kafka]
bootstrap_servers = {servers}
group = "{prefix}"

{wait}
[server]
listen = "127.0.0.1:0"

[api]
enabled = false

[[workflows]]
name = "bench"
definition = {definition}
topics = ["{prefix}-in"]
order = "{}"
results = "{prefix}-results"
failures = "{prefix}-failures"
dead_letters = "{prefix}-dead-letters"

{log}"#,
        arguments.order
    )
}
