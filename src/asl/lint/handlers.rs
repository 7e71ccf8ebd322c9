//! Catchers that no error reaches, and retries that come too late.

use std::collections::HashSet;

use super::graph::{elements, text};
use crate::asl::compile::report::{Fault, Report};
use crate::asl::diagnostic::code;
use crate::asl::source::{Json, Node};

/// How long an Express execution may take.
const EXPRESS_SECONDS_MAX: f64 = 300.0;

/// How long an execution of this machine may take.
pub(super) fn budget_seconds(root: &Node) -> f64 {
    number(root, "TimeoutSeconds").map_or(EXPRESS_SECONDS_MAX, |own| own.min(EXPRESS_SECONDS_MAX))
}

/// Reports the catchers of a state that no error reaches.
pub(super) fn catchers(state: &Node, report: &mut Report<'_>) {
    for (catcher, reason) in reached(state) {
        if let Some(reason) = reason {
            let message = "No error reaches this catcher";
            report.push(Fault::warning(code::CATCH_NEVER_MATCHES, catcher, message).hint(reason));
        }
    }
}

/// The catchers of a state that an error may reach.
pub(super) fn live_catchers(state: &Node) -> impl Iterator<Item = &Node> {
    let reached = reached(state).into_iter();
    reached.filter_map(|(catcher, reason)| reason.is_none().then_some(catcher))
}

/// The catchers of a state, each with the reason why no error reaches it, if none does.
fn reached(state: &Node) -> Vec<(&Node, Option<&'static str>)> {
    let is_task = text(state, "Type") == Some("Task");
    let mut earlier = HashSet::new();
    let mut catchers = Vec::new();
    for catcher in elements(state, "Catch") {
        let takes_failures = is_task && earlier.contains("States.TaskFailed");
        let reasons = names(catcher).map(|name| match name {
            "States.Runtime" => Some("'States.Runtime' is never caught"),
            name if earlier.contains(name) => Some("the catchers before it take these errors"),
            name if takes_failures && is_task_failure(name) => {
                Some("'States.TaskFailed' in a catcher before it takes these errors")
            }
            _ => None,
        });
        let reasons: Option<Vec<&str>> = reasons.collect();
        let reason = reasons.and_then(|reasons| reasons.last().copied());
        catchers.push((catcher, reason));
        earlier.extend(names(catcher));
    }
    catchers
}

/// Whether `States.TaskFailed` stands for an error for certain: names of services and of users.
fn is_task_failure(name: &str) -> bool {
    !name.starts_with("States.")
}

fn names(handler: &Node) -> impl Iterator<Item = &str> {
    let names = elements(handler, "ErrorEquals").iter();
    names.filter_map(|name| name.as_text().map(|text| text.as_str()))
}

/// Reports the retriers of a state whose last retries would come after the end of the execution.
pub(super) fn retriers(state: &Node, budget_seconds: f64, report: &mut Report<'_>) {
    for retrier in elements(state, "Retry") {
        // A random delay may always be short enough.
        if text(retrier, "JitterStrategy") == Some("FULL") {
            continue;
        }
        let attempts_max = number(retrier, "MaxAttempts").unwrap_or(3.0);
        let fitting = fitting(retrier, attempts_max, budget_seconds);
        if fitting < attempts_max {
            let message = format!(
                "Of {attempts_max} retries only {fitting} fit into the {budget_seconds} seconds of an execution"
            );
            let fault = Fault::warning(code::RETRIES_NEVER_FIT, retrier, message);
            report
                .push(fault.hint("lower 'MaxAttempts' or 'BackoffRate', or set 'MaxDelaySeconds'"));
        }
    }
}

/// How many of at most `attempts_max` retries begin before the end, if all attempts fail at once.
fn fitting(retrier: &Node, attempts_max: f64, budget_seconds: f64) -> f64 {
    let interval = number(retrier, "IntervalSeconds").unwrap_or(1.0).max(1.0);
    let rate = number(retrier, "BackoffRate").unwrap_or(2.0).max(1.0);
    let delay_max = number(retrier, "MaxDelaySeconds").unwrap_or(f64::INFINITY);
    let (mut delay, mut elapsed, mut fitting) = (interval, 0.0, 0.0);
    // Each round takes a second or more of the budget.
    while fitting < attempts_max {
        elapsed += f64::min(delay, delay_max).max(1.0);
        if elapsed >= budget_seconds {
            break;
        }
        delay *= rate;
        fitting += 1.0;
    }
    fitting
}

fn number(object: &Node, name: &str) -> Option<f64> {
    if let Json::Number(value) = &object.get(name)?.json {
        value.as_number().map(|number| number.as_f64())
    } else {
        None
    }
}
