//! `stepstream dlq`: look at dead letters, and bring them back.

mod choice;
mod list;
mod redrive;
mod show;

use std::path::PathBuf;

use clap::Subcommand;

use self::choice::Choice;
use super::{Ended, Failure};
use crate::config::{self, Environment, Settings};
use crate::kafka::settings::KafkaSettings;

/// Look at dead letters, and bring them back
///
/// The headers tell where a dead letter came from and why it is one: ours, and those of Spring, of Kafka Connect and of Kafka
/// Streams. Reading changes nothing: dead letters stay in their topic.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Redrive(redrive::Arguments),
}

pub(super) fn run(arguments: &Arguments) -> Result<Ended, Failure> {
    match &arguments.command {
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Redrive(arguments) => redrive::run(arguments),
    }
}

/// Which topic of dead letters.
#[derive(Debug, clap::Args)]
struct Place {
    /// The settings: how the cluster is reached
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The workflow whose dead letters are meant; needed if the settings have several
    #[arg(long, value_name = "NAME", conflicts_with = "topic")]
    workflow: Option<String>,
    /// A topic of dead letters that is no workflow's
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
}

impl Place {
    /// The cluster and the topic.
    fn find(&self) -> Result<(KafkaSettings, String), Failure> {
        let settings = config::load(&self.config, &Environment::of_process())
            .map_err(|faults| Failure::refused(format!("the settings are refused\n{faults}")))?;
        let topic = match &self.topic {
            Some(topic) => topic.clone(),
            None => self.of_workflow(&settings)?,
        };
        Ok((settings.kafka, topic))
    }

    fn of_workflow(&self, settings: &Settings) -> Result<String, Failure> {
        let all = settings.workflows.iter().map(|workflow| &workflow.kafka);
        let names = || {
            let names: Vec<&str> = all.clone().map(|kafka| kafka.name.as_str()).collect();
            names.join(", ")
        };
        let found = match (&self.workflow, &settings.workflows[..]) {
            (None, [only]) => Some(&only.kafka),
            (None, _) => {
                return Err(Failure::refused(format!(
                    "the settings have several workflows: say which with --workflow ({})",
                    names()
                )));
            }
            (Some(name), _) => all.clone().find(|kafka| kafka.name == *name),
        };
        found
            .map(|kafka| kafka.dead_letters.clone())
            .ok_or_else(|| {
                let name = self.workflow.as_deref().unwrap_or_default();
                Failure::refused(format!("--workflow {name}: the settings have {}", names()))
            })
    }
}

/// `PARTITION:OFFSET` of a dead letter.
fn letter(text: &str) -> Result<(i32, i64), String> {
    let parts = text.split_once(':');
    let read =
        parts.and_then(|(partition, offset)| Some((partition.parse().ok()?, offset.parse().ok()?)));
    read.ok_or_else(|| "it must be PARTITION:OFFSET, as `dlq list` shows it".to_owned())
}
