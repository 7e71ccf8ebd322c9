//! Starts that wait for their turn: behind an execution of the same order key, or at their workflow's bound.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::engine::revision::Workflow;
use crate::engine::{OrderKey, Room, Start};

/// Both kinds of queues. What is in them was counted as held when it came in.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Only keys of which an execution is parked or at its workflow's bound.
    by_key: HashMap<OrderKey, VecDeque<Start>>,
    /// Only workflows of which a start waits at the bound; first come, first served.
    by_workflow: Vec<(Arc<Workflow>, VecDeque<Start>)>,
    /// Starts in all queues.
    len: usize,
}

impl Waiting {
    /// How many starts wait.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether a start waits at its workflow's bound.
    pub(super) const fn is_at_bound(&self) -> bool {
        !self.by_workflow.is_empty()
    }

    /// Whether starts of `key` must wait.
    pub(super) fn is_busy(&self, key: OrderKey) -> bool {
        // Most workflows have no order, and most workers nothing parked.
        !self.by_key.is_empty() && self.by_key.contains_key(&key)
    }

    /// From now on starts of `key` must wait.
    pub(super) fn occupy(&mut self, key: OrderKey) {
        self.by_key.entry(key).or_default();
    }

    /// Puts a start behind the others of its busy key.
    pub(super) fn push_by_key(&mut self, key: OrderKey, start: Start) {
        self.by_key.entry(key).or_default().push_back(start);
        self.len += 1;
    }

    /// The next start of a key whose execution has ended. If there is none, the key is not busy any more.
    pub(super) fn pop_by_key(&mut self, key: OrderKey) -> Option<Start> {
        let next = self.by_key.get_mut(&key)?.pop_front();
        match &next {
            Some(_) => self.len -= 1,
            None => drop(self.by_key.remove(&key)),
        }
        next
    }

    /// Whether starts of the workflow wait at its bound.
    pub(super) fn is_throttled(&self, workflow: &Arc<Workflow>) -> bool {
        self.by_workflow
            .iter()
            .any(|(w, _)| Arc::ptr_eq(w, workflow))
    }

    /// Puts a start behind the others of its workflow.
    pub(super) fn push_by_workflow(&mut self, start: Start) {
        self.len += 1;
        let workflow = &start.revision.workflow;
        let queue = self
            .by_workflow
            .iter_mut()
            .find(|(w, _)| Arc::ptr_eq(w, workflow));
        match queue {
            Some((_, queue)) => queue.push_back(start),
            None => {
                let workflow = Arc::clone(workflow);
                self.by_workflow.push((workflow, VecDeque::from([start])));
            }
        }
    }

    /// The next start of a workflow that is below its bound again.
    pub(super) fn pop_by_workflow(&mut self, room: &Room) -> Option<Start> {
        let has_room = |start: &Start| start.revision.has_room(room);
        let place = self
            .by_workflow
            .iter()
            .position(|(_, queue)| queue.front().is_some_and(has_room))?;
        let (_, queue) = self.by_workflow.get_mut(place)?;
        let next = queue.pop_front()?;
        self.len -= 1;
        if queue.is_empty() {
            self.by_workflow.remove(place);
        }
        Some(next)
    }

    /// Empties all queues.
    pub(super) fn drain(&mut self) -> Vec<Start> {
        self.len = 0;
        let by_key = std::mem::take(&mut self.by_key).into_values().flatten();
        let by_workflow = std::mem::take(&mut self.by_workflow).into_iter();
        by_key
            .chain(by_workflow.flat_map(|(_, queue)| queue))
            .collect()
    }
}
