//! Choice rules.

use super::{Case, SCHEMA, check_states, program};
use crate::asl::{Condition, Kind};

#[test]
fn choices() {
    let state =
        |rule: &str| format!(r#"{{"Type": "Choice", "Default": "B", "Choices": [{rule}]}}"#);
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        (r#"{"Variable": "$.a", "NumericEquals": 1, "Next": "B", "Comment": "c"}"#, &[]),
        (r#"{"Not": {"And": [{"Variable": "$$.a", "IsNull": true}, {"Or": [{"Variable": "$.b", "StringEqualsPath": "$.c"}]}]}, "Next": "B"}"#, &[]),
        (r#"{"Variable": "$.a", "Next": "B"}"#, &[(SCHEMA, "/Choices[0]", "A condition needs a comparison operator, 'And', 'Or' or 'Not'")]),
        (r#"{"Variable": "$.a", "IsNull": true, "IsString": 1, "Next": "B"}"#, &[
            (SCHEMA, "/Choices[0]", "There should only be one of the following fields: [IsNull, IsString]"),
            (SCHEMA, "/Choices[0]/IsString", "Expected value of type Boolean"),
        ]),
        (r#"{"IsNull": true}"#, &[(SCHEMA, "/Choices[0]", "These fields are required: [Variable, Next]")]),
        (r#"{"Variable": "$.a", "NumericEqual": 1, "Next": "B"}"#, &[
            (SCHEMA, "/Choices[0]", "A condition needs a comparison operator, 'And', 'Or' or 'Not'"),
            (SCHEMA, "/Choices[0]", "Field 'NumericEqual' is not supported"),
        ]),
        (r#"{"Variable": "$.a", "And": [{"Variable": "$.b", "IsNull": true, "Next": "B"}], "Next": "B", "End": true}"#, &[
            (SCHEMA, "/Choices[0]", "Field 'Variable' is not supported"),
            (SCHEMA, "/Choices[0]/And[0]", "Field 'Next' is not supported"),
            (SCHEMA, "/Choices[0]", "Field 'End' is not supported"),
        ]),
        (r#"{"And": [], "Next": "B"}, {"Or": {}, "Next": "B"}, {"Not": [], "Next": "B"}, 1"#, &[
            (SCHEMA, "/Choices[0]/And", "Value cannot be empty"),
            (SCHEMA, "/Choices[1]/Or", "Expected value of type Array"),
            (SCHEMA, "/Choices[2]/Not", "Expected value of type Object"),
            (SCHEMA, "/Choices[3]", "Expected value of type Object"),
        ]),
        (r#"{"Variable": "$.a", "NumericEquals": "1", "Next": "C"}"#, &[
            (SCHEMA, "/Choices[0]/NumericEquals", "Expected value of type Number"),
            ("MISSING_TRANSITION_TARGET", "/Choices[0]/Next", "Missing 'Next' target: C"),
        ]),
        (r#"{"Variable": "$.a", "TimestampLessThan": "2020", "Next": "B"}"#,
            &[(SCHEMA, "/Choices[0]/TimestampLessThan", "String does not match RFC3339 timestamp")]),
        (r#"{"Variable": "$.a", "StringEquals": "$.b", "Next": "B"}"#,
            &[("NO_PATH", "/Choices[0]/StringEquals", "The value of 'StringEquals' looks like a path, but is taken literally")]),
        (r#"{"Variable": "$.a", "StringMatches": "a\\b", "Next": "B"}"#,
            &[(SCHEMA, "/Choices[0]/StringMatches", "A backslash in 'StringMatches' must be followed by '*' or a backslash")]),
        (r#"{"Variable": "a", "StringLessThanPath": "b", "Next": "B"}"#, &[
            (SCHEMA, "/Choices[0]/Variable", "Value is not a valid JSONPath"),
            (SCHEMA, "/Choices[0]/StringLessThanPath", "Value is not a valid JSONPath"),
        ]),
        (r#"{"Condition": "{% true %}", "Next": "B"}"#, &[
            (SCHEMA, "/Choices[0]", "A condition needs a comparison operator, 'And', 'Or' or 'Not'"),
            (SCHEMA, "/Choices[0]", "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage"),
        ]),
        ("", &[(SCHEMA, "/Choices", "Value cannot be empty")]),
    ];
    for (rule, expected) in cases {
        check_states(&[(&state(rule), expected)]);
    }
    check_states(&[(
        r#"{"Type": "Choice", "Default": "B", "Next": "B"}"#,
        &[
            (SCHEMA, "", "These fields are required: [Choices]"),
            (SCHEMA, "", "Field 'Next' is not supported"),
        ],
    )]);
}

#[test]
fn every_operator_compiles() {
    for name in crate::asl::compile::operator::OPERATORS {
        let operand = match name {
            n if n.ends_with("Path") => "\"$.b\"",
            n if n.starts_with("String") => "\"s\"",
            n if n.starts_with("Numeric") => "1.10",
            n if n.starts_with("Timestamp") => "\"2016-08-18T17:33:00Z\"",
            _ => "true",
        };
        let program = program(&format!(
            r#"{{"Type": "Choice", "Default": "B", "Choices": [{{"Variable": "$.a", "{name}": {operand}, "Next": "B"}}]}}"#
        ));
        let Kind::Choice(choice) = &program.state(program.start).kind else {
            panic!("no choice")
        };
        let Condition::Test { operator, .. } = &choice.rules[0].condition else {
            panic!("no test")
        };
        let shown = format!("{operator:?}");
        let (family, _) = shown.split_once('(').unwrap();
        assert!(name.starts_with(family), "{name}: {shown}");
        assert_eq!(
            shown.contains("Path("),
            name.ends_with("Path"),
            "{name}: {shown}"
        );
        let comparison = name.trim_start_matches(family).trim_end_matches("Path");
        assert!(
            comparison.is_empty() || shown.contains(&format!("({comparison}, ")),
            "{name}: {shown}"
        );
    }
}
