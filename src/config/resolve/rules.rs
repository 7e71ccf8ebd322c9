//! The rules that concern more than one workflow.

use std::collections::BTreeMap;

use crate::config::fault::Faults;
use crate::config::raw::Table;
use crate::config::settings::Workflow;

pub(super) fn names_differ(written: &[Table], workflows: &[Workflow], faults: &mut Faults) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (table, workflow) in written.iter().zip(workflows) {
        let name = workflow.kafka.name.as_str();
        if name.is_empty() {
            continue;
        }
        if let Some(first) = seen.get(name) {
            let message = format!("{first} has the same name");
            faults.push(table.place_of("name"), table.key("name"), message);
        } else {
            seen.insert(name, &table.path);
        }
    }
}

/// A header that is named is used, and one that is used is named.
pub(super) fn deduplication_has_its_header(written: &[Table], faults: &mut Faults) {
    for table in written
        .iter()
        .filter_map(|t| t.optional_table("deduplicate"))
    {
        let header = table.optional_text("header");
        let message = match (table.text("by").as_str(), header.as_deref()) {
            ("header", None | Some("")) => "`by` is header: say which one",
            ("name" | "cloudevents", Some(_)) => "it is used only where `by` is header",
            _ => continue,
        };
        faults.push(
            table.place_of("header"),
            table.key("header"),
            message.to_owned(),
        );
    }
}

/// An output topic that is an input topic of the same process would feed a workflow its own answers for ever.
pub(super) fn no_loop_of_topics(written: &[Table], workflows: &[Workflow], faults: &mut Faults) {
    let mut inputs: BTreeMap<&str, &str> = BTreeMap::new();
    for (table, workflow) in written.iter().zip(workflows) {
        for topic in &workflow.kafka.topics {
            inputs.entry(topic).or_insert(&table.path);
        }
    }
    for (table, workflow) in written.iter().zip(workflows) {
        let outputs = [
            (table, "results", workflow.kafka.results.as_deref()),
            (table, "failures", workflow.kafka.failures.as_deref()),
            (
                table,
                "dead_letters",
                Some(workflow.kafka.dead_letters.as_str()),
            ),
        ];
        let log = table.optional_table("log");
        let logs = workflow.kafka.logs.as_ref().map(|logs| logs.topic.as_str());
        let outputs = outputs
            .into_iter()
            .chain(log.map(|log| (log, "topic", logs)));
        let reply = table.optional_table("reply");
        let allowed = workflow.kafka.reply.iter().flat_map(|reply| &reply.topics);
        let replies = allowed.filter_map(|topic| Some((reply?, "topics", Some(topic.as_str()))));
        let outputs = outputs.chain(replies);
        for (table, key, topic) in outputs {
            let reader = topic.and_then(|topic| Some((topic, inputs.get(topic)?)));
            if let Some((topic, reader)) = reader {
                let message = format!(
                    "{topic} is an input topic of {reader}: its answers would be events again, without an end"
                );
                faults.push(table.place_of(key), table.key(key), message);
            }
        }
    }
}

/// A workflow that stands behind one that takes every record of a topic would never see an event of it.
pub(super) fn no_workflow_in_anothers_shadow(
    written: &[Table],
    workflows: &[Workflow],
    group: &str,
    faults: &mut Faults,
) {
    let mut takes_all: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (table, workflow) in written.iter().zip(workflows) {
        let group = workflow.kafka.group.as_deref().unwrap_or(group);
        for topic in &workflow.kafka.topics {
            if let Some(first) = takes_all.get(&(topic.as_str(), group)) {
                let message = format!(
                    "{first} takes every record of {topic} in the group {group}: give it a `when`, or one of them another group"
                );
                faults.push(table.place_of("topics"), table.key("topics"), message);
            } else if workflow.kafka.when.is_none() {
                takes_all.insert((topic, group), &table.path);
            }
        }
    }
}
