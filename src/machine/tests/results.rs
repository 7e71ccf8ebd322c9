//! What Parallel and Map make of their input, and their faults in AWS's words.

use super::forks::{WAIT_10, driver, map, parallel};
use super::*;

const PASS: &str = r#"{"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}}"#;

#[test]
fn items_inputs_and_results() {
    let cases = [
        (PASS, "", r#"{"items": []}"#, "[]"),
        (
            PASS,
            "",
            r#"{"items": [1, null, {"a": 2}]}"#,
            r#"[1,null,{"a":2}]"#,
        ),
        (
            PASS,
            "",
            r#"{"items": {"a": 1, "b": [2]}}"#,
            r#"[{"Key":"a","Value":1},{"Key":"b","Value":[2]}]"#,
        ),
        (
            PASS,
            r#""ItemSelector": {"k.$": "$$.Map.Item.Key", "i.$": "$$.Map.Item.Index", "all.$": "$.x"},"#,
            r#"{"items": {"a": 1, "b": 2}, "x": 3}"#,
            r#"[{"k":"a","i":0,"all":3},{"k":"b","i":1,"all":3}]"#,
        ),
        (
            r#"{"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true, "Parameters": {"v.$": "$$.Map.Item.Value", "s.$": "$$.State.Name"}}}}"#,
            r#""Parameters": {"s.$": "$$.State.Name", "r.$": "$$.State.RetryCount", "i.$": "$$.Map.Item.Index"}, "ResultSelector": {"n.$": "States.ArrayLength($)", "all.$": "$"}, "ResultPath": "$.out", "OutputPath": "$.out","#,
            r#"{"items": ["x"]}"#,
            r#"{"n":1,"all":[{"v":"x","s":"I"}]}"#,
        ),
        (
            PASS,
            r#""ItemSelector": {"s.$": "$$.State.Name", "r.$": "$$.State.RetryCount"}, "ResultPath": "$.items[1]","#,
            r#"{"items": [5, 6]}"#,
            r#"{"items":[5,[{"s":"M","r":0},{"s":"M","r":0}]]}"#,
        ),
        (
            PASS,
            r#""ItemSelector": {"m.$": "$$.Map"},"#,
            r#"{"items": {"a": 1}}"#,
            r#"[{"m":{"Item":{"Index":0,"Key":"a","Value":1,"Source":"STATE_DATA"}}}]"#,
        ),
        // Within a Parallel within an iteration, the item is the iteration's; a Map within has its own.
        (
            r#"{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Parameters": [1, 2], "Branches": [
                {"StartAt": "X", "States": {"X": {"Type": "Pass", "InputPath": "$$.Map.Item.Value", "End": true}}},
                {"StartAt": "Y", "States": {"Y": {"Type": "Map", "End": true, "Iterator": {"StartAt": "Z", "States": {
                    "Z": {"Type": "Pass", "InputPath": "$$.Map.Item.Value", "End": true}}}}}}]}}}"#,
            "",
            r#"{"items": ["a", "b"]}"#,
            r#"[["a",[1,2]],["b",[1,2]]]"#,
        ),
    ];
    for (states, fields, input, expected) in cases {
        let mut driver = driver(&map(states, fields), input);
        assert_eq!(
            driver.tell(Event::Begin),
            ["finish SUCCEEDED -"],
            "{fields}"
        );
        assert_eq!(driver.output(), expected, "{states} {fields}");
    }
}

#[test]
fn faults_of_a_fork_in_awss_words() {
    let runtime = "States.Runtime";
    let cases = [
        (
            "",
            r#"{"items": 1}"#,
            runtime,
            r#"Reference path "$.items" must point to array."#,
        ),
        (
            r#""InputPath": "$$","#,
            r#"{"items": [1]}"#,
            runtime,
            "Invalid path '$.items' : No results for path: $['items']",
        ),
        (
            "",
            "{}",
            runtime,
            "Invalid path '$.items' : No results for path: $['items']",
        ),
        (
            r#""MaxConcurrencyPath": "$.c","#,
            r#"{"items": [1], "c": 1.5}"#,
            runtime,
            r#"The MaxConcurrencyPath field refers to value "1.5" which is not a valid integer: $.c"#,
        ),
        (
            r#""ToleratedFailureCountPath": "$.c","#,
            r#"{"items": [1], "c": -1}"#,
            runtime,
            "ToleratedFailureCount cannot be negative.",
        ),
        (
            r#""ToleratedFailurePercentagePath": "$.c","#,
            r#"{"items": [1], "c": 100.5}"#,
            runtime,
            "ToleratedFailurePercentage must be between 0 and 100.",
        ),
        (
            r#""ToleratedFailurePercentagePath": "$.c","#,
            r#"{"items": [1], "c": "x"}"#,
            runtime,
            r#"The ToleratedFailurePercentagePath field refers to value "x" which is not a valid float: $.c"#,
        ),
        (
            r#""ItemSelector": {"a.$": "$.a"},"#,
            r#"{"items": [1]}"#,
            runtime,
            r#"The JSONPath '$.a' specified for the field 'a.$' could not be found in the input '{"items":[1]}'"#,
        ),
    ];
    for (fields, input, error, detail) in cases {
        let mut driver = driver(&map(PASS, fields), input);
        let ended = driver.tell(Event::Begin);
        assert_eq!(ended, [format!("finish FAILED {error}")], "{fields}");
        let outcome = driver.execution.outcome().unwrap();
        let cause = outcome.cause.as_deref().unwrap();
        let before =
            "An error occurred while executing the state 'M' (entered at the event id #2). ";
        assert_eq!(cause.strip_prefix(before), Some(detail), "{fields}");
    }
    let context = map(PASS, "").replace("$.items", "$$");
    let mut driver = Driver::of(&context);
    driver.tell(Event::Begin);
    let outcome = driver.execution.outcome().unwrap();
    let cause = outcome.cause.as_deref().unwrap();
    assert!(
        cause.ends_with(r#"Reference path "$" must point to array."#),
        "{cause}"
    );
}

#[test]
fn a_joined_result_that_is_too_large_is_caught_by_its_own_name_only() {
    const TEN: &str =
        r#"{"StartAt": "I", "States": {"I": {"Type": "Pass", "Result": "12345678", "End": true}}}"#;
    // Three strings of ten bytes, two commas, two brackets.
    for (limit, name, expected) in [
        (
            34,
            "States.DataLimitExceeded",
            r#"["12345678","12345678","12345678"]"#,
        ),
        (33, "States.DataLimitExceeded", r#"{"caught":true}"#),
        (33, "States.ALL", ""),
    ] {
        let fields = format!(
            r#""Catch": [{{"ErrorEquals": ["{name}"], "Next": "D", "ResultPath": null}}],"#
        );
        let mut definition = map(TEN, &fields).replace("$.items", "$");
        definition = definition.replacen(
            r#""States": {"#,
            r#""States": {"D": {"Type": "Pass", "Result": {"caught": true}, "End": true}, "#,
            1,
        );
        let mut driver = Driver::with(&definition, "[1,2,3]", |options| {
            options.limits.payload_bytes_max = limit;
        });
        driver.tell(Event::Begin);
        let outcome = driver.execution.outcome().unwrap();
        match &outcome.output {
            Some(output) => assert_eq!(output.to_json(), expected, "{limit} {name}"),
            None => {
                let cause = "The state/task 'M' returned a result with a size exceeding the maximum number of bytes service limit.";
                assert_eq!(outcome.error.as_deref(), Some("States.DataLimitExceeded"));
                assert_eq!(outcome.cause.as_deref(), Some(cause));
                assert_eq!(expected, "");
            }
        }
    }
}

#[test]
fn a_runtime_error_in_a_branch_is_caught_by_nobody() {
    let bad =
        r#"{"StartAt": "X", "States": {"X": {"Type": "Pass", "InputPath": "$.no", "End": true}}}"#;
    let fields = r#""Retry": [{"ErrorEquals": ["States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}],"#;
    let mut driver = Driver::of(&parallel(&[bad, WAIT_10], fields));
    assert_eq!(driver.tell(Event::Begin), ["finish FAILED States.Runtime"]);
}

#[test]
fn what_branches_and_iterations_get_and_give_is_bounded() {
    let deep = format!("{}1{}", "[".repeat(128), "]".repeat(128));
    let large = r#"{"text": "0123456789012345678901234567890123456789"}"#;
    let provided = "The state/task 'X' provided parameters with a size exceeding the maximum number of bytes service limit.";
    let nested = "An error occurred while executing the state 'X' (entered at the event id #2). the value would be nested deeper than 128 levels";
    let cases = [
        (
            parallel(&[PASS], &format!(r#""Parameters": {large},"#)),
            "{}",
            provided,
        ),
        (
            map(PASS, &format!(r#""ItemSelector": {large},"#)),
            r#"{"items": [1]}"#,
            provided,
        ),
        (parallel(&[PASS], ""), deep.as_str(), nested),
        (
            map(PASS, r#""ItemSelector": {"m.$": "$$.Map"},"#).replace("$.items", "$"),
            deep.as_str(),
            nested,
        ),
    ];
    for (definition, input, expected) in cases {
        let definition = definition
            .replace("\"M\"", "\"X\"")
            .replace("\"P\"", "\"X\"");
        let limit = if input == deep { 1_000 } else { 50 };
        let mut driver = Driver::with(&definition, input, |options| {
            options.limits.payload_bytes_max = limit;
        });
        driver.tell(Event::Begin);
        let outcome = driver.execution.outcome().unwrap();
        assert_eq!(outcome.cause.as_deref(), Some(expected), "{definition}");
    }
}
