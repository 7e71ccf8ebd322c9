//! What is refused before anything is started: settings that would do harm.

use std::collections::{BTreeMap, BTreeSet};

use super::error::KafkaError;
use super::producer::{IfTooLarge, Output};
use super::settings::{KafkaSettings, WorkflowSettings};
use super::token::GROUPS_MAX;

/// The consumer groups of the workflows, each once, in their order.
#[must_use]
pub fn groups(settings: &KafkaSettings, workflows: &[WorkflowSettings]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let name = |w: &WorkflowSettings| w.group.clone().unwrap_or_else(|| settings.group.clone());
    workflows
        .iter()
        .map(name)
        .filter(|g| seen.insert(g.clone()))
        .collect()
}

/// Looks at the settings as a whole.
///
/// # Errors
/// All that is wrong with them.
pub fn check(
    settings: &KafkaSettings,
    workflows: &[WorkflowSettings],
) -> Result<(), Vec<KafkaError>> {
    let mut faults = Vec::new();
    let mut fault = |setting: String, cause: String| {
        faults.push(KafkaError::Setting { setting, cause });
    };
    if workflows.is_empty() && settings.log_topics.is_empty() {
        fault("workflows".to_owned(), "there is none".to_owned());
    }
    if groups(settings, workflows).len() > GROUPS_MAX {
        fault(
            "workflows".to_owned(),
            format!("they are in more than {GROUPS_MAX} groups"),
        );
    }
    let mut readers: BTreeMap<&str, &str> = BTreeMap::new();
    for workflow in workflows {
        if workflow.topics.is_empty() {
            fault(place(workflow, "topics"), "there is none".to_owned());
        }
        for topic in &workflow.topics {
            readers.entry(topic).or_insert(&workflow.name);
        }
    }
    for topic in &settings.log_topics {
        if let Some(reader) = readers.get(topic.as_str()) {
            let cause = format!(
                "{topic} is an input topic of the workflow {reader}: log records would become events"
            );
            fault("api.log_groups".to_owned(), cause);
        }
    }
    for workflow in workflows {
        let replies = workflow.reply.iter().flat_map(|reply| &reply.topics);
        let replies = replies.map(|topic| ("reply.topics", topic.as_str()));
        for (setting, topic) in outputs(workflow).chain(replies) {
            if let Some(reader) = readers.get(topic) {
                let cause = format!(
                    "{topic} is an input topic of the workflow {reader}: answers would become events, without an end"
                );
                fault(place(workflow, setting), cause);
            }
        }
    }
    let mut takes_all: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for workflow in workflows {
        let group = workflow.group.as_deref().unwrap_or(&settings.group);
        for topic in &workflow.topics {
            if let Some(first) = takes_all.get(&(group, topic.as_str())) {
                let cause = format!(
                    "the workflow {first} takes every record of {topic} in the group {group} already: give it a `when`, or one of them another group"
                );
                fault(place(workflow, "topics"), cause);
            } else if workflow.when.is_none() {
                takes_all.insert((group, topic), &workflow.name);
            }
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// The topics that a workflow writes to, and their settings.
pub(super) fn outputs(workflow: &WorkflowSettings) -> impl Iterator<Item = (&'static str, &str)> {
    [
        ("results", workflow.results.as_deref()),
        ("failures", workflow.failures.as_deref()),
        ("dead_letters", Some(workflow.dead_letters.as_str())),
        (
            "log.topic",
            workflow.logs.as_ref().map(|logs| logs.topic.as_str()),
        ),
    ]
    .into_iter()
    .filter_map(|(setting, topic)| Some((setting, topic?)))
}

/// The topics that are written to. Where several workflows share one, the first decides what is done about records that are too large.
pub(super) fn producer_outputs(
    settings: &KafkaSettings,
    workflows: &[WorkflowSettings],
) -> Vec<Output> {
    let mut all: Vec<Output> = Vec::new();
    for workflow in workflows {
        for (setting, topic) in outputs(workflow) {
            let if_too_large = match setting {
                "dead_letters" => IfTooLarge::OmitValue,
                "log.topic" => IfTooLarge::DoWithout,
                _ => IfTooLarge::DeadLetter {
                    topic: workflow.dead_letters.clone(),
                    profile: workflow.dead_letter_headers,
                    workflow: workflow.name.clone(),
                },
            };
            let topic = topic.to_owned();
            match all.iter_mut().find(|output| output.topic == topic) {
                // A dead letter has no other way out.
                Some(output) if setting == "dead_letters" => output.if_too_large = if_too_large,
                Some(_) => {}
                None => all.push(Output {
                    topic,
                    if_too_large,
                }),
            }
        }
    }
    for topic in &settings.log_topics {
        if !all.iter().any(|output| output.topic == *topic) {
            all.push(Output {
                topic: topic.clone(),
                if_too_large: IfTooLarge::DoWithout,
            });
        }
    }
    all
}

/// How a workflow's setting is called in messages.
pub(super) fn place(workflow: &WorkflowSettings, setting: &str) -> String {
    format!("workflows[{}].{setting}", workflow.name)
}
