//! Fields of states. Parallel and Map are in `forks`, states of JSONata in `queries`.

use super::{Case, SCHEMA, check_states};

#[test]
fn fields_of_states() {
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        (r#"{"Type": "Pass", "End": true}"#, &[]),
        (r#"{"Type": "Pass", "Next": "B"}"#, &[]),
        (r#"{"Type": "Pass", "End": false, "Comment": "x"}"#, &[
            ("MISSING_END_STATE", "", "Workflow has no terminal state"),
            (SCHEMA, "/End", "The field 'End' should have one of these values: [true]"),
        ]),
        (r#"{"Type": "Pass", "Next": "B", "End": true}"#,
            &[(SCHEMA, "", "There should only be one of the following fields: [Next, End]")]),
        (r#"{"Type": "Succeed", "End": true}"#, &[(SCHEMA, "", "Field 'End' is not supported")]),
        (r#"{"Type": "Pass", "End": true, "Catch": [], "TimeoutSeconds": 1}"#, &[
            (SCHEMA, "", "Field 'Catch' is not supported"),
            (SCHEMA, "", "Field 'TimeoutSeconds' is not supported"),
        ]),
        (r#"{"Type": "Fail", "InputPath": "$"}"#, &[(SCHEMA, "", "Field 'InputPath' is not supported")]),
        (r#"{"Type": "Pass", "End": true, "Output": 1}"#, &[(
            SCHEMA, "", "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
        )]),
        (r#"{"Type": "Pass", "End": true, "InputPath": "$.a", "OutputPath": null, "ResultPath": "$.b[0].c", "Parameters": {"a.$": "$$.State.Name"}}"#, &[]),
        (r#"{"Type": "Pass", "End": true, "InputPath": "a", "OutputPath": "$.a[", "ResultPath": "$.a[*]"}"#, &[
            (SCHEMA, "/InputPath", "Value is not a valid JSONPath"),
            (SCHEMA, "/OutputPath", "Value is not a valid JSONPath"),
            (SCHEMA, "/ResultPath", "Value is not a Reference Path"),
        ]),
        (r#"{"Type": "Pass", "End": true, "InputPath": "$x.y", "ResultPath": "$x", "Parameters": {"a": [{"b.$": "States.Format('{}', $y)"}]}}"#, &[
            (SCHEMA, "/ResultPath", "Value is not a Reference Path"),
        ]),
        (r#"{"Type": "Pass", "End": true, "Parameters": {"x.$": 1, "y": {"z.$": "z"}}}"#, &[
            (SCHEMA, "/Parameters", "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call"),
            (SCHEMA, "/Parameters/y", "The value for the field 'z.$' must be a valid JSONPath or a valid intrinsic function call"),
        ]),
        (r#"{"Type": "Pass", "End": true, "Parameters": {"a": "$.x", "b": ["$.x"], "c": {"d": "States.UUID()"}, "e": "$"}}"#, &[
            ("NO_DOLLAR", "/Parameters", "The value of 'a' looks like a path or an intrinsic function, but is taken literally"),
            ("NO_DOLLAR", "/Parameters/c", "The value of 'd' looks like a path or an intrinsic function, but is taken literally"),
        ]),
        (r#"{"Type": "Pass", "End": true, "Result": {"a": [1, {"b.$": 2}]}}"#,
            &[("PASS_RESULT_IS_STATIC", "/Result", "'Result' is static: a path in it is not evaluated")]),
        (r#"{"Type": "Fail", "Error": "$.e", "Cause": "c", "CausePath": "$.c"}"#, &[
            ("NO_PATH", "/Error", "The value of 'Error' looks like a path, but is taken literally"),
            (SCHEMA, "", "There should only be one of the following fields: [Cause, CausePath]"),
        ]),
        (r#"{"Type": "Fail", "ErrorPath": "States.Array(1)", "CausePath": "x"}"#, &[
            (SCHEMA, "/ErrorPath", "The value for the field 'ErrorPath' must be a path or an intrinsic function that returns a string"),
            (SCHEMA, "/CausePath", "The value for the field 'CausePath' must be a valid JSONPath or a valid intrinsic function call"),
        ]),
        (r#"{"Type": "Wait", "End": true}"#,
            &[(SCHEMA, "", "One of the following fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]")]),
        (r#"{"Type": "Wait", "Seconds": 0, "End": true}"#, &[]),
        (r#"{"Type": "Wait", "Seconds": 1.5, "End": true}"#, &[(SCHEMA, "/Seconds", "Expected value of type Integer")]),
        (r#"{"Type": "Wait", "Seconds": -1, "End": true}"#, &[(SCHEMA, "/Seconds", "Minimum value is 0")]),
        (r#"{"Type": "Wait", "Seconds": 100000000, "End": true}"#, &[(SCHEMA, "/Seconds", "Maximum value is 99999999")]),
        (r#"{"Type": "Wait", "Seconds": 1e30, "End": true}"#, &[(SCHEMA, "/Seconds", "Maximum value is 99999999")]),
        (r#"{"Type": "Wait", "Seconds": "{% 1 %}", "End": true}"#, &[(SCHEMA, "/Seconds", "Expected value of type Integer")]),
        (r#"{"Type": "Wait", "Timestamp": "2016-12-05T21:29:29", "End": true}"#,
            &[(SCHEMA, "/Timestamp", "String does not match RFC3339 timestamp")]),
        (r#"{"Type": "Wait", "SecondsPath": "$..a", "End": true}"#, &[(SCHEMA, "/SecondsPath", "Value is not a Reference Path")]),
        (r#"{"Type": "Wait", "Seconds": 1, "SecondsPath": "$.a", "End": true}"#, &[(
            SCHEMA, "", "There should only be one of the following fields: [Seconds, SecondsPath, Timestamp, TimestampPath]",
        )]),
    ];
    check_states(cases);
}
