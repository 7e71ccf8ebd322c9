//! States of JSONata: their fields, and what `$states` has in them.

use super::{Case, SCHEMA, check, check_states, found};

const UNSUPPORTED: &str = "UNSUPPORTED_JSONATA_EXPRESSION";

#[test]
fn fields_of_either_language() {
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        (r#"{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": true, "Parameters": {}}"#, &[
            (SCHEMA, "", "The QueryLanguage is set to 'JSONata', but field 'Parameters' is only supported for the 'JSONPath' QueryLanguage"),
        ]),
        (r#"{"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% 1 %}", "End": true}"#, &[]),
        (r#"{"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": " {% 1 %}", "End": true}"#,
            &[(SCHEMA, "/Seconds", "Expected value of type Integer")]),
        (r#"{"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% 'x' %}", "End": true}"#, &[]),
        (r#"{"Type": "Fail", "QueryLanguage": "JSONata", "Error": "{% 'x' %}", "Cause": "$.c"}"#, &[]),
        (r#"{"Type": "Choice", "QueryLanguage": "JSONata", "Default": "B", "Choices": [{"Condition": true, "Next": "B"}, {"Variable": "$.x", "Next": "B"}]}"#, &[
            (SCHEMA, "/Choices[1]", "These fields are required: [Condition]"),
            (SCHEMA, "/Choices[1]", "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage"),
        ]),
        (r#"{"Type": "Choice", "QueryLanguage": "JSONata", "Default": "B", "Choices": [{"Condition": "true", "Next": "B"}]}"#,
            &[(SCHEMA, "/Choices[0]/Condition", "Expected value of type Boolean")]),
        (r#"{"Type": "Map", "QueryLanguage": "JSONata", "Items": 1, "End": true, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}"#,
            &[(SCHEMA, "/Items", "Expected value of type Array")]),
        (r#"{"Type": "Map", "QueryLanguage": "JSONata", "Items": {"a": "{% $x %}"}, "MaxConcurrency": "{% 1 %}", "End": true, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Result": 1, "End": true}}}}"#, &[]),
    ];
    check_states(cases);
    check(
        r#"{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": true}}}"#,
        &[(
            SCHEMA,
            "/States/A",
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        )],
    );
}

#[test]
fn what_states_has_in_each_field() {
    let task = r#""Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true"#;
    let pass = r#""Type": "Pass", "QueryLanguage": "JSONata", "End": true"#;
    let choice = r#""Type": "Choice", "QueryLanguage": "JSONata", "Default": "B""#;
    // The state's fields, the place of the fault and the field of `$states` that is missing.
    let cases = [
        (
            task,
            r#""Output": "{% $states.result.x %}", "Assign": {"x": ["{% $states.result %}"]}"#,
            None,
        ),
        (
            task,
            r#""Arguments": {"a": ["{% $states.input %}", {"b": "{% $states.result %}"}]}"#,
            Some(("/Arguments/a[1]/b", "result")),
        ),
        (
            task,
            r#""TimeoutSeconds": "{% $states.result %}""#,
            Some(("/TimeoutSeconds", "result")),
        ),
        (
            task,
            r#""Output": "{% $states.errorOutput %}""#,
            Some(("/Output", "errorOutput")),
        ),
        (
            task,
            r#""Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "Output": "{% $states.errorOutput %}", "Assign": {"x": "{% $states.errorOutput.Cause %}"}}]"#,
            None,
        ),
        (
            task,
            r#""Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "Output": "{% $states.result %}"}]"#,
            Some(("/Catch[0]/Output", "result")),
        ),
        (
            pass,
            r#""Output": {"a": "{% $states.context.State.Name %}"}, "Assign": {"x": "{% $states %}"}"#,
            None,
        ),
        (
            pass,
            r#""Output": "{% $states.result %}""#,
            Some(("/Output", "result")),
        ),
        (
            pass,
            r#""Output": "{% $states.inputs %}""#,
            Some(("/Output", "inputs")),
        ),
        (
            choice,
            r#""Choices": [{"Condition": "{% $states.result %}", "Next": "B"}]"#,
            Some(("/Choices[0]/Condition", "result")),
        ),
        (
            choice,
            r#""Choices": [{"Condition": true, "Next": "B", "Output": "{% $states.errorOutput %}"}]"#,
            Some(("/Choices[0]/Output", "errorOutput")),
        ),
    ];
    for (state, fields, expected) in cases {
        let machine = super::machine(&format!("{{{state}, {fields}}}"));
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(place, field)| {
                let message = format!("Field '$states.{field}' does not exist.");
                (UNSUPPORTED.to_owned(), format!("/States/A{place}"), message)
            })
            .collect();
        assert_eq!(found(&machine), expected, "{fields}");
    }
}

#[test]
fn the_context_is_built_for_those_who_may_read_it() {
    for (output, expected) in [
        ("{% $states.input %}", false),
        ("{% $states.context.Execution.Id %}", true),
        ("{% $states %}", true),
        ("{% 1 %}", false),
        ("$states.context", false),
    ] {
        let state = format!(
            r#"{{"Type": "Pass", "QueryLanguage": "JSONata", "Output": [{{"x": "{output}"}}], "End": true}}"#
        );
        assert_eq!(super::program(&state).uses_context, expected, "{output}");
    }
}

#[test]
fn expressions_that_aws_refuses() {
    let invalid = "INVALID_JSONATA_EXPRESSION";
    let top = |name: &str| format!("Reference to '{name}' at the top level is not supported.");
    let cases = [
        ("$states.input[x > 1]", vec![]),
        (
            "a[1,2)",
            vec![(invalid, r#"Expected "]", got ",""#.to_owned())],
        ),
        (
            "'unterminated",
            vec![(
                invalid,
                "String literal must be terminated by a matching quote".to_owned(),
            )],
        ),
        (
            "1 +",
            vec![(invalid, "Unexpected end of expression".to_owned())],
        ),
        (
            "{'a':}",
            vec![(
                invalid,
                r#"The symbol "}" cannot be used as a unary operator"#.to_owned(),
            )],
        ),
        (
            "$x :=",
            vec![(invalid, "Unexpected end of expression".to_owned())],
        ),
        (
            "$match('a', /abc",
            vec![(invalid, "No terminating / in regular expression".to_owned())],
        ),
        ("phone", vec![(UNSUPPORTED, top("phone"))]),
        (
            "aaa + bbb + aaa",
            vec![(UNSUPPORTED, top("aaa")), (UNSUPPORTED, top("bbb"))],
        ),
        ("$.phone", vec![(UNSUPPORTED, top("$"))]),
        (
            "$$",
            vec![(
                UNSUPPORTED,
                "Reference to '$$' is not supported.".to_owned(),
            )],
        ),
    ];
    for (text, expected) in cases {
        let state = format!(
            r#"{{"Type": "Pass", "QueryLanguage": "JSONata", "Output": {{"v": ["{{% {text} %}}"]}}, "End": true}}"#
        );
        let place = "/States/A/Output/v[0]";
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(code, message)| (code.to_owned(), place.to_owned(), message))
            .collect();
        assert_eq!(found(&super::machine(&state)), expected, "{text}");
    }
}
