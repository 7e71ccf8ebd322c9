//! The frames of an execution at work during a step: whose turn it is, what begins within it, and where its end leads.
//!
//! Frames take turns, first come, first served: each enters states until it waits, ends or has used the fuel that is left,
//! and then stands behind the others. So branches that never end keep neither the thread nor each other from going on.

use super::core::Core;
use super::flow::Flow;
use super::fork::Fork;
use super::frame::{Origin, Phase};
use super::frames::{FrameId, Frames};
use super::problem::Problem;
use super::step::{End, Turn};
use super::{Effect, Event, Timestamp, states};
use crate::asl::{Kind, Program, State};

/// All frames, with what they share, in the course of one step.
pub(super) struct Tree<'a> {
    pub(super) program: &'a Program,
    pub(super) core: &'a mut Core,
    pub(super) frames: &'a mut Frames,
    pub(super) now: Timestamp,
    pub(super) effects: &'a mut Vec<Effect>,
}

impl<'a> Tree<'a> {
    /// Tells the frame that waits for it what happened, and goes on as far as can be. Gives the root's end if it comes to it.
    pub(super) fn wake(&mut self, event: Event) -> Option<End> {
        let id = match &event {
            Event::TaskEnded { call, .. } => self.frames.of_call(*call)?,
            Event::TimerDue { timer } => self.frames.of_timer(*timer)?,
            Event::Begin | Event::Continue => {
                self.frames.has_yielded = false;
                return self.run(self.core.options.limits.fuel_per_step);
            }
            Event::Stop { .. } => return None,
        };
        let phase = self.frames.get(id).phase;
        self.frames.unfile(phase);
        let mut fuel = self.core.options.limits.fuel_per_step;
        let end = self.flow(id).wake(event);
        let end = self.follow(id, end, &mut fuel);
        // Fuel for the others is given by the event that the driver owes.
        match end {
            None if !self.frames.has_yielded => self.run(fuel),
            end => end,
        }
    }

    /// Lets frames take turns until all wait, or the fuel of this step is used up.
    fn run(&mut self, mut fuel: u32) -> Option<End> {
        while fuel > 0 {
            let id = self.frames.take_ready()?;
            let end = match self.frames.get_mut(id).fork.as_deref_mut() {
                Some(fork) if fork.is_queued => {
                    fork.is_queued = false;
                    None
                }
                _ => self.flow(id).run(&mut fuel),
            };
            let end = self.follow(id, end, &mut fuel);
            fuel = fuel.saturating_sub(self.core.query_fuel());
            if end.is_some() {
                return end;
            }
        }
        if self.frames.has_ready() {
            self.frames.has_yielded = true;
            self.effects.push(Effect::Yield);
        }
        None
    }

    pub(super) fn flow(&mut self, id: FrameId) -> Flow<'_> {
        Flow {
            program: self.program,
            core: self.core,
            frame: self.frames.get_mut(id),
            now: self.now,
            effects: self.effects,
        }
    }

    /// The state that a frame is in.
    pub(super) fn state(&self, id: FrameId) -> &'a State {
        self.program.state(self.frames.get(id).state)
    }

    /// Follows what came of a frame's turn: its end is news for its parent, a fork begins.
    fn follow(&mut self, mut id: FrameId, mut end: Option<End>, fuel: &mut u32) -> Option<End> {
        loop {
            end = match (end, self.frames.get(id).origin) {
                (None, _) if self.frames.get(id).phase == Phase::Forked => {
                    match self.begin_inner(id, fuel) {
                        Ok(()) => return None,
                        Err((index, problem)) => self.inner_failed(id, index, problem),
                    }
                }
                (None, _) => {
                    self.frames.file(id);
                    return None;
                }
                (Some(end), None) => return Some(end),
                (Some(end), Some(origin)) => {
                    let ended = std::mem::replace(&mut id, origin.parent);
                    self.inner_ended(ended, origin, end)
                }
            };
        }
    }

    /// Begins as many branches or iterations of a frame as may be under way at once. Each has expressions of its own, which use
    /// fuel; where there is none left, the frame stands behind the others.
    ///
    /// # Errors
    /// The number of the one that could not begin, and why.
    fn begin_inner(&mut self, parent: FrameId, fuel: &mut u32) -> Result<(), (usize, Problem)> {
        let state = self.state(parent);
        let frames_max = self.core.options.limits.frames_max;
        loop {
            let has_room = self.frames.inner_alive() < frames_max;
            let fork = self.fork(parent);
            if fork.is_queued || !fork.may_begin(has_room) {
                return Ok(());
            }
            if *fuel == 0 {
                fork.is_queued = true;
                self.frames.queue(parent);
                return Ok(());
            }
            let index = fork.begin_next();
            let origin = Origin { parent, index };
            let frame = states::inner(&mut self.flow(parent), state, origin)
                .map_err(|problem| (index, problem))?;
            let inner = self.frames.add(frame);
            self.fork(parent).add(inner);
            *fuel = fuel.saturating_sub(self.core.query_fuel());
        }
    }

    /// A branch or an iteration has ended. Gives the end of its parent if it comes to it.
    fn inner_ended(&mut self, id: FrameId, origin: Origin, end: End) -> Option<End> {
        let Origin { parent, index } = origin;
        let ended = self.frames.remove(id);
        self.forget_variables(&ended);
        self.fork(parent).remove(id);
        self.frames.get_mut(parent).previous_id = ended.previous_id;
        let state = self.state(parent);
        match end {
            End::Succeeded(output) => {
                self.fork(parent).put(index, output);
                let is_complete = self.fork(parent).is_complete();
                let mut flow = self.flow(parent);
                let succeeded_id = states::inner_succeeded(&mut flow, state, index);
                if !is_complete {
                    return None;
                }
                // Only the last iteration's success is pointed to.
                flow.frame.previous_id = succeeded_id;
                let turn = states::joined(&mut flow, state);
                flow.take(turn, state)
            }
            End::Failed(problem) => {
                // A task that fails the flow leaves its state unfinished, which AWS tells in branches and iterations only.
                let state = self.program.state(ended.state);
                if matches!(state.kind, Kind::Task(_)) {
                    self.note_aborted(&ended);
                }
                self.inner_failed(parent, index, problem)
            }
        }
    }

    /// A branch or an iteration has failed, and with it this attempt of its parent's state.
    fn inner_failed(&mut self, parent: FrameId, index: usize, problem: Problem) -> Option<End> {
        let state = self.state(parent);
        states::inner_failed(&mut self.flow(parent), state, index);
        self.abort_inner(parent);
        self.flow(parent).take(Turn::Fail(problem), state)
    }

    fn fork(&mut self, id: FrameId) -> &mut Fork {
        let fork = self.frames.get_mut(id).fork.as_deref_mut();
        fork.expect("a frame has its fork while branches or iterations are under way")
    }
}
