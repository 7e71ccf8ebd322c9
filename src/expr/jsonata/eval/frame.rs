//! Frames: the variables of one activation of a block, a function or a binding step.

use super::Evaluator;
use crate::expr::jsonata::datum::Datum;

/// A frame's place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct FrameId(usize);

impl FrameId {
    /// The frame of the whole expression, which is entered first and stands in for what is around it.
    pub(super) const OUTERMOST: Self = Self(0);
}

/// The variables of one activation.
#[derive(Debug)]
pub(super) struct Frame {
    outer: FrameId,
    slots: Vec<Option<Datum>>,
    /// A function was made here, which may outlive the activation.
    captured: bool,
}

impl Evaluator<'_> {
    /// A new frame inside of another.
    pub(super) fn enter(&mut self, outer: FrameId, slots: usize) -> FrameId {
        if let Some(id) = self.unused.pop()
            && let Some(frame) = self.frames.get_mut(id.0)
        {
            frame.outer = outer;
            frame.slots.resize(slots, None);
            return id;
        }
        self.frames.push(Frame {
            outer,
            slots: vec![None; slots],
            captured: false,
        });
        FrameId(self.frames.len() - 1)
    }

    /// Leaves a frame for good, unless a function was made in it.
    pub(super) fn leave(&mut self, id: FrameId) {
        if let Some(frame) = self.frames.get_mut(id.0)
            && !frame.captured
        {
            frame.slots.clear();
            self.unused.push(id);
        }
    }

    /// Keeps a frame, and those around it, for a function that was made in it.
    pub(super) fn capture(&mut self, id: FrameId) {
        let mut id = id;
        while let Some(frame) = self.frames.get_mut(id.0)
            && !frame.captured
        {
            frame.captured = true;
            id = frame.outer;
        }
    }

    fn out(&self, id: FrameId, hops: usize) -> FrameId {
        let mut id = id;
        for _ in 0..hops {
            id = self.frames.get(id.0).map_or(id, |frame| frame.outer);
        }
        id
    }

    /// What is bound in a slot, `hops` frames out.
    pub(super) fn slot(&self, id: FrameId, hops: usize, slot: usize) -> Option<&Datum> {
        let frame = self.frames.get(self.out(id, hops).0)?;
        frame.slots.get(slot)?.as_ref()
    }

    pub(super) fn set(&mut self, id: FrameId, hops: usize, slot: usize, datum: Datum) {
        let id = self.out(id, hops);
        let frame = self.frames.get_mut(id.0);
        if let Some(place) = frame.and_then(|frame| frame.slots.get_mut(slot)) {
            *place = Some(datum);
        }
    }

    /// Sets the first slots.
    pub(super) fn fill(&mut self, id: FrameId, data: impl Iterator<Item = Option<Datum>>) {
        if let Some(frame) = self.frames.get_mut(id.0) {
            for (place, datum) in frame.slots.iter_mut().zip(data) {
                *place = datum;
            }
        }
    }
}
