//! Whatever is asked, there is an answer. What the answers are is held by cases in `tests/conformance`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::history::LogLevel;
use crate::machine::{ExecutionKind, Identity, Limits, MachineIdentity, Recording};

fn options() -> Options {
    let machine = MachineIdentity {
        partition: Text::new_static("aws"),
        region: Text::new_static("r"),
        account: Text::new_static("1"),
        name: Text::new_static("m"),
        role_arn: Text::default(),
    };
    Options {
        identity: Identity {
            machine: machine.into(),
            name: Text::new_static("e"),
            uuid: 1,
            kind: ExecutionKind::ExpressSync,
        },
        limits: Limits::default(),
        seed: 1,
        recording: Recording {
            level: LogLevel::Off,
            include_execution_data: false,
        },
        context: Value::NULL,
    }
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

fn state() -> impl Strategy<Value = String> {
    let work = one_of(&[
        r#""Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage""#,
        r#""Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "TimeoutSecondsPath": "$.n""#,
        r#""Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "ItemsPath": "$.l", "ItemSelector": {"v.$": "$$.Map.Item.Value"}"#,
        r#""Type": "Map", "Iterator": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "ItemReader": {}, "ToleratedFailureCountPath": "$.n""#,
        r#""Type": "Parallel", "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}]"#,
        r#""Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "ItemReader": {"ReaderConfig": {"ItemsPointer": "/0"}}, "ItemBatcher": {"MaxItemsPerBatchPath": "$.n", "MaxInputBytesPerBatch": 9, "BatchInput": {"x.$": "$.o"}}"#,
        r#""Type": "Pass""#,
        r#""Type": "Wait", "SecondsPath": "$.n""#,
    ]);
    let field = one_of(&[
        r#""InputPath": "$.o""#,
        r#""InputPath": null"#,
        r#""OutputPath": "$.n""#,
        r#""Parameters": {"x.$": "$.n", "y.$": "$$.State.Name", "z.$": "$v"}"#,
        r#""ResultSelector": {"r.$": "$"}"#,
        r#""ResultPath": "$.o.r""#,
        r#""Assign": {"v.$": "$"}"#,
        r#""Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 2, "JitterStrategy": "FULL"}]"#,
        r#""Catch": [{"ErrorEquals": ["States.ALL"], "Next": "N", "ResultPath": "$.l[7].e"}]"#,
        r#""Comment": "nothing""#,
    ]);
    let fields = prop::collection::btree_set(field, 0..4);
    (work, fields).prop_map(|(work, fields)| object(work, fields))
}

fn jsonata_state() -> impl Strategy<Value = String> {
    let work = one_of(&[
        r#""Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": "{% $states.input.n %}""#,
        r#""Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "Items": "{% $states.input.l %}", "MaxConcurrency": "{% $states.input.n %}""#,
        r#""Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}, "ItemSelector": "{% $states.context.Map.Item.Value %}", "ToleratedFailureCount": 1"#,
        r#""Type": "Parallel", "Branches": [{"StartAt": "I", "States": {"I": {"Type": "Succeed"}}}], "Arguments": "{% $v %}""#,
        r#""Type": "Pass""#,
        r#""Type": "Wait", "Seconds": "{% $states.input.n %}""#,
    ]);
    let field = one_of(&[
        r#""Output": "{% $states %}""#,
        r#""Assign": {"v": "{% $states.input.n + 1 %}"}"#,
        r#""Comment": "nothing""#,
    ]);
    let fields = prop::collection::btree_set(field, 0..3);
    (work, fields).prop_map(|(work, mut fields)| {
        fields.insert(r#""QueryLanguage": "JSONata""#);
        object(work, fields)
    })
}

fn object(work: &str, mut fields: BTreeSet<&'static str>) -> String {
    fields.insert(r#""End": true"#);
    let fields: Vec<_> = fields.into_iter().collect();
    format!("{{{work}, {}}}", fields.join(", "))
}

proptest! {
    #[test]
    fn any_request_is_answered(
        state in prop_oneof![state(), jsonata_state()],
        input in one_of(&["{}", "[]", "7", r#"{"n": 1, "o": {}, "l": [1, 2]}"#, r#"{"n": -1, "l": {"a": 1}}"#]),
        mock in one_of(&["none", "error", "{}", "[]", "[1]", "1", "{"]),
        count in prop::option::of(0..4u64),
        reader in prop::option::of(one_of(&["[1, 2]", "{}", "null"])),
        in_machine in any::<bool>(),
    ) {
        let machine = format!(r#"{{"StartAt": "A", "States": {{"A": {state}, "N": {{"Type": "Succeed"}}}}}}"#);
        let definition = if in_machine { &machine } else { &state };
        let mut request = TestStateRequest::new(definition);
        request.state_name = in_machine.then_some("A");
        request.input = Value::parse(input.as_bytes()).expect("JSON");
        request.has_role = count.is_none();
        request.mock = match mock {
            "none" => None,
            "error" => Some(Mock { error_output: Some((Some("E"), None)), ..Mock::default() }),
            result => Some(Mock { result: Some(result), ..Mock::default() }),
        };
        request.configuration = StateConfiguration {
            retrier_retry_count: count,
            map_iteration_failure_count: count,
            map_item_reader_data: reader.map(|text| Value::parse(text.as_bytes()).expect("JSON")),
            ..StateConfiguration::default()
        };
        let now = Timestamp::from_millis(0);
        let answer = test_state(&request, options(), now, |_, _| TaskResult::TimedOut);
        if let Ok(answer) = answer {
            let is_left = matches!(answer.status, TestStatus::Succeeded | TestStatus::CaughtError);
            prop_assert_eq!(answer.output.is_some(), is_left);
            prop_assert_eq!(answer.error.is_none(), answer.status == TestStatus::Succeeded);
            prop_assert!(Value::parse(answer.to_value(true).to_json().as_bytes()).is_ok());
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        let request = TestStateRequest::new(&text);
        let now = Timestamp::from_millis(0);
        prop_assert!(test_state(&request, options(), now, |_, _| TaskResult::TimedOut).is_err());
    }
}

#[test]
fn mocks_are_compared_with_what_services_answer() {
    for (resource, mock, refusal) in [
        ("batch:submitJob", r#"{"JobName": "j", "JobId": "1"}"#, None),
        (
            "batch:submitJob",
            r#"{"JobName": "j"}"#,
            Some("Required field 'JobId' is missing"),
        ),
        (
            "ecs:runTask",
            r#"{"Tasks": {}}"#,
            Some("Field 'Tasks' must be an array"),
        ),
        (
            "glue:startJobRun",
            r#"{"JobRunId": ""}"#,
            Some("Field 'JobRunId' is smaller than the minimum length"),
        ),
        (
            "aws-sdk:ssm:getParameter",
            r#"{"Parameter": {"Type": "Number"}}"#,
            Some("Field 'Type' is not an expected value"),
        ),
        (
            "aws-sdk:s3:listObjectsV2",
            r#"{"Contents": [{"Key": "k", "Size": "1"}]}"#,
            Some("Field 'Size' must be a number"),
        ),
        (
            "aws-sdk:sqs:sendMessageBatch",
            r#"{"Successful": []}"#,
            Some("Required field 'Failed' is missing"),
        ),
        (
            "aws-sdk:sts:getCallerIdentity",
            r#"{"Arn": "arn"}"#,
            Some("Field 'Arn' is smaller than the minimum length"),
        ),
        ("aws-sdk:unheard:of", r#"{"Arn": 1}"#, None),
    ] {
        let definition = format!(
            r#"{{"Type": "Task", "Resource": "arn:aws:states:::{resource}", "End": true}}"#
        );
        let mut request = TestStateRequest::new(&definition);
        request.mock = Some(Mock {
            result: Some(mock),
            ..Mock::default()
        });
        let answer = test_state(&request, options(), Timestamp::from_millis(0), |_, _| {
            TaskResult::TimedOut
        });
        let refused = answer.err().map(|refusal| refusal.to_string());
        let expected = refusal.map(|why| format!("Mock result schema validation error: {why}"));
        assert_eq!(refused, expected, "{resource} {mock}");
    }
}

#[test]
fn a_map_over_what_a_reader_read_shows_its_items_and_batches() {
    // Fields of the Map, what was read, and what the inspection data has of its items.
    let cases = [
        (
            r#""ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"f.$": "$.f"}}"#,
            "[1, 2, 3]",
            r#"[{"BatchInput":{"f":7},"Items":[1,2]},{"BatchInput":{"f":7},"Items":[3]}]"#,
            None,
        ),
        (
            r#""ItemBatcher": {"MaxItemsPerBatchPath": "$.n"}, "ItemSelector": {"v.$": "$$.Map.Item.Value"}"#,
            "[1, 2, 3]",
            r#"[{"Items":[{"v":1}]},{"Items":[{"v":2}]},{"Items":[{"v":3}]}]"#,
            None,
        ),
        // `{"Items":[12,34]}` has 17 bytes.
        (
            r#""ItemBatcher": {"MaxInputBytesPerBatch": 17}"#,
            "[12, 34, 56, 78901234567890123]",
            r#"[{"Items":[12,34]},{"Items":[56]},{"Items":[78901234567890123]}]"#,
            None,
        ),
        (
            r#""ItemBatcher": {"MaxItemsPerBatch": 9}, "ItemReader": {"ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/a~1b/1"}, "Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}"#,
            r#"{"a/b": [0, [4, 5]]}"#,
            r#"[{"Items":[4,5]}]"#,
            Some("[4,5]"),
        ),
    ];
    for (fields, read, batches, pointed) in cases {
        let reader = r#""ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}, "#;
        let reader = if pointed.is_some() { "" } else { reader };
        let definition = format!(
            r#"{{"Type": "Map", "End": true, {reader}{fields}, "ItemProcessor": {{"ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}, "StartAt": "I", "States": {{"I": {{"Type": "Succeed"}}}}}}}}"#
        );
        let mut request = TestStateRequest::new(&definition);
        request.input = Value::parse(br#"{"f": 7, "n": 1}"#).expect("JSON");
        request.mock = Some(Mock {
            result: Some("[]"),
            ..Mock::default()
        });
        request.configuration.map_item_reader_data = Value::parse(read.as_bytes()).ok();
        let answer = test_state(&request, options(), Timestamp::from_millis(0), |_, _| {
            TaskResult::TimedOut
        });
        let inspection = answer.expect("it is tested").inspection.to_value();
        let shown = |name: &str| inspection.get(name).and_then(Value::as_str);
        assert_eq!(shown("afterItemBatcher"), Some(batches), "{fields}");
        assert_eq!(shown("afterItemsPointer"), pointed, "{fields}");
    }
}
