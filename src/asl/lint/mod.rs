//! Warnings of our own: what AWS takes, and nobody can have meant.
//!
//! A lint speaks only of what is certain: it would rather miss a fault than report one where there is none. None makes a
//! definition invalid.

mod graph;
mod handlers;
mod inert;
#[cfg(test)]
mod tests;
mod undefined;

use std::rc::Rc;

use graph::Graph;
use undefined::Scope;

use super::compile::report::{Fault, Report};
use super::diagnostic::{Diagnostic, code};
use super::source::{DEFINITION_BYTES_MAX, Json, Node, Source};

/// How many states a message names.
const NAMES_MAX: usize = 5;

/// What is doubtful in a definition that [`super::compile`] takes, in the order of the text.
#[must_use]
pub fn lint(definition: &str) -> Vec<Diagnostic> {
    if definition.len() > DEFINITION_BYTES_MAX {
        return Vec::new();
    }
    let Ok(source) = Source::parse(definition) else {
        return Vec::new();
    };
    let mut report = Report::new(&source);
    let budget_seconds = handlers::budget_seconds(&source.root);
    let mut containers = vec![(&source.root, None)];
    while let Some((container, outer)) = containers.pop() {
        let graph = Graph::of(container, &source.root);
        let scope = Scope::of(&graph.states, outer);
        ways(&graph, &mut report);
        for state in &graph.states {
            handlers::catchers(state.node(), &mut report);
            handlers::retriers(state.node(), budget_seconds, &mut report);
            undefined::check(state, &scope, &mut report);
            let inner = inner_blocks(state.node()).into_iter();
            containers.extend(inner.map(|block| (block, Some(Rc::clone(&scope)))));
        }
    }
    report.into_diagnostics()
}

fn inner_blocks(state: &Node) -> Vec<&Node> {
    let mut inner: Vec<&Node> = match state.get("Branches").map(|node| &node.json) {
        Some(Json::Array(branches)) => branches.iter().collect(),
        _ => Vec::new(),
    };
    inner.extend(state.get("ItemProcessor"));
    inner.extend(state.get("Iterator"));
    inner
}

/// Where the ways through one block lead.
fn ways(graph: &Graph<'_>, report: &mut Report<'_>) {
    let Some(start) = graph.start else { return };
    let reached = graph.reached_from(start);
    for (state, _) in graph.states.iter().zip(&reached).filter(|(_, r)| !**r) {
        let message = format!("State \"{}\" is never reached", state.name());
        let fault = Fault::warning(code::UNREACHABLE_STATE, state.node(), message);
        report.push(
            fault
                .at(state.key_start())
                .hint("only ways that are never taken lead to it: remove it, or lead to it"),
        );
    }

    let can_end = graph.can_end();
    let is_trap = |i: usize| reached.get(i) == Some(&true) && can_end.get(i) == Some(&false);
    for trap in graph.loops(is_trap) {
        let Some(first) = trap.first().and_then(|i| graph.states.get(*i)) else {
            continue;
        };
        if graph.leads_out_of(&trap) {
            continue;
        }
        let message = format!("No way leads from state \"{}\" to an end", first.name());
        let fault = Fault::warning(code::NO_WAY_TO_END, first.node(), message);
        let hint = match trap.len() {
            1 => "it only leads to itself".to_owned(),
            _ => format!("{} only lead to each other", names(graph, &trap)),
        };
        report.push(fault.at(first.key_start()).hint(hint));
    }

    let is_inert = |i: usize| {
        let state = graph.states.get(i);
        !is_trap(i) && reached.get(i) == Some(&true) && state.is_some_and(inert::is_inert)
    };
    for inert in graph.loops(is_inert) {
        let choice = inert
            .iter()
            .filter_map(|i| graph.states.get(*i))
            .find(|state| state.is_choice());
        let Some(choice) = choice else { continue };
        let message = format!(
            "The loop around state \"{}\" has no exit once it was run through",
            choice.name()
        );
        let fault = Fault::warning(code::LOOP_WITHOUT_EXIT, choice.node(), message);
        report.push(fault.at(choice.key_start()).hint(format!(
            "nothing in {} changes what it decides on",
            names(graph, &inert)
        )));
    }
}

/// The names of states, or of the first of many.
fn names(graph: &Graph<'_>, states: &[usize]) -> String {
    let quoted: Vec<String> = states
        .iter()
        .take(NAMES_MAX)
        .filter_map(|i| graph.states.get(*i))
        .map(|state| format!("\"{}\"", state.name()))
        .collect();
    let listed = quoted.join(", ");
    match states.len().saturating_sub(NAMES_MAX) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
