//! Whatever happens, in whatever order: no event is skipped.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

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
    CommitEnded(CommitEnd),
    Revoke(i32),
    Lose(i32),
    Assign(i32),
    /// The topic is not to be read, or to be read again.
    Hold(bool),
    /// While it is not: one of the events that are open is not begun.
    Drop(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    let partition = 0..3;
    prop_oneof![
        8 => (partition.clone(), 0i64..3).prop_map(|(partition, skip)| Step::Receive { partition, skip }),
        6 => any::<prop::sample::Index>().prop_map(Step::Answer),
        2 => (any::<prop::sample::Index>(), 0u32..4).prop_map(|(i, n)| Step::AnswerWithRecords(i, n)),
        4 => (0i64..3_000).prop_map(Step::Pass),
        3 => prop_oneof![
            Just(CommitEnd::Committed),
            Just(CommitEnd::Failed),
            Just(CommitEnd::Refused),
        ].prop_map(Step::CommitEnded),
        1 => partition.clone().prop_map(Step::Revoke),
        1 => partition.clone().prop_map(Step::Lose),
        3 => partition.prop_map(Step::Assign),
        2 => any::<bool>().prop_map(Step::Hold),
        3 => any::<prop::sample::Index>().prop_map(Step::Drop),
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
        // What was received, for a partition that is received again.
        let mut known: BTreeMap<i32, BTreeSet<i64>> = BTreeMap::new();
        let mut held = false;
        let mut open: Vec<(Token, PartitionId, i64)> = Vec::new();
        let mut under_way: Option<(u64, Vec<(PartitionId, i64)>)> = None;
        // Where the group stands in each.
        let mut stands: BTreeMap<PartitionId, i64> = BTreeMap::new();
        let mut leaving: BTreeSet<PartitionId> = BTreeSet::new();
        for step in steps {
            match step {
                Step::Receive { partition: p, skip } => {
                    let end = ends.get(&p).copied().unwrap_or(0);
                    let again = known.get(&p).and_then(|k| k.range(end..).next().copied());
                    let offset = again.unwrap_or(end + skip);
                    let is_ours = ours.contains_key(&partition(p));
                    if let Some(token) = group.receive(&record(partition(p), offset), now, &mut effects) {
                        ends.insert(p, offset + 1);
                        open.push((token, partition(p), offset));
                        let (unanswered, end, _) = ours.get_mut(&partition(p)).expect("is ours");
                        unanswered.insert(offset);
                        *end = (*end).max(offset + 1);
                        known.entry(p).or_default().insert(offset);
                    } else if is_ours && again.is_some() {
                        let (unanswered, ..) = ours.get(&partition(p)).expect("is ours");
                        prop_assert!(
                            !unanswered.contains(&offset) || leaving.contains(&partition(p)),
                            "{} is passed over", offset
                        );
                        ends.insert(p, offset + 1);
                    }
                }
                Step::Hold(holds) => {
                    held = holds;
                    let topics = if holds { vec![0] } else { Vec::new() };
                    group.handle(Input::Hold(topics), now, &mut effects);
                }
                Step::Drop(index) if held && !open.is_empty() => {
                    let (token, ..) = open.swap_remove(index.index(open.len()));
                    group.handle(Input::Dropped(token), now, &mut effects);
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
                Step::CommitEnded(end) => {
                    if let Some((number, positions)) = under_way.take() {
                        if end == CommitEnd::Committed {
                            stands.extend(positions);
                        }
                        group.handle(Input::CommitEnded { number, end }, now, &mut effects);
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
                    known.remove(&p);
                    open.retain(|(_, other, _)| *other != partition(p));
                    ours.insert(partition(p), (BTreeSet::new(), 0, 0));
                    stands.remove(&partition(p));
                    if let Some((_, positions)) = &mut under_way {
                        positions.retain(|(other, _)| *other != partition(p));
                    }
                    group.handle(Input::Assigned(vec![partition(p)]), now, &mut effects);
                }
                // Nothing is open, or the partition is not in the state for it.
                Step::Answer(_)
                | Step::Drop(_)
                | Step::AnswerWithRecords(..)
                | Step::Revoke(_)
                | Step::Lose(_)
                | Step::Assign(_) => {}
            }
            for effect in effects.drain(..) {
                match effect {
                    Effect::Commit { number, positions, carried } => {
                        prop_assert!(under_way.is_none(), "one commit at a time");
                        under_way = Some((number, positions.clone()));
                        for ((p, position), carried) in positions.into_iter().zip(carried) {
                            let carried = Carried::parse(&carried).unwrap_or_default();
                            let (unanswered, end, last) = ours.get_mut(&p).expect("only what is ours");
                            let safe = unanswered.first().copied().unwrap_or(*end);
                            prop_assert!(position <= safe, "{} passes {}", position, safe);
                            for offset in &*unanswered {
                                prop_assert!(!carried.has(*offset, Some(0)), "{} is carried", offset);
                            }
                            prop_assert!(position >= *last, "{} moves back from {}", position, last);
                            *last = position;
                        }
                    }
                    Effect::Unassign(partitions) => for p in partitions {
                        ours.remove(&p);
                        leaving.remove(&p);
                    },
                    Effect::Rewind(p, _, position) => {
                        prop_assert!(open.iter().all(|(_, other, _)| *other != p), "none is open");
                        let (unanswered, _, last) = ours.get_mut(&p).expect("only what is ours");
                        prop_assert!(unanswered.first().is_none_or(|first| position <= *first));
                        prop_assert!(position >= stands.get(&p).copied().unwrap_or(0));
                        // Whether a commit that failed was taken is not known.
                        *last = position;
                        ends.insert(p.partition, position);
                    }
                    Effect::Assign(_)
                    | Effect::Open(..)
                    | Effect::Repeated(_)
                    | Effect::Fence(_)
                    | Effect::Close(_)
                    | Effect::HeadBlocked { .. }
                    | Effect::Pause(_)
                    | Effect::Resume(_)
                    | Effect::Leave { .. } => {}
                }
            }
        }
    }
}
