//! The definition as a whole: its own fields, the graph of its states, and how faults are listed.

use super::{Case, SCHEMA, check, machine};
use crate::asl::{DEFINITION_BYTES_MAX, compile};

#[test]
fn the_whole_definition() {
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        ("", &[(SCHEMA, "", "Definition must be a valid JSON object")]),
        (" \n", &[(SCHEMA, "", "Definition must be a valid JSON object")]),
        ("[]", &[(SCHEMA, "", "Definition must be a valid JSON object")]),
        ("{}", &[(SCHEMA, "/", "These fields are required: [States, StartAt]")]),
        (r#"{"StartAt": "A"}"#, &[(SCHEMA, "/", "These fields are required: [States]")]),
        (r#"{"StartAt": "A", "States": {}}"#, &[(SCHEMA, "/States", "Value cannot be empty")]),
        (r#"{"StartAt": "A", "States": []}"#, &[(SCHEMA, "/States", "Expected value of type Object")]),
        (r#"{"StartAt": "A", "States": {"A": 1}}"#, &[(SCHEMA, "/States/A", "Expected value of type Object")]),
        (r#"{"StartAt": "A", "States": {"A": {}}}"#, &[(SCHEMA, "/States/A", "These fields are required: [Type]")]),
        (r#"{"StartAt": "a", "States": {"A": {"Type": "Succeed"}}}"#,
            &[("MISSING_TRANSITION_TARGET", "/StartAt", "Missing 'Next' target: a")]),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}, "Version": "2.0", "TimeoutSeconds": 0, "Comment": 1, "States ": 1}"#, &[
            (SCHEMA, "/Version", "The field 'Version' should have one of these values: [1.0]"),
            (SCHEMA, "/TimeoutSeconds", "Minimum value is 1"),
            (SCHEMA, "/Comment", "Expected value of type String"),
            (SCHEMA, "/", "Field 'States ' is not supported"),
        ]),
        (r#"{"StartAt": "A", "StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#,
            &[("INVALID_JSON_DESCRIPTION", "", "Duplicate field 'StartAt'")]),
        ("{\"a\": }", &[(
            "INVALID_JSON_DESCRIPTION",
            "[Source: (String)\"{\"a\": }\"; line: 1, column: 8]",
            "Unexpected character ('}' (code 125)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: (String)\"{\"a\": }\"; line: 1, column: 8]",
        )]),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn the_graph_of_states() {
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}"#,
            &[("MISSING_END_STATE", "", "Workflow has no terminal state")]),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Succeed"}}}"#,
            &[("MISSING_TRANSITION_TARGET", "/States/C", "State \"C\" is not reachable.")]),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "C"}, "B": {"Type": "Pass", "End": true}}}"#, &[
            ("MISSING_TRANSITION_TARGET", "/States/A/Next", "Missing 'Next' target: C"),
        ]),
        (r#"{"StartAt": "X", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": true}}}"#,
            &[("MISSING_TRANSITION_TARGET", "/StartAt", "Missing 'Next' target: X")]),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Pass", "Next": "A"}}}"#,
            &[("MISSING_TRANSITION_TARGET", "/States/B", "State \"B\" is not reachable.")]),
        (r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}, "B": {"Type": "Pas", "Next": "A"}}}"#,
            &[(SCHEMA, "/States/B/Type", "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]")]),
        (r#"{"StartAt": "", "States": {"": {"Type": "Succeed"}}}"#,
            &[("INVALID_STATE_NAME", "/States/", "State name cannot be empty")]),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
    for (chars, is_valid) in [(80, true), (81, false)] {
        let name = "ä".repeat(chars);
        let text =
            format!(r#"{{"StartAt": "{name}", "States": {{"{name}": {{"Type": "Succeed"}}}}}}"#);
        assert_eq!(compile(&text).0.is_some(), is_valid, "{chars}");
    }
}

#[test]
fn typos_are_recognised() {
    let text = r#"{
  "StartAt": "Frist",
  "Staets": 1,
  "States": {
    "First": {"Type": "pass", "Next": "x"},
    "Second": {"Type": "Choice", "Defualt": "Thrid", "Choices": [{"Variable": "$.a", "NumericLesThan": 1, "Next": "second"}]},
    "Third": {"Type": "Wait", "Second": 1, "End": true, "Retry": []}
  }
}"#;
    let (_, diagnostics) = compile(text);
    let hints: Vec<_> = diagnostics
        .iter()
        .filter_map(|d| Some((d.line, d.column, d.hint.as_deref()?)))
        .collect();
    let expected = [
        (2, 14, "did you mean 'First'?"),
        (3, 3, "did you mean 'States'?"),
        (5, 23, "did you mean 'Pass'?"),
        (6, 34, "did you mean 'Default'?"),
        (6, 86, "did you mean 'NumericLessThan'?"),
        (6, 115, "did you mean 'Second'?"),
        (7, 31, "did you mean 'Seconds'?"),
        (7, 57, "'Retry' is a field of Task, Parallel, Map states"),
    ];
    assert_eq!(hints, expected);
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_text() {
    let text = r#"{
  "StartAt": "A",
  "Verison": "1.0",
  "States": {
    "A": {"Type": "Pass", "InputPath": "a.b", "Next": "X"},
    "B": {"Type": "Task", "Resource": "no arn", "Retry": [{"ErrorEquals": [], "BackoffRate": 0}], "Next": "C"},
    "C": {"Type": "Wait", "Timestamp": "tomorrow", "Seconds": 5, "End": true},
    "D": {"Type": "Fail", "Next": "A"}
  }
}"#;
    let places: Vec<_> = compile(text)
        .1
        .into_iter()
        .map(|d| format!("{}:{} {d}", d.line, d.column))
        .collect();
    let expected = [
        "3:3 SCHEMA_VALIDATION_FAILED: Field 'Verison' is not supported at /",
        "5:40 SCHEMA_VALIDATION_FAILED: Value is not a valid JSONPath at /States/A/InputPath",
        "5:55 MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/A/Next",
        "6:39 SCHEMA_VALIDATION_FAILED: Value is not a valid resource ARN at /States/B/Resource",
        "6:75 SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/B/Retry[0]/ErrorEquals",
        "6:94 SCHEMA_VALIDATION_FAILED: Minimum value is 1.0 at /States/B/Retry[0]/BackoffRate",
        "7:40 SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/C/Timestamp",
        "7:52 SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [Seconds, SecondsPath, Timestamp, TimestampPath] at /States/C",
        "8:27 SCHEMA_VALIDATION_FAILED: Field 'Next' is not supported at /States/D",
    ];
    assert_eq!(places, expected);
}

#[test]
fn size_and_depth_are_bounded() {
    let long = " ".repeat(DEFINITION_BYTES_MAX + 1);
    check(
        &long,
        &[(
            SCHEMA,
            "",
            "Definition must be no longer than 1048576 bytes",
        )],
    );
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    check(
        &deep,
        &[(
            "TOO_DEEPLY_NESTED",
            "",
            "The definition is nested deeper than 128 levels",
        )],
    );
    let not = |depth: usize| {
        format!(
            r#"{{"Type": "Choice", "Default": "B", "Choices": [{{"Next": "B", "Not": {}{{"Variable": "$.a", "IsNull": true}}{}}}]}}"#,
            r#"{"Not": "#.repeat(depth),
            "}".repeat(depth)
        )
    };
    assert!(compile(&machine(&not(100))).0.is_some());
    let faults = format!(
        r#"{{"StartAt": "A", "States": {{"A": {{"Type": "Succeed"}}}}{}}}"#,
        (0..5000)
            .map(|i| format!(", \"x{i}\": 1"))
            .collect::<String>()
    );
    assert_eq!(compile(&faults).1.len(), 1000);
}
