//! A table of machines and what is doubtful in them.

use super::lint;

/// The states of a machine that starts at `A`, and what is found, as `CODE location: message (hint)`.
type Case<'c> = (&'c str, &'c [&'c str]);

const TASK: &str = r#""Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage""#;

#[track_caller]
fn check(cases: &[Case<'_>]) {
    for (states, expected) in cases {
        let states = states.replace("TASK", TASK);
        let text = format!(r#"{{"StartAt": "A", "States": {{{states}}}}}"#);
        let found: Vec<String> = lint(&text)
            .iter()
            .map(|d| {
                let location = d.location.as_deref().unwrap_or_default();
                let hint = d.hint.as_deref().unwrap_or_default();
                assert!(!d.is_error(), "a lint only warns");
                format!("{} {location}: {} ({hint})", d.code, d.message)
            })
            .collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn ways_that_do_not_end() {
    #[rustfmt::skip]
    check(&[
        (r#""A": {"Type": "Succeed"}"#, &[]),
        (r#""A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "B"}], "Default": "C"},
            "B": {"Type": "Pass", "Next": "D"}, "C": {"Type": "Succeed"}, "D": {"Type": "Pass", "Next": "D"}"#,
            &["NO_WAY_TO_END /States/D: No way leads from state \"D\" to an end (it only leads to itself)"]),
        (r#""A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "B"}], "Default": "C"},
            "B": {"Type": "Pass", "Next": "D"}, "C": {"Type": "Succeed"}, "D": {"Type": "Pass", "Next": "B"}"#,
            &["NO_WAY_TO_END /States/B: No way leads from state \"B\" to an end (\"B\", \"D\" only lead to each other)"]),
        // A Choice without a Default may end it.
        (r#""A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "B"}]}, "B": {TASK, "Next": "A"}"#, &[]),
        // Inner blocks count, too.
        (r#""A": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "B", "States": {"B": {TASK, "Next": "C", "Catch": [
            {"ErrorEquals": ["States.Runtime"], "Next": "D"}]}, "C": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "D": {"Type": "Succeed"}}}]}"#, &[
            "NO_WAY_TO_END /States/A/Branches[0]/States/B: No way leads from state \"B\" to an end (\"B\", \"C\" only lead to each other)",
            "CATCH_NEVER_MATCHES /States/A/Branches[0]/States/B/Catch[0]: No error reaches this catcher ('States.Runtime' is never caught)",
            "UNREACHABLE_STATE /States/A/Branches[0]/States/D: State \"D\" is never reached (only ways that are never taken lead to it: remove it, or lead to it)",
        ]),
    ]);
}

#[test]
fn loops_that_never_decide_anew() {
    let polling = |wait: &str, condition: &str| {
        format!(
            r#""A": {{{wait}, "Next": "B"}}, "B": {{"Type": "Choice", "Choices": [{{{condition}, "Next": "C"}}], "Default": "A"}},
            "C": {{"Type": "Succeed"}}"#
        )
    };
    let found = "LOOP_WITHOUT_EXIT /States/B: The loop around state \"B\" has no exit once it was run through (nothing in \"A\", \"B\" changes what it decides on)";
    let wait = r#""Type": "Wait", "Seconds": 1"#;
    let test = r#""Variable": "$.done", "BooleanEquals": true"#;
    #[rustfmt::skip]
    let cases: &[(&str, &str, &[&str])] = &[
        (wait, test, &[found]),
        (r#""Type": "Pass""#, test, &[found]),
        (r#""Type": "Pass", "Result": true"#, test, &[]),
        (r#""Type": "Wait", "Seconds": 1, "Assign": {"x": 1}"#, test, &[]),
        (r#""Type": "Wait", "Seconds": 1, "OutputPath": "$.next""#, test, &[]),
        (TASK, test, &[]),
        (wait, r#""Variable": "$$.State.EnteredTime", "TimestampGreaterThan": "2030-01-01T00:00:00Z""#, &[]),
        (wait, r#""And": [{"Variable": "$.until", "TimestampLessThanPath": "$$.State.EnteredTime"}]"#, &[]),
        (r#""Type": "Wait", "QueryLanguage": "JSONata", "Seconds": 1"#, r#""Condition": "{% $millis() > 1 %}""#, &[]),
    ];
    for (wait, condition, expected) in cases {
        check(&[(&polling(wait, condition), expected)]);
    }
}

#[test]
fn ways_that_are_never_taken() {
    let unreachable = |name: &str| {
        format!(
            "UNREACHABLE_STATE /States/{name}: State \"{name}\" is never reached (only ways that are never taken lead to it: remove it, or lead to it)"
        )
    };
    #[rustfmt::skip]
    check(&[
        (r#""A": {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "{% true %}", "Next": "B"},
            {"Condition": "{% $states.input.x %}", "Next": "C"}], "Default": "B"}, "B": {"Type": "Succeed"}, "C": {"Type": "Succeed"}"#,
            &[&unreachable("C")]),
        (r#""A": {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [{"Condition": "{% true or $states.input.x %}", "Next": "B"}],
            "Default": "C"}, "B": {"Type": "Succeed"}, "C": {"Type": "Succeed"}"#, &[]),
        (r#""A": {TASK, "End": true, "Catch": [{"ErrorEquals": ["X"], "Next": "B"}, {"ErrorEquals": ["X", "States.Runtime"], "Next": "C"}]},
            "B": {"Type": "Succeed"}, "C": {"Type": "Succeed"}"#, &[
            "CATCH_NEVER_MATCHES /States/A/Catch[1]: No error reaches this catcher ('States.Runtime' is never caught)",
            &unreachable("C"),
        ]),
    ]);
}

#[test]
fn catchers_that_no_error_reaches() {
    let never = |reason: &str| {
        format!("CATCH_NEVER_MATCHES /States/A/Catch[1]: No error reaches this catcher ({reason})")
    };
    let taken = never("the catchers before it take these errors");
    let failed = never("'States.TaskFailed' in a catcher before it takes these errors");
    let cases: &[(&str, &str, Option<&str>)] = &[
        ("X", "Y", None),
        ("X", "X", Some(&taken)),
        ("States.TaskFailed", "X", Some(&failed)),
        ("States.TaskFailed", "Lambda.Unknown", Some(&failed)),
        ("States.TaskFailed", "States.Timeout", None),
        ("States.TaskFailed", "States.DataLimitExceeded", None),
        ("States.TaskFailed", "States.ALL", None),
        ("X", "States.TaskFailed", None),
    ];
    for (first, second, expected) in cases {
        let states = format!(
            r#""A": {{TASK, "End": true, "Catch": [{{"ErrorEquals": ["{first}"], "Next": "B"}},
            {{"ErrorEquals": ["{second}"], "Next": "B"}}]}}, "B": {{"Type": "Succeed"}}"#
        );
        check(&[(&states, &expected.iter().copied().collect::<Vec<_>>())]);
    }
}

#[test]
fn retries_that_come_too_late() {
    #[rustfmt::skip]
    let cases = [
        ("", None),
        (r#""MaxAttempts": 0"#, None),
        (r#""MaxAttempts": 8"#, None),
        (r#""MaxAttempts": 9"#, Some((9, 8))),
        (r#""MaxAttempts": 99999999"#, Some((99_999_999, 8))),
        (r#""MaxAttempts": 9, "MaxDelaySeconds": 40"#, None),
        (r#""MaxAttempts": 9, "JitterStrategy": "FULL""#, None),
        (r#""MaxAttempts": 9, "BackoffRate": 1"#, None),
        (r#""IntervalSeconds": 100, "BackoffRate": 1"#, Some((3, 2))),
        (r#""IntervalSeconds": 300"#, Some((3, 0))),
    ];
    for (retrier, expected) in cases {
        let comma = if retrier.is_empty() { "" } else { ", " };
        let states = format!(
            r#""A": {{TASK, "End": true, "Retry": [{{"ErrorEquals": ["States.ALL"]{comma}{retrier}}}]}}"#
        );
        let found: Vec<String> = expected
            .iter()
            .map(|(all, fitting)| {
                format!(
                    "RETRIES_NEVER_FIT /States/A/Retry[0]: Of {all} retries only {fitting} fit into the 300 seconds of an execution (lower 'MaxAttempts' or 'BackoffRate', or set 'MaxDelaySeconds')"
                )
            })
            .collect();
        check(&[(
            &states,
            &found.iter().map(String::as_str).collect::<Vec<_>>(),
        )]);
    }
}

#[test]
fn what_is_no_definition_has_nothing_doubtful() {
    for text in ["", "{", "1", "{}", r#"{"StartAt": 1, "States": []}"#] {
        assert!(lint(text).is_empty(), "{text}");
    }
}

#[test]
fn variables_that_nobody_assigns() {
    #[rustfmt::skip]
    check(&[
        (r#""A": {"Type": "Pass", "Parameters": {"x.$": "$x.y", "y.$": "States.Format('{} $z', $y)"}, "Assign": {"y": 1}, "End": true}"#,
            &["POSSIBLY_UNDEFINED_VARIABLE /States/A: Variable 'x' is possibly not defined. (no state here or around assigns it)"]),
        (r#""A": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x + $count($states.input) %}", "End": true}"#,
            &["POSSIBLY_UNDEFINED_VARIABLE /States/A: Variable 'x' is possibly not defined. (no state here or around assigns it)"]),
        // Whatever a scope assigns is there for those within, not for those around.
        (r#""A": {"Type": "Pass", "Assign": {"x.$": "$"}, "Next": "B"}, "B": {"Type": "Map", "ItemsPath": "$x", "Next": "D", "ItemProcessor": {
            "StartAt": "C", "States": {"C": {"Type": "Pass", "InputPath": "$x", "Assign": {"y": 1}, "OutputPath": "$y", "End": true}}}},
            "D": {"Type": "Succeed", "OutputPath": "$y"}"#,
            &["POSSIBLY_UNDEFINED_VARIABLE /States/D: Variable 'y' is possibly not defined. (no state here or around assigns it)"]),
        (r#""A": {TASK, "Next": "B", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "Assign": {"x": 1}}]},
            "B": {"Type": "Choice", "Choices": [{"Variable": "$x", "IsPresent": true, "Next": "C", "Assign": {"y": 1}}], "Default": "C"},
            "C": {"Type": "Succeed", "OutputPath": "$y"}"#, &[]),
    ]);
}
