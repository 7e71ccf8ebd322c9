//! All frames of an execution: the root, and the branches and iterations that are under way.
//!
//! The root stands by itself, so an execution without Parallel and Map states allocates nothing here.

use std::collections::{BTreeMap, VecDeque};

use super::frame::{Frame, Phase};
use super::{CallId, TimerId, Timestamp, Wakeup};

/// A frame's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FrameId(u32);

impl FrameId {
    pub(super) const ROOT: Self = Self(0);

    /// The place among the inner frames.
    const fn slot(self) -> Option<usize> {
        match self.0 {
            0 => None,
            number => Some(number as usize - 1),
        }
    }
}

/// The frames by place, which of them can go on, and who waits for what.
#[derive(Debug)]
pub(super) struct Frames {
    root: Frame,
    inner: Option<Box<Inner>>,
    /// Fuel was used up, and the driver owes an event to go on.
    pub(super) has_yielded: bool,
}

#[derive(Debug, Default)]
struct Inner {
    slots: Vec<Option<Frame>>,
    free: Vec<FrameId>,
    alive: usize,
    /// Those about to enter a state, or to begin more branches or iterations; first come, first served.
    ready: VecDeque<FrameId>,
    calls: BTreeMap<CallId, FrameId>,
    timers: BTreeMap<TimerId, FrameId>,
}

impl Frames {
    pub(super) const fn new(root: Frame) -> Self {
        Self {
            root,
            inner: None,
            has_yielded: false,
        }
    }

    pub(super) fn get(&self, id: FrameId) -> &Frame {
        let Some(slot) = id.slot() else {
            return &self.root;
        };
        let slots = self.inner.as_ref().map(|inner| &inner.slots);
        slots
            .and_then(|slots| slots.get(slot)?.as_ref())
            .expect("an id is held only while its frame is alive")
    }

    pub(super) fn get_mut(&mut self, id: FrameId) -> &mut Frame {
        let Some(slot) = id.slot() else {
            return &mut self.root;
        };
        let slots = self.inner.as_mut().map(|inner| &mut inner.slots);
        slots
            .and_then(|slots| slots.get_mut(slot)?.as_mut())
            .expect("an id is held only while its frame is alive")
    }

    /// Branches and iterations under way.
    pub(super) fn inner_alive(&self) -> usize {
        self.inner.as_ref().map_or(0, |inner| inner.alive)
    }

    /// Adds a branch or an iteration, which is ready.
    pub(super) fn add(&mut self, frame: Frame) -> FrameId {
        let inner = self.inner.get_or_insert_default();
        let id = inner.free.pop().unwrap_or_else(|| {
            inner.slots.push(None);
            FrameId(u32::try_from(inner.slots.len()).expect("fewer frames than bytes"))
        });
        if let Some(slot) = id.slot().and_then(|slot| inner.slots.get_mut(slot)) {
            *slot = Some(frame);
        }
        inner.alive += 1;
        inner.ready.push_back(id);
        id
    }

    /// Takes a branch or an iteration out. One that is ready stays in the queue until [`Self::sweep_ready`].
    pub(super) fn remove(&mut self, id: FrameId) -> Frame {
        let inner = self.inner.as_mut().expect("the root is not removed");
        let slot = id.slot().and_then(|slot| inner.slots.get_mut(slot));
        let frame = slot
            .and_then(Option::take)
            .expect("an id is held only while its frame is alive");
        inner.alive -= 1;
        inner.free.push(id);
        frame
    }

    /// Forgets those in the queue that were removed; to be done before others take their places.
    pub(super) fn sweep_ready(&mut self) {
        if let Some(Inner { ready, slots, .. }) = self.inner.as_deref_mut() {
            let is_alive = |id: &FrameId| {
                let slot = id.slot().and_then(|slot| slots.get(slot));
                *id == FrameId::ROOT || slot.is_some_and(Option::is_some)
            };
            ready.retain(is_alive);
        }
    }

    /// Lets a frame stand behind the others to begin more branches or iterations.
    pub(super) fn queue(&mut self, id: FrameId) {
        self.inner.get_or_insert_default().ready.push_back(id);
    }

    /// Takes a frame out of the queue.
    pub(super) fn unqueue(&mut self, id: FrameId) {
        if let Some(inner) = self.inner.as_deref_mut() {
            inner.ready.retain(|ready| *ready != id);
        }
    }

    /// Whether any frame can go on.
    pub(super) fn has_ready(&self) -> bool {
        let inner = self.inner.as_ref();
        self.root.phase == Phase::Entering || inner.is_some_and(|inner| !inner.ready.is_empty())
    }

    /// Takes the next that can go on out of the queue. The root stands in it only to begin more: it enters states only while
    /// nothing else is under way.
    pub(super) fn take_ready(&mut self) -> Option<FrameId> {
        if self.root.phase == Phase::Entering {
            return Some(FrameId::ROOT);
        }
        self.inner.as_mut()?.ready.pop_front()
    }

    /// Notes what a frame waits for after its turn: its place in the queue, an answer, a timer.
    pub(super) fn file(&mut self, id: FrameId) {
        let phase = self.get(id).phase;
        let Some(inner) = self.inner.as_mut().filter(|_| id != FrameId::ROOT) else {
            return;
        };
        if phase == Phase::Entering {
            inner.ready.push_back(id);
        }
        if let Some(call) = phase.call() {
            inner.calls.insert(call, id);
        }
        if let Some((timer, _, _)) = phase.timer() {
            inner.timers.insert(timer, id);
        }
    }

    /// Forgets what a frame in this phase waits for, except its place in the queue.
    pub(super) fn unfile(&mut self, phase: Phase) {
        let Some(inner) = self.inner.as_mut() else {
            return;
        };
        if let Some(call) = phase.call() {
            inner.calls.remove(&call);
        }
        if let Some((timer, _, _)) = phase.timer() {
            inner.timers.remove(&timer);
        }
    }

    /// Who waits for the answer of this call.
    pub(super) fn of_call(&self, call: CallId) -> Option<FrameId> {
        if self.root.phase.call() == Some(call) {
            return Some(FrameId::ROOT);
        }
        self.inner.as_ref()?.calls.get(&call).copied()
    }

    /// Who waits for this timer.
    pub(super) fn of_timer(&self, timer: TimerId) -> Option<FrameId> {
        if self
            .root
            .phase
            .timer()
            .is_some_and(|(own, ..)| own == timer)
        {
            return Some(FrameId::ROOT);
        }
        self.inner.as_ref()?.timers.get(&timer).copied()
    }

    /// All calls under way, in the order in which they were made.
    pub(super) fn calls(&self) -> impl Iterator<Item = CallId> {
        let inner = self.inner.iter().flat_map(|inner| inner.calls.keys());
        self.root.phase.call().into_iter().chain(inner.copied())
    }

    /// The earliest timer; it looks at every frame.
    pub(super) fn earliest_timer(&self) -> Option<(Timestamp, Wakeup)> {
        let inner = self.inner.iter().flat_map(|inner| inner.slots.iter());
        let frames = std::iter::once(&self.root).chain(inner.flatten());
        frames
            .filter_map(|frame| frame.phase.timer())
            .min_by_key(|(timer, at, _)| (*at, *timer))
            .map(|(_, at, why)| (at, why))
    }
}
