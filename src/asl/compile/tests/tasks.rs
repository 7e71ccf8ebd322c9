//! Tasks and their resources.

use super::{Case, SCHEMA, check_states, machine};
use crate::asl::{CompileOptions, Diagnostic, ResourceKind, compile, compile_with};

#[test]
fn tasks() {
    let function = r#""Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f""#;
    let cases: &[Case<'_>] = &[
        ("", &[]),
        (
            r#", "TimeoutSeconds": 3, "HeartbeatSecondsPath": "$.h""#,
            &[],
        ),
        (
            r#", "TimeoutSeconds": 3, "HeartbeatSeconds": 3"#,
            &[(
                SCHEMA,
                "/HeartbeatSeconds",
                "The field 'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'",
            )],
        ),
        (
            r#", "TimeoutSeconds": 0, "TimeoutSecondsPath": "$.t""#,
            &[
                (SCHEMA, "/TimeoutSeconds", "Minimum value is 1"),
                (
                    SCHEMA,
                    "",
                    "There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]",
                ),
            ],
        ),
        (r#", "Credentials": {"RoleArn.$": "$.r"}"#, &[]),
        (
            r#", "Credentials": {}"#,
            &[(
                SCHEMA,
                "/Credentials",
                "The field 'RoleArn' is required but was missing",
            )],
        ),
        (
            r#", "Credentials": null"#,
            &[(SCHEMA, "/Credentials", "Expected value of type Object")],
        ),
        (r#", "Retry": [], "Catch": []"#, &[]),
        (
            r#", "Retry": [{"ErrorEquals": ["a"], "IntervalSeconds": 1, "MaxAttempts": 0, "BackoffRate": 1, "MaxDelaySeconds": 31622400, "JitterStrategy": "NONE"}, {"ErrorEquals": ["States.ALL"]}]"#,
            &[],
        ),
        (
            r#", "Retry": [{"IntervalSeconds": 0, "MaxAttempts": -1, "BackoffRate": 0.9, "MaxDelaySeconds": 31622401, "JitterStrategy": "full", "ErrorEqual": []}]"#,
            &[
                (
                    SCHEMA,
                    "/Retry[0]",
                    "These fields are required: [ErrorEquals]",
                ),
                (SCHEMA, "/Retry[0]/IntervalSeconds", "Minimum value is 1"),
                (SCHEMA, "/Retry[0]/MaxAttempts", "Minimum value is 0"),
                (SCHEMA, "/Retry[0]/BackoffRate", "Minimum value is 1.0"),
                (
                    SCHEMA,
                    "/Retry[0]/MaxDelaySeconds",
                    "Maximum value is 31622400",
                ),
                (
                    SCHEMA,
                    "/Retry[0]/JitterStrategy",
                    "The field 'JitterStrategy' should have one of these values: [FULL, NONE]",
                ),
                (SCHEMA, "/Retry[0]", "Field 'ErrorEqual' is not supported"),
            ],
        ),
        (
            r#", "Retry": [{"ErrorEquals": []}, {"ErrorEquals": [1, "States.ALL"]}, {"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["b"]}, 1]"#,
            &[
                (SCHEMA, "/Retry[0]/ErrorEquals", "Value cannot be empty"),
                (
                    SCHEMA,
                    "/Retry[1]/ErrorEquals[0]",
                    "Expected value of type String",
                ),
                (
                    SCHEMA,
                    "/Retry[1]",
                    "'States.ALL' must appear alone in 'ErrorEquals'",
                ),
                (
                    SCHEMA,
                    "/Retry[2]",
                    "'States.ALL' must appear only in the last element",
                ),
                (SCHEMA, "/Retry[4]", "Expected value of type Object"),
            ],
        ),
        (
            r#", "Catch": [{"ErrorEquals": ["States.Unheard"], "Next": "A", "ResultPath": "$.e"}]"#,
            &[],
        ),
        (
            r#", "Catch": [{"ErrorEquals": ["a"], "Next": "b", "ResultPath": "$$.e", "Output": 1}, {}]"#,
            &[
                (
                    "MISSING_TRANSITION_TARGET",
                    "/Catch[0]/Next",
                    "Missing 'Next' target: b",
                ),
                (
                    SCHEMA,
                    "/Catch[0]/ResultPath",
                    "Value is not a Reference Path",
                ),
                (
                    SCHEMA,
                    "/Catch[0]",
                    "The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage",
                ),
                (
                    SCHEMA,
                    "/Catch[1]",
                    "These fields are required: [ErrorEquals, Next]",
                ),
            ],
        ),
    ];
    for (fields, expected) in cases {
        check_states(&[(&format!("{{{function}{fields}}}"), expected)]);
    }
    check_states(&[(
        r#"{"Type": "Task", "End": true}"#,
        &[(SCHEMA, "", "These fields are required: [Resource]")],
    )]);
}

#[test]
fn resources() {
    let integration = |resource_type: &str, resource: &str| {
        Some(ResourceKind::Integration {
            resource_type: resource_type.into(),
            resource: resource.into(),
        })
    };
    #[rustfmt::skip]
    let cases = [
        ("arn:aws:lambda:us-east-1:123456789012:function:f", Some(ResourceKind::LambdaFunction)),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:f:prod", Some(ResourceKind::LambdaFunction)),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST", Some(ResourceKind::LambdaFunction)),
        ("arn:aws:states:::lambda:invoke", integration("lambda", "invoke")),
        ("arn:aws:states:::http:invoke", integration("http", "invoke")),
        ("arn:aws:states:::aws-sdk:dynamodb:putItem", integration("aws-sdk:dynamodb", "putItem")),
        ("arn:aws:states:us-east-1:123456789012:aws-sdk:s3:getObject", integration("aws-sdk:s3", "getObject")),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:", None),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:a b", None),
        ("arn:aws:states:::lambda:invoke.async", None),
        ("arn:aws:states:::lambda", None),
        ("arn:aws:states", None),
        ("activity", None),
        ("${Function}", None),
        ("arn:${Function}", None),
        ("", None),
    ];
    for (arn, expected) in cases {
        let text = machine(&format!(
            r#"{{"Type": "Task", "End": true, "Resource": "{arn}"}}"#
        ));
        let (program, diagnostics) = compile(&text);
        let kind = program.and_then(|p| p.resources().next().map(|r| r.kind.clone()));
        assert_eq!(kind, expected, "{arn}: {diagnostics:?}");
    }
    #[rustfmt::skip]
    check_states(&[
        (r#"{"Type": "Task", "End": true, "Resource": "f"}"#,
            &[(SCHEMA, "/Resource", "Value is not a valid resource ARN")]),
        (r#"{"Type": "Task", "End": true, "Resource": "arn:aws:lambda:us-east-1:1:function:"}"#, &[(
            "INVALID_RESOURCE",
            "/Resource",
            "The resource provided arn:aws:lambda:us-east-1:1:function: is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
        )]),
        (r#"{"Type": "Task", "End": true, "Resource": "rust:handler"}"#,
            &[("INVALID_RESOURCE", "/Resource", "AWS takes only ARNs as resources")]),
    ]);
}

#[test]
fn what_only_standard_workflows_may_do() {
    #[rustfmt::skip]
    let cases = [
        ("arn:aws:states:::states:startExecution.sync", "Express state machine does not support '.sync' service integration"),
        ("arn:aws:states:::states:startExecution.sync:2", "Express state machine does not support '.sync' service integration"),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Express state machine does not support '.waitForTaskToken' service integration "),
        ("arn:aws:states:us-east-1:123456789012:activity:a", "Express state machine does not support Activity ARN"),
    ];
    for (arn, message) in cases {
        let state = format!(r#"{{"Type": "Task", "End": true, "Resource": "{arn}"}}"#);
        check_states(&[(&state, &[(SCHEMA, "/Resource", message)])]);
        let standard = CompileOptions { express: false };
        let (_, diagnostics) = compile_with(&machine(&state), &standard);
        assert!(
            diagnostics.iter().all(Diagnostic::is_not_supported),
            "{arn}"
        );
        assert_eq!(diagnostics.len(), 1);
    }
}
