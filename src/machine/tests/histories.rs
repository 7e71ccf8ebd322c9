//! The events of Parallel and Map: types, numbers and what each points to.
//!
//! Failed tasks, whole and of branches, are as recorded on AWS; what siblings under way tell follows from those.

use super::*;
use crate::history::Detail;

/// The history as `id<previous type index`, of a run whose tasks named `Bad…` fail at once and others after ten seconds.
fn history(definition: &str, input: &str) -> Vec<String> {
    let (program, diagnostics) = compile(definition);
    let program = Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}")));
    let mut options = options();
    options.recording.level = LogLevel::All;
    let asked = Arc::clone(&program);
    let input = Value::parse(input.as_bytes()).unwrap();
    let run = run_virtual(
        program,
        input,
        options,
        Timestamp::from_millis(0),
        |call, _| {
            let is_bad = asked.state(call.state).name.starts_with("Bad");
            let error = TaskError {
                error: "E".into(),
                cause: None,
            };
            Some(VirtualAnswer {
                result: match is_bad {
                    true => TaskResult::Failed(error),
                    false => TaskResult::Succeeded(Value::from(1)),
                },
                after_ms: if is_bad { 0 } else { 10_000 },
            })
        },
    );
    run.records.iter().map(event_word).collect()
}

fn event_word(event: &crate::history::HistoryEvent) -> String {
    let (id, previous) = (event.id, event.previous_id);
    let word = format!("{id}<{previous} {}", event.event_type.as_str());
    let mut entries = event.details.entries().iter();
    match entries.find(|(name, _)| *name == "index" || *name == "length") {
        Some((_, Detail::Number(number))) => format!("{word} {number}"),
        _ => word,
    }
}

const BAD: &str = r#"{"StartAt": "Bad", "States": {"Bad": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true}}}"#;

#[test]
fn a_failed_branch_and_its_siblings() {
    let definition = format!(
        r#"{{"StartAt": "P", "States": {{
            "P": {{"Type": "Parallel", "End": true, "Branches": [
                {{"StartAt": "W", "States": {{"W": {{"Type": "Wait", "Seconds": 1, "End": true}}}}}},
                {BAD},
                {{"StartAt": "M", "States": {{"M": {{"Type": "Map", "End": true, "ItemProcessor":
                    {{"StartAt": "V", "States": {{"V": {{"Type": "Wait", "Seconds": 1, "End": true}}}}}}}}}}}}]}}}}}}"#
    );
    assert_eq!(
        history(&definition, "[1]"),
        [
            "1<0 ExecutionStarted",
            "2<0 ParallelStateEntered",
            "3<2 ParallelStateStarted",
            "4<3 WaitStateEntered",
            "5<3 TaskStateEntered",
            "6<5 TaskScheduled",
            "7<6 TaskStarted",
            "8<3 MapStateEntered",
            "9<8 MapStateStarted 1",
            "10<9 MapIterationStarted 0",
            "11<10 WaitStateEntered",
            "12<7 TaskFailed",
            "13<12 TaskStateAborted",
            "14<4 WaitStateAborted",
            "15<11 WaitStateAborted",
            "16<11 MapIterationAborted 0",
            "17<9 MapStateAborted",
            "18<12 ParallelStateFailed",
            "19<18 ExecutionFailed",
        ]
    );
}

#[test]
fn a_failed_attempt_is_followed_by_a_further_start() {
    let definition = format!(
        r#"{{"StartAt": "M", "States": {{
            "M": {{"Type": "Map", "End": true, "ItemProcessor": {BAD},
                "Retry": [{{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1}}]}}}}}}"#
    );
    assert_eq!(
        history(&definition, "[1, 2]"),
        [
            "1<0 ExecutionStarted",
            "2<0 MapStateEntered",
            "3<2 MapStateStarted 2",
            "4<3 MapIterationStarted 0",
            "5<3 MapIterationStarted 1",
            "6<4 TaskStateEntered",
            "7<6 TaskScheduled",
            "8<7 TaskStarted",
            "9<5 TaskStateEntered",
            "10<9 TaskScheduled",
            "11<10 TaskStarted",
            "12<8 TaskFailed",
            "13<12 TaskStateAborted",
            "14<12 MapIterationFailed 0",
            "15<11 TaskStateAborted",
            "16<11 MapIterationAborted 1",
            "17<12 MapStateStarted 2",
            "18<17 MapIterationStarted 0",
            "19<17 MapIterationStarted 1",
            "20<18 TaskStateEntered",
            "21<20 TaskScheduled",
            "22<21 TaskStarted",
            "23<19 TaskStateEntered",
            "24<23 TaskScheduled",
            "25<24 TaskStarted",
            "26<22 TaskFailed",
            "27<26 TaskStateAborted",
            "28<26 MapIterationFailed 0",
            "29<25 TaskStateAborted",
            "30<25 MapIterationAborted 1",
            "31<26 MapStateFailed",
            "32<31 ExecutionFailed",
        ]
    );
}

#[test]
fn an_iteration_that_cannot_begin_fails() {
    let definition = r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemSelector": {"a.$": "$$.Map.Item.Value.a"},
        "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": true}}}}}}"#;
    assert_eq!(
        history(definition, r#"[{"a": 1}, {"b": 1}]"#),
        [
            "1<0 ExecutionStarted",
            "2<0 MapStateEntered",
            "3<2 MapStateStarted 2",
            "4<3 MapIterationStarted 0",
            "5<3 MapIterationStarted 1",
            "6<5 MapIterationFailed 1",
            "7<4 MapIterationAborted 0",
            "8<5 MapStateFailed",
            "9<8 ExecutionFailed",
        ]
    );
}

#[test]
fn what_was_still_to_begin_leaves_no_trace() {
    let definition = format!(
        r#"{{"StartAt": "P", "States": {{
            "P": {{"Type": "Parallel", "End": true, "Branches": [
                {{"StartAt": "F", "States": {{"F": {{"Type": "Fail"}}}}}}, {BAD}]}}}}}}"#
    );
    assert_eq!(
        history(&definition, "{}"),
        [
            "1<0 ExecutionStarted",
            "2<0 ParallelStateEntered",
            "3<2 ParallelStateStarted",
            "4<3 FailStateEntered",
            "5<4 ParallelStateFailed",
            "6<5 ExecutionFailed",
        ]
    );
}
