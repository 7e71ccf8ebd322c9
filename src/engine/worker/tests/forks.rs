//! Executions with several calls and timers at once: Parallel and Map.

use super::world::{World, at, start};
use crate::machine::{Status, TaskError, TaskResult};

const FORK: &str = r#"{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 60, "End": true}}},
    {"StartAt": "U", "States": {"U": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true}}},
    {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": true}}}]}}}"#;
const WAITS: &str = r#"{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.seconds", "End": true, "ItemProcessor": {
    "StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}"#;

#[test]
fn an_execution_ends_with_the_last_of_its_calls_and_timers() {
    let mut world = World::new(FORK);
    world.start(&[start(1), start(2)]);
    assert_eq!(world.called(), [1, 1, 2, 2]);
    assert_eq!(world.worker.next_wakeup(), Some(at(10_000)));
    world.answer(2);
    world.answer(1);
    world.answer(1);
    assert!(world.ended().is_empty());
    world.tick(10_000);
    assert_eq!(world.ended(), [1]);
    assert_eq!(world.worker.next_wakeup(), Some(at(300_000)));
    world.answer(2);
    assert_eq!(world.ended(), [2]);
    assert!(world.worker.is_idle());
    assert_eq!((world.room.executions(), world.room.bytes()), (0, 0));
}

#[test]
fn answers_for_aborted_branches_are_dropped() {
    let mut world = World::new(FORK);
    world.start(&[start(1)]);
    let (_, failing) = world.connector.open.lock().unwrap().remove(1);
    failing.complete(TaskResult::Failed(TaskError {
        error: "E".into(),
        cause: None,
    }));
    world.deliver();
    let finished = world.finished();
    assert_eq!(finished.len(), 1);
    assert_eq!(finished[0].outcome.status, Status::Failed);
    world.start(&[start(2)]);
    world.answer(1);
    world.tick(10_000);
    assert!(world.ended().is_empty(), "the second has its place");
    world.answer(2);
    world.answer(2);
    assert_eq!(world.ended(), [2]);
}

#[test]
fn timers_of_one_execution_come_due_in_their_order() {
    let mut world = World::new(WAITS);
    let seconds = r#"{"seconds": [30, 10, 20, 10, 10]}"#;
    world.start(&[start(1).input(seconds)]);
    for due in [10_000, 20_000, 30_000] {
        assert!(world.ended().is_empty());
        assert_eq!(world.worker.next_wakeup(), Some(at(due)));
        world.tick(due);
        // Those due at one instant take a tick each.
        while world.worker.next_wakeup() == Some(at(due)) {
            world.tick(due);
        }
    }
    assert_eq!(world.ended(), [1]);
}
