//! Kafka as one process sees it: hands every call to the broker, unless the process has crashed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stepstream::kafka::by_hand::{Delivery, Incoming, Kafka, Notice, Outgoing, Way};

use crate::broker::Broker;

/// A broker that everybody shares; there is one thread.
pub(crate) type Shared = Arc<Mutex<Broker>>;

/// One process's connections.
pub(crate) struct Link {
    pub(crate) broker: Shared,
    pub(crate) process: usize,
}

pub(crate) fn lock(broker: &Shared) -> MutexGuard<'_, Broker> {
    broker.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    /// The broker, if the process still runs: a crash may come at any call, and what is called after it never happened.
    fn alive(&self) -> Option<MutexGuard<'_, Broker>> {
        let mut broker = lock(&self.broker);
        broker.lives_on(self.process).then_some(broker)
    }
}

impl Kafka for Link {
    fn join(&self, group: &str) {
        if let Some(mut broker) = self.alive() {
            broker.ask_to_join(self.process, group);
        }
    }

    fn notices(&self, group: &str) -> Vec<Notice> {
        self.alive()
            .map_or_else(Vec::new, |mut b| b.notices(self.process, group))
    }

    fn fetch(&self, group: &str, records_max: usize) -> Vec<Incoming> {
        self.alive()
            .map_or_else(Vec::new, |mut b| b.fetch(self.process, group, records_max))
    }

    fn forward(&self, group: &str, topic: &str, partition: i32) {
        if let Some(mut broker) = self.alive() {
            broker.forward(self.process, group, &(topic.to_owned(), partition));
        }
    }

    fn end_offset(&self, _: &str, topic: &str, partition: i32) -> Option<i64> {
        self.alive()?.end_offset(&(topic.to_owned(), partition))
    }

    fn is_assignment_lost(&self, group: &str) -> bool {
        self.alive()
            .is_some_and(|broker| broker.is_lost(self.process, group))
    }

    fn assign(&self, group: &str, partitions: &[(&str, i32)]) {
        if let Some(mut broker) = self.alive() {
            broker.assign(self.process, group, &owned(partitions));
        }
    }

    fn unassign(&self, group: &str, partitions: &[(&str, i32)]) {
        if let Some(mut broker) = self.alive() {
            broker.unassign(self.process, group, &owned(partitions));
        }
    }

    fn pause(&self, group: &str, topic: &str, partition: i32) {
        if let Some(mut broker) = self.alive() {
            broker.pause(self.process, group, &(topic.to_owned(), partition), true);
        }
    }

    fn resume(&self, group: &str, topic: &str, partition: i32) {
        if let Some(mut broker) = self.alive() {
            broker.pause(self.process, group, &(topic.to_owned(), partition), false);
        }
    }

    fn seek(&self, group: &str, topic: &str, partition: i32, offset: i64) {
        if let Some(mut broker) = self.alive() {
            broker.seek(self.process, group, &(topic.to_owned(), partition), offset);
        }
    }

    fn commit(&self, group: &str, positions: &[(&str, i32, i64, &str)]) -> bool {
        let positions = positions
            .iter()
            .map(|(topic, partition, position, metadata)| {
                let partition = ((*topic).to_owned(), *partition);
                (partition, *position, (*metadata).to_owned())
            });
        self.alive()
            .is_some_and(|mut broker| broker.commit(self.process, group, positions.collect()))
    }

    fn leave(&self, group: &str) {
        if let Some(mut broker) = self.alive() {
            broker.leave(self.process, group);
        }
    }

    fn produce(&self, record: Outgoing, way: Way) -> Result<(), Outgoing> {
        match self.alive() {
            Some(mut broker) => broker.produce(self.process, record, way),
            None => Ok(()),
        }
    }

    fn deliveries(&self, way: Way) -> Vec<Delivery> {
        self.alive()
            .map_or_else(Vec::new, |mut b| b.deliveries(self.process, way))
    }
}

fn owned(partitions: &[(&str, i32)]) -> Vec<(String, i32)> {
    let owned = |(topic, partition): &(&str, i32)| ((*topic).to_owned(), *partition);
    partitions.iter().map(owned).collect()
}
