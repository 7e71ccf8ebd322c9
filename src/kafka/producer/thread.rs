//! The producer's thread: tells of deliveries, and tries again what was refused.
//!
//! *Not here*: how a record is handed over.

#![expect(
    clippy::disallowed_methods,
    reason = "these bound waits on librdkafka's threads; what is decided takes the engine's clock"
)]

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::Producer as _;

use super::{POLL, Pending, Shared, lock};
use crate::kafka::group::Input;

/// When a refused record is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(500);

impl Shared {
    pub(super) fn run(&self) {
        let mut again: VecDeque<(Instant, Pending)> = VecDeque::new();
        while !self.abandon.load(Ordering::SeqCst) {
            self.poll();
            self.report();
            self.collect_refused(&mut again);
            self.retry(&mut again);
            self.drain_backlog();
            let done = again.is_empty() && self.unacknowledged() == 0;
            if self.stop.load(Ordering::SeqCst) && done {
                break;
            }
        }
        self.report();
        // What is given up counts as not acknowledged.
        let given_up = again.into_iter();
        let given_up = given_up.map(|(_, pending)| (pending, RDKafkaErrorCode::PurgeQueue));
        lock(&self.client.context().refused).extend(given_up);
    }

    /// Lets librdkafka tell of all deliveries there are, and sleeps if there are none.
    ///
    /// The wrapper's own waiting poll spins through the last millisecond of its time.
    fn poll(&self) {
        let context = self.client.context();
        let told = || {
            let delivered = context.delivered.load(Ordering::SeqCst);
            delivered + context.errors.load(Ordering::Relaxed)
        };
        let before = told();
        loop {
            let earlier = told();
            // One event: the deliveries of one request.
            self.client.poll(Duration::ZERO);
            if told() == earlier {
                break;
            }
        }
        if told() == before {
            std::thread::sleep(POLL);
        }
    }

    /// Tells each group what was acknowledged.
    fn report(&self) {
        let tokens = std::mem::take(&mut *lock(&self.client.context().acknowledged));
        if tokens.is_empty() {
            return;
        }
        let groups = self.reporters.len();
        let mut inputs: Vec<Vec<Input>> = (0..groups).map(|_| Vec::new()).collect();
        for token in tokens {
            if let Some(inputs) = inputs.get_mut(token.slot().group(groups)) {
                inputs.push(Input::Acknowledged(token));
            }
        }
        for (reporter, inputs) in self.reporters.iter().zip(inputs) {
            reporter.report(inputs);
        }
    }

    fn collect_refused(&self, again: &mut VecDeque<(Instant, Pending)>) {
        let refused = std::mem::take(&mut *lock(&self.client.context().refused));
        let due = Instant::now() + RETRY_AFTER;
        let Some((pending, error)) = refused.first() else {
            return;
        };
        let names = &self.client.context().numbers;
        let name = names
            .iter()
            .find(|(_, n)| **n == pending.topic)
            .map(|(name, _)| name);
        tracing::warn!(
            topic = name.map_or("", String::as_str), records = refused.len(), %error,
            "answers were not taken by the broker, and are sent again"
        );
        for (pending, _) in refused {
            if let Some(topic) = self.topics.get(pending.topic.0) {
                topic.metrics.produce_errors.increment(1);
            }
            again.push_back((due, pending));
        }
    }

    fn retry(&self, again: &mut VecDeque<(Instant, Pending)>) {
        let now = Instant::now();
        while let Some((_, pending)) = again.pop_front_if(|(due, _)| *due <= now) {
            if let Err((pending, _)) = self.send_pending(pending) {
                again.push_back((now + RETRY_AFTER, pending));
            }
        }
    }

    fn drain_backlog(&self) {
        if !self.is_congested.load(Ordering::SeqCst) {
            return;
        }
        let mut backlog = lock(&self.backlog);
        while let Some(pending) = backlog.pop_front() {
            match self.send_pending(pending) {
                Ok(()) => {}
                Err((pending, RDKafkaErrorCode::QueueFull)) => {
                    backlog.push_front(pending);
                    return;
                }
                Err((pending, error)) => {
                    lock(&self.client.context().refused).push((pending, error));
                }
            }
        }
        self.is_congested.store(false, Ordering::SeqCst);
        drop(backlog);
        for reporter in &self.reporters {
            reporter.wake();
        }
    }
}
