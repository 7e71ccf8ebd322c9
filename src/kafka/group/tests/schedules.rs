//! Every schedule of a small scope, one after the other: three records with a gap, two owners, two faults. In none is a position committed
//! past a record without an answer, in all everything is answered and committed in the end, and none answers again what was carried.
//!
//! States that are reached by several schedules are gone on from once, and the schedules are counted.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::*;

const OWNERS: usize = 2;

/// Time stands still but for failed commits, so that states differ in what was done and not in when.
const TIMELESS: GroupOptions = GroupOptions {
    commit_interval_ms: 0,
    ..OPTIONS
};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// The owner receives its next record.
    Receive(usize),
    /// An event of an owner is answered, and the owner hears of it.
    Answer(usize, usize),
    Tick(usize),
    /// The broker gets an owner's commit, and says what comes of it.
    Commit(usize),
    /// An owner that has lost its partition hears of it.
    Lost(usize),
    /// The broker gets the commit, and its answer is lost.
    CommitAnswerLost(usize),
    /// The broker does not get the commit.
    CommitFails(usize),
    /// The partition is wanted back.
    Revoke,
    /// It belongs to somebody else already.
    Expel,
    /// Its owner ends without a word.
    Crash,
}

#[derive(Clone, Debug)]
struct Owner {
    group: Group,
    /// The offset from which it is received.
    next: i64,
    open: Vec<(Token, i64)>,
    commit: Option<(u64, i64, String)>,
    /// Something was told since the last tick.
    is_told: bool,
    is_alive: bool,
    knows_loss: bool,
    is_revoked: bool,
}

#[derive(Clone, Debug)]
struct Scope {
    log: &'static [i64],
    owners: Vec<Owner>,
    now: Timestamp,
    committed: i64,
    metadata: String,
    answered: BTreeSet<i64>,
    faults: usize,
}

impl Scope {
    fn new(log: &'static [i64], faults: usize) -> Self {
        let mut scope = Self {
            log,
            owners: Vec::new(),
            now: Timestamp::from_millis(0),
            committed: 0,
            metadata: String::new(),
            answered: BTreeSet::new(),
            faults,
        };
        scope.give();
        scope
    }

    /// The owner that the broker knows.
    fn holder(&self) -> usize {
        self.owners.len() - 1
    }

    /// A further owner gets the partition.
    fn give(&mut self) {
        self.owners.push(Owner {
            group: Group::new(TIMELESS, Slots::new(0, 1)),
            next: self.committed,
            open: Vec::new(),
            commit: None,
            is_told: false,
            is_alive: true,
            knows_loss: false,
            is_revoked: false,
        });
        let owner = self.holder();
        self.tell(owner, Input::Assigned(vec![FIRST]));
        if let Some(carried) = Carried::parse(&self.metadata) {
            self.tell(owner, Input::Carried(FIRST, carried));
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let holder = self.holder();
        let may_fail = self.faults > 0;
        for (number, owner) in self.owners.iter().enumerate() {
            if !owner.is_alive {
                continue;
            }
            if !owner.knows_loss && self.log.iter().any(|offset| *offset >= owner.next) {
                steps.push(Step::Receive(number));
            }
            steps.extend((0..owner.open.len()).map(|event| Step::Answer(number, event)));
            if owner.is_told {
                steps.push(Step::Tick(number));
            }
            if owner.commit.is_some() {
                steps.push(Step::Commit(number));
                if may_fail && number == holder {
                    steps.extend([Step::CommitAnswerLost(number), Step::CommitFails(number)]);
                }
            }
            if number != holder && !owner.knows_loss {
                steps.push(Step::Lost(number));
            }
        }
        let is_revoked = self.owners[holder].is_revoked;
        if may_fail && self.owners.len() < OWNERS && !is_revoked {
            steps.extend([Step::Revoke, Step::Expel, Step::Crash]);
        }
        steps
    }

    fn take(&mut self, step: Step) {
        let holder = self.holder();
        match step {
            Step::Receive(number) => {
                let owner = &mut self.owners[number];
                let next = self.log.iter().find(|offset| **offset >= owner.next);
                let offset = *next.expect("there is one");
                owner.next = offset + 1;
                owner.is_told = true;
                let mut effects = Vec::new();
                let token = owner
                    .group
                    .receive(&record(FIRST, offset), self.now, &mut effects);
                assert_eq!(effects, []);
                owner.open.extend(token.map(|token| (token, offset)));
            }
            Step::Answer(number, event) => {
                let (token, offset) = self.owners[number].open.remove(event);
                self.answered.insert(offset);
                self.tell(number, Input::Acknowledged(token.sole()));
            }
            Step::Tick(number) => {
                self.tell(number, Input::Tick);
                self.owners[number].is_told = false;
            }
            Step::Commit(number) => {
                let end = if number == holder {
                    self.commit(number);
                    CommitEnd::Committed
                } else {
                    CommitEnd::Refused
                };
                self.end_commit(number, end);
                // Until it hears of its loss it would only try again.
                self.owners[number].is_told &= number == holder;
            }
            Step::Lost(number) => {
                self.tell(number, Input::Lost(vec![FIRST]));
                let owner = &mut self.owners[number];
                owner.knows_loss = true;
                owner.open.clear();
            }
            Step::CommitAnswerLost(number) => {
                self.faults -= 1;
                self.commit(number);
                self.end_commit(number, CommitEnd::Failed);
                self.now = self.now.plus_millis(COMMIT_RETRY_MS);
            }
            Step::CommitFails(number) => {
                self.faults -= 1;
                self.end_commit(number, CommitEnd::Failed);
                self.now = self.now.plus_millis(COMMIT_RETRY_MS);
            }
            Step::Revoke => {
                self.faults -= 1;
                self.owners[holder].is_revoked = true;
                self.tell(holder, Input::Revoked(vec![FIRST]));
            }
            Step::Expel => {
                self.faults -= 1;
                self.give();
            }
            Step::Crash => {
                self.faults -= 1;
                self.owners[holder].is_alive = false;
                self.give();
            }
        }
    }

    /// The broker takes a commit.
    fn commit(&mut self, number: usize) {
        let commit = &self.owners[number].commit;
        let (_, position, carried) = commit.clone().expect("it is under way");
        let below = self.log.iter().filter(|offset| **offset < position);
        for offset in below {
            assert!(self.answered.contains(offset), "{position} passes {offset}");
        }
        let claims = Carried::parse(&carried).unwrap_or_default();
        for offset in self
            .log
            .iter()
            .filter(|offset| claims.has(**offset, Some(0)))
        {
            assert!(self.answered.contains(offset), "{offset} is carried");
        }
        assert!(position >= self.committed, "{position} moves back");
        (self.committed, self.metadata) = (position, carried);
    }

    fn end_commit(&mut self, number: usize, end: CommitEnd) {
        let commit = self.owners[number].commit.take();
        let (number_of_commit, ..) = commit.expect("it is under way");
        let number_of_commit = Input::CommitEnded {
            number: number_of_commit,
            end,
        };
        self.tell(number, number_of_commit);
    }

    fn tell(&mut self, number: usize, input: Input) {
        let owner = &mut self.owners[number];
        let mut effects = Vec::new();
        owner.group.handle(input, self.now, &mut effects);
        owner.is_told = true;
        for effect in effects {
            match effect {
                Effect::Commit {
                    number: commit,
                    positions,
                    carried,
                } => {
                    let owner = &mut self.owners[number];
                    assert!(owner.commit.is_none(), "one commit at a time");
                    let carried = carried.into_iter().next().unwrap_or_default();
                    owner.commit = Some((commit, positions[0].1, carried));
                }
                Effect::Unassign(_) => {
                    let owner = &mut self.owners[number];
                    owner.knows_loss = true;
                    owner.open.clear();
                    if number == self.holder() {
                        self.give();
                    }
                }
                Effect::Assign(_) | Effect::Fence(_) | Effect::Close(_) => {}
                Effect::Open(..)
                | Effect::Repeated(_)
                | Effect::Pause(_)
                | Effect::Resume(_)
                | Effect::Rewind(..)
                | Effect::HeadBlocked { .. }
                | Effect::Leave { .. } => panic!("nothing here asks for {effect:?}"),
            }
        }
    }
}

/// What was explored of a scope.
#[derive(Default)]
struct Explored {
    /// How many schedules begin in a state, by the state's digest.
    schedules: HashMap<u128, u128>,
    steps: u64,
}

impl Explored {
    /// Takes every step that is possible, and all that may follow. Returns how many schedules there are from here.
    fn explore(&mut self, scope: &Scope) -> u128 {
        let digest = scope.digest();
        if let Some(schedules) = self.schedules.get(&digest) {
            return *schedules;
        }
        let possible = scope.steps();
        if possible.is_empty() {
            let end = scope.log.last().map_or(0, |last| last + 1);
            assert_eq!(scope.committed, end, "{scope:?}");
        }
        let mut schedules = u128::from(possible.is_empty());
        for step in possible {
            let mut after = scope.clone();
            after.take(step);
            self.steps += 1;
            schedules += self.explore(&after);
        }
        self.schedules.insert(digest, schedules);
        schedules
    }
}

impl Scope {
    /// States of one digest are taken to be one: of 128 bits none are equal by chance.
    fn digest(&self) -> u128 {
        let mut alike = self.clone();
        // The next commit's number says only how many there were.
        for owner in alike.owners.iter_mut().filter(|o| o.commit.is_none()) {
            owner.group.commit.last_number = 0;
        }
        let text = format!("{alike:?}");
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, &text).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(0) << 64 | half(1)
    }
}

/// Records, with a gap where compaction took some, and how many faults. What takes minutes without optimisation runs only with it.
const SIZES: &[(&[i64], usize)] = &[(&[0], 2), (&[0, 2], 2), (&[0, 2, 3], 1)];
const LARGE_SIZES: &[(&[i64], usize)] = &[(&[0, 2, 3], 2), (&[0, 2, 3, 5], 1)];

#[test]
fn in_every_schedule_of_a_small_scope_nothing_is_skipped() {
    let large = if cfg!(debug_assertions) {
        &[]
    } else {
        LARGE_SIZES
    };
    for (log, faults) in SIZES.iter().chain(large) {
        let mut explored = Explored::default();
        let schedules = explored.explore(&Scope::new(log, *faults));
        let (records, states, steps) = (log.len(), explored.schedules.len(), explored.steps);
        println!(
            "{records} records, {OWNERS} owners, {faults} faults: {schedules} schedules of {states} states and {steps} steps"
        );
        assert!(schedules >= 100_000, "{schedules} schedules are too few");
    }
}

/// An exploration that never failed proves nothing.
#[cfg(feature = "mutants")]
#[test]
fn deliberate_bugs_are_found_by_a_smaller_scope_still() {
    use crate::kafka::mutant::activate;

    for mutant in [
        Mutant::WatermarkOffByOne,
        Mutant::AutoCommit,
        Mutant::FailedCommitForgotten,
        Mutant::CarriedUnanswered,
    ] {
        activate(Some(mutant));
        let found = std::panic::catch_unwind(|| {
            Explored::default().explore(&Scope::new(&[0, 2], 1));
        });
        activate(None);
        assert!(found.is_err(), "{mutant:?}");
    }
}
