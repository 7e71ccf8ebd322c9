//! The ledger beside a model that keeps everything and looks through all of it each time.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Every offset that was begun, in order.
#[derive(Debug, Default)]
struct Model {
    events: Vec<Event>,
    taken: Option<i64>,
}

#[derive(Debug)]
struct Event {
    offset: i64,
    received: Timestamp,
    owed: Option<u32>,
    acknowledged: u32,
}

impl Event {
    fn is_answered(&self) -> bool {
        self.owed == Some(self.acknowledged)
    }
}

impl Model {
    fn oldest(&self) -> Option<&Event> {
        self.events.iter().find(|event| !event.is_answered())
    }

    fn unanswered(&self) -> usize {
        self.events.iter().filter(|e| !e.is_answered()).count()
    }

    fn gap(&self) -> usize {
        let before = self.events.iter().take_while(|e| e.is_answered()).count();
        self.events.len() - before
    }

    /// Positions are told once each, and not before one event has been answered.
    fn take_commit(&mut self) -> Option<i64> {
        let position = match self.oldest() {
            Some(oldest) => oldest.offset,
            None => self.events.last()?.offset + 1,
        };
        let first = self.events.first()?.offset;
        let moved = position > self.taken.unwrap_or(first);
        moved.then(|| *self.taken.insert(position))
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// So many offsets are skipped before the one that is received; a negative number goes back.
    Begin(i64),
    /// An event that has not ended, and the records it owes.
    End(prop::sample::Index, u32),
    /// An event to which records may still be acknowledged: up to four before its end is told, then what it owes.
    Acknowledge(prop::sample::Index),
    TakeCommit,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (-2i64..3).prop_map(Step::Begin),
        3 => (any::<prop::sample::Index>(), 0u32..4).prop_map(|(i, owed)| Step::End(i, owed)),
        6 => any::<prop::sample::Index>().prop_map(Step::Acknowledge),
        2 => Just(Step::TakeCommit),
    ]
}

proptest! {
    #[test]
    fn the_ledger_says_what_the_model_says(first in 0i64..3, steps in vec(step(), 1..400)) {
        let mut ledger = Ledger::default();
        let mut model = Model::default();
        let mut now = Timestamp::from_millis(0);
        for step in steps {
            now = now.plus_millis(1);
            match step {
                Step::Begin(skip) => {
                    let next = model.events.last().map_or(first, |event| event.offset + 1);
                    let offset = next + skip;
                    if offset < 0 {
                        continue;
                    }
                    let ascends = model.events.is_empty() || skip >= 0;
                    prop_assert_eq!(ledger.begin(offset, now), ascends);
                    if ascends {
                        model.events.push(Event { offset, received: now, owed: None, acknowledged: 0 });
                    }
                }
                Step::End(index, more) => {
                    let mut running: Vec<_> = model.events.iter_mut().filter(|e| e.owed.is_none()).collect();
                    if running.is_empty() {
                        continue;
                    }
                    let chosen = index.index(running.len());
                    let event = &mut running[chosen];
                    // What was acknowledged is owed.
                    let owed = event.acknowledged + more;
                    event.owed = Some(owed);
                    ledger.finished(event.offset, owed);
                }
                Step::Acknowledge(index) => {
                    let may = |e: &&mut Event| e.owed.map_or(e.acknowledged < 4, |owed| e.acknowledged < owed);
                    let mut open: Vec<_> = model.events.iter_mut().filter(may).collect();
                    if open.is_empty() {
                        continue;
                    }
                    let chosen = index.index(open.len());
                    let event = &mut open[chosen];
                    event.acknowledged += 1;
                    ledger.acknowledged(event.offset);
                }
                Step::TakeCommit => prop_assert_eq!(ledger.take_commit(), model.take_commit()),
            }
            prop_assert_eq!(ledger.unanswered(), model.unanswered());
            prop_assert_eq!(ledger.gap(), model.gap());
            let oldest = model.oldest().map(|event| (event.offset, event.received));
            prop_assert_eq!(ledger.oldest_unanswered(), oldest);
        }
    }
}

#[test]
fn what_was_never_begun_changes_nothing() {
    let mut ledger = Ledger::default();
    let now = Timestamp::from_millis(1);
    ledger.finished(5, 0);
    assert!(ledger.begin(5, now) && ledger.begin(9, now));
    for offset in [4, 6, 10, i64::MAX, i64::MIN] {
        ledger.finished(offset, 0);
        ledger.acknowledged(offset);
    }
    assert_eq!((ledger.take_commit(), ledger.unanswered()), (None, 2));
    ledger.finished(5, 0);
    assert_eq!(
        ledger.take_commit(),
        Some(9),
        "the next that was received, not 6"
    );
}
