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
