//! The flights that still have events, so that one which holds up its partition can be given up: its event becomes a dead letter, and whatever
//! its execution comes to is dropped.
//!
//! *Not here*: which event that is.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Flight;
use crate::kafka::answer::Owed;
use crate::kafka::dead_letter::Reason;
use crate::kafka::group::PartitionId;
use crate::kafka::token::Token;

/// The flights of a group that have not ended with their batch.
#[derive(Debug, Default)]
pub(in crate::kafka) struct Parked(Mutex<List>);

#[derive(Debug, Default)]
struct List {
    flights: Vec<Weak<Flight>>,
    /// At this length it is searched for flights that have ended.
    sweep_at: usize,
}

/// Flights below which it is not worth to look for ended ones.
const SWEEP_MIN: usize = 1_024;

impl Parked {
    pub(super) fn add(&self, flight: &Arc<Flight>) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.flights.push(Arc::downgrade(flight));
        if list.flights.len() >= list.sweep_at.max(SWEEP_MIN) {
            list.flights.retain(|flight| flight.strong_count() > 0);
            list.sweep_at = list.flights.len() * 2;
        }
    }

    /// Answers an event by a dead letter, whatever its execution does. Returns whether there was one to be given up.
    pub(in crate::kafka) fn give_up(
        &self,
        token: Token,
        partition: PartitionId,
        cause: &str,
    ) -> bool {
        let flights: Vec<Arc<Flight>> = {
            let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            list.flights.iter().filter_map(Weak::upgrade).collect()
        };
        flights.iter().any(|f| f.give_up(token, partition, cause))
    }
}

impl Flight {
    fn give_up(&self, token: Token, partition: PartitionId, cause: &str) -> bool {
        let mut state = self.lock();
        let mut copies = state.copies.iter();
        let Some(index) = copies.find(|(_, copied)| copied.token == token) else {
            return false;
        };
        let index = *index.0;
        let may_answer = |slot: &Arc<crate::kafka::slot::Slot>| slot.may_answer();
        if !self.slots.get(&token.slot()).is_some_and(may_answer) {
            return false;
        }
        let Some(copied) = state.copies.remove(&index) else {
            return false;
        };
        let flights = &*self.flights;
        let Some(topic) = flights.routes.topic(partition.topic) else {
            return false;
        };
        let event = copied.event(partition.partition, &topic.name, &flights.group);
        let workflow = topic.workflow(|| event.headers());
        let workflow = workflow.unwrap_or_else(|| topic.answerable());
        let answers = &flights.answers;
        answers.owed_letter(workflow, &event, Reason::HeadBlocked, cause);
        state.answered(index, token, Owed::Sole);
        self.tell(&mut state);
        true
    }
}
