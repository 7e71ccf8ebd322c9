//! Bounds of calls: at once, waiting, and in time.

use std::collections::BTreeMap;
use std::time::Duration;

use super::world::{Wanted, World, start};
use super::{NONE, TASK};
use crate::engine::{CallBounds, CallLimits};
use crate::machine::Status;

const fn limits(calls_max: usize, waiting_max: usize, seconds: Option<u64>) -> CallLimits {
    CallLimits {
        calls_max: Some(calls_max),
        waiting_max,
        time_max: match seconds {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => None,
        },
    }
}

fn bounds(all: CallLimits, targets: &[(&str, CallLimits)]) -> CallBounds {
    let targets = targets
        .iter()
        .map(|(name, limits)| ((*name).to_owned(), *limits));
    CallBounds::new(all, targets.collect())
}

fn to(token: u64, target: &str) -> Wanted {
    start(token).input(&format!(r#"{{"to": "{target}"}}"#))
}

/// Who ended since this was asked last, and how.
fn ends(world: &World) -> Vec<(u64, Status, String)> {
    let ended = world.finished().into_iter();
    ended
        .map(|f| {
            (
                f.token.0,
                f.outcome.status,
                f.outcome.error.unwrap_or_default().to_string(),
            )
        })
        .collect()
}

#[test]
fn calls_beyond_the_bound_wait_in_line() {
    let mut world = World::bounded(TASK, bounds(limits(2, 9, None), &[]));
    world.start(&[start(1), start(2), start(3), start(4)]);
    assert_eq!(world.called(), [1, 2]);
    assert_eq!(
        world.room.executions(),
        4,
        "what waits is held as what is called"
    );
    world.answer(2);
    assert_eq!((world.called(), world.ended()), (vec![3], vec![2]));
    world.answer(1);
    assert_eq!((world.called(), world.ended()), (vec![4], vec![1]));
    world.answer(4);
    world.answer(3);
    assert_eq!((world.called(), world.ended()), (vec![], vec![4, 3]));
}

#[test]
fn a_busy_target_keeps_no_place_from_others() {
    let all = limits(3, 9, None);
    let mut world = World::bounded(TASK, bounds(all, &[("a", limits(1, 9, None))]));
    world.start(&[
        to(1, "a"),
        to(2, "a"),
        to(3, "a"),
        to(4, "b"),
        to(5, "c"),
        to(6, "b"),
    ]);
    assert_eq!(world.called(), [1, 4, 5]);
    // The next call to `a` comes behind the one that waits for the connector already.
    world.answer(1);
    assert_eq!(world.called(), [6]);
    world.answer(4);
    assert_eq!(world.called(), [2]);
    world.answer(6);
    assert_eq!(world.called(), NONE);
    world.answer(2);
    assert_eq!(world.called(), [3]);
}

#[test]
fn more_than_may_wait_fail_at_once() {
    let mut world = World::bounded(TASK, bounds(limits(1, 1, None), &[]));
    world.start(&[start(1), start(2), start(3)]);
    world.deliver();
    let refused = (3, Status::Failed, "States.TaskFailed".to_owned());
    assert_eq!(ends(&world), [refused]);
    world.answer(1);
    assert_eq!((world.called(), world.ended()), (vec![1, 2], vec![1]));
}

#[test]
fn a_task_that_never_answers_times_out_and_gives_its_place_up() {
    let all = limits(1, 9, Some(10));
    let mut world = World::bounded(TASK, bounds(all, &[("slow", limits(1, 9, Some(30)))]));
    world.start(&[start(1)]);
    world.tick(4_000);
    world.start(&[start(2), start(3), to(4, "slow")]);
    assert_eq!(world.called(), [1]);
    world.tick(10_000);
    let timed_out = |token| (token, Status::Failed, "States.Timeout".to_owned());
    assert_eq!(
        (ends(&world), world.called()),
        (vec![timed_out(1)], vec![2])
    );
    // Waiting counts; who has waited too long is not called any more.
    world.tick(14_000);
    assert_eq!(
        (ends(&world), world.called()),
        (vec![timed_out(2), timed_out(3)], vec![3, 4])
    );
    world.tick(33_999);
    assert_eq!(ends(&world), []);
    world.tick(34_000);
    assert_eq!(ends(&world), [timed_out(4)]);
    // Late answers are for nobody.
    for (_, answer) in world.connector.open.lock().unwrap().drain(..) {
        drop(answer);
    }
    world.deliver();
    assert!(ends(&world).is_empty() && world.worker.is_idle());
}

#[test]
fn who_gives_up_leaves_the_line() {
    let mut world = World::bounded(TASK, bounds(limits(1, 2, None), &[]));
    world.start(&[start(1)]);
    world.tick(30_000);
    world.start(&[start(2), start(3)]);
    // The first one's TimeoutSeconds.
    world.tick(60_000);
    assert_eq!((world.ended(), world.called()), (vec![1], vec![1, 2]));
    world.start(&[start(4)]);
    world.tick(90_000);
    assert_eq!((world.ended(), world.called()), (vec![2, 3], vec![3, 4]));
    world.start(&[start(5), start(6)]);
    assert_eq!(world.worker.give_up().executions, 3);
    assert_eq!(world.called(), NONE, "what was given up is not called");
}

#[test]
fn a_long_line_that_ends_at_once_needs_no_stack() {
    let mut world = World::bounded(TASK, bounds(limits(1, 100_000, None), &[]));
    world.start(&[start(0)]);
    let at_once = |token| start(token).input(r#""drop""#);
    world.start(&(1..=9_000).map(at_once).collect::<Vec<_>>());
    world.answer(0);
    world.deliver();
    assert_eq!(world.ended().len(), 9_001);
}

#[test]
fn an_answer_that_is_given_up_is_told() {
    let mut world = World::bounded(
        TASK,
        CallBounds::new(CallLimits::default(), BTreeMap::new()),
    );
    world.start(&[start(1), start(2)]);
    let (tell, told) = std::sync::mpsc::channel();
    for (name, answer) in world.connector.open.lock().unwrap().iter() {
        let (tell, name) = (tell.clone(), name.clone());
        answer.on_given_up(move || tell.send(name).unwrap());
    }
    world.answer(1);
    assert!(told.try_recv().is_err());
    world.tick(60_000);
    assert_eq!(told.try_recv().as_deref(), Ok("2"));
    assert!(told.try_recv().is_err());
}
