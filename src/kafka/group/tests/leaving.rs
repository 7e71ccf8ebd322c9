//! Partitions given back, lost, and a group that is left.

use super::*;

#[test]
fn a_revoked_partition_is_finished_committed_and_given_back() {
    let mut world = World::new();
    let tokens = [0, 1].map(|offset| world.receive(FIRST, offset));
    world.answer(tokens[0]);
    world.tell(Input::Revoked(vec![FIRST]));
    assert_eq!(
        world.try_receive(FIRST, 2),
        None,
        "nothing more is admitted"
    );
    world.pass(100);
    assert_eq!(world.asked(), [], "1 is waited for");
    world.answer(tokens[1]);
    world.pass(0);
    assert_eq!(world.commit(true), [(FIRST, 2)]);
    world.pass(0);
    let slot = tokens[0].slot();
    assert_eq!(
        world.asked(),
        [Effect::Close(slot), Effect::Unassign(vec![FIRST])]
    );
    assert!(!world.group.has_assignment());
}

#[test]
fn offsets_that_begin_anew_while_a_partition_is_given_back_are_not_skipped() {
    let mut world = World::new();
    let token = world.receive(FIRST, 4);
    world.tell(Input::Revoked(vec![FIRST]));
    assert_eq!(world.try_receive(FIRST, 4), None, "another record");
    world.answer(token);
    world.pass(0);
    assert_eq!(
        world.asked(),
        [Effect::Close(token.slot()), Effect::Unassign(vec![FIRST])],
        "nothing is committed, so the next owner answers both"
    );
}

#[test]
fn a_revocation_does_not_hold_up_a_stop() {
    let mut world = World::new();
    let token = world.receive(FIRST, 0);
    world.answer(token);
    world.pass(1_000);
    assert!(matches!(world.asked()[..], [Effect::Commit { .. }]));
    // Nothing is heard of the commit.
    world.tell(Input::Stop {
        deadline: world.now.plus_millis(1_000),
    });
    world.pass(900);
    world.tell(Input::Revoked(vec![FIRST]));
    world.pass(100 + LAST_COMMIT_MS - 1);
    assert!(!world.group.is_stopped());
    world.pass(1);
    assert!(world.group.is_stopped());
}

#[test]
fn what_does_not_end_in_the_grace_time_is_left_behind() {
    let mut world = World::new();
    world.tell(Input::Assigned(vec![SECOND]));
    let tokens = [0, 1].map(|offset| world.receive(FIRST, offset));
    let other = world.receive(SECOND, 0);
    world.answer(tokens[0]);
    world.answer(other);
    world.asked();
    let slot = tokens[0].slot();
    world.tell(Input::Revoked(vec![FIRST]));
    world.pass(1_999);
    assert_eq!(world.asked(), []);
    world.pass(1);
    assert_eq!(world.asked(), [Effect::Fence(slot)], "what has not begun");
    world.pass(2_000);
    assert_eq!(world.commit(true), [(FIRST, 1)], "and not the other's");
    world.pass(0);
    assert_eq!(
        world.asked(),
        [Effect::Close(slot), Effect::Unassign(vec![FIRST])]
    );
    world.answer(tokens[1]);
    world.pass(10_000);
    assert_eq!(
        world.commit(true),
        [(SECOND, 1)],
        "the late answer is not ours"
    );
}

#[test]
fn dropped_events_are_not_waited_for() {
    let mut world = World::new();
    let tokens = [0, 1].map(|offset| world.receive(FIRST, offset));
    world.tell(Input::Revoked(vec![FIRST]));
    world.answer(tokens[0]);
    world.tell(Input::Dropped(tokens[1]));
    world.pass(0);
    assert_eq!(world.commit(true), [(FIRST, 1)]);
    world.pass(0);
    assert!(matches!(
        world.asked()[..],
        [Effect::Close(_), Effect::Unassign(_)]
    ));
}

#[test]
fn a_last_commit_that_fails_is_repeated_until_it_is_given_up() {
    let mut world = World::new();
    let token = world.receive(FIRST, 0);
    world.answer(token);
    world.tell(Input::Revoked(vec![FIRST]));
    world.pass(0);
    let mut tries = 0;
    while !matches!(
        world.effects[..],
        [Effect::Close(_), ..] | [Effect::Fence(_), Effect::Close(_), ..]
    ) {
        if matches!(world.effects[..], [Effect::Commit { .. }]) {
            assert_eq!(world.commit(false), [(FIRST, 1)]);
            tries += 1;
        }
        world
            .effects
            .retain(|effect| !matches!(effect, Effect::Fence(_)));
        world.pass(100);
        assert!(
            world.now < Timestamp::from_millis(1_000_000 + 60_000),
            "bounded"
        );
    }
    assert!(tries > 10, "{tries}");
    assert_eq!(
        world.now.as_millis(),
        1_000_000 + OPTIONS.revoke_grace_ms + LAST_COMMIT_MS
    );
}

#[test]
fn a_last_commit_that_is_refused_does_not_hold_up_the_rebalance() {
    let mut world = World::new();
    let token = world.receive(FIRST, 10);
    world.answer(token);
    world.tell(Input::Revoked(vec![FIRST]));
    world.pass(0);
    assert_eq!(world.commit_to(CommitEnd::Refused), [(FIRST, 11)]);
    world.pass(0);
    let asked = world.asked();
    assert!(
        matches!(&asked[..], [Effect::Close(_), Effect::Unassign(given)] if given[..] == [FIRST]),
        "{asked:?}"
    );
}

#[test]
fn nothing_of_a_lost_partition_is_committed() {
    for revoked_before in [false, true] {
        let mut world = World::new();
        let token = world.receive(FIRST, 0);
        world.answer(token);
        if revoked_before {
            world.tell(Input::Revoked(vec![FIRST]));
        }
        world.tell(Input::Lost(vec![FIRST]));
        assert_eq!(
            world.asked(),
            [Effect::Close(token.slot()), Effect::Unassign(vec![FIRST])]
        );
        world.pass(10_000);
        assert_eq!(world.asked(), []);
        assert_eq!(world.try_receive(FIRST, 1), None);
    }
}

#[test]
fn a_paused_partition_is_resumed_before_it_is_given_back() {
    let mut world = World::new();
    for offset in 0..4 {
        world.receive(FIRST, offset);
    }
    world.pass(0);
    world.pass(PAUSE_AFTER_MS);
    world.asked();
    world.tell(Input::Lost(vec![FIRST]));
    assert!(matches!(
        world.asked()[..],
        [Effect::Close(_), Effect::Resume(FIRST), Effect::Unassign(_)]
    ));
}

#[test]
fn a_stopped_group_finishes_commits_and_leaves() {
    // Whether the event is answered before the deadline, and what is left behind.
    for (answers, unanswered) in [(true, 0), (false, 1)] {
        let mut world = World::new();
        let tokens = [0, 1].map(|offset| world.receive(FIRST, offset));
        world.answer(tokens[0]);
        let deadline = world.now.plus_millis(30_000);
        world.tell(Input::Stop { deadline });
        assert!(!world.group.wants_records());
        world.pass(29_999);
        assert_eq!(world.asked(), [], "1 is waited for");
        if answers {
            world.answer(tokens[1]);
        } else {
            world.pass(1);
            assert_eq!(world.effects.remove(0), Effect::Fence(tokens[0].slot()));
        }
        if answers {
            world.pass(0);
        }
        assert_eq!(world.commit(true), [(FIRST, if answers { 2 } else { 1 })]);
        world.pass(0);
        assert_eq!(
            world.asked(),
            [
                Effect::Close(tokens[0].slot()),
                Effect::Unassign(vec![FIRST]),
                Effect::Leave { unanswered },
            ]
        );
        world.pass(1_000);
        assert_eq!(world.asked(), [], "leaving is the last effect");
    }
}
