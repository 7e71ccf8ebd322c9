//! The bounds of variables: of one `Assign`, and of all that are alive in an execution.

use super::*;

const ONCE: &str = r#"{"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Assign": {"x": "1234567", "y": [1]}, "Next": "B"},
    "B": {"Type": "Pass", "Parameters": {"x.$": "$x"}, "End": true}}}"#;

/// Replaces a value by one as large, over and over.
const AGAIN: &str = r#"{"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Assign": {"x": "1234567"}, "Next": "B"},
    "B": {"Type": "Pass", "Assign": {"x": "7654321"}, "Next": "C"},
    "C": {"Type": "Pass", "Assign": {"x": "0000000"}, "End": true}}}"#;

/// Each iteration assigns as much as may be alive at once; it ends with the iteration.
const EACH: &str = r#"{"StartAt": "M", "States": {
    "M": {"Type": "Map", "MaxConcurrency": CONCURRENCY, "ItemsPath": "$.items", "End": true, "ItemProcessor": {"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Assign": {"x": "1234567"}, "Next": "W"},
        "W": {"Type": "Wait", "Seconds": 1, "Next": "B"},
        "B": {"Type": "Pass", "InputPath": "$x", "End": true}}}}}}"#;

#[test]
fn variables_are_bounded() {
    let too_large = |state: &str| {
        format!(
            "The state/task '{state}' assigned variables with a size exceeding the maximum number of bytes service limit."
        )
    };
    let all_too_large = |state: &str| {
        format!(
            "The state/task '{state}' assigned variables that make those of the execution exceed the maximum number of bytes service limit."
        )
    };
    let in_turn = EACH.replace("CONCURRENCY", "1");
    let at_once = EACH.replace("CONCURRENCY", "0");
    // `{"x":"1234567","y":[1]}` has 23 bytes, its values have 12; `{"x":"1234567"}` has 15 and 9.
    let cases = [
        (ONCE, 23, 12, None),
        (ONCE, 22, 12, Some(too_large("A"))),
        (ONCE, 23, 11, Some(all_too_large("A"))),
        (AGAIN, 15, 9, None),
        (&in_turn, 15, 9, None),
        (&at_once, 15, 27, None),
        (&at_once, 15, 26, Some(all_too_large("A"))),
    ];
    for (definition, of_one, of_all, expected) in cases {
        let (program, diagnostics) = compile(definition);
        let program = Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}")));
        let mut options = options();
        options.limits.variable_bytes_max = of_one;
        options.limits.variables_bytes_max = of_all;
        let input = Value::parse(br#"{"items": [1, 2, 3]}"#).unwrap();
        let run = run_virtual(program, input, options, Timestamp::default(), |_, _| None);
        let outcome = run.outcome.expect("nothing is waited for");
        assert_eq!(outcome.cause, expected, "{definition} {of_one} {of_all}");
        let error = expected.map(|_| "States.DataLimitExceeded");
        assert_eq!(outcome.error.as_deref(), error);
    }
}
