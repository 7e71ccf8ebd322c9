//! Refusals that no recording shows, and names in expressions.

use std::collections::BTreeSet;

use super::free_names::{in_jsonata, in_path};
use super::*;
use crate::asl::Severity;

const PASS: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#;
const OTHER: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}"#;
const GROUP: &str = "arn:aws:logs:us-east-1:111111111111:log-group:there:*";

/// One machine `taken` of [`PASS`] and one log group.
struct Few;

impl Account for Few {
    fn machine_arn(&self, name: &str) -> String {
        format!("arn:{name}")
    }

    fn machine(&self, name: &str) -> Option<CreateRequest<'_>> {
        (name == "taken").then(|| CreateRequest::new("taken", PASS))
    }

    fn has_log_group(&self, arn: &str) -> bool {
        arn == GROUP
    }
}

#[test]
fn requests_to_create_are_refused_as_on_aws() {
    let logging = |level, destinations| Logging {
        level,
        include_execution_data: false,
        destinations,
    };
    let new = CreateRequest::new("new", PASS);
    let long = "n".repeat(81);
    #[rustfmt::skip]
    let cases: &[(CreateRequest<'_>, Result<bool, &str>)] = &[
        (new, Ok(true)),
        (CreateRequest::new("taken", PASS), Ok(false)),
        (CreateRequest::new("taken", OTHER), Err("StateMachineAlreadyExists: State Machine Already Exists: 'arn:taken'")),
        (CreateRequest { express: true, ..CreateRequest::new("taken", PASS) }, Err("StateMachineAlreadyExists: State Machine Already Exists: 'arn:taken'")),
        (CreateRequest::new("a b", PASS), Err("InvalidName: Invalid Name: 'a b'")),
        (CreateRequest::new("", PASS), Err("ValidationException: 1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1")),
        (CreateRequest::new("new", "{}"), Err("InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'")),
        (CreateRequest { version_description: Some("v"), ..new }, Err("ValidationException: Version description can only be set when publish is true")),
        (CreateRequest { version_description: Some("v"), publish: true, ..new }, Ok(true)),
        (CreateRequest { logging: logging(LogLevel::Off, &[]), ..new }, Ok(true)),
        (CreateRequest { logging: logging(LogLevel::All, &[]), ..new }, Err("InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.")),
        (CreateRequest { logging: logging(LogLevel::Fatal, &[GROUP, GROUP]), ..new }, Err("InvalidLoggingConfiguration: Invalid Logging Configuration: Must specify exactly one Log Destination.")),
        (CreateRequest { logging: logging(LogLevel::Error, &["arn:gone"]), ..new }, Err("InvalidLoggingConfiguration: Invalid Logging Configuration: Log Destination not found.")),
        (CreateRequest { logging: logging(LogLevel::All, &[GROUP]), ..new }, Ok(true)),
    ];
    for (request, expected) in cases {
        let found = check_create(request, &Few)
            .map(|creation| matches!(creation, Creation::New(_)))
            .map_err(|refusal| format!("{}: {refusal}", refusal.error_type()));
        assert_eq!(found, expected.map_err(str::to_owned), "{request:?}");
    }
    let refused = check_create(&CreateRequest::new(&long, PASS), &Few).map(|_| ());
    let refused = refused.expect_err("a name of 81 characters").to_string();
    assert!(
        refused.ends_with("length less than or equal to 80"),
        "{refused}"
    );
}

#[test]
fn an_answer_lists_what_was_asked_for() {
    let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "$.x", "x": 1, "y": 1, "End": true}}}"#;
    let good =
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "$.x", "End": true}}}"#;
    #[rustfmt::skip]
    let cases = [
        (text, Severity::Error, 0, ("FAIL", 2, false)),
        (text, Severity::Error, 1, ("FAIL", 1, true)),
        (text, Severity::Error, 1000, ("FAIL", 2, false)),
        (text, Severity::Warning, 100, ("FAIL", 3, false)),
        (good, Severity::Error, 100, ("OK", 0, false)),
        (good, Severity::Warning, 100, ("OK", 1, false)),
    ];
    for (definition, severity, results_max, expected) in cases {
        let request = ValidateRequest {
            severity,
            results_max,
            ..ValidateRequest::new(definition)
        };
        let answer = validate(&request);
        let found = (answer.result(), answer.diagnostics.len(), answer.truncated);
        assert_eq!(found, expected, "{severity:?} {results_max} {definition}");
    }
}

#[test]
fn variables_of_expressions_are_found() {
    #[rustfmt::skip]
    let paths: &[(&str, &[&str])] = &[
        ("$.a.b", &[]),
        ("$", &[]),
        ("$$.Execution.Id", &[]),
        ("$a", &["a"]),
        ("$a.b[0]", &["a"]),
        ("States.Format('$no {}', $a, $b.c, $$.x, $.y)", &["a", "b"]),
        (r"States.Format('it\'s $no', $größe)", &["größe"]),
    ];
    for (text, expected) in paths {
        let mut names = BTreeSet::new();
        in_path(text, &mut names);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), *expected, "{text}");
    }
    #[rustfmt::skip]
    let expressions: &[(&str, &[&str])] = &[
        ("$a", &[]),
        ("{% $a %}", &["a"]),
        ("{% $states.input.x + $count($list) %}", &["list"]),
        ("{% ($x := $y; $x + 1) %}", &["y"]),
        ("{% $map($xs, function($v, $i) { $v * $factor + $i }) %}", &["factor", "xs"]),
        ("{% $xs[$ > $least].$$.no %}", &["least", "xs"]),
        (r#"{% "$no" & '$neither' & `$nor` /* $comment */ %}"#, &[]),
        ("{% $faulty + %}", &[]),
        (r"{% $contains($t, /\/$no/) and $a / $b / $c %}", &["a", "b", "c", "t"]),
    ];
    for (text, expected) in expressions {
        let mut names = BTreeSet::new();
        in_jsonata(text, &mut names);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), *expected, "{text}");
    }
}

#[test]
fn references_are_those_of_evaluated_fields() {
    let text = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Comment": "$no", "Result": {"Path": "$no", "x.$": "$no"}, "ResultPath": "$no",
            "Parameters": {"APath": "$no", "b.$": "$b", "c": [{"d.$": "$d"}]}, "InputPath": "$a", "Next": "B"},
        "B": {"Type": "Parallel", "Branches": [{"StartAt": "C", "States": {"C": {"Type": "Task", "QueryLanguage": "JSONata",
            "Resource": "r", "Arguments": {"x": "{% $c %}", "y": "$no"}, "Catch": [{"ErrorEquals": ["States.ALL"],
            "Assign": {"z": "{% $z %}"}, "Next": "C"}], "End": true}}}], "End": true}}}"#;
    let found = variable_references(text);
    let found: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|(state, names)| (state.as_str(), names.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(found, [("A", vec!["a", "b", "d"]), ("C", vec!["c", "z"])]);
    assert!(variable_references("no definition").is_empty());
}
