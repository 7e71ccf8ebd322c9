//! The contract of an execution, event by event. What states compute is checked by `tests/conformance`.

mod arbitrary;
mod forks;
mod histories;
mod queries;
mod results;
mod variables;

use std::sync::Arc;

use super::*;
use crate::asl::compile;
use crate::history::LogLevel;
use crate::value::Value;

/// An execution and the time it is told.
struct Driver {
    execution: Execution,
    now: i64,
}

impl Driver {
    fn new(definition: &str, adjust: impl FnOnce(&mut Options)) -> Self {
        Self::with(definition, r#"{"n": 1}"#, adjust)
    }

    fn with(definition: &str, input: &str, adjust: impl FnOnce(&mut Options)) -> Self {
        let (program, diagnostics) = compile(definition);
        let program = Arc::new(program.unwrap_or_else(|| panic!("{diagnostics:?}")));
        let mut options = options();
        adjust(&mut options);
        let input = Value::parse(input.as_bytes()).unwrap();
        let execution = Execution::start(program, input, options, Timestamp::from_millis(0));
        Self { execution, now: 0 }
    }

    fn of(definition: &str) -> Self {
        Self::new(definition, |_| {})
    }

    /// The effects of an event at the present time, in words.
    fn tell(&mut self, event: Event) -> Vec<String> {
        let mut effects = Vec::new();
        let now = Timestamp::from_millis(self.now);
        self.execution.step(event, now, &mut effects);
        effects.iter().map(word).collect()
    }

    fn tell_at(&mut self, now: i64, event: Event) -> Vec<String> {
        self.now = now;
        self.tell(event)
    }

    fn output(&self) -> String {
        let output = self.execution.outcome().and_then(|o| o.output.as_ref());
        output.expect("it succeeded").to_json()
    }
}

fn word(effect: &Effect) -> String {
    match effect {
        Effect::Call(call) => format!("call {} retry {}", call.call.0, call.retry_count),
        Effect::Cancel { call, .. } => format!("cancel {}", call.0),
        Effect::Arm { timer, at } => format!("arm {} at {}", timer.0, at.as_millis()),
        Effect::Disarm { timer } => format!("disarm {}", timer.0),
        Effect::Record(event) => format!("record {}", event.event_type.as_str()),
        Effect::Yield => "yield".to_owned(),
        Effect::Finish(outcome) => format!(
            "finish {} {}",
            outcome.status.as_str(),
            outcome.error.as_deref().unwrap_or("-")
        ),
    }
}

fn options() -> Options {
    let machine = MachineIdentity {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        name: "machine".into(),
        role_arn: "arn:aws:iam::123456789012:role/r".into(),
    };
    Options {
        identity: Identity {
            machine: Arc::new(machine),
            name: "execution".into(),
            uuid: 1,
            kind: ExecutionKind::Express,
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

fn answer(call: u64) -> Event {
    Event::TaskEnded {
        call: CallId(call),
        result: TaskResult::Succeeded(Value::from(1)),
    }
}

fn failure(call: u64, error: &str) -> Event {
    let error = TaskError {
        error: error.into(),
        cause: None,
    };
    Event::TaskEnded {
        call: CallId(call),
        result: TaskResult::Failed(error),
    }
}

const fn due(timer: u64) -> Event {
    Event::TimerDue {
        timer: TimerId(timer),
    }
}

const STOP: Event = Event::Stop {
    error: None,
    cause: None,
};

const PURE: &str = r#"{"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "B"},
    "B": {"Type": "Succeed"}}}"#;

const LOOP: &str = r#"{"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "B"},
    "B": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "C"}], "Default": "A"},
    "C": {"Type": "Succeed"}}}"#;

const WAIT: &str =
    r#"{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 10, "End": true}}}"#;

/// A task with these fields, and a state after it.
fn task(fields: &str) -> String {
    format!(
        r#"{{"StartAt": "T", "States": {{
            "T": {{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", {fields} "Next": "C"}},
            "C": {{"Type": "Succeed"}}}}}}"#
    )
}

#[test]
fn a_pure_execution_ends_in_its_first_step_and_asks_for_nothing() {
    let mut driver = Driver::of(PURE);
    assert_eq!(driver.execution.next_wakeup(), None);
    assert_eq!(driver.tell(Event::Begin), ["finish SUCCEEDED -"]);
    assert_eq!(driver.output(), r#"{"n":1}"#);
    // Started, two states entered and left, succeeded: counted though nobody records them.
    assert_eq!(driver.execution.outcome().unwrap().last_event_id, 6);
}

#[test]
fn an_ended_execution_ignores_every_event() {
    let mut driver = Driver::of(PURE);
    driver.tell(Event::Begin);
    for event in [Event::Begin, Event::Continue, answer(1), due(1), STOP] {
        assert!(driver.tell_at(400_000, event).is_empty());
    }
    assert_eq!(driver.execution.next_wakeup(), None);
}

#[test]
fn a_wait_arms_its_timer_and_the_deadline() {
    let mut driver = Driver::of(WAIT);
    let armed = ["arm 1 at 10000", "arm 2 at 300000"];
    assert_eq!(driver.tell(Event::Begin), armed);
    let wakeup = Some((Timestamp::from_millis(10_000), Wakeup::Wait));
    assert_eq!(driver.execution.next_wakeup(), wakeup);
    assert!(driver.tell_at(10_000, due(7)).is_empty());
    assert!(driver.tell(answer(1)).is_empty());
    assert!(driver.tell(Event::Continue).is_empty());
    assert_eq!(driver.tell(due(1)), ["finish SUCCEEDED -"]);
}

#[test]
fn the_deadline_ends_whatever_is_under_way() {
    let cases: [(String, i64, &[&str]); 3] = [
        (WAIT.replace("10", "400"), 300_000, &["finish TIMED_OUT -"]),
        (task(""), 300_000, &["cancel 1", "finish TIMED_OUT -"]),
        (
            task("").replacen('{', r#"{"TimeoutSeconds": 5, "#, 1),
            5_000,
            &["cancel 1", "finish TIMED_OUT -"],
        ),
    ];
    for (definition, deadline, expected) in cases {
        let mut driver = Driver::of(&definition);
        let armed = driver.tell(Event::Begin);
        let last = armed.last().unwrap();
        assert!(last.ends_with(&format!(" at {deadline}")), "{armed:?}");
        let wakeup = Some((Timestamp::from_millis(deadline), Wakeup::Deadline));
        assert_eq!(driver.execution.next_wakeup(), wakeup, "{definition}");
        assert!(driver.tell_at(deadline - 1, due(99)).is_empty());
        assert_eq!(driver.tell_at(deadline, due(99)), expected, "{definition}");
    }
}

#[test]
fn a_loop_of_states_yields_and_is_ended_by_its_deadline() {
    let mut driver = Driver::new(LOOP, |options| options.limits.fuel_per_step = 10);
    assert_eq!(driver.tell(Event::Begin), ["yield"]);
    assert!(driver.tell(due(1)).is_empty(), "a stray event has no fuel");
    for now in [1, 1000, 299_999] {
        assert_eq!(driver.tell_at(now, Event::Continue), ["yield"]);
        assert_eq!(driver.execution.next_wakeup(), None);
    }
    let ended = driver.tell_at(300_000, Event::Continue);
    assert_eq!(ended, ["finish TIMED_OUT -"]);
    // Started, ten states entered and left in each of four steps, timed out.
    assert_eq!(driver.execution.outcome().unwrap().last_event_id, 82);
}

#[test]
fn a_step_enters_as_many_states_as_it_has_fuel() {
    for (fuel, expected) in [(1, "yield"), (2, "finish SUCCEEDED -")] {
        let mut driver = Driver::new(PURE, |options| options.limits.fuel_per_step = fuel);
        assert_eq!(driver.tell(Event::Begin), [expected]);
    }
}

#[test]
fn an_answer_ends_a_task_and_its_timer() {
    let mut driver = Driver::of(&task(r#""TimeoutSeconds": 5,"#));
    let begun = ["call 1 retry 0", "arm 1 at 5000", "arm 2 at 300000"];
    assert_eq!(driver.tell(Event::Begin), begun);
    let wakeup = Some((Timestamp::from_millis(5_000), Wakeup::TaskTimeout));
    assert_eq!(driver.execution.next_wakeup(), wakeup);
    assert!(driver.tell(answer(2)).is_empty());
    assert_eq!(driver.tell(answer(1)), ["disarm 1", "finish SUCCEEDED -"]);
}

#[test]
fn a_timed_out_task_is_cancelled_and_its_late_answer_ignored() {
    let mut driver = Driver::of(&task(
        r#""TimeoutSeconds": 5, "Retry": [{"ErrorEquals": ["States.Timeout"]}],"#,
    ));
    driver.tell(Event::Begin);
    let timed_out = driver.tell_at(5_000, due(1));
    assert_eq!(timed_out, ["cancel 1", "arm 3 at 6000"]);
    let wakeup = Some((Timestamp::from_millis(6_000), Wakeup::Retry));
    assert_eq!(driver.execution.next_wakeup(), wakeup);
    assert!(driver.tell_at(5_500, answer(1)).is_empty());
    let retried = driver.tell_at(6_000, due(3));
    assert_eq!(retried, ["call 2 retry 1", "arm 4 at 11000"]);
    assert!(driver.tell_at(6_500, answer(1)).is_empty());
    let ended = driver.tell_at(7_000, answer(2));
    assert_eq!(ended, ["disarm 4", "finish SUCCEEDED -"]);
}

#[test]
fn each_retrier_counts_its_own_attempts() {
    let mut driver = Driver::of(&task(
        r#""Retry": [
            {"ErrorEquals": ["A"], "MaxAttempts": 1},
            {"ErrorEquals": ["B"], "MaxAttempts": 2, "IntervalSeconds": 3, "BackoffRate": 3}],"#,
    ));
    let begun = ["call 1 retry 0", "arm 1 at 300000"];
    assert_eq!(driver.tell(Event::Begin), begun);
    let attempts = [
        ("A", "arm 2 at 1000", "call 2 retry 1"),
        ("B", "arm 3 at 3000", "call 3 retry 2"),
        ("B", "arm 4 at 9000", "call 4 retry 3"),
    ];
    for (call, (error, armed, retried)) in (1..).zip(attempts) {
        assert_eq!(driver.tell(failure(call, error)), [armed]);
        assert_eq!(driver.tell(due(call + 1)), [retried]);
    }
    assert_eq!(driver.tell(failure(4, "A")), ["finish FAILED A"]);
}

#[test]
fn a_caught_error_goes_on_at_the_catchers_state() {
    let mut driver = Driver::of(&task(
        r#""Catch": [
            {"ErrorEquals": ["A"], "Next": "C"},
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "C"}],"#,
    ));
    driver.tell(Event::Begin);
    assert_eq!(driver.tell(failure(1, "B")), ["finish SUCCEEDED -"]);
    let expected = r#"{"n":1,"error":{"Error":"B","Cause":""}}"#;
    assert_eq!(driver.output(), expected);
}

#[test]
fn a_stop_ends_whatever_is_under_way() {
    let stop = Event::Stop {
        error: Some("Stopped".into()),
        cause: Some("by hand".to_owned()),
    };
    let mut driver = Driver::of(&task(""));
    driver.tell(Event::Begin);
    assert_eq!(driver.tell(stop), ["cancel 1", "finish ABORTED Stopped"]);
    let mut driver = Driver::of(PURE);
    assert_eq!(driver.tell(STOP), ["finish ABORTED -"]);
}

#[test]
fn records_are_made_only_at_their_level() {
    let failing = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Fail", "Error": "E"}}}"#;
    let all = [
        "record ExecutionStarted",
        "record PassStateEntered",
        "record PassStateExited",
        "record FailStateEntered",
        "record ExecutionFailed",
        "finish FAILED E",
    ];
    let cases = [
        (LogLevel::Off, 5),
        (LogLevel::Fatal, 4),
        (LogLevel::Error, 3),
        (LogLevel::All, 0),
    ];
    for (level, first) in cases {
        let mut driver = Driver::new(failing, |options| options.recording.level = level);
        assert_eq!(driver.tell(Event::Begin), all[first..], "{level:?}");
    }
}

#[test]
fn an_input_over_the_limit_fails_before_any_state() {
    let mut driver = Driver::new(PURE, |options| options.limits.payload_bytes_max = 6);
    let ended = driver.tell(Event::Begin);
    assert_eq!(ended, ["finish FAILED States.DataLimitExceeded"]);
    assert_eq!(driver.execution.outcome().unwrap().last_event_id, 2);
}

#[test]
fn the_same_arguments_give_the_same_effects() {
    let definition = task(
        r#""Parameters": {"id.$": "States.UUID()", "at.$": "$$.State.EnteredTime"},
           "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60, "JitterStrategy": "FULL"}],"#,
    );
    let run = |seed| {
        let mut driver = Driver::new(&definition, |options| options.seed = seed);
        let mut effects = Vec::new();
        let now = Timestamp::from_millis(0);
        driver.execution.step(Event::Begin, now, &mut effects);
        driver.execution.step(failure(1, "E"), now, &mut effects);
        format!("{effects:?}")
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn the_context_object_has_awss_members_and_the_additions() {
    let definition = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Parameters": {"c.$": "$$"}, "OutputPath": "$.c", "End": true}}}"#;
    let express = "express:machine:execution:00000000-0000-0000-0000-000000000001";
    let redrive = r#","RedriveCount":0"#;
    let cases = [
        (ExecutionKind::Express, express, redrive),
        (ExecutionKind::ExpressSync, express, ""),
        (
            ExecutionKind::Standard,
            "execution:machine:execution",
            redrive,
        ),
    ];
    for (kind, arn, redrive) in cases {
        let mut driver = Driver::new(definition, |options| {
            options.identity.kind = kind;
            options.context = Value::parse(br#"{"Kafka": {"topic": "t"}}"#).unwrap();
        });
        driver.tell(Event::Begin);
        let expected = [
            &format!(r#"{{"Execution":{{"Id":"arn:aws:states:us-east-1:123456789012:{arn}","#),
            r#""Input":{"n":1},"StartTime":"1970-01-01T00:00:00Z","Name":"execution","#,
            r#""RoleArn":"arn:aws:iam::123456789012:role/r""#,
            redrive,
            r#"},"StateMachine":{"Id":"arn:aws:states:us-east-1:123456789012:stateMachine:machine","#,
            r#""Name":"machine"},"State":{"Name":"A","EnteredTime":"1970-01-01T00:00:00Z"},"#,
            r#""Kafka":{"topic":"t"}}"#,
        ];
        assert_eq!(driver.output(), expected.concat());
    }
}
