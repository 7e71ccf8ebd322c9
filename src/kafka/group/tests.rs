//! A group told what a broker and workers could tell, in virtual time, and what it asks for.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const OPTIONS: GroupOptions = GroupOptions {
    commit_interval_ms: 1_000,
    revoke_grace_ms: 4_000,
    offset_gap_max: 4,
};
const FIRST: PartitionId = partition(0);
const SECOND: PartitionId = partition(1);

const fn partition(partition: i32) -> PartitionId {
    PartitionId {
        topic: 0,
        partition,
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
            .receive(partition, offset, self.now, &mut self.effects)
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
        let asked = self.asked();
        let [Effect::Commit { number, positions }] = &asked[..] else {
            panic!("one commit was expected: {asked:?}");
        };
        let number = *number;
        self.tell(Input::CommitEnded { number, committed });
        positions.clone()
    }
}

#[test]
fn a_commit_stops_at_the_first_offset_without_an_answer() {
    let mut world = World::new();
    let tokens = [3, 7, 8].map(|offset| world.receive(FIRST, offset));
    world.answer(tokens[1]);
    world.pass(1_000);
    assert_eq!(world.asked(), [], "3 has no answer");
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

/// What may happen to a group in any order.
#[derive(Clone, Debug)]
enum Step {
    Receive {
        partition: i32,
        skip: i64,
    },
    /// One of the events that are open.
    Answer(prop::sample::Index),
    /// The same, with as many records, acknowledged one by one.
    AnswerWithRecords(prop::sample::Index, u32),
    Pass(i64),
    CommitEnded(bool),
    Revoke(i32),
    Lose(i32),
    Assign(i32),
}

fn step() -> impl Strategy<Value = Step> {
    let partition = 0..3;
    prop_oneof![
        8 => (partition.clone(), 0i64..3).prop_map(|(partition, skip)| Step::Receive { partition, skip }),
        6 => any::<prop::sample::Index>().prop_map(Step::Answer),
        2 => (any::<prop::sample::Index>(), 0u32..4).prop_map(|(i, n)| Step::AnswerWithRecords(i, n)),
        4 => (0i64..3_000).prop_map(Step::Pass),
        3 => any::<bool>().prop_map(Step::CommitEnded),
        1 => partition.clone().prop_map(Step::Revoke),
        1 => partition.clone().prop_map(Step::Lose),
        3 => partition.prop_map(Step::Assign),
    ]
}

proptest! {
    /// Beside the group walks a record of what was received and answered: no commit may pass an offset of the assignment
    /// that has no answer, none may move back within one, and none may name a partition that is not ours.
    #[test]
    fn no_commit_passes_an_event_without_an_answer(steps in vec(step(), 1..300)) {
        let mut group = Group::new(OPTIONS, Slots::new(0, 1));
        let (mut now, mut effects) = (Timestamp::from_millis(0), Vec::new());
        // Of each partition that is ours: what was received and is not answered, the end, the last commit.
        let mut ours: BTreeMap<PartitionId, (BTreeSet<i64>, i64, i64)> = BTreeMap::new();
        let mut ends: BTreeMap<i32, i64> = BTreeMap::new();
        let mut open: Vec<(Token, PartitionId, i64)> = Vec::new();
        let mut under_way = None;
        let mut leaving: BTreeSet<PartitionId> = BTreeSet::new();
        for step in steps {
            match step {
                Step::Receive { partition: p, skip } => {
                    let offset = ends.get(&p).copied().unwrap_or(0) + skip;
                    if let Some(token) = group.receive(partition(p), offset, now, &mut effects) {
                        ends.insert(p, offset + 1);
                        open.push((token, partition(p), offset));
                        let (unanswered, end, _) = ours.get_mut(&partition(p)).expect("is ours");
                        unanswered.insert(offset);
                        *end = offset + 1;
                    }
                }
                Step::Answer(index) if !open.is_empty() => {
                    let (token, p, offset) = open.swap_remove(index.index(open.len()));
                    group.handle(Input::Acknowledged(token.sole()), now, &mut effects);
                    if let Some((unanswered, ..)) = ours.get_mut(&p) {
                        unanswered.remove(&offset);
                    }
                }
                Step::AnswerWithRecords(index, records_owed) if !open.is_empty() => {
                    let (token, p, offset) = open.swap_remove(index.index(open.len()));
                    group.handle(Input::Ended { token, records_owed }, now, &mut effects);
                    for _ in 0..records_owed {
                        group.handle(Input::Acknowledged(token), now, &mut effects);
                    }
                    if let Some((unanswered, ..)) = ours.get_mut(&p) {
                        unanswered.remove(&offset);
                    }
                }
                Step::Pass(ms) => {
                    now = now.plus_millis(ms);
                    group.handle(Input::Tick, now, &mut effects);
                }
                Step::CommitEnded(committed) => {
                    if let Some(number) = under_way.take() {
                        group.handle(Input::CommitEnded { number, committed }, now, &mut effects);
                    }
                }
                Step::Revoke(p) if ours.contains_key(&partition(p)) && leaving.is_empty() => {
                    leaving.insert(partition(p));
                    group.handle(Input::Revoked(vec![partition(p)]), now, &mut effects);
                }
                Step::Lose(p) if ours.contains_key(&partition(p)) => {
                    group.handle(Input::Lost(vec![partition(p)]), now, &mut effects);
                }
                Step::Assign(p) if !ours.contains_key(&partition(p)) => {
                    // What was not committed is received again; the answers of before are another's.
                    ends.insert(p, 0);
                    open.retain(|(_, other, _)| *other != partition(p));
                    ours.insert(partition(p), (BTreeSet::new(), 0, 0));
                    group.handle(Input::Assigned(vec![partition(p)]), now, &mut effects);
                }
                // Nothing is open, or the partition is not in the state for it.
                Step::Answer(_)
                | Step::AnswerWithRecords(..)
                | Step::Revoke(_)
                | Step::Lose(_)
                | Step::Assign(_) => {}
            }
            for effect in effects.drain(..) {
                match effect {
                    Effect::Commit { number, positions } => {
                        prop_assert_eq!(under_way, None, "one commit at a time");
                        under_way = Some(number);
                        for (p, position) in positions {
                            let (unanswered, end, last) = ours.get_mut(&p).expect("only what is ours");
                            let safe = unanswered.first().copied().unwrap_or(*end);
                            prop_assert!(position <= safe, "{} passes {}", position, safe);
                            prop_assert!(position >= *last, "{} moves back from {}", position, last);
                            *last = position;
                        }
                    }
                    Effect::Unassign(partitions) => for p in partitions {
                        ours.remove(&p);
                        leaving.remove(&p);
                    },
                    Effect::Assign(_)
                    | Effect::Open(..)
                    | Effect::Fence(_)
                    | Effect::Close(_)
                    | Effect::Pause(_)
                    | Effect::Resume(_)
                    | Effect::Leave { .. } => {}
                }
            }
        }
    }
}
