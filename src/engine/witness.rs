//! Who wants to know of executions that others began.

use std::sync::Arc;

use super::{Journal, Start};
use crate::machine::{Identity, Outcome, Timestamp};

/// Gives journals to executions that begin without one, such as those of events. Called on a worker's thread for each of them:
/// it must not block for long.
pub trait Witness: Send + Sync + std::fmt::Debug {
    /// An execution begins. If it is of interest, what happens in it is taken down in the journal that is returned.
    fn begins(&self, start: &Start, now: Timestamp) -> Option<Arc<Journal>>;

    /// An execution that has a journal has ended; its sink is told after this.
    fn ended(&self, identity: &Identity, journal: &Arc<Journal>, outcome: &Outcome);
}
