//! What workers share with the poll loop of a group: which assignments still count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::event::Namer;
use super::group::PartitionId;
use super::token::SlotId;

/// One assignment of one partition, as workers see it.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: PartitionId,
    pub(super) namer: Namer,
    phase: AtomicU8,
}

/// The assignments of a group; replaced as a whole when they change, so that a batch keeps those of its time.
pub(super) type SlotTable = BTreeMap<SlotId, Arc<Slot>>;

const OPEN: u8 = 0;
const FENCED: u8 = 1;
const CLOSED: u8 = 2;

impl Slot {
    pub(super) fn new(topic: &str, id: PartitionId) -> Self {
        Self {
            id,
            namer: Namer::new(topic, id.partition),
            phase: AtomicU8::new(OPEN),
        }
    }

    /// What has not begun is not wanted any more.
    pub(super) fn fence(&self) {
        self.phase.fetch_max(FENCED, Ordering::SeqCst);
    }

    /// Nothing is wanted any more: the partition belongs to somebody else.
    pub(super) fn close(&self) {
        self.phase.fetch_max(CLOSED, Ordering::SeqCst);
    }

    pub(super) fn may_begin(&self) -> bool {
        self.phase.load(Ordering::SeqCst) == OPEN
    }

    pub(super) fn may_answer(&self) -> bool {
        self.phase.load(Ordering::SeqCst) != CLOSED
    }
}
