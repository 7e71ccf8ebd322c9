//! Workers without threads: a clock moved by hand, tasks answered when the test says so.

mod calls;
mod counts;
mod forks;
mod stops;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use self::world::{World, at, copy, start};
use super::{GivenUp, STARTS_PER_TICK, Worker};
use crate::engine::{Clock, EngineOptions, Inbox, Input, Revision, Token};
use crate::machine::{Status, Timestamp};

const PASS: &str = r#"{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}"#;
const WAIT: &str = r#"{"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.seconds", "End": true}}}"#;
const TASK: &str = r#"{"StartAt": "T", "States": {
    "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 60, "End": true}}}"#;
const TWICE: &str = r#"{"StartAt": "T", "States": {
    "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "U"},
    "U": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true}}}"#;
const LOOP: &str = r#"{"StartAt": "L", "States": {
    "L": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "E"}], "Default": "L2"},
    "L2": {"Type": "Pass", "Next": "L"},
    "E": {"Type": "Succeed"}}}"#;
const UUID: &str = r#"{"StartAt": "P", "States": {
    "P": {"Type": "Pass", "Parameters": {"uuid.$": "States.UUID()"}, "End": true}}}"#;
/// No executions.
const NONE: [u64; 0] = [];

#[test]
fn a_pure_execution_ends_while_its_batch_runs() {
    let mut world = World::new(PASS);
    world.start(&[start(1), start(2)]);
    assert_eq!(world.ended(), [1, 2]);
    assert!(world.worker.is_idle());
    assert_eq!((world.room.executions(), world.room.bytes()), (0, 0));
    assert_eq!(world.worker.next_wakeup(), None);
}

#[test]
fn a_wait_ends_when_its_time_has_come() {
    let mut world = World::new(WAIT);
    let wait = |token, seconds| start(token).input(&format!(r#"{{"seconds": {seconds}}}"#));
    world.start(&[wait(1, 20), wait(2, 10), wait(3, 10)]);
    assert_eq!(world.worker.next_wakeup(), Some(at(10_000)));
    world.tick(9_999);
    assert_eq!(world.ended(), NONE);
    world.tick(10_000);
    assert_eq!(world.ended(), [2, 3]);
    assert_eq!(world.worker.next_wakeup(), Some(at(20_000)));
    world.tick(30_000);
    assert_eq!(world.ended(), [1]);
    assert_eq!(world.worker.next_wakeup(), None);
}

#[test]
fn starts_of_a_key_run_one_after_the_other() {
    let mut world = World::new(TASK);
    let ordered = |token, key| start(token).order(key);
    world.start(&[
        ordered(1, 7),
        ordered(2, 7),
        ordered(3, 7),
        ordered(4, 8),
        start(5),
    ]);
    world.start(&[ordered(6, 7)]);
    assert_eq!(world.called(), [1, 4, 5]);
    world.answer(1);
    assert_eq!((world.called(), world.ended()), (vec![2], vec![1]));
    world.sink.unwanted.lock().unwrap().insert(Token(3));
    world.answer(2);
    assert_eq!((world.called(), world.ended()), (vec![6], vec![2]));
    world.answer(6);
    world.start(&[ordered(9, 7)]);
    assert_eq!((world.called(), world.ended()), (vec![9], vec![6]));
}

#[test]
fn a_long_queue_behind_a_key_is_worked_off_in_slices() {
    let mut world = World::new(LOOP);
    let count = 2 * STARTS_PER_TICK as u64 + 5;
    world.start(&[start(0).order(7)]);
    let stopping = |token| start(token).order(7).input(r#"{"stop": 1}"#);
    world.start(&(1..=count).map(stopping).collect::<Vec<_>>());
    assert_eq!(world.ended(), NONE);
    world.tick(300_000);
    assert_eq!(world.ended().len(), 1 + STARTS_PER_TICK);
    assert_eq!(world.worker.next_wakeup(), Some(at(300_000)));
    world.tick(300_000);
    world.tick(300_000);
    let rest = world.ended();
    assert_eq!(
        rest,
        ((count - rest.len() as u64 + 1)..=count).collect::<Vec<_>>()
    );
    assert!(world.worker.is_idle());
}

#[test]
fn starts_beyond_a_workflows_bound_wait_in_line() {
    let mut world = World::with(TASK, |definition| {
        definition.executions_in_flight_max = Some(2);
    });
    world.start(&[
        start(1),
        start(2),
        start(3).order(7),
        start(4),
        start(5).order(7),
    ]);
    let revision = Arc::clone(&world.revision);
    assert_eq!(world.called(), [1, 2]);
    assert_eq!((revision.in_flight(), revision.waiting()), (2, 3));
    assert!(world.worker.is_short());
    world.answer(2);
    assert_eq!((world.called(), world.ended()), (vec![3], vec![2]));
    world.answer(1);
    assert_eq!(world.called(), [4]);
    world.answer(3);
    assert_eq!(world.called(), [5]);
    assert_eq!((revision.in_flight(), revision.waiting()), (2, 0));
    assert!(!world.worker.is_short());
}

#[test]
fn a_worker_begins_what_another_workers_end_made_room_for() {
    let mut world = World::with(TASK, |definition| {
        definition.executions_in_flight_max = Some(1);
    });
    let (inbox, _wakes) = Inbox::new();
    let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
    let mut other = Worker::new(clock, Arc::clone(&world.room), inbox);
    world.start(&[start(1)]);
    std::mem::swap(&mut world.worker, &mut other);
    world.start(&[start(2)]);
    std::mem::swap(&mut world.worker, &mut other);
    assert_eq!(world.called(), [1]);
    world.answer(1);
    assert_eq!(world.called(), NONE);
    assert!(other.is_short());
    other.handle(Input::Tick, at(1));
    assert_eq!(world.called(), [2]);
    assert!(!other.is_short());
}

#[test]
fn at_the_bounds_of_the_engine_there_is_no_room() {
    for options in [
        EngineOptions {
            executions_in_flight_max: 2,
            ..EngineOptions::default()
        },
        EngineOptions {
            bytes_held_max: EngineOptions::EXECUTION_BYTES + 100,
            ..EngineOptions::default()
        },
    ] {
        let mut world = World::new(TASK);
        world.use_options(&options);
        world.start(&[start(1)]);
        assert!(world.room.has_room());
        world.start(&[start(2)]);
        assert!(!world.room.has_room() && world.worker.is_short());
        assert_eq!(world.called(), [1, 2]);
        world.answer(1);
        assert!(world.room.has_room() && !world.worker.is_short());
    }
}

#[test]
fn a_loop_of_states_neither_starves_its_neighbours_nor_outlives_the_cap() {
    let mut world = World::new(LOOP);
    world.start(&[start(1), start(2)]);
    let stopping = start(3).input(r#"{"stop": true}"#);
    for second in 1..300 {
        assert_eq!(world.worker.next_wakeup(), Some(world.worker.now()));
        world.tick(second * 1_000);
        world.start(std::slice::from_ref(&stopping));
        assert_eq!(world.ended(), [3], "after {second} s");
    }
    world.tick(300_000);
    let statuses = world
        .finished()
        .into_iter()
        .map(|f| (f.token.0, f.outcome.status));
    assert_eq!(
        statuses.collect::<Vec<_>>(),
        [(1, Status::TimedOut), (2, Status::TimedOut)]
    );
    assert!(world.worker.is_idle());
}

/// A clock that shows a millisecond more whenever it is read.
#[derive(Debug, Default)]
struct Hurried(AtomicI64);

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

#[test]
fn executions_with_long_turns_leave_the_thread_after_each() {
    let clock = Arc::new(Hurried::default());
    let mut world = World::new(LOOP);
    let (room, inbox) = (Arc::clone(&world.room), Arc::clone(&world.inbox));
    world.worker = Worker::new(Arc::clone(&clock) as Arc<dyn Clock>, room, inbox);
    let starts: Vec<_> = (0..20).map(start).collect();
    world.start(&starts);
    for _ in 0..50 {
        let before = clock.0.load(Ordering::SeqCst);
        world
            .worker
            .handle(Input::Tick, Timestamp::from_millis(before));
        // One reading before the only turn, and one after it.
        assert_eq!(clock.0.load(Ordering::SeqCst), before + 2);
    }
}

#[test]
fn a_late_answer_is_ignored_even_when_its_place_is_taken_again() {
    let mut world = World::new(TASK);
    world.start(&[start(1)]);
    assert_eq!(world.called(), [1]);
    world.tick(60_000);
    let ended = world.finished().pop().unwrap();
    assert_eq!(ended.outcome.error.as_deref(), Some("States.Timeout"));
    world.start(&[start(2)]);
    world.answer(1);
    assert_eq!(world.ended(), NONE);
    world.answer(2);
    assert_eq!(world.ended(), [2]);
}

#[test]
fn a_panic_of_the_machine_ends_its_execution_only() {
    let mut world = World::new(PASS);
    let broken = Revision {
        program: Arc::new(crate::asl::Program {
            states: Vec::new(),
            start: crate::asl::StateId(9),
            timeout_seconds: None,
            uses_context: false,
            variables: crate::expr::VariableNames::default(),
        }),
        ..copy(&world.revision)
    };
    let good = std::mem::replace(&mut world.revision, Arc::new(broken));
    world.start(&[start(1).order(7)]);
    world.revision = good;
    world.start(&[start(2).order(7)]);
    let ended = world.finished();
    let ends = ended
        .iter()
        .map(|f| (f.token.0, f.bug, f.outcome.error.as_deref()));
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [(1, true, Some("States.Runtime")), (2, false, None)]
    );
}

#[test]
fn a_connector_that_gives_no_answer_fails_the_task() {
    for (input, cause) in [
        (
            r#""panic""#,
            "The connector panicked before it answered: a bug of the connector.",
        ),
        (
            r#""drop""#,
            "The connector gave the call up without an answer.",
        ),
    ] {
        let mut world = World::new(TASK);
        world.start(&[start(1).input(input)]);
        world.deliver();
        let ended = world.finished().pop().unwrap();
        assert_eq!(ended.outcome.error.as_deref(), Some("States.TaskFailed"));
        assert_eq!(ended.outcome.cause.as_deref(), Some(cause));
    }
}

#[test]
fn what_is_given_up_is_counted_and_no_sink_is_told() {
    let mut world = World::new(TASK);
    world.start(&[start(1).order(7), start(2).order(7), start(3)]);
    let given_up = GivenUp {
        executions: 2,
        waiting: 1,
        batches: 0,
    };
    assert_eq!(world.worker.give_up(), given_up);
    assert_eq!(world.worker.give_up(), GivenUp::default());
    world.answer(1);
    assert_eq!(world.ended(), NONE);
    assert!(world.worker.is_idle());
    assert_eq!((world.room.executions(), world.room.bytes()), (0, 0));
    assert_eq!(
        (world.revision.in_flight(), world.revision.waiting()),
        (0, 0)
    );
}

#[test]
fn calls_carry_their_number_within_the_execution() {
    let mut world = World::new(TWICE);
    world.start(&[start(1)]);
    world.answer(1);
    let call = world.connector.calls.lock().unwrap().pop().unwrap();
    assert_eq!((call.state.as_str(), call.invocation), ("U", 0));
}

#[test]
fn a_redelivered_event_draws_the_same_random_numbers() {
    let mut world = World::new(UUID);
    world.start(&[start(1), start(1), start(2)]);
    let outputs: Vec<_> = world
        .finished()
        .into_iter()
        .map(|f| f.outcome.output.unwrap())
        .collect();
    let [first, again, other] = &outputs[..] else {
        panic!("three ends: {outputs:?}");
    };
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[test]
fn timers_that_are_disarmed_do_not_pile_up() {
    let mut world = World::new(TASK);
    for token in 0..5_000 {
        world.start(&[start(token)]);
        world.answer(token);
    }
    assert_eq!(world.ended().len(), 5_000);
    assert!(
        world.worker.timers.len() < 1_100,
        "{}",
        world.worker.timers.len()
    );
}
