//! Which variables each state reads: `variableReferences` of DescribeStateMachine.

use std::collections::{BTreeMap, BTreeSet};

use super::free_names::{in_jsonata, in_path};
use crate::asl::source::{Json, Node, Source};

/// The variables that a state reads, by the state's name; a state that reads none is not there.
pub type VariableReferences = BTreeMap<String, BTreeSet<String>>;

/// Fields of payload templates, in which only keys that end in `.$` are evaluated.
const TEMPLATES: [&str; 7] = [
    "Parameters",
    "ItemSelector",
    "ResultSelector",
    "Assign",
    "BatchInput",
    "Credentials",
    "Arguments",
];

/// Fields that hold no expression, whatever is in them.
const LITERALS: [&str; 5] = ["Comment", "Result", "ResultPath", "Resource", "Type"];

/// Fields that hold states of their own.
const BLOCKS: [&str; 3] = ["Branches", "ItemProcessor", "Iterator"];

/// The static variable references of a definition, those of inner states included; none of what is no definition.
#[must_use]
pub fn variable_references(definition: &str) -> VariableReferences {
    let mut references = VariableReferences::new();
    let Ok(source) = Source::parse(definition) else {
        return references;
    };
    let machine_is_jsonata = is_jsonata(&source.root).unwrap_or(false);
    let mut containers = vec![&source.root];
    while let Some(container) = containers.pop() {
        let states = container.get("States").map_or(&[][..], Node::members);
        for state in states {
            let is_jsonata = is_jsonata(&state.value).unwrap_or(machine_is_jsonata);
            for block in BLOCKS.iter().filter_map(|key| state.value.get(key)) {
                if let Json::Array(branches) = &block.json {
                    containers.extend(branches);
                } else {
                    containers.push(block);
                }
            }
            let names = names_read_by(&state.value, is_jsonata);
            if !names.is_empty() {
                let names = names.into_iter().map(str::to_owned).collect();
                references.insert(state.key.to_string(), names);
            }
        }
    }
    references
}

/// The variables that a state reads itself, without the states in it.
pub(in crate::asl) fn names_read_by(state: &Node, is_jsonata: bool) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for member in state.members() {
        let key = member.key.as_str();
        if BLOCKS.contains(&key) {
            continue;
        }
        if is_jsonata {
            jsonata(&member.value, &mut names);
        } else {
            jsonpath(key, &member.value, TEMPLATES.contains(&key), &mut names);
        }
    }
    names
}

fn is_jsonata(object: &Node) -> Option<bool> {
    let language = object.get("QueryLanguage")?.as_text()?;
    Some(language == "JSONata")
}

/// The recursion is as deep as the definition, which is bounded.
fn jsonata<'n>(node: &'n Node, names: &mut BTreeSet<&'n str>) {
    match &node.json {
        Json::String(text) => in_jsonata(text, names),
        Json::Array(elements) => elements.iter().for_each(|n| jsonata(n, names)),
        Json::Object(members) => members.iter().for_each(|m| jsonata(&m.value, names)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The recursion is as deep as the definition, which is bounded.
fn jsonpath<'n>(key: &str, node: &'n Node, in_template: bool, names: &mut BTreeSet<&'n str>) {
    match &node.json {
        Json::String(text) => {
            let is_field = !in_template
                && (key.ends_with("Path") || key == "Variable")
                && !LITERALS.contains(&key);
            if is_field || (in_template && key.ends_with(".$")) {
                in_path(text, names);
            }
        }
        Json::Array(elements) => {
            for element in elements {
                jsonpath("", element, in_template, names);
            }
        }
        Json::Object(_) if !in_template && LITERALS.contains(&key) => {}
        Json::Object(members) => {
            for member in members {
                let key = member.key.as_str();
                let in_template = in_template || TEMPLATES.contains(&key);
                jsonpath(key, &member.value, in_template, names);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
