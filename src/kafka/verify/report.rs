//! What was found.

use crate::kafka::checker::{Checker, Partition, Violation};

/// So many violations are told one by one.
pub const VIOLATIONS_MAX: usize = 100;

/// What was found of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The group.
    pub group: String,
    /// Inputs that were looked at.
    pub inputs: usize,
    /// Inputs of which topics cannot tell what they owe.
    pub unchecked: usize,
    /// Answers to inputs that were not looked at, and records of others.
    pub foreign: usize,
    /// Inputs without an answer that are not committed: under way, or yet to be read.
    pub pending: usize,
    /// Inputs without an answer that nobody will read again.
    pub lost: usize,
    /// Partitions that are committed above an input without an answer.
    pub committed_ahead: usize,
    /// Inputs that were answered after a later one of their order group.
    pub out_of_order: usize,
    /// Outcomes, repeated ones included.
    pub outcomes: u64,
    /// Outcomes of inputs that had one already.
    pub duplicates: u64,
    /// The first violations, in words.
    pub violations: Vec<String>,
}

impl Report {
    pub(super) fn new(group: &str) -> Self {
        Self {
            group: group.to_owned(),
            ..Self::default()
        }
    }

    /// Whether nothing was found that must not be.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.lost + self.committed_ahead + self.out_of_order == 0
    }

    /// Repeated outcomes by inputs.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio is shown")]
    pub fn duplicate_ratio(&self) -> f64 {
        self.duplicates as f64 / self.inputs.max(1) as f64
    }

    pub(super) fn violation(&mut self, violation: &Violation) {
        match violation {
            Violation::Lost(..) => self.lost += 1,
            Violation::CommittedAhead { .. } => self.committed_ahead += 1,
            Violation::OutOfOrder { .. } => self.out_of_order += 1,
        }
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(violation.to_string());
        }
    }

    /// Tells apart what is lost and what is pending; `committed` gives a partition's position.
    pub(super) fn close(
        &mut self,
        checker: &Checker,
        settled: bool,
        committed: impl Fn(&Partition) -> i64,
    ) {
        for unanswered in checker.lost() {
            let is_pending = !settled
                && matches!(&unanswered, Violation::Lost(partition, offset) if *offset >= committed(partition));
            if is_pending {
                self.pending += 1;
            } else {
                self.violation(&unanswered);
            }
        }
        let totals = checker.totals();
        self.outcomes = totals.outcomes;
        self.duplicates = totals.duplicates;
    }
}
