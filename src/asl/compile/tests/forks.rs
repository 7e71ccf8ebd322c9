//! Parallel and Map: their fields, and the states within them.

use super::{Case, SCHEMA, check_states, found, program};
use crate::asl::{CompileOptions, Items, Kind, NumberField, StateId, compile_with};

#[test]
fn fields_of_parallel_and_map() {
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        (r#"{"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}"#,
            &[]),
        (r#"{"Type": "Parallel", "End": true, "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Pass", "Next": "A"}}}, []], "Retry": [{}]}"#, &[
            ("MISSING_END_STATE", "", "Workflow has no terminal state"),
            ("MISSING_TRANSITION_TARGET", "/Branches[0]/States/I/Next", "Missing 'Next' target: A"),
            (SCHEMA, "/Branches[1]", "Expected value of type Object"),
            (SCHEMA, "/Retry[0]", "These fields are required: [ErrorEquals]"),
        ]),
        (r#"{"Type": "Parallel", "End": true, "Branches": []}"#, &[
            (SCHEMA, "/Branches", "Value cannot be empty"),
        ]),
        (r#"{"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}]}"#, &[
            ("DUPLICATE_STATE_NAME", "/Branches[0]/States/A", "Duplicate State name: A"),
        ]),
        (r#"{"Type": "Map", "End": true, "ItemsPath": null, "Label": "a b", "MaxConcurrency": -1, "ToleratedFailurePercentage": 101, "TimeoutSeconds": 1}"#, &[
            (SCHEMA, "", "One of the following fields is required: [ItemProcessor, Iterator]"),
            (SCHEMA, "/ItemsPath", "Expected value of type String"),
            ("INVALID_LABEL_NAME", "/Label", "A label has at most 40 characters, no blanks and none of ?*<>{}[]:;,\\|^~$#%&\"`"),
            (SCHEMA, "/MaxConcurrency", "Minimum value is 0"),
            (SCHEMA, "/ToleratedFailurePercentage", "Maximum value is 100"),
            (SCHEMA, "", "Field 'TimeoutSeconds' is not supported"),
        ]),
        (r#"{"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}"#, &[
            (SCHEMA, "/ItemProcessor/ProcessorConfig", "These fields are required: [ExecutionType]"),
            (SCHEMA, "/ItemProcessor/ProcessorConfig/Mode", "Express state machine does not support 'DISTRIBUTED' mode of Map states"),
        ]),
        (r#"{"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "Iterator": {"StartAt": "J", "States": {"J": {"Type": "Succeed"}}}, "ItemSelector": {}, "Parameters": {}}"#, &[
            (SCHEMA, "", "There should only be one of the following fields: [ItemProcessor, Iterator]"),
            (SCHEMA, "", "There should only be one of the following fields: [ItemSelector, Parameters]"),
        ]),
        (r#"{"Type": "Map", "End": true, "ItemReader": {}, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}"#,
            &[("NOT_SUPPORTED", "/ItemReader", "'ItemReader' of an inline Map is not supported: Express workflows do not have it")]),
        (r#"{"Type": "Map", "End": true, "MaxConcurrency": 1, "MaxConcurrencyPath": "$.n", "ToleratedFailureCountPath": "$..n", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}"#, &[
            (SCHEMA, "", "There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath]"),
            (SCHEMA, "/ToleratedFailureCountPath", "Value is not a Reference Path"),
        ]),
    ];
    check_states(cases);
}

#[test]
fn a_distributed_map_is_refused_in_either_type_of_workflow() {
    let definition = r#"{"StartAt": "A", "States": {"A": {"Type": "Map", "End": true, "ItemReader": {}, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}}}"#;
    let place = "/States/A/ItemProcessor/ProcessorConfig/Mode";
    let message = "Express state machine does not support 'DISTRIBUTED' mode of Map states";
    assert_eq!(
        found(definition),
        [(SCHEMA.into(), place.into(), message.into())]
    );

    let (program, diagnostics) = compile_with(definition, &CompileOptions { express: false });
    assert!(program.is_none());
    let messages: Vec<_> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        ["'DISTRIBUTED' mode of Map states is not supported: Express workflows do not have it"]
    );
}

#[test]
fn inner_states_stand_in_the_programs_table() {
    let parallel = program(
        r#"{"Type": "Parallel", "End": true, "Branches": [
            {"StartAt": "P", "States": {"O": {"Type": "Succeed"}, "P": {"Type": "Pass", "Next": "O"}}},
            {"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true}}}]}"#,
    );
    let names: Vec<_> = parallel.states().iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["A", "O", "P", "Q"]);
    assert_eq!(parallel.resources().count(), 1);
    let Kind::Parallel(fields) = &parallel.state(parallel.start).kind else {
        panic!("no Parallel")
    };
    assert_eq!(fields.branches, [StateId(2), StateId(3)]);

    let map = program(
        r#"{"Type": "Map", "End": true, "MaxConcurrency": 3, "Parameters": {"v.$": "$$.Map.Item.Value"},
            "Iterator": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}}"#,
    );
    assert!(map.uses_context);
    let Kind::Map(fields) = &map.state(map.start).kind else {
        panic!("no Map")
    };
    assert_eq!(fields.start, StateId(1));
    assert!(fields.item_selector.is_some() && matches!(fields.items, Items::Input));
    assert!(matches!(
        fields.max_concurrency,
        Some(NumberField::Literal(3))
    ));
}
