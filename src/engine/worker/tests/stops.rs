//! Executions that are stopped from outside, and the histories that journals make again.

use std::sync::Arc;

use super::world::{World, start};
use super::{LOOP, PASS, TASK};
use crate::engine::worker::slab::Slab;
use crate::engine::{Inbox, Journal, JournalCut, JournalRoom, Stop};
use crate::machine::{Event, Timestamp};
use crate::value::Value;

fn enough() -> Stop {
    Stop {
        error: Some("Enough".into()),
        cause: None,
    }
}

/// Token, status and error of each that has ended.
fn ends(world: &World) -> Vec<String> {
    let finished = world.finished();
    let shown = finished.iter().map(|f| {
        let error = f.outcome.error.as_deref().unwrap_or("no error");
        format!("{} {} {error}", f.token.0, f.outcome.status.as_str())
    });
    shown.collect()
}

/// Types of the events of a history, in their order.
fn history(world: &World, journal: &Journal, token: u64) -> Result<Vec<&'static str>, JournalCut> {
    let mut types = Vec::new();
    let identity = world.identity(token);
    let input = Value::empty_object();
    journal.replay(&world.revision, &identity, &input, true, |event| {
        types.push(event.event_type.as_str());
        true
    })?;
    Ok(types)
}

#[test]
fn a_stopped_execution_makes_room_and_its_late_answer_is_ignored() {
    let mut world = World::new(TASK);
    let journals: Vec<_> = (0..3).map(|_| Arc::new(Journal::new(10_000))).collect();
    let kept = |token: u64| {
        let journal = &journals[token as usize];
        start(token).order(7).journal(journal)
    };
    world.start(&[kept(0), kept(1), kept(2)]);
    assert_eq!(world.called(), [0]);
    // One that runs, and one that waits behind it.
    journals[0].stop(enough());
    journals[1].stop(enough());
    assert_eq!(ends(&world), [""; 0]);
    world.deliver();
    assert_eq!(ends(&world), ["0 ABORTED Enough", "1 ABORTED Enough"]);
    assert_eq!(world.called(), [2]);
    world.answer(0);
    world.answer(2);
    assert_eq!(ends(&world), ["2 SUCCEEDED no error"]);
    assert!(world.worker.is_idle());
    assert_eq!((world.room.executions(), world.room.bytes()), (0, 0));
    // Nobody is there any more.
    journals.iter().for_each(|journal| journal.stop(enough()));
    assert!(world.inbox.take_stops().is_empty());
    let task = ["TaskStateEntered", "TaskScheduled", "TaskStarted"];
    let whole = |rest: &[&'static str]| [&["ExecutionStarted"], task.as_slice(), rest].concat();
    let expected = [
        whole(&["ExecutionAborted"]),
        vec!["ExecutionAborted"],
        whole(&["TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]),
    ];
    for (token, expected) in (0..).zip(expected) {
        let found = history(&world, &journals[token as usize], token);
        assert_eq!(found, Ok(expected), "{token}");
    }
}

#[test]
fn a_loop_is_stopped_between_its_steps_and_histories_end_where_they_are_told_to() {
    let mut world = World::new(LOOP);
    let journal = Arc::new(Journal::new(10_000));
    world.start(&[start(1).journal(&journal)]);
    world.tick(1);
    journal.stop(enough());
    world.deliver();
    assert_eq!(ends(&world), ["1 ABORTED Enough"]);
    let whole = history(&world, &journal, 1).unwrap();
    assert!(whole.len() > 1_000, "{}", whole.len());
    let mut count = 0;
    let taken = journal.replay(
        &world.revision,
        &world.identity(1),
        &Value::empty_object(),
        false,
        |_| {
            count += 1;
            count < 5
        },
    );
    assert_eq!((taken, count), (Ok(()), 5));
}

#[test]
fn a_stop_in_the_first_step_takes_effect_behind_it() {
    let (inbox, _wakes) = Inbox::new();
    let key = Slab::<()>::new().reserve();
    let journal = Journal::new(10_000);
    let began = journal.begin(&Value::NULL, Timestamp::from_millis(0));
    assert!(matches!(began, Event::Begin));
    journal.stop(enough());
    assert_eq!(inbox.take_stops(), []);
    journal.parked(&inbox, key);
    assert_eq!(inbox.take_stops(), [(key, enough())]);
}

#[test]
fn a_journal_forgets_everything_at_its_bound() {
    let mut world = World::new(PASS);
    let journal = Arc::new(Journal::new(10));
    world.start(&[start(1).journal(&journal)]);
    assert_eq!(ends(&world), ["1 SUCCEEDED no error"]);
    assert_eq!(journal.bytes(), 0);
    assert_eq!(
        history(&world, &journal, 1),
        Err(JournalCut { bytes_max: 10 })
    );
}

#[test]
fn journals_share_their_room_while_their_executions_are_under_way() {
    // There is room for two events without data: what is held after the starts, and which executions have a history.
    let cases = [(PASS, 0, [true; 3]), (TASK, 128, [true, true, false])];
    for (definition, held, expected) in cases {
        let mut world = World::new(definition);
        let room = JournalRoom::new(128);
        let journals = [(); 3].map(|()| Arc::new(Journal::within(&room, 10_000)));
        let kept = |token: u64| start(token).journal(&journals[token as usize]);
        world.start(&[kept(0), kept(1), kept(2)]);
        assert_eq!(room.bytes(), held, "{definition}");
        let is_whole = |token: u64| history(&world, &journals[token as usize], token).is_ok();
        assert_eq!([0, 1, 2].map(is_whole), expected, "{definition}");
        drop((world, journals));
        assert_eq!(room.bytes(), 0, "{definition}");
    }
}
