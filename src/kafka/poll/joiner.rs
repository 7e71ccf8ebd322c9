//! Makes a group's consumer, and the next one where it fails.
//!
//! A client fails for good when its broker takes another for the member, and now and then by a mistake of its own: librdkafka has been
//! seen to send a request that no broker takes after its process had been frozen. What it was assigned belongs to others then, and
//! nothing of it can be committed. So all of that counts as lost, and a new consumer joins the group, unless the one that failed was
//! itself new: where two processes have one `group.instance.id`, each would take the other's place for ever.
//!
//! *Not here*: what becomes of events under way, which the group decides.

use std::collections::BTreeSet;
use std::sync::Arc;

use crossbeam_channel::Sender;

use super::{CLOSE_WITHIN, PollLoop};
use crate::kafka::error::KafkaError;
use crate::kafka::group::{CommitEnd, Input};
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::port::{Clients, Consumer};
use crate::machine::Timestamp;

/// A consumer that fails within this time after it joined has no successor.
const FAILED_SOON_MS: i64 = 10_000;

/// Makes the consumers of one group.
pub(in crate::kafka) struct Joiner {
    clients: Arc<dyn Clients>,
    group: String,
    topics: Vec<String>,
    wake: Sender<()>,
    /// Closed when the last of them is gone, and this.
    gone: Sender<()>,
    joined_at: Timestamp,
}

impl Joiner {
    /// Makes the first consumer.
    pub(in crate::kafka) fn begin(
        clients: Arc<dyn Clients>,
        group: &str,
        topics: Vec<String>,
        wake: Sender<()>,
        gone: Sender<()>,
        now: Timestamp,
    ) -> Result<(Self, Box<dyn Consumer>), KafkaError> {
        let mut joiner = Self {
            clients,
            group: group.to_owned(),
            topics,
            wake,
            gone,
            joined_at: now,
        };
        let consumer = joiner.join(now)?;
        Ok((joiner, consumer))
    }

    /// Makes a consumer that joins the group.
    pub(super) fn join(&mut self, now: Timestamp) -> Result<Box<dyn Consumer>, KafkaError> {
        self.joined_at = now;
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let (wake, gone) = (self.wake.clone(), self.gone.clone());
        self.clients.join(&self.group, &topics, wake, gone)
    }

    /// Whether a consumer that fails now is to be followed by another.
    pub(super) const fn may_join_again(&self, now: Timestamp) -> bool {
        now.as_millis() - self.joined_at.as_millis() >= FAILED_SOON_MS
    }
}

impl PollLoop {
    /// All that was assigned is lost, and another consumer joins the group.
    pub(super) fn consumer_failed(&mut self, cause: String, now: Timestamp) {
        self.client_failed = true;
        if let Some(number) = self.committing.take() {
            let end = CommitEnd::Failed;
            self.handle(Input::CommitEnded { number, end }, now);
        }
        let all: BTreeSet<_> = self.group.gaps().map(|(partition, _)| partition).collect();
        if !all.is_empty() {
            let names: Vec<_> = all.iter().map(|partition| self.name(*partition)).collect();
            tracing::warn!(group = self.flights.group, partitions = ?names, "partitions lost");
            self.watch.metrics.lost.increment(1);
        }
        if !mutant::is(Mutant::FailedConsumerKept) {
            self.handle(Input::Lost(all.into_iter().collect()), now);
        }
        if self.group.is_stopping() {
            return;
        }
        if !self.joiner.may_join_again(now) {
            return self.fail(cause);
        }
        let group = &self.flights.group;
        tracing::error!(
            group,
            cause,
            "the consumer has failed: its partitions are lost, and another joins the group"
        );
        self.controls.trouble.report(cause);
        self.client.leave(CLOSE_WITHIN);
        match self.joiner.join(now) {
            Ok(client) => {
                self.client = client;
                self.client_failed = false;
                // The addresses of the old client's topics may be given to others.
                self.topics.clear();
            }
            Err(error) => self.fail(error.to_string()),
        }
    }
}
