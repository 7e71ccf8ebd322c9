//! A group told what a broker and workers could tell, in virtual time, and what it asks for.

mod any_order;
mod leaving;
mod once;
mod schedules;

use super::commit::{COMMIT_LIFE_MS_MAX, COMMIT_RETRY_MS};
use super::*;

const OPTIONS: GroupOptions = GroupOptions {
    commit_interval_ms: 1_000,
    carries_answered: true,
    revoke_grace_ms: 4_000,
    offset_gap_max: 4,
    head_block_ms: 60_000,
};
const FIRST: PartitionId = partition(0);
const SECOND: PartitionId = partition(1);

const fn partition(partition: i32) -> PartitionId {
    PartitionId {
        topic: 0,
        partition,
    }
}

const fn record(partition: PartitionId, offset: i64) -> Received {
    Received {
        partition,
        offset,
        epoch: Some(0),
        once: None,
    }
}

/// A group, its time, and what it has asked for since it was last looked at.
struct World {
    group: Group,
    now: Timestamp,
    effects: Vec<Effect>,
}

impl World {
    /// With the first partition assigned.
    fn new() -> Self {
        let mut world = Self {
            group: Group::new(OPTIONS, Slots::new(0, 1)),
            now: Timestamp::from_millis(1_000_000),
            effects: Vec::new(),
        };
        world.tell(Input::Assigned(vec![FIRST]));
        assert!(matches!(world.asked()[..], [Effect::Assign(_)]));
        world
    }

    fn tell(&mut self, input: Input) {
        self.group.handle(input, self.now, &mut self.effects);
    }

    fn receive(&mut self, partition: PartitionId, offset: i64) -> Token {
        self.try_receive(partition, offset)
            .expect("the partition is ours")
    }

    fn try_receive(&mut self, partition: PartitionId, offset: i64) -> Option<Token> {
        self.group
            .receive(&record(partition, offset), self.now, &mut self.effects)
    }

    /// A record of an event that is to be run once.
    fn receive_once(&mut self, offset: i64, event: u8) -> Option<Token> {
        let bounds = WindowBounds {
            events_max: 2,
            age_ms_max: 10_000,
        };
        let once = Once {
            workflow: 3,
            id: EventId([event; 32]),
            bounds,
        };
        let record = Received {
            once: Some(once),
            ..record(FIRST, offset)
        };
        self.group.receive(&record, self.now, &mut self.effects)
    }

    /// One record was owed, and the broker has it.
    fn answer(&mut self, token: Token) {
        self.tell(Input::Acknowledged(token.sole()));
    }

    fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_millis(ms);
        self.tell(Input::Tick);
    }

    fn asked(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The positions of the one commit that was asked for, which the broker takes or not.
    fn commit(&mut self, committed: bool) -> Vec<(PartitionId, i64)> {
        self.commit_to(if committed {
            CommitEnd::Committed
        } else {
            CommitEnd::Failed
        })
    }

    fn commit_to(&mut self, end: CommitEnd) -> Vec<(PartitionId, i64)> {
        let asked = self.asked();
        let [
            Effect::Commit {
                number, positions, ..
            },
        ] = &asked[..]
        else {
            panic!("one commit was expected: {asked:?}");
        };
        let number = *number;
        self.tell(Input::CommitEnded { number, end });
        positions.clone()
    }
}

#[test]
fn a_commit_stops_at_the_first_offset_without_an_answer() {
    let mut world = World::new();
    let tokens = [3, 7, 8].map(|offset| world.receive(FIRST, offset));
    world.answer(tokens[1]);
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 3)], "3 has no answer");
    world.pass(1_000);
    assert_eq!(world.asked(), [], "that 7 has one is known");
    world.answer(tokens[0]);
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 8)]);
    world.answer(tokens[2]);
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 9)]);
    world.pass(1_000);
    assert_eq!(world.asked(), [], "nothing is new");
}

#[test]
fn what_is_answered_above_the_position_is_carried_only_if_wanted() {
    let mut world = World::new();
    world.group.options.carries_answered = false;
    let tokens = [3, 4, 5].map(|offset| world.receive(FIRST, offset));
    world.answer(tokens[2]);
    world.pass(1_000);
    assert_eq!(world.asked(), [], "the position has not moved");
    world.answer(tokens[0]);
    world.pass(1_000);
    let asked = world.asked();
    assert!(
        matches!(&asked[..], [Effect::Commit { carried, .. }] if carried[..] == [""]),
        "{asked:?}"
    );
    let mut world = World::new();
    world.group.options.carries_answered = false;
    let carried = Carried::parse("stepstream/1 0 3 1+1").expect("it is ours");
    world.tell(Input::Carried(FIRST, carried));
    let begun = [3, 4].map(|offset| world.try_receive(FIRST, offset));
    assert!(begun.iter().all(Option::is_some), "{begun:?}");
}

#[test]
fn what_an_earlier_owner_has_answered_is_skipped() {
    let mut world = World::new();
    let tokens = [3, 4, 5, 7].map(|offset| world.receive(FIRST, offset));
    world.answer(tokens[1]);
    world.answer(tokens[3]);
    world.pass(1_000);
    let asked = world.asked();
    let [Effect::Commit { carried, .. }] = &asked[..] else {
        panic!("one commit was expected: {asked:?}");
    };
    let carried = Carried::parse(&carried[0]).expect("it is ours");
    let mut world = World::new();
    world.tell(Input::Carried(FIRST, carried));
    let begun = [3, 4, 5, 7, 8].map(|offset| world.try_receive(FIRST, offset));
    assert_eq!(
        begun.map(|token| token.is_some()),
        [true, false, true, false, true]
    );
    for token in [begun[0], begun[2]].into_iter().flatten() {
        world.answer(token);
    }
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 8)]);
}

#[test]
fn an_event_is_answered_when_all_that_it_owes_is_acknowledged() {
    // What is told of the offset 0, in this order, and whether it may be committed then.
    type Case = (&'static str, fn(Token) -> Vec<Input>, bool);
    let cases: &[Case] = &[
        ("nothing", |_| vec![], false),
        ("sole", |t| vec![Input::Acknowledged(t.sole())], true),
        (
            "owes nothing",
            |token| {
                vec![Input::Ended {
                    token,
                    records_owed: 0,
                }]
            },
            true,
        ),
        (
            "one of two",
            |token| {
                vec![
                    Input::Ended {
                        token,
                        records_owed: 2,
                    },
                    Input::Acknowledged(token),
                ]
            },
            false,
        ),
        (
            "two of two, told first",
            |token| {
                let records_owed = 2;
                let acknowledged = Input::Acknowledged(token);
                vec![
                    acknowledged.clone(),
                    acknowledged,
                    Input::Ended {
                        token,
                        records_owed,
                    },
                ]
            },
            true,
        ),
        (
            "acknowledged, but not ended: more may come",
            |token| vec![Input::Acknowledged(token)],
            false,
        ),
        ("dropped", |token| vec![Input::Dropped(token)], false),
    ];
    for (name, told, answered) in cases {
        let mut world = World::new();
        let token = world.receive(FIRST, 0);
        told(token).into_iter().for_each(|input| world.tell(input));
        world.pass(1_000);
        assert_eq!(!world.asked().is_empty(), *answered, "{name}");
    }
}

#[test]
fn a_failed_commit_is_repeated_and_commits_never_overlap() {
    let mut world = World::new();
    let tokens = [0, 1].map(|offset| world.receive(FIRST, offset));
    world.answer(tokens[0]);
    world.pass(1_000);
    world.answer(tokens[1]);
    let under_way = world.asked();
    world.pass(10_000);
    assert_eq!(world.asked(), [], "one is under way");
    world.effects = under_way;
    assert_eq!(world.commit(false), [(FIRST, 1)]);
    world.pass(COMMIT_RETRY_MS - 1);
    assert_eq!(world.asked(), []);
    world.pass(1);
    assert_eq!(world.commit(true), [(FIRST, 2)]);
}

#[test]
fn an_event_that_holds_up_its_partition_is_named_once() {
    let mut world = World::new();
    world.group.options.offset_gap_max = 100;
    let tokens: Vec<_> = (0..100).map(|n| world.receive(FIRST, n)).collect();
    let named = |world: &mut World| {
        let mut heads = Vec::new();
        for effect in world.asked() {
            if let Effect::HeadBlocked { token, offset, .. } = effect {
                heads.push((token, offset));
            }
        }
        heads
    };
    // Two of a hundred are not answered, of which the last is no head.
    tokens[1..98].iter().for_each(|t| world.answer(*t));
    world.pass(OPTIONS.head_block_ms);
    assert_eq!(named(&mut world), [], "97 of a hundred are answered");
    world.answer(tokens[98]);
    world.pass(0);
    assert_eq!(named(&mut world), [(tokens[0], 0)]);
    world.pass(1_000);
    assert_eq!(named(&mut world), [], "it was");
    assert!(world.group.blocked().all(|(_, blocked)| blocked));
    world.answer(tokens[0]);
    world.pass(0);
    assert!(world.group.blocked().all(|(_, blocked)| !blocked));
    // A new one is named when it is old enough.
    let later: Vec<_> = (100..200).map(|n| world.receive(FIRST, n)).collect();
    world.answer(tokens[99]);
    later[1..].iter().for_each(|t| world.answer(*t));
    world.pass(OPTIONS.head_block_ms - 1);
    assert_eq!(named(&mut world), []);
    world.pass(1);
    assert_eq!(named(&mut world), [(later[0], 100)]);
}

#[test]
fn a_new_assignment_does_not_hear_of_the_old_one() {
    let mut world = World::new();
    let old = world.receive(FIRST, 0);
    world.tell(Input::Lost(vec![FIRST]));
    world.tell(Input::Assigned(vec![FIRST]));
    let new = world.receive(FIRST, 0);
    world.asked();
    assert_ne!(old.slot(), new.slot());
    world.answer(old);
    world.pass(1_000);
    assert_eq!(world.asked(), []);
    world.answer(new);
    world.pass(1_000);
    assert_eq!(world.commit(true), [(FIRST, 1)]);
}

#[test]
fn a_commit_that_never_ends_does_not_hold_up_the_next() {
    let mut world = World::new();
    let token = world.receive(FIRST, 0);
    world.answer(token);
    world.pass(1_000);
    let asked = world.asked();
    let [Effect::Commit { number, .. }] = asked[..] else {
        panic!("one commit was expected: {asked:?}");
    };
    world.pass(COMMIT_LIFE_MS_MAX - 1);
    assert_eq!(world.asked(), []);
    world.pass(1);
    world.pass(COMMIT_RETRY_MS);
    world.tell(Input::CommitEnded {
        number,
        end: CommitEnd::Failed,
    });
    assert_eq!(
        world.commit(true),
        [(FIRST, 1)],
        "the late end is of another"
    );
}

#[test]
fn offsets_that_begin_anew_do_not_let_earlier_events_be_skipped() {
    let mut world = World::new();
    let old = [4, 5, 6].map(|offset| world.receive(FIRST, offset));
    world.answer(old[1]);
    let anew = world.receive(FIRST, 5);
    assert_eq!(world.asked(), [Effect::Open(FIRST, anew.slot())]);
    world.answer(anew);
    world.pass(1_000);
    assert_eq!(world.asked(), [], "4 and 6 of before are open");
    world.answer(old[0]);
    world.answer(old[2]);
    world.pass(1_000);
    let asked = world.asked();
    assert_eq!(asked[0], Effect::Close(old[0].slot()));
    world.effects = asked[1..].to_vec();
    assert_eq!(world.commit(true), [(FIRST, 6)]);
}

#[test]
fn a_full_partition_slows_all_then_is_paused_alone() {
    let mut world = World::new();
    let tokens = [0, 1, 2, 3].map(|offset| world.receive(FIRST, offset));
    assert!(!world.group.wants_records());
    world.pass(0);
    world.pass(PAUSE_AFTER_MS - 1);
    assert_eq!(world.asked(), []);
    world.pass(1);
    assert_eq!(world.asked(), [Effect::Pause(FIRST)]);
    assert!(world.group.wants_records(), "of the others");
    world.answer(tokens[0]);
    world.pass(0);
    assert!(
        !world.asked().contains(&Effect::Resume(FIRST)),
        "three are open"
    );
    world.answer(tokens[1]);
    world.pass(0);
    assert!(world.asked().contains(&Effect::Resume(FIRST)));
    assert!(world.group.wants_records());
}
