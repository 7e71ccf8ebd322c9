//! What is asked about executions that the API did not begin.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{MACHINE, World};
use crate::api::ApiOptions;
use crate::engine::{Batch, Definition, Finished, Revision, Sink, Start, Starter, Token};
use crate::machine::{ExecutionKind, Identity};
use crate::value::{Text, Value};

const WAIT: &str = r#"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}"#;

/// An execution as an event begins it, and who is told that it has begun.
struct Event(Start, Sender<()>);

impl Batch for Event {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        starter.start(self.0);
        self.1.send(()).unwrap();
    }
}

#[derive(Debug)]
struct Ends(Sender<&'static str>);

impl Sink for Ends {
    fn finish(&self, finished: Finished) {
        self.0.send(finished.outcome.status.as_str()).unwrap();
    }
}

/// Begins the execution of the event at an offset.
fn begin(
    world: &World,
    revision: &Arc<Revision>,
    offset: u128,
) -> (String, Receiver<&'static str>) {
    let (sender, ends) = bounded(1);
    let identity = Identity {
        machine: Arc::clone(&revision.machine),
        name: Text::from(format!("in-0-{offset}")),
        uuid: offset,
        kind: ExecutionKind::Express,
    };
    let arn = identity.arn();
    let start = Start {
        revision: Arc::clone(revision),
        input: Value::parse(br#"{"n":1}"#).unwrap(),
        identity,
        context: Value::parse(br#"{"Kafka":{"Offset":1}}"#).unwrap(),
        order: None,
        sink: Arc::new(Ends(sender)),
        token: Token(0),
        journal: None,
    };
    let (begun, begins) = bounded(1);
    let event = Box::new(Event(start, begun));
    assert!(world.engine.try_submit(0, event).is_ok());
    begins.recv().unwrap();
    (arn, ends)
}

fn world(change: impl FnOnce(&mut ApiOptions)) -> (World, Arc<Revision>, Arc<Revision>) {
    let world = World::new(change, false);
    let first = world.registry.get("of-settings").unwrap();
    let second = Definition::new("of-settings", WAIT);
    let second = world.registry.put(second).unwrap();
    (world, first, second)
}

fn member(world: &World, operation: &str, arn: &str, name: &str) -> String {
    let body = format!(r#"{{"executionArn":"{arn}"}}"#);
    let answer = world.answer(operation, &body);
    let found = answer.get(name).or_else(|| answer.get("message"));
    let found = found.unwrap_or_else(|| panic!("{}", answer.to_json()));
    found
        .as_str()
        .map_or_else(|| found.to_json(), str::to_owned)
}

fn listed(world: &World) -> Vec<String> {
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}:of-settings"}}"#);
    let answer = world.answer("ListExecutions", &body);
    let executions = answer.get("executions").and_then(Value::as_array);
    let shown = executions.unwrap_or_default().iter().map(|execution| {
        let text = |name| execution.get(name).and_then(Value::as_str).unwrap();
        format!("{} {}", text("name"), text("status"))
    });
    shown.collect()
}

#[test]
fn executions_of_events_are_told_of_and_stopped() {
    let (world, first, second) = world(|options| options.keeps_all_executions = true);
    let (over, ends) = begin(&world, &first, 7);
    assert_eq!(ends.recv(), Ok("SUCCEEDED"));
    let (waits, ends) = begin(&world, &second, 8);
    assert_eq!(listed(&world), ["in-0-8 RUNNING", "in-0-7 SUCCEEDED"]);
    #[rustfmt::skip]
    let cases = [
        ("DescribeExecution", &over, "output", r#"{"n":1}"#),
        ("DescribeExecution", &over, "input", r#"{"n":1}"#),
        ("DescribeExecution", &waits, "status", "RUNNING"),
        ("DescribeStateMachineForExecution", &over, "definition", super::PASS),
        ("DescribeStateMachineForExecution", &waits, "definition", WAIT),
        ("StopExecution", &waits, "stopDate", "1700000000.250"),
        ("DescribeExecution", &waits, "status", "ABORTED"),
    ];
    for (operation, arn, name, expected) in cases {
        let found = member(&world, operation, arn, name);
        assert_eq!(found, expected, "{operation} {name}");
    }
    assert_eq!(ends.recv(), Ok("ABORTED"));
    let types = |arn: &str| {
        let history = member(&world, "GetExecutionHistory", arn, "events");
        let types = regex::Regex::new(r#""type":"(\w+)""#).unwrap();
        let found = types
            .captures_iter(&history)
            .map(|found| found[1].to_owned());
        found.collect::<Vec<_>>()
    };
    let passed = ["PassStateEntered", "PassStateExited", "ExecutionSucceeded"];
    assert_eq!(types(&over)[1..], passed);
    assert_eq!(
        types(&waits),
        ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    );
    // An event that is received again: the name leads to what is under way.
    let (again, _ends) = begin(&world, &second, 7);
    assert_eq!(again, over);
    assert_eq!(listed(&world), ["in-0-7 RUNNING", "in-0-8 ABORTED"]);
    assert_eq!(
        member(&world, "StopExecution", &again, "stopDate"),
        "1700000000.250"
    );
    world.stop();
}

#[test]
fn executions_of_events_are_kept_only_where_it_is_wanted_and_while_there_is_room() {
    let strict = "Invalid Arn: 'Resource type not valid in this context: express'";
    type Case = (fn(&mut ApiOptions), [&'static str; 2]);
    let cases: [Case; 4] = [
        (|_| {}, ["", ""]),
        (
            |options| {
                options.keeps_all_executions = true;
                options.recent_executions_max = 1;
            },
            ["RUNNING", ""],
        ),
        (
            |options| {
                options.keeps_all_executions = true;
                options.recent_executions_max = 0;
            },
            ["", ""],
        ),
        (
            |options| {
                options.keeps_all_executions = true;
                options.is_strict = true;
            },
            [strict, strict],
        ),
    ];
    for (change, expected) in cases {
        let (world, _, second) = world(change);
        let begun = [1, 2].map(|offset| begin(&world, &second, offset));
        for ((arn, _), expected) in begun.iter().zip(expected) {
            let missing = format!("Execution Does Not Exist: '{arn}'");
            let expected = if expected.is_empty() {
                &missing
            } else {
                expected
            };
            assert_eq!(member(&world, "DescribeExecution", arn, "status"), expected);
        }
        // They wait for ever, as the clock stands still.
        drop(world);
    }
}
