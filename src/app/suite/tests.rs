//! Suites of small workflows, and what is told of them.

use super::*;
use crate::asl;
use crate::machine::{ExecutionKind, MachineIdentity};

const DEFINITION: &str = r#"{
  "StartAt": "Charge",
  "States": {
    "Charge": {
      "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:charge",
      "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 5}],
      "Catch": [{"ErrorEquals": ["Declined"], "Next": "Refuse"}],
      "Next": "Big"
    },
    "Big": {
      "Type": "Choice",
      "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Review"}],
      "Default": "Done"
    },
    "Review": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
    "Refuse": {"Type": "Fail", "Error": "Refused", "Cause": "declined"},
    "Done": {"Type": "Succeed"}
  }
}"#;

const MOCKS: &str = r#"{
  "StateMachines": {"orders": {"TestCases": {
    "Small": {"Charge": "BusyOnce"}, "Large": {"Charge": "Large"}, "Declined": {"Charge": "Declined"}
  }}},
  "MockedResponses": {
    "BusyOnce": {"0": {"Throw": {"Error": "Busy", "Cause": ""}}, "1": {"Return": {"total": 1.0, "items": [{"a/b": 1}]}}},
    "Large": {"0": {"Return": {"total": 101}}},
    "Declined": {"0": {"Throw": {"Error": "Declined", "Cause": "no money"}}}
  }
}"#;

fn run(tests: &str) -> (Vec<Ran>, Coverage) {
    let (program, diagnostics) = asl::compile(DEFINITION);
    let program = Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let identity = Identity {
        machine: Arc::new(MachineIdentity {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "123456789012".into(),
            name: "orders".into(),
            role_arn: "".into(),
        }),
        name: "test".into(),
        uuid: 1,
        kind: ExecutionKind::ExpressSync,
    };
    let suite = Suite {
        program: &program,
        identity: &identity,
        mocks: &MockConfig::parse(MOCKS.as_bytes()).expect("the mocks are good"),
        begin: Timestamp::from_millis(1_000),
        seed: 1,
    };
    let mut coverage = Coverage::new(&program);
    let tests = parse(tests.as_bytes()).expect("the tests are good");
    let ran = tests
        .iter()
        .map(|test| suite.run(test, &mut coverage))
        .collect();
    (ran, coverage)
}

#[test]
fn what_is_expected_is_compared() {
    // A test, and what is not as it says.
    let cases: &[(&str, &[&str])] = &[
        (r#"{"Small": {}}"#, &[]),
        (
            r#"{"Small": {"Output": {"items": [{"a/b": 1}], "total": 1}}}"#,
            &[],
        ),
        (r#"{"Small": {"Path": ["Charge", "Big", "Done"]}}"#, &[]),
        (
            r#"{"Other": {"TestCase": "Large", "Path": ["Charge", "Big", "Review", "Done"]}}"#,
            &[],
        ),
        (
            r#"{"Declined": {"Error": "Refused", "Cause": "declined"}}"#,
            &[],
        ),
        (
            r#"{"Small": {"Output": {"total": 1, "items": [{"a/b": 2}]}}}"#,
            &["output/items/0/a~1b: expected 2, was 1"],
        ),
        (
            r#"{"Small": {"Output": {"total": 1}}}"#,
            &["output/items: is not expected, was [{\"a/b\":1}]"],
        ),
        (
            r#"{"Small": {"Output": {"total": 1, "items": []}}}"#,
            &["output/items: expected 0 elements, were 1"],
        ),
        (
            r#"{"Large": {"Output": {"total": "101", "x": 1}}}"#,
            &["output/total: expected \"101\", was 101"],
        ),
        (
            r#"{"Declined": {"Output": 1}}"#,
            &[
                "status: expected SUCCEEDED, was FAILED (Refused: declined)",
                "output: expected 1, was none",
            ],
        ),
        (
            r#"{"Small": {"Error": "Refused", "Path": ["Charge"]}}"#,
            &[
                "status: expected FAILED, was SUCCEEDED",
                "error: expected Refused, was none",
                "path: expected Charge, was Charge > Big > Done",
            ],
        ),
        (
            r#"{"Missing": {"Error": "States.Runtime", "Cause": "x"}}"#,
            &[
                "cause: expected x, was The state 'Charge' makes a call that the test case 'Missing' of the mock file does not answer.",
            ],
        ),
    ];
    for (tests, expected) in cases {
        let (ran, _) = run(tests);
        assert_eq!(ran[0].faults, *expected, "{tests}");
    }
}

#[test]
fn time_is_virtual_and_told() {
    let (ran, _) = run(r#"{"Small": {}, "Large": {}}"#);
    let took = |ran: &Ran| ran.outcome.stop.as_millis() - ran.outcome.start.as_millis();
    assert_eq!(ran.iter().map(took).collect::<Vec<_>>(), [5_000, 60_000]);
}

#[test]
fn coverage_names_what_no_test_went_through() {
    let (_, coverage) = run(r#"{"Small": {}}"#);
    assert_eq!(
        coverage.states_missed().collect::<Vec<_>>(),
        ["Review", "Refuse"]
    );
    let missed: Vec<String> = coverage
        .transitions_missed()
        .map(|(from, to)| format!("{from} > {to}"))
        .collect();
    assert_eq!(missed, ["Charge > Refuse", "Big > Review", "Review > Done"]);
    let (_, coverage) = run(r#"{"Small": {}, "Large": {}, "Declined": {"Status": "FAILED"}}"#);
    assert_eq!(coverage.states_missed().count(), 0);
    assert_eq!(coverage.transitions_missed().count(), 0);
}

#[test]
fn all_faults_of_a_file_are_told() {
    let cases: &[(&str, &[&str])] = &[
        ("[", &[""]),
        ("[]", &[""]),
        ("{}", &[""]),
        (r#"{"A": 1, "B": {"Inptu": {}}}"#, &["/A", "/B/Inptu"]),
        (
            r#"{"A/B": {"Status": "GONE", "Error": 1, "Path": [1], "TestCase": 2}}"#,
            &[
                "/A~1B/TestCase",
                "/A~1B/Error",
                "/A~1B/Status",
                "/A~1B/Path",
            ],
        ),
        (r#"{"A": {"Error": "E", "Output": 1}}"#, &["/A/Output"]),
    ];
    for (text, places) in cases {
        let error = parse(text.as_bytes()).expect_err(text);
        let found: Vec<&str> = error.faults.iter().map(|f| f.place.as_str()).collect();
        assert_eq!(found, *places, "{text}");
    }
}
