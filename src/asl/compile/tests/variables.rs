//! `Assign`: names, and scopes within scopes.

use super::{Case, SCHEMA, check, check_states};

#[test]
fn names_of_variables() {
    let long = "x".repeat(81);
    let machine = format!(r#"{{"Type": "Pass", "End": true, "Assign": {{"{long}": 1}}}}"#);
    let message = format!("'{long}' is not a valid variable name");
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        (r#"{"Type": "Pass", "End": true, "Assign": {"x": 1, "y.$": "$.a", "größe_2": {"deep": {"z.$": "$x.b[0]"}}}}"#, &[]),
        (r#"{"Type": "Wait", "Seconds": 1, "End": true, "Assign": {}}"#, &[]),
        (r#"{"Type": "Pass", "End": true, "Assign": {"states": 1, "_x": 1, "a.b": 1, "1": 1}}"#, &[
            (SCHEMA, "/Assign", "'states' is not a valid variable name"),
            (SCHEMA, "/Assign", "'_x' is not a valid variable name"),
            (SCHEMA, "/Assign", "'a.b' is not a valid variable name"),
            (SCHEMA, "/Assign", "'1' is not a valid variable name"),
        ]),
        (machine.as_str(), &[(SCHEMA, "/Assign", message.as_str())]),
        (r#"{"Type": "Pass", "End": true, "Assign": {"x": 1, "x.$": "$"}}"#,
            &[(SCHEMA, "/Assign", "The field 'x' is given twice")]),
        (r#"{"Type": "Pass", "End": true, "Assign": {"x.$": "a"}}"#,
            &[(SCHEMA, "/Assign", "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call")]),
        (r#"{"Type": "Pass", "End": true, "Assign": 1}"#, &[(SCHEMA, "/Assign", "Expected value of type Object")]),
        (r#"{"Type": "Succeed", "Assign": {"x": 1}}"#, &[(SCHEMA, "", "Field 'Assign' is not supported")]),
        (r#"{"Type": "Choice", "Choices": [{"Variable": "$x", "StringEqualsPath": "$y.z", "Next": "B", "Assign": {"x": 1}}], "Default": "B", "Assign": {"y": 2}}"#, &[]),
        (r#"{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true, "TimeoutSecondsPath": "$t", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "Assign": {"x.$": "$.Cause", "9": 1}}]}"#,
            &[(SCHEMA, "/Catch[0]/Assign", "'9' is not a valid variable name")]),
    ];
    check_states(cases);
}

/// A machine in which branches of `Fork` assign `x`.
fn scopes(before: &str, fork: &str, after: &str) -> String {
    let branch = |name: &str| {
        format!(
            r#"{{"StartAt": "{name}", "States": {{"{name}": {{"Type": "Pass", "End": true, "Assign": {{"x": 1}}}}}}}}"#
        )
    };
    let branches = format!("{}, {}", branch("In"), branch("Beside"));
    format!(
        r#"{{"StartAt": "Before", "States": {{
            "Before": {{"Type": "Pass", "Next": "Fork"{before}}},
            "Fork": {{"Type": "Parallel", "Next": "After"{fork}, "Branches": [{branches}]}},
            "After": {after}, "End": {{"Type": "Succeed"}}}}}}"#
    )
}

#[test]
fn an_inner_scope_assigns_only_its_own() {
    let message = "The variable name 'x' was already defined in a parent scope.";
    let code = "DUPLICATE_VARIABLE_NAME";
    let taken = [
        (code, "/States/Fork/Branches[0]/States/In/Assign/x", message),
        (
            code,
            "/States/Fork/Branches[1]/States/Beside/Assign/x",
            message,
        ),
    ];
    let assign = r#", "Assign": {"x": 0}"#;
    let catch =
        r#", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After", "Assign": {"x": 2}}]"#;
    let on = r#"{"Type": "Pass", "Next": "End"}"#;
    let assign_and_on = r#"{"Type": "Pass", "Next": "End", "Assign": {"x": 3}}"#;
    let around = r#"{"Type": "Choice", "Default": "End", "Choices": [
        {"Variable": "$x", "IsNull": true, "Next": "Fork", "Assign": {"x": 4}}]}"#;
    check(&scopes("", "", on), &[]);
    check(&scopes(assign, "", on), &taken);
    // What is assigned when the inner scope is over does not meet it, unless a way leads back.
    check(&scopes("", assign, on), &[]);
    check(&scopes("", catch, assign_and_on), &[]);
    check(&scopes("", "", around), &taken);
}
