//! The producer's thread: tells of deliveries, and tries again what was refused.
//!
//! *Not here*: how a record is handed over.

#![expect(
    clippy::disallowed_methods,
    reason = "it waits for librdkafka's threads, which nobody can be told of"
)]

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use rdkafka::error::RDKafkaErrorCode;

use super::lane::Lane;
use super::too_large::{IfTooLarge, Instead, instead};
use super::{POLL, Pending, Shared, lock};
use crate::engine::Clock;
use crate::kafka::group::Input;
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::token::Token;
use crate::machine::Timestamp;

/// When a refused record is tried again.
const RETRY_AFTER_MS: i64 = 500;

/// Records to be sent again, and when.
#[derive(Default)]
pub(in crate::kafka) struct Again {
    /// As before.
    together: VecDeque<(Timestamp, Pending)>,
    /// Each in a batch of its own.
    alone: VecDeque<(Timestamp, Pending)>,
}

impl Again {
    fn is_empty(&self) -> bool {
        self.together.is_empty() && self.alone.is_empty()
    }
}

impl Shared {
    pub(super) fn run(&self, clock: &dyn Clock) {
        let mut again = Again::default();
        while !self.abandon.load(Ordering::SeqCst) {
            let told = self.go_round(&mut again, clock.now());
            let done = again.is_empty() && self.unacknowledged() == 0;
            if self.stop.load(Ordering::SeqCst) && done {
                break;
            }
            if !told {
                std::thread::sleep(POLL);
            }
        }
        self.report();
        // What is given up counts as not acknowledged.
        let given_up = again.together.into_iter().chain(again.alone);
        let given_up = given_up.map(|(_, pending)| (pending, RDKafkaErrorCode::PurgeQueue));
        lock(&self.lane.deliveries().refused).extend(given_up);
    }

    /// Does all that is to do now, without waiting. Returns whether anything was told.
    pub(super) fn go_round(&self, again: &mut Again, now: Timestamp) -> bool {
        let told = self.lanes().fold(false, |told, lane| lane.poll() | told);
        self.report();
        self.collect_refused(again, now);
        self.collect_refused_alone(again, now);
        retry(&mut again.together, &self.lane, now);
        if !again.alone.is_empty()
            && let Some(alone) = self.alone()
        {
            retry(&mut again.alone, alone, now);
        }
        self.drain_backlog();
        told
    }

    /// The lane for single records.
    fn alone(&self) -> Option<&Lane> {
        if self.alone.get().is_none() {
            match Lane::open(&*self.clients, &self.outputs, true) {
                Ok(lane) => drop(self.alone.set(lane)),
                Err(error) => tracing::error!(%error, "records are not sent one by one"),
            }
        }
        self.alone.get()
    }

    /// Tells each group what was acknowledged.
    fn report(&self) {
        for lane in self.lanes() {
            let tokens = std::mem::take(&mut *lock(&lane.deliveries().acknowledged));
            if !tokens.is_empty() {
                self.acknowledge(tokens);
            }
        }
    }

    fn acknowledge(&self, tokens: Vec<Token>) {
        let groups = self.groups.len();
        let mut inputs: Vec<Vec<Input>> = (0..groups).map(|_| Vec::new()).collect();
        for token in tokens {
            let group = token.group(groups);
            if let Some(inputs) = group.and_then(|group| inputs.get_mut(group)) {
                inputs.push(Input::Acknowledged(token));
            }
        }
        for ((_, reporter), inputs) in self.groups.iter().zip(inputs) {
            reporter.report(inputs);
        }
    }

    fn collect_refused(&self, again: &mut Again, now: Timestamp) {
        let refused = std::mem::take(&mut *lock(&self.lane.deliveries().refused));
        self.tell_refused(
            &refused,
            "answers were not taken by the broker, and are sent again",
        );
        for (pending, error) in refused {
            if mutant::is(Mutant::RefusedNotRetried) {
                continue;
            }
            let output = self.outputs.get(pending.topic.0);
            if mutant::is(Mutant::DeadLetterFailureIgnored)
                && output.is_some_and(|o| o.if_too_large == IfTooLarge::OmitValue)
            {
                self.acknowledge(vec![pending.token]);
                continue;
            }
            if error == RDKafkaErrorCode::MessageSizeTooLarge {
                again.alone.push_back((now, pending));
            } else {
                again
                    .together
                    .push_back((now.plus_millis(RETRY_AFTER_MS), pending));
            }
        }
    }

    fn collect_refused_alone(&self, again: &mut Again, now: Timestamp) {
        let Some(lane) = self.alone.get() else {
            return;
        };
        let refused = std::mem::take(&mut *lock(&lane.deliveries().refused));
        self.tell_refused(
            &refused,
            "answers sent one by one were not taken by the broker",
        );
        for (pending, error) in refused {
            if error != RDKafkaErrorCode::MessageSizeTooLarge {
                again
                    .alone
                    .push_back((now.plus_millis(RETRY_AFTER_MS), pending));
                continue;
            }
            let token = pending.token;
            let group = token.group(self.groups.len());
            let group = group.and_then(|group| self.groups.get(group));
            let group = group.map_or("", |(name, _)| name);
            match instead(pending, &self.outputs, group, &self.counters) {
                Instead::Record(other) => again.alone.push_back((now, other)),
                Instead::Same(same) => again
                    .alone
                    .push_back((now.plus_millis(RETRY_AFTER_MS), same)),
                Instead::Nothing => self.acknowledge(vec![token]),
            }
        }
    }

    fn tell_refused(&self, refused: &[(Pending, RDKafkaErrorCode)], what: &str) {
        let Some((first, error)) = refused.first() else {
            return;
        };
        let topic = self.outputs.get(first.topic.0);
        let topic = topic.map_or("", |output| &output.topic);
        tracing::warn!(topic, records = refused.len(), %error, "{what}");
        for (pending, _) in refused {
            if let Some(metrics) = self.metrics.get(pending.topic.0) {
                metrics.produce_errors.increment(1);
            }
        }
    }

    fn drain_backlog(&self) {
        if !self.is_congested.load(Ordering::SeqCst) {
            return;
        }
        let mut backlog = lock(&self.backlog);
        while let Some(pending) = backlog.pop_front() {
            match self.lane.send_pending(pending) {
                Ok(()) => {}
                Err((pending, RDKafkaErrorCode::QueueFull)) => {
                    backlog.push_front(pending);
                    return;
                }
                Err((pending, error)) => {
                    lock(&self.lane.deliveries().refused).push((pending, error));
                }
            }
        }
        self.is_congested.store(false, Ordering::SeqCst);
        drop(backlog);
        for (_, reporter) in &self.groups {
            reporter.wake();
        }
    }
}

/// Sends what is due.
fn retry(again: &mut VecDeque<(Timestamp, Pending)>, lane: &Lane, now: Timestamp) {
    let due = again.iter().take_while(|(due, _)| *due <= now).count();
    for (_, pending) in again.drain(..due).collect::<Vec<_>>() {
        if let Err((pending, _)) = lane.send_pending(pending) {
            again.push_back((now.plus_millis(RETRY_AFTER_MS), pending));
        }
    }
}
