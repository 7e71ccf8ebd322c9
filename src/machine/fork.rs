//! What a Parallel or Map state has under way: which branches or iterations have begun, and what the others gave.

use super::frames::FrameId;
use crate::value::{ArrayBuilder, TooDeep, Value};

/// The work of one attempt of a Parallel or Map state.
#[derive(Debug)]
pub(super) struct Fork {
    /// What the branches get, or what `ItemSelector` has as `$`.
    pub(super) input: Value,
    /// The array or object that a Map goes through; null for a Parallel.
    pub(super) items: Value,
    /// How many may be under way at once, at least 1.
    concurrency: usize,
    /// Whether the frame stands in the queue to begin more, since fuel was used up.
    pub(super) is_queued: bool,
    begun: usize,
    ended: usize,
    /// Those under way, in no order.
    alive: Vec<FrameId>,
    /// What came out, in the order of branches or items; null until it has.
    outputs: Vec<Value>,
    /// The JSON of the result as far as it is known, in bytes: brackets, commas and outputs.
    result_bytes: usize,
    result_bytes_max: usize,
}

/// Why outputs cannot be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JoinError {
    TooLarge,
    TooDeep(TooDeep),
}

impl Fork {
    /// A fork into `length` branches or iterations, of which none has begun.
    pub(super) fn new(
        input: Value,
        items: Value,
        length: usize,
        concurrency: usize,
        result_bytes_max: usize,
    ) -> Self {
        Self {
            input,
            items,
            concurrency: concurrency.max(1),
            is_queued: false,
            begun: 0,
            ended: 0,
            alive: Vec::new(),
            outputs: vec![Value::NULL; length],
            result_bytes: 1 + length.max(1),
            result_bytes_max,
        }
    }

    /// Whether another may begin now. Where there is no room for further frames, one at a time goes on: so nothing waits for
    /// ever, and depth, which the definition bounds, is the only excess.
    pub(super) const fn may_begin(&self, has_room: bool) -> bool {
        let concurrency = if has_room { self.concurrency } else { 1 };
        self.begun < self.outputs.len() && self.begun - self.ended < concurrency
    }

    /// The next begins. Gives its number.
    pub(super) const fn begin_next(&mut self) -> usize {
        let index = self.begun;
        self.begun += 1;
        index
    }

    /// One has a frame.
    pub(super) fn add(&mut self, frame: FrameId) {
        self.alive.push(frame);
    }

    /// One has ended, and its frame is gone.
    pub(super) fn remove(&mut self, frame: FrameId) {
        let place = self.alive.iter().position(|alive| *alive == frame);
        self.alive
            .swap_remove(place.expect("a frame that ends is under way"));
        self.ended += 1;
    }

    /// Takes those under way out, in no order.
    pub(super) fn take_alive(&mut self) -> Vec<FrameId> {
        std::mem::take(&mut self.alive)
    }

    /// Keeps an output. Those of a result that is too large are let go, and only that is remembered.
    pub(super) fn put(&mut self, index: usize, output: Value) {
        self.result_bytes = self.result_bytes.saturating_add(output.json_bytes());
        if self.result_bytes > self.result_bytes_max {
            self.outputs.fill(Value::NULL);
        } else if let Some(place) = self.outputs.get_mut(index) {
            *place = output;
        }
    }

    /// Whether all have ended.
    pub(super) const fn is_complete(&self) -> bool {
        self.ended == self.outputs.len()
    }

    /// The array of all outputs.
    pub(super) fn join(&mut self) -> Result<Value, JoinError> {
        if self.result_bytes > self.result_bytes_max {
            return Err(JoinError::TooLarge);
        }
        let outputs = std::mem::take(&mut self.outputs);
        let array: ArrayBuilder = outputs.into_iter().collect();
        array.finish().map_err(JoinError::TooDeep)
    }
}
