//! Tables of definitions and what is found in them.

mod choices;
mod definition;
mod forks;
mod programs;
mod queries;
mod states;
mod tasks;
mod totality;
mod variables;

use crate::asl::{Diagnostic, Program, Severity, compile};

/// A code, a location and a message.
type Expected<'e> = (&'e str, &'e str, &'e str);
/// What there is to check, and what must be found in it.
type Case<'c> = (&'c str, &'c [Expected<'c>]);
type Found = (String, String, String);

fn found(text: &str) -> Vec<Found> {
    let (program, diagnostics) = compile(text);
    let refused = diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(program.is_some(), !refused, "{text}");
    diagnostics.into_iter().map(shown).collect()
}

fn shown(d: Diagnostic) -> Found {
    (d.code.to_owned(), d.location.unwrap_or_default(), d.message)
}

#[track_caller]
fn check(text: &str, expected: &[Expected<'_>]) {
    let found = found(text);
    let found: Vec<_> = found
        .iter()
        .map(|(code, location, message)| (code.as_str(), location.as_str(), message.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

/// A machine with one state `A`, and `B` if that names it.
fn machine(state: &str) -> String {
    let others = if state.contains("\"B\"") {
        r#", "B": {"Type": "Succeed"}"#
    } else {
        ""
    };
    format!(r#"{{"StartAt": "A", "States": {{"A": {state}{others}}}}}"#)
}

/// Checks states by the faults of state `A`: the location is relative to it.
#[track_caller]
fn check_states(cases: &[Case<'_>]) {
    for (state, expected) in cases {
        let found = found(&machine(state));
        let found: Vec<_> = found
            .iter()
            .map(|(code, location, message)| {
                let location = location.strip_prefix("/States/A").unwrap_or(location);
                (code.as_str(), location, message.as_str())
            })
            .collect();
        assert_eq!(found, *expected, "{state}");
    }
}

fn program(state: &str) -> Program {
    let (program, diagnostics) = compile(&machine(state));
    program.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";
