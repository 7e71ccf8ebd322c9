//! States that hand on their input and leave no other trace, so that a loop of them decides each time as it did before.

use super::graph::{State, text};
use crate::asl::source::{Json, Node};

/// Fields that cannot change what a later state sees.
const HARMLESS: [&str; 12] = [
    "Type",
    "Comment",
    "QueryLanguage",
    "Next",
    "Default",
    "Choices",
    "Seconds",
    "SecondsPath",
    "Timestamp",
    "TimestampPath",
    "InputPath",
    "OutputPath",
];

/// What a decision may depend on besides the data.
const CHANGING: [&str; 7] = [
    "$$", "$now", "$millis", "$random", "$uuid", "$shuffle", "context",
];

/// Whether a state is one.
pub(super) fn is_inert(state: &State<'_>) -> bool {
    let node = state.node();
    let may_be = matches!(text(node, "Type"), Some("Pass" | "Wait" | "Choice"));
    let is_harmless = |name: &str| match name {
        "InputPath" | "OutputPath" => text(node, name) == Some("$"),
        name => HARMLESS.contains(&name),
    };
    may_be
        && node.members().iter().all(|m| is_harmless(&m.key))
        && node.get("Choices").is_none_or(is_settled)
}

/// Whether rules assign nothing, put out nothing and read nothing but the data. The recursion is as deep as the definition,
/// which is bounded.
fn is_settled(node: &Node) -> bool {
    match &node.json {
        Json::String(text) => !CHANGING.iter().any(|name| text.contains(name)),
        Json::Array(elements) => elements.iter().all(is_settled),
        Json::Object(members) => members
            .iter()
            .all(|m| !matches!(m.key.as_str(), "Assign" | "Output") && is_settled(&m.value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
    }
}
