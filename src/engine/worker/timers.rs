//! When parked executions want to be woken: one entry for each, its earliest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::slab::ExecutionKey;
use crate::machine::Timestamp;

/// The number of a wake-up; a later one of the same execution makes earlier ones void.
pub(super) type WakeupNumber = u64;

/// A queue of wake-ups by time. Void ones are left in it and thrown away when they surface, or when they outnumber the others.
#[derive(Debug, Default)]
pub(super) struct Timers {
    heap: BinaryHeap<Reverse<(Timestamp, WakeupNumber, ExecutionKey)>>,
    last: WakeupNumber,
}

/// Void entries that are let be before the heap is swept.
const VOID_MIN: usize = 1_024;

impl Timers {
    /// Adds a wake-up and numbers it.
    pub(super) fn add(&mut self, at: Timestamp, key: ExecutionKey) -> WakeupNumber {
        self.last += 1;
        self.heap.push(Reverse((at, self.last, key)));
        self.last
    }

    /// The number of the wake-up that was added last.
    pub(super) const fn last(&self) -> WakeupNumber {
        self.last
    }

    /// The earliest that is not void, which is left in; `is_valid` tells.
    pub(super) fn peek(
        &mut self,
        is_valid: impl Fn(ExecutionKey, WakeupNumber) -> bool,
    ) -> Option<(Timestamp, WakeupNumber, ExecutionKey)> {
        loop {
            let &Reverse((at, number, key)) = self.heap.peek()?;
            if is_valid(key, number) {
                return Some((at, number, key));
            }
            self.heap.pop();
        }
    }

    /// Keeps the heap within twice the number of executions that can have a valid entry.
    pub(super) fn sweep(
        &mut self,
        valid_max: usize,
        is_valid: impl Fn(ExecutionKey, WakeupNumber) -> bool,
    ) {
        if self.heap.len() > 2 * valid_max + VOID_MIN {
            self.heap
                .retain(|Reverse((_, number, key))| is_valid(*key, *number));
        }
    }

    /// Entries, void ones included.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }
}
