//! Parallel and Map, event by event: what is asked of the driver, and in which order.

use super::*;

/// A Parallel with these branches, and these fields.
pub(super) fn parallel(branches: &[&str], fields: &str) -> String {
    let branches = branches.join(", ");
    format!(
        r#"{{"StartAt": "P", "States": {{
            "P": {{"Type": "Parallel", {fields} "Next": "C", "Branches": [{branches}]}},
            "C": {{"Type": "Succeed"}}}}}}"#
    )
}

/// A Map over the items of `$.items` with these states, and these fields.
pub(super) fn map(states: &str, fields: &str) -> String {
    format!(
        r#"{{"StartAt": "M", "States": {{
            "M": {{"Type": "Map", "ItemsPath": "$.items", {fields} "Next": "C", "ItemProcessor": {states}}},
            "C": {{"Type": "Succeed"}}}}}}"#
    )
}

pub(super) fn driver(definition: &str, input: &str) -> Driver {
    Driver::with(definition, input, |_| {})
}

fn items(count: usize) -> String {
    let items: Vec<_> = (0..count).map(|i| i.to_string()).collect();
    format!(r#"{{"items": [{}]}}"#, items.join(","))
}

fn answered(call: u64, result: &str) -> Event {
    Event::TaskEnded {
        call: CallId(call),
        result: TaskResult::Succeeded(Value::parse(result.as_bytes()).unwrap()),
    }
}

const fn none() -> Vec<String> {
    Vec::new()
}

const TASK_A: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 50, "End": true}}}"#;
const TASK_B: &str = r#"{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true}}}"#;
pub(super) const WAIT_10: &str =
    r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": true}}}"#;
const FOREVER: &str = r#"{"StartAt": "L", "States": {"L": {"Type": "Pass", "Next": "K"}, "K": {"Type": "Choice", "Choices": [{"Variable": "$.never", "IsPresent": true, "Next": "E"}], "Default": "L"}, "E": {"Type": "Succeed"}}}"#;

#[test]
fn branches_run_side_by_side_and_their_outputs_keep_their_order() {
    let mut driver = Driver::of(&parallel(&[TASK_A, TASK_B, WAIT_10], ""));
    assert_eq!(
        driver.tell(Event::Begin),
        [
            "call 1 retry 0",
            "arm 1 at 50000",
            "call 2 retry 0",
            "arm 2 at 10000",
            "arm 3 at 300000",
        ]
    );
    let wakeup = Some((Timestamp::from_millis(10_000), Wakeup::Wait));
    assert_eq!(driver.execution.next_wakeup(), wakeup);
    assert_eq!(driver.tell(answered(2, "2")), none());
    assert_eq!(driver.tell(answered(2, "3")), none(), "it was answered");
    assert_eq!(driver.tell_at(10_000, due(2)), none());
    let wakeup = Some((Timestamp::from_millis(50_000), Wakeup::TaskTimeout));
    assert_eq!(driver.execution.next_wakeup(), wakeup);
    let ended = driver.tell(answered(1, "1"));
    assert_eq!(ended, ["disarm 1", "finish SUCCEEDED -"]);
    assert_eq!(driver.output(), r#"[1,2,{"n":1}]"#);
}

#[test]
fn a_failure_ends_what_its_siblings_have_under_way() {
    let nested = format!(
        r#"{{"StartAt": "N", "States": {{"N": {{"Type": "Parallel", "End": true, "Branches": [{TASK_A}, {WAIT_10}]}}}}}}"#
    );
    let fields = r#""Catch": [{"ErrorEquals": ["Bad"], "Next": "C"}],"#;
    let definition = parallel(&[&nested, TASK_B], fields);
    // Branches take turns, so the nested ones begin after their parent's sibling.
    let cases: [(u64, &[&str]); 2] = [
        (1, &["cancel 2", "disarm 1", "disarm 2"]),
        (2, &["disarm 1", "disarm 2", "cancel 1"]),
    ];
    for (failing, expected) in cases {
        let mut driver = Driver::of(&definition);
        driver.tell(Event::Begin);
        let mut effects = driver.tell(failure(failing, "Bad"));
        assert_eq!(effects.pop().as_deref(), Some("finish SUCCEEDED -"));
        assert_eq!(effects, expected);
        assert_eq!(driver.output(), r#"{"Error":"Bad","Cause":""}"#);
    }
}

#[test]
fn what_was_aborted_is_not_heard_any_more() {
    let retry = r#""Retry": [{"ErrorEquals": ["Bad"], "IntervalSeconds": 5}],"#;
    let mut driver = Driver::of(&parallel(&[TASK_A, TASK_B], retry));
    driver.tell(Event::Begin);
    let failed = driver.tell_at(1_000, failure(2, "Bad"));
    assert_eq!(failed, ["cancel 1", "disarm 1", "arm 3 at 6000"]);
    let wakeup = Some((Timestamp::from_millis(6_000), Wakeup::Retry));
    assert_eq!(driver.execution.next_wakeup(), wakeup);
    for event in [answered(1, "1"), answered(2, "2"), due(1)] {
        assert_eq!(driver.tell(event), none());
    }
    let again = ["call 3 retry 0", "arm 4 at 56000", "call 4 retry 0"];
    assert_eq!(driver.tell_at(6_000, due(3)), again);
    assert_eq!(driver.tell(answered(3, "3")), ["disarm 4"]);
    assert_eq!(driver.tell(answered(4, "4")), ["finish SUCCEEDED -"]);
    assert_eq!(driver.output(), "[3,4]");
}

#[test]
fn a_retrier_gives_up_after_its_attempts() {
    let retry = r#""Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],"#;
    let mut driver = driver(&map(TASK_B, retry), &items(2));
    driver.tell(Event::Begin);
    let failed = driver.tell(failure(1, "Bad"));
    assert_eq!(failed, ["cancel 2", "arm 2 at 1000"]);
    let again = driver.tell_at(1_000, due(2));
    assert_eq!(again, ["call 3 retry 0", "call 4 retry 0"]);
    let failed = driver.tell(failure(4, "Bad"));
    assert_eq!(failed, ["cancel 3", "finish FAILED Bad"]);
}

#[test]
fn no_more_iterations_are_under_way_than_asked_for() {
    let cases = [
        (r#""MaxConcurrency": 2,"#, 5, 2),
        (r#""MaxConcurrency": 1,"#, 3, 1),
        (r#""MaxConcurrency": 0,"#, 50, 40),
        (r#""MaxConcurrency": 1000,"#, 50, 40),
        (r#""MaxConcurrencyPath": "$.items[3]","#, 9, 3),
        ("", 50, 40),
    ];
    for (fields, count, concurrency) in cases {
        let mut driver = driver(&map(TASK_B, fields), &items(count));
        let mut begun = driver.tell(Event::Begin);
        begun.pop_if(|last| last.starts_with("arm"));
        assert_eq!(begun.len(), concurrency, "{fields}");
        // The last to be called answers first, so that outputs come out of order.
        let mut open: Vec<u64> = (1..=concurrency as u64).collect();
        let mut called = concurrency as u64;
        while let Some(call) = open.pop() {
            let effects = driver.tell(answered(call, &(call - 1).to_string()));
            if called < count as u64 {
                called += 1;
                assert_eq!(effects, [format!("call {called} retry 0")], "{fields}");
                open.push(called);
            }
        }
        let expected: Vec<_> = (0..count).map(|i| i.to_string()).collect();
        assert_eq!(driver.output(), format!("[{}]", expected.join(",")));
    }
}

#[test]
fn beyond_the_bound_on_frames_one_goes_on_at_a_time() {
    let inner = r#"{"StartAt": "N", "States": {"N": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "B", "States": {
        "B": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true}}}}}}"#;
    let input = r#"{"items": [[1,2],[3,4],[5,6],[7,8],[]]}"#;
    let mut driver = Driver::with(&map(inner, ""), input, |options| {
        options.limits.frames_max = 3;
    });
    // Three frames for the outer Map, then one for each of theirs.
    let begun = [
        "call 1 retry 0",
        "call 2 retry 0",
        "call 3 retry 0",
        "arm 1 at 300000",
    ];
    assert_eq!(driver.tell(Event::Begin), begun);
    let mut calls = 3;
    for call in 1.. {
        let effects = driver.tell(answered(call, &call.to_string()));
        calls += effects.iter().filter(|e| e.starts_with("call")).count() as u64;
        if call == calls {
            assert_eq!(effects, ["finish SUCCEEDED -"]);
            break;
        }
    }
    assert_eq!(calls, 8);
    assert_eq!(driver.output(), "[[1,4],[2,5],[3,6],[7,8],[]]");
}

#[test]
fn branches_share_the_fuel_of_a_step_in_turns() {
    let failing = r#"{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Bad"}}}"#;
    let mut definition = parallel(&[FOREVER, failing], "");
    let mut driver = Driver::new(&definition, |options| options.limits.fuel_per_step = 10);
    assert_eq!(driver.tell(Event::Begin), ["yield"]);
    assert_eq!(driver.execution.next_wakeup(), None);
    assert_eq!(driver.tell(Event::Continue), ["finish FAILED Bad"]);

    // An event in between is heard, but has no fuel of its own.
    definition = parallel(&[FOREVER, TASK_B], "");
    let mut driver = Driver::new(&definition, |options| options.limits.fuel_per_step = 10);
    assert_eq!(driver.tell(Event::Begin), ["yield"]);
    assert_eq!(driver.tell(Event::Continue), ["call 1 retry 0", "yield"]);
    assert_eq!(driver.tell(failure(9, "Bad")), none());
    assert_eq!(driver.tell(answer(1)), none());
    assert_eq!(driver.tell(Event::Continue), ["yield"]);
    let ended = driver.tell_at(300_000, Event::Continue);
    assert_eq!(ended, ["finish TIMED_OUT -"]);
}

#[test]
fn the_deadline_and_a_stop_end_all_branches() {
    let begin = || {
        let mut driver = Driver::of(&parallel(&[TASK_A, WAIT_10, TASK_B], ""));
        driver.tell(Event::Begin);
        driver
    };
    let ended = begin().tell_at(300_000, due(99));
    assert_eq!(ended, ["cancel 1", "cancel 2", "finish TIMED_OUT -"]);
    assert_eq!(
        begin().tell(STOP),
        ["cancel 1", "cancel 2", "finish ABORTED -"]
    );
}
