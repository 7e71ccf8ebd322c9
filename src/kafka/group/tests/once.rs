//! Events that are sent several times and run once.

use super::*;

const REPEATED: Effect = Effect::Repeated(3);

#[test]
fn a_repetition_is_answered_with_the_first() {
    let mut world = World::new();
    let first = world.receive_once(0, 1).expect("it is the first");
    assert_eq!(world.receive_once(1, 1), None);
    let other = world.receive_once(2, 2).expect("it is another");
    assert_eq!(world.asked(), [REPEATED]);
    world.answer(other);
    world.pass(1_000);
    // The commit carries what is answered above it: of the repetition that must not be said.
    let asked = world.asked();
    let [
        Effect::Commit {
            positions,
            carried,
            number,
        },
    ] = &asked[..]
    else {
        panic!("one commit: {asked:?}");
    };
    assert_eq!(positions, &[(FIRST, 0)]);
    let carried = Carried::parse(&carried[0]).expect("it is ours");
    assert!(carried.has(2, Some(0)) && !carried.has(1, Some(0)) && !carried.has(0, Some(0)));
    world.tell(Input::CommitEnded {
        number: *number,
        end: CommitEnd::Committed,
    });
    world.answer(first);
    assert_eq!(world.receive_once(3, 1), None, "and one that comes later");
    world.asked();
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 4)]);
}

#[test]
fn what_the_window_has_forgotten_is_run_again() {
    let mut world = World::new();
    for (offset, event, is_run) in [
        (0, 1, true),
        (1, 2, true),
        (2, 1, false),
        (3, 3, true),
        (4, 1, true),
    ] {
        assert_eq!(
            world.receive_once(offset, event).is_some(),
            is_run,
            "offset {offset}"
        );
    }
    world.pass(10_000);
    assert!(world.receive_once(5, 1).is_some(), "its time is over");
}

#[test]
fn an_assignment_knows_nothing_of_one_before() {
    let mut world = World::new();
    assert!(world.receive_once(0, 1).is_some());
    world.tell(Input::Lost(vec![FIRST]));
    world.tell(Input::Assigned(vec![FIRST]));
    assert!(world.receive_once(0, 1).is_some(), "nobody has answered it");
}

#[test]
fn a_repetition_shares_the_fate_of_what_was_dropped() {
    let mut world = World::new();
    let first = world.receive_once(0, 1).expect("it is the first");
    assert_eq!(world.receive_once(1, 1), None);
    world.tell(Input::Hold(vec![0]));
    world.tell(Input::Dropped(first));
    let late = world
        .receive_once(2, 1)
        .expect("nothing is there to wait for");
    world.tell(Input::Dropped(late));
    world.tell(Input::Hold(Vec::new()));
    world.asked();
    world.pass(0);
    let asked = world.asked();
    let rewound = |effect: &Effect| matches!(effect, Effect::Rewind(FIRST, _, 0));
    assert!(asked.iter().any(rewound), "{asked:?}");
    let first = world.receive_once(0, 1).expect("it is run at last");
    assert_eq!(world.receive_once(1, 1), None);
    world.asked();
    world.answer(first);
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 2)]);
}

#[test]
fn what_is_answered_and_not_committed_is_not_run_again_after_a_hold() {
    let mut world = World::new();
    let token = world.receive(FIRST, 1);
    world.tell(Input::Hold(vec![0]));
    world.answer(token);
    world.tell(Input::Hold(Vec::new()));
    world.asked();
    world.pass(0);
    let asked = world.asked();
    let rewound = |effect: &Effect| matches!(effect, Effect::Rewind(FIRST, _, 1));
    assert!(asked.iter().any(rewound), "{asked:?}");
    assert_eq!(world.try_receive(FIRST, 1), None);
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 2)]);
}
