//! The end of what is under way in a Parallel or Map state of which one branch or iteration has failed.

use super::frame::{Frame, Phase};
use super::frames::FrameId;
use super::tree::Tree;
use super::{Effect, states};
use crate::asl::Kind;
use crate::history::EventType;

impl Tree<'_> {
    /// Ends all branches or iterations of a frame: those within them first, otherwise in their order. Their calls are
    /// cancelled and their timers disarmed.
    pub(super) fn abort_inner(&mut self, parent: FrameId) {
        let mut open = self.take_inner(parent);
        while let Some(&id) = open.last() {
            let inner = self.take_inner(id);
            if inner.is_empty() {
                open.pop();
                self.abort(id);
            } else {
                open.extend(inner);
            }
        }
        self.frames.sweep_ready();
        let fork = self.frames.get_mut(parent).fork.as_deref_mut();
        if fork.is_some_and(|fork| std::mem::take(&mut fork.is_queued)) {
            self.frames.unqueue(parent);
        }
    }

    /// The branches or iterations of a frame, the last of them first, which the frame forgets.
    fn take_inner(&mut self, id: FrameId) -> Vec<FrameId> {
        let fork = self.frames.get_mut(id).fork.as_deref_mut();
        let mut inner = fork.map(|fork| fork.take_alive()).unwrap_or_default();
        inner.sort_by_key(|id| {
            let origin = self.frames.get(*id).origin;
            std::cmp::Reverse(origin.map(|origin| origin.index))
        });
        inner
    }

    /// Ends a frame that has nothing under way within it.
    fn abort(&mut self, id: FrameId) {
        let frame = self.frames.remove(id);
        self.forget_variables(&frame);
        self.frames.unfile(frame.phase);
        if let Some(call) = frame.phase.call() {
            self.effects.push(Effect::Cancel {
                call,
                timed_out: false,
            });
        }
        if let Some((timer, ..)) = frame.phase.timer() {
            self.effects.push(Effect::Disarm { timer });
        }
        if frame.phase != Phase::Entering {
            self.note_aborted(&frame);
        }
        let Some(origin) = frame.origin else { return };
        let state = self.state(origin.parent);
        if let Kind::Map(_) = state.kind {
            let (name, index) = (state.name.clone(), origin.index);
            let index = i64::try_from(index).unwrap_or(i64::MAX);
            let recorder = &mut self.core.recorder;
            let aborted = EventType::MapIterationAborted;
            recorder.record(
                aborted,
                frame.previous_id,
                self.now,
                self.effects,
                |details| {
                    details.number("index", index);
                    details.text("name", name);
                },
            );
        }
    }

    /// Tells that a frame's state was left unfinished, if there is an event for that.
    pub(super) fn note_aborted(&mut self, frame: &Frame) {
        let kind = &self.program.state(frame.state).kind;
        if let Some(aborted) = states::aborted(kind) {
            let recorder = &mut self.core.recorder;
            recorder.record(aborted, frame.previous_id, self.now, self.effects, |_| {});
        }
    }
}
