//! What must hold of inputs, answers and commits, told one after the other by whoever watches them: a simulation, or a command that
//! reads topics.
//!
//! - No input is lost: each has the answer that it owes, at least once.
//! - No commit is ahead: when a position is committed, every input below it has its answer.
//! - Order: within one order group, inputs are answered for the first time in the order of their offsets.
//!
//! Repeated answers are counted, not faulted: at least once is the promise.
//!
//! *Not here*: where records are read from, and time.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

/// A partition of an input topic.
pub type Partition = (String, i32);

/// What an input owes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// A result, failure or dead letter.
    pub outcome: bool,
    /// A log record.
    pub log: bool,
    /// A reply.
    pub reply: bool,
}

/// The number of an input, in the order in which they were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InputId(usize);

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// An input has no answer.
    #[error("lost: {0:?} offset {1} has no answer")]
    Lost(Partition, i64),
    /// A position was committed above an input without an answer.
    #[error("committed ahead: {partition:?} at {position}, but offset {offset} has no answer")]
    CommittedAhead {
        /// Where.
        partition: Partition,
        /// What was committed.
        position: i64,
        /// The first input below it that has no answer.
        offset: i64,
    },
    /// An input was answered for the first time after a later one of its order group.
    #[error("out of order: {partition:?} offset {offset} was answered after offset {after}")]
    OutOfOrder {
        /// Where.
        partition: Partition,
        /// The input.
        offset: i64,
        /// The later one.
        after: i64,
    },
}

/// What was seen in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Inputs that are owed an answer.
    pub inputs: u64,
    /// Outcomes written, repeated ones included.
    pub outcomes: u64,
    /// Outcomes of inputs that had one already.
    pub duplicates: u64,
    /// Commits.
    pub commits: u64,
}

/// Follows what happens, and finds what must not be.
#[derive(Debug, Default)]
pub struct Checker {
    inputs: Vec<Input>,
    partitions: Vec<(Partition, Watched)>,
    places: BTreeMap<Partition, usize>,
    totals: Totals,
}

#[derive(Debug)]
struct Input {
    /// Its partition's place among those watched.
    partition: usize,
    offset: i64,
    owed: Owed,
    order: Option<u64>,
    written: u32,
    outcomes: u32,
    logged: bool,
    replied: bool,
    /// The input whose answer counts for this one, too: an earlier one.
    repeats: Option<InputId>,
}

#[derive(Debug, Default)]
struct Watched {
    /// The inputs that are there, by offset.
    inputs: BTreeMap<i64, InputId>,
    /// All inputs below it had their answers when it was committed.
    checked: i64,
    /// Of each order group and log, the highest offset that was answered.
    answered: BTreeMap<(u64, u64), i64>,
}

impl Input {
    const fn is_answered(&self) -> bool {
        (self.outcomes > 0 || !self.owed.outcome)
            && (self.logged || !self.owed.log)
            && (self.replied || !self.owed.reply)
    }
}

impl Checker {
    /// A record is in the log of an input topic. Inputs of one `order` group are to be answered in order.
    pub fn input(
        &mut self,
        partition: &Partition,
        offset: i64,
        owed: Owed,
        order: Option<u64>,
    ) -> InputId {
        let id = InputId(self.inputs.len());
        let place = self.place(partition);
        self.inputs.push(Input {
            partition: place,
            offset,
            owed,
            order,
            written: 0,
            outcomes: 0,
            logged: false,
            replied: false,
            repeats: None,
        });
        let watched = self.watched(partition);
        watched.checked = watched.checked.min(offset);
        watched.inputs.insert(offset, id);
        self.totals.inputs += 1;
        id
    }

    /// The log has lost its inputs from this offset on: nothing is owed for them.
    pub fn truncated(&mut self, partition: &Partition, from: i64) {
        let watched = self.watched(partition);
        watched.checked = watched.checked.min(from);
        drop(watched.inputs.split_off(&from));
        for answered in watched.answered.values_mut() {
            *answered = (*answered).min(from - 1);
        }
    }

    /// Kafka itself may skip this input: nothing is owed for it.
    pub fn excuse(&mut self, partition: &Partition, offset: i64) {
        self.watched(partition).inputs.remove(&offset);
    }

    /// An input is the same event as an earlier one of its partition, whose answer counts for both, as does that of what that one
    /// repeats. It may still get one of its own, at any time.
    pub fn repeats(&mut self, id: InputId, earlier: InputId) {
        if let Some(input) = self.inputs.get_mut(id.0) {
            input.repeats = Some(earlier);
            input.order = None;
        }
    }

    /// Nothing but its outcome is owed for this input any more.
    pub fn excuse_others(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(id.0) {
            input.owed.log = false;
            input.owed.reply = false;
        }
    }

    /// Answers of this order group come in any order from now on: the broker has refused one, and took later ones.
    pub fn excuse_order(&mut self, id: InputId) {
        let Some(input) = self.inputs.get(id.0) else {
            return;
        };
        let (partition, order) = (input.partition, input.order);
        for input in &mut self.inputs {
            if input.partition == partition && input.order == order {
                input.order = None;
            }
        }
    }

    /// The outcome of an input is in the log of an output topic. Order is looked for within one `log`: of two logs nobody can tell
    /// which record came first, unless he wrote both.
    ///
    /// # Errors
    /// If a later input of its order group was answered there before.
    pub fn outcome_written(&mut self, id: InputId, log: u64) -> Result<(), Violation> {
        self.totals.outcomes += 1;
        let Some(input) = self.inputs.get_mut(id.0) else {
            return Ok(());
        };
        input.written += 1;
        if input.written > 1 {
            self.totals.duplicates += 1;
            return Ok(());
        }
        let (place, offset, order) = (input.partition, input.offset, input.order);
        let Some((partition, watched)) = self.partitions.get_mut(place) else {
            return Ok(());
        };
        if watched.inputs.get(&offset) != Some(&id) {
            return Ok(());
        }
        let Some(order) = order else {
            return Ok(());
        };
        let highest = watched.answered.entry((order, log)).or_insert(-1);
        if *highest > offset {
            let after = *highest;
            return Err(Violation::OutOfOrder {
                partition: partition.clone(),
                offset,
                after,
            });
        }
        *highest = offset;
        Ok(())
    }

    /// The broker has told whoever wrote it that the outcome is safe.
    pub fn outcome_acknowledged(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(id.0) {
            input.outcomes += 1;
        }
    }

    /// The same of its log record.
    pub fn log_acknowledged(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(id.0) {
            input.logged = true;
        }
    }

    /// The same of its reply, or of the dead letter that stands for one that cannot be delivered.
    pub fn reply_acknowledged(&mut self, id: InputId) {
        if let Some(input) = self.inputs.get_mut(id.0) {
            input.replied = true;
        }
    }

    /// A position was committed.
    ///
    /// # Errors
    /// If an input below it has no answer.
    pub fn committed(&mut self, partition: &Partition, position: i64) -> Result<(), Violation> {
        self.totals.commits += 1;
        let place = self.place(partition);
        let Some((_, watched)) = self.partitions.get(place) else {
            return Ok(());
        };
        if position <= watched.checked {
            return Ok(());
        }
        let mut below = watched.inputs.range(watched.checked..position);
        if let Some((offset, _)) = below.find(|(_, id)| self.is_open(**id)) {
            return Err(Violation::CommittedAhead {
                partition: partition.clone(),
                position,
                offset: *offset,
            });
        }
        self.watched(partition).checked = position;
        Ok(())
    }

    /// The inputs that have no answer, when all should have one.
    #[must_use]
    pub fn lost(&self) -> Vec<Violation> {
        let mut lost = Vec::new();
        for (partition, watched) in &self.partitions {
            for (offset, id) in &watched.inputs {
                if self.is_open(*id) {
                    lost.push(Violation::Lost(partition.clone(), *offset));
                }
            }
        }
        lost
    }

    /// What was seen so far.
    #[must_use]
    pub const fn totals(&self) -> Totals {
        self.totals
    }

    /// The input at an offset, if it was told.
    #[must_use]
    pub fn find(&self, partition: &Partition, offset: i64) -> Option<InputId> {
        let (_, watched) = self.partitions.get(*self.places.get(partition)?)?;
        watched.inputs.get(&offset).copied()
    }

    /// Whether an input has no answer, nor any that it repeats.
    fn is_open(&self, id: InputId) -> bool {
        let input = |id: InputId| self.inputs.get(id.0);
        let mut repeated = std::iter::successors(input(id), |i| i.repeats.and_then(input));
        repeated.all(|input| !input.is_answered())
    }

    fn watched(&mut self, partition: &Partition) -> &mut Watched {
        let place = self.place(partition);
        &mut self.partitions.get_mut(place).expect("it is there").1
    }

    /// Where a partition is among those watched.
    fn place(&mut self, partition: &Partition) -> usize {
        if let Some(place) = self.places.get(partition) {
            return *place;
        }
        let place = self.partitions.len();
        self.places.insert(partition.clone(), place);
        self.partitions
            .push((partition.clone(), Watched::default()));
        place
    }
}
