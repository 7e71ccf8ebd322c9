//! Whatever the text is, there is an answer.

use proptest::prelude::*;

use super::machine;

use crate::asl::answer::variable_references;
use crate::asl::{Severity, compile, lint};

/// Keys and values that definitions have, in any arrangement.
fn json() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "StartAt",
        "States",
        "Type",
        "Next",
        "End",
        "Default",
        "Choices",
        "Variable",
        "And",
        "Or",
        "Not",
        "StringMatches",
        "NumericEquals",
        "TimestampEqualsPath",
        "IsPresent",
        "Retry",
        "Catch",
        "ErrorEquals",
        "BackoffRate",
        "Resource",
        "Parameters",
        "a.$",
        "a",
        "ResultPath",
        "InputPath",
        "Branches",
        "ItemProcessor",
        "Iterator",
        "ProcessorConfig",
        "Mode",
        "Seconds",
        "Timestamp",
        "Assign",
        "QueryLanguage",
        "Credentials",
        "RoleArn",
        "TimeoutSeconds",
        "MaxConcurrency",
        "Label",
        "A",
        "B",
        "",
        "é",
        "\\u0000",
    ]);
    let scalar = prop::sample::select(vec![
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1e999",
        "1.5",
        "99999999999999999999",
        "\"A\"",
        "\"B\"",
        "\"\"",
        "\"$\"",
        "\"$.a\"",
        "\"$$.a\"",
        "\"$x\"",
        "\"$[\"",
        "\"States.Format('{}', $.a)\"",
        "\"States.ALL\"",
        "\"Pass\"",
        "\"Task\"",
        "\"Choice\"",
        "\"Map\"",
        "\"Parallel\"",
        "\"Wait\"",
        "\"Fail\"",
        "\"Succeed\"",
        "\"JSONata\"",
        "\"{% 1 %}\"",
        "\"arn:aws:states:::lambda:invoke\"",
        "\"arn:aws:states:::a.sync:2\"",
        "\"\\\\\"",
        "\"é\\ud83d\\ude00\"",
        "\"2016-08-18T17:33:00Z\"",
    ]);
    scalar
        .prop_map(str::to_owned)
        .prop_recursive(6, 60, 6, move |inner| {
            let member =
                (key.clone(), inner.clone()).prop_map(|(key, value)| format!("\"{key}\": {value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(|e| format!("[{}]", e.join(","))),
                prop::collection::vec(member, 0..6).prop_map(|m| format!("{{{}}}", m.join(",\n"))),
            ]
        })
}

fn checks_out(text: &str) {
    let (program, diagnostics) = compile(text);
    let refused = diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(program.is_some(), !refused);
    let lines = text.split('\n').count();
    let warnings = lint(text);
    assert!(warnings.iter().all(|d| d.severity == Severity::Warning));
    for d in diagnostics.into_iter().chain(warnings) {
        assert!((1..=lines).contains(&d.line) && d.column >= 1, "{d:?}");
    }
    let references = variable_references(text);
    assert!(references.values().all(|names| !names.is_empty()));
}

proptest! {
    #[test]
    fn any_json_is_answered(text in json()) {
        checks_out(&text);
    }

    #[test]
    fn any_states_are_answered(states in prop::collection::vec(json(), 1..4)) {
        let states: Vec<_> = ["A", "B", "C"].iter().zip(&states).map(|(n, s)| format!("\"{n}\": {s}")).collect();
        checks_out(&format!("{{\"StartAt\": \"A\", \"States\": {{{}}}}}", states.join(", ")));
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        checks_out(&text);
    }

    #[test]
    fn any_cut_of_a_definition_is_answered(at in 0..400usize) {
        let text = machine(r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "B", "Retry": [{"ErrorEquals": ["\u00e9é"], "BackoffRate": 1.5}]}"#);
        checks_out(text.get(..at.min(text.len())).unwrap_or(""));
    }
}
