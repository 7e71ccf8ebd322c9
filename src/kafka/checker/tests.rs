//! Each rule of the checker, broken and kept.

use super::*;

const ONE: Owed = Owed {
    outcome: true,
    log: false,
    reply: false,
};

fn answer(checker: &mut Checker, id: InputId) -> Result<(), Violation> {
    checker.outcome_acknowledged(id);
    checker.outcome_written(id, 0)
}

#[test]
fn each_rule_can_be_broken() {
    let partition = ("in".to_owned(), 0);
    let mut checker = Checker::default();
    let [first, second, third] =
        [3, 5, 9].map(|offset| checker.input(&partition, offset, ONE, Some(1)));
    assert_eq!(checker.committed(&partition, 3), Ok(()));
    assert_eq!(
        checker.committed(&partition, 4),
        Err(Violation::CommittedAhead {
            partition: partition.clone(),
            position: 4,
            offset: 3
        })
    );
    assert_eq!(answer(&mut checker, second), Ok(()));
    assert_eq!(
        answer(&mut checker, first),
        Err(Violation::OutOfOrder {
            partition: partition.clone(),
            offset: 3,
            after: 5
        })
    );
    assert_eq!(answer(&mut checker, first), Ok(()), "repeated");
    assert_eq!(checker.committed(&partition, 9), Ok(()));
    assert_eq!(checker.lost(), [Violation::Lost(partition.clone(), 9)]);
    checker.truncated(&partition, 9);
    assert_eq!(checker.lost(), [], "it is not there any more");
    assert_eq!(answer(&mut checker, third), Ok(()));
    let totals = checker.totals();
    assert_eq!((totals.inputs, totals.duplicates), (3, 1));
}

#[test]
fn the_answer_of_the_first_counts_for_what_repeats_it() {
    let partition = ("in".to_owned(), 0);
    let mut checker = Checker::default();
    let [first, second, third] =
        [0, 1, 2].map(|offset| checker.input(&partition, offset, ONE, Some(1)));
    checker.repeats(second, first);
    assert_eq!(answer(&mut checker, third), Ok(()));
    assert_eq!(checker.lost().len(), 2);
    assert!(answer(&mut checker, first).is_err(), "out of order");
    assert_eq!(checker.lost(), []);
    assert_eq!(checker.committed(&partition, 3), Ok(()));
    assert_eq!(answer(&mut checker, second), Ok(()), "late, in no order");
}

#[test]
fn other_records_are_owed_too() {
    let partition = ("in".to_owned(), 0);
    let mut checker = Checker::default();
    let owed = Owed {
        outcome: false,
        log: true,
        reply: true,
    };
    let id = checker.input(&partition, 0, owed, None);
    for _ in 0..2 {
        checker.log_acknowledged(id);
        assert!(checker.committed(&partition, 1).is_err(), "the reply is");
    }
    checker.reply_acknowledged(id);
    assert_eq!(checker.committed(&partition, 1), Ok(()));
    assert_eq!(checker.lost(), []);
}
