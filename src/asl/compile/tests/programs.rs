//! What a program holds.

use super::program;
use crate::asl::{IoPath, Kind, Next, ResultPath, Seconds, StateId};

#[test]
fn a_program_holds_what_was_written() {
    let program = program(
        r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "B",
            "InputPath": null, "OutputPath": "$", "ResultPath": null, "Parameters": {"x.$": "$.x"},
            "ResultSelector": {"y.$": "$.y"}, "TimeoutSecondsPath": "$.t", "HeartbeatSeconds": 5,
            "Retry": [{"ErrorEquals": ["E", "F"]}, {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 0,
                "BackoffRate": 1.5, "MaxDelaySeconds": 9, "JitterStrategy": "FULL"}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B", "ResultPath": "$.error"}]}"#,
    );
    assert!(!program.uses_context);
    assert_eq!(program.timeout_seconds, None);
    let names: Vec<_> = program.states().iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["A", "B"]);
    let state = program.state(program.start);
    assert!(matches!(state.input_path, IoPath::Discard));
    assert!(matches!(state.output_path, IoPath::All));
    assert_eq!(state.next, Next::State(StateId(1)));
    let Kind::Task(task) = &state.kind else {
        panic!("no task")
    };
    assert!(matches!(task.result_path, ResultPath::Discard));
    assert!(task.parameters.is_some() && task.result_selector.is_some());
    assert!(matches!(task.timeout, Some(Seconds::Path(_))));
    assert!(matches!(task.heartbeat, Some(Seconds::Literal(5))));
    let retriers: Vec<_> = task
        .retry
        .iter()
        .map(|r| {
            (
                r.error_equals.len(),
                r.interval_seconds,
                r.max_attempts,
                r.backoff_rate,
                r.max_delay_seconds,
                r.full_jitter,
            )
        })
        .collect();
    assert_eq!(
        retriers,
        [(2, 1, 3, 2.0, None, false), (1, 2, 0, 1.5, Some(9), true)]
    );
    assert_eq!(task.catch[0].next, StateId(1));
    assert!(matches!(task.catch[0].result_path, ResultPath::At(_)));
}

#[test]
fn the_context_is_built_only_for_programs_that_read_it() {
    let cases = [
        (
            r#"{"Type": "Pass", "End": true, "Parameters": {"a.$": "$.a"}}"#,
            false,
        ),
        (
            r#"{"Type": "Pass", "End": true, "Result": "$$.Execution.Id"}"#,
            false,
        ),
        (
            r#"{"Type": "Pass", "End": true, "Parameters": {"a": [{"b.$": "States.Array($$.Execution.Id)"}]}}"#,
            true,
        ),
        (r#"{"Type": "Pass", "End": true, "InputPath": "$$"}"#, true),
        (
            r#"{"Type": "Wait", "End": true, "TimestampPath": "$$.Execution.Input.t"}"#,
            true,
        ),
        (r#"{"Type": "Fail", "ErrorPath": "$$.State.Name"}"#, true),
        (
            r#"{"Type": "Choice", "Default": "B", "Choices": [{"Not": {"Variable": "$.a", "IsNull": true}, "Next": "B"}]}"#,
            false,
        ),
        (
            r#"{"Type": "Choice", "Default": "B", "Choices": [{"Variable": "$.a", "StringEqualsPath": "$$.State.Name", "Next": "B"}]}"#,
            true,
        ),
    ];
    for (state, expected) in cases {
        assert_eq!(program(state).uses_context, expected, "{state}");
    }
}
