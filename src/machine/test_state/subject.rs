//! The state that is to be tested: from the text of a state or of a machine to a program.

use std::collections::BTreeSet;

use super::{STATE_NAME, TestStateRefusal, TestStateRequest};
use crate::asl::{Diagnostic, Program, State, StateId, compile, compile_to_test};
use crate::expr::VariableNames;
use crate::value::Value;

/// A state within its program.
pub(super) struct Subject {
    pub(super) program: Program,
    pub(super) id: StateId,
    /// The state as written.
    pub(super) written: Value,
    /// Whether it is a state of a Map's iterations.
    pub(super) is_iterated: bool,
}

impl Subject {
    pub(super) fn state(&self) -> &State {
        self.program.state(self.id)
    }

    /// A field of the state as written.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.written.as_object()?.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.field(name)?.as_str()
    }
}

/// The longest name of a state, in characters.
const NAME_CHARS_MAX: usize = 80;

/// The state that a request means.
pub(super) fn find(request: &TestStateRequest<'_>) -> Result<Subject, TestStateRefusal> {
    let bound = match request.state_name.map(|name| name.chars().count()) {
        Some(0) => Some("greater than or equal to 1".to_owned()),
        Some(chars) if chars > NAME_CHARS_MAX => {
            Some(format!("less than or equal to {NAME_CHARS_MAX}"))
        }
        _ => None,
    };
    if let Some(bound) = bound {
        let name = request.state_name.unwrap_or_default();
        return Err(TestStateRefusal::validation(format!(
            "1 validation error detected: Value '{name}' at 'stateName' failed to satisfy constraint: Member must have length {bound}"
        )));
    }
    let parsed = Value::parse(request.definition.as_bytes()).ok();
    let Some(root) = parsed.filter(|root| root.as_object().is_some()) else {
        return Err(TestStateRefusal::InvalidDefinition(errors(
            compile(request.definition).1,
        )));
    };
    match request.state_name {
        None => alone(request, root),
        Some(name) => within(request, &root, name),
    }
}

/// A state without a machine: it gets one, and with it the states that it leads to.
fn alone(request: &TestStateRequest<'_>, written: Value) -> Result<Subject, TestStateRefusal> {
    let mut targets = BTreeSet::new();
    collect_targets(&written, &mut targets);
    let others: String = targets
        .iter()
        .filter(|name| **name != STATE_NAME.as_str())
        .map(|name| format!(", {}: {{\"Type\": \"Succeed\"}}", Value::from(*name)))
        .collect();
    let name = STATE_NAME;
    let definition = request.definition;
    let text =
        format!("{{\"StartAt\": \"{name}\", \"States\": {{\"{name}\": {definition}{others}}}}}");
    let program = compiled(&text, request)?;
    Ok(Subject {
        id: program.start,
        program,
        written,
        is_iterated: false,
    })
}

fn within(
    request: &TestStateRequest<'_>,
    root: &Value,
    name: &str,
) -> Result<Subject, TestStateRefusal> {
    let program = compiled(request.definition, request)?;
    let found = find_state(root, name, false);
    let id = (0u32..)
        .zip(program.states())
        .find(|(_, state)| state.name == name)
        .map(|(id, _)| StateId(id));
    let (Some((written, is_iterated)), Some(id)) = (found, id) else {
        return Err(TestStateRefusal::validation(
            "State not found in definition",
        ));
    };
    Ok(Subject {
        program,
        id,
        written: written.clone(),
        is_iterated,
    })
}

fn compiled(text: &str, request: &TestStateRequest<'_>) -> Result<Program, TestStateRefusal> {
    let mut variables = VariableNames::default();
    let given = request.variables.as_object();
    for (name, _) in given.iter().flat_map(|object| object.iter()) {
        variables.slot(name);
    }
    let (program, diagnostics) = compile_to_test(text, variables);
    program.ok_or_else(|| TestStateRefusal::InvalidDefinition(errors(diagnostics)))
}

fn errors(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.retain(Diagnostic::is_error);
    diagnostics
}

/// The names that a state's `Next` and `Default` give, wherever they stand but in states of its own.
fn collect_targets<'v>(state: &'v Value, targets: &mut BTreeSet<&'v str>) {
    let Some(object) = state.as_object() else {
        return;
    };
    for (key, value) in object.iter() {
        match key.as_str() {
            "Next" | "Default" => targets.extend(value.as_str()),
            "Choices" | "Catch" => {
                for rule in value.as_array().unwrap_or_default() {
                    collect_targets(rule, targets);
                }
            }
            _ => {}
        }
    }
}

/// The state of a name, wherever it stands, and whether it is one of a Map's iterations. The recursion is as deep as the
/// value, which is bounded.
fn find_state<'v>(
    container: &'v Value,
    name: &str,
    is_iterated: bool,
) -> Option<(&'v Value, bool)> {
    let states = container.as_object()?.get("States")?.as_object()?;
    if let Some(state) = states.get(name) {
        return Some((state, is_iterated));
    }
    states.iter().find_map(|(_, state)| {
        let state = state.as_object()?;
        let branches = state.get("Branches").and_then(Value::as_array);
        let branches = branches.unwrap_or_default().iter();
        let iterated = ["ItemProcessor", "Iterator"];
        let iterated = iterated.iter().filter_map(|key| state.get(key));
        branches
            .map(|branch| (branch, is_iterated))
            .chain(iterated.map(|processor| (processor, true)))
            .find_map(|(inner, is_iterated)| find_state(inner, name, is_iterated))
    })
}
