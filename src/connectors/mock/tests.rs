//! Cases for `mock`.

use super::*;
use crate::value::Value;

const FILE: &str = r#"{
  "StateMachines": {"Orders": {"TestCases": {
    "HappyPath": {"Charge": "Paid"},
    "Busy": {"Charge": "BusyThenPaid"}
  }}},
  "MockedResponses": {
    "Paid": {"0": {"Return": {"paid": true}}},
    "BusyThenPaid": {
      "0-1": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "busy"}},
      "2": {"Return": null}
    }
  }
}"#;

#[test]
fn calls_are_answered_by_their_number() {
    let config = MockConfig::parse(FILE.as_bytes()).unwrap();
    let busy = TaskResult::Failed(TaskError {
        error: Text::new("Lambda.TooManyRequestsException"),
        cause: Some("busy".to_owned()),
    });
    let missing = TaskResult::Failed(TaskError {
        error: Text::new("States.Runtime"),
        cause: Some(
            "The mocked response 'BusyThenPaid' has no entry for call 3 of the state 'Charge'."
                .to_owned(),
        ),
    });
    for (machine, case, state, invocation, expected) in [
        ("Orders", "Busy", "Charge", 0, Some(busy.clone())),
        ("Orders", "Busy", "Charge", 1, Some(busy)),
        (
            "Orders",
            "Busy",
            "Charge",
            2,
            Some(TaskResult::Succeeded(Value::NULL)),
        ),
        ("Orders", "Busy", "Charge", 3, Some(missing)),
        ("Orders", "Busy", "Ship", 0, None),
        ("Orders", "Sad", "Charge", 0, None),
        ("Others", "Busy", "Charge", 0, None),
    ] {
        let answer = config.answer(machine, case, state, invocation);
        assert_eq!(answer, expected, "{machine} {case} {state} {invocation}");
    }
}

#[test]
fn an_unknown_test_case_is_named_with_those_that_there_are() {
    let config = MockConfig::parse(FILE.as_bytes()).unwrap();
    let error = config.connectors("Orders", "Sad").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the mock file has no test case 'Sad' of state machine 'Orders'; it has: Orders#Busy, Orders#HappyPath"
    );
}

#[test]
fn all_faults_are_given_with_their_place() {
    for (file, expected) in [
        ("{", vec![""]),
        ("[]", vec!["/MockedResponses", "/StateMachines"]),
        (
            r#"{"StateMachines": {"A": {"TestCases": {"B": {"C": "D", "E": 1}}}}, "MockedResponses": {}, "Mocks": 1}"#,
            vec![
                "/Mocks",
                "/StateMachines/A/TestCases/B/C",
                "/StateMachines/A/TestCases/B/E",
            ],
        ),
        (
            r#"{"StateMachines": {}, "MockedResponses": {"A/B": {
                "0": {"Return": 1, "Throw": {}}, "x": {}, "2-1": {}, "-1": {}, "1": {"Throw": {"Error": "E"}},
                "3-5": {"Return": 1}, "5": {"Return": 1}, "7": {"Returns": 1}}}}"#,
            vec![
                "/MockedResponses/A~1B/0",
                "/MockedResponses/A~1B/x",
                "/MockedResponses/A~1B/2-1",
                "/MockedResponses/A~1B/-1",
                "/MockedResponses/A~1B/1/Throw",
                "/MockedResponses/A~1B/5",
                "/MockedResponses/A~1B/7/Returns",
                "/MockedResponses/A~1B/7",
            ],
        ),
    ] {
        let error = MockConfig::parse(file.as_bytes()).unwrap_err();
        let places: Vec<_> = error.faults.iter().map(|f| f.place.as_str()).collect();
        assert_eq!(places, expected, "{file}");
    }
}
