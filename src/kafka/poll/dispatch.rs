//! From the consumer's queue through the ledgers to the workers.
//!
//! *Not here*: what a worker does with a record.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rdkafka::error::RDKafkaErrorCode;

use super::{BATCH_RECORDS_MAX, PollLoop};
use crate::engine::Batch;
use crate::kafka::controls::Controls;
use crate::kafka::flight::FlightPlan;
use crate::kafka::group::{PartitionId, Received};
use crate::kafka::native::Records;
use crate::kafka::order::order_key;
use crate::machine::Timestamp;

/// Who is to run a batch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Worker(usize),
    Anyone,
}

impl PollLoop {
    /// Takes a batch of records if there is room. Returns whether there are none left to take now.
    pub(super) fn take_records(&mut self, now: Timestamp) -> bool {
        let may_take =
            self.kept.is_empty() && !self.producer.is_congested() && self.group.wants_records();
        if !may_take {
            return true;
        }
        let records = self.client.take();
        let count = records.len();
        if count > 0 {
            self.counters
                .received
                .fetch_add(count as u64, Ordering::Relaxed);
            self.dispatch(records, now);
        }
        count < BATCH_RECORDS_MAX
    }

    /// Enters the records into the ledgers, and sends them to workers.
    fn dispatch(&mut self, records: Records, now: Timestamp) {
        let workers = self.engine.workers();
        let Self {
            group,
            topics,
            flights,
            effects,
            mute,
            controls,
            ..
        } = self;
        let sorted = records.sort(workers + 1, |message| {
            if let Some(error) = message.error() {
                partition_error(
                    &flights.group,
                    &message.topic(),
                    message.partition(),
                    error,
                    controls,
                );
                return None;
            }
            let address = message.topic_address();
            let topic = topics
                .iter()
                .find(|(a, _)| *a == address)
                .map(|(_, number)| *number);
            let topic = topic.or_else(|| {
                let number = flights.routes.topic_number(&message.topic())?;
                topics.push((address, number));
                Some(number)
            })?;
            let id = PartitionId {
                topic,
                partition: message.partition(),
            };
            let route = flights.routes.topic(topic)?;
            let workflow = route.workflow(|| message.headers());
            let record = Received {
                partition: id,
                offset: message.offset(),
                epoch: message.leader_epoch(),
                once: workflow.and_then(|workflow| flights.once(workflow, message)),
            };
            let token = group.receive(&record, now, effects)?;
            if !mute.is_empty() {
                mute.retain(|partition| *partition != id);
            }
            let workflow = workflow.unwrap_or_else(|| route.answerable());
            let order = flights.answers.order(workflow);
            let key = order_key(order, workflow, message.key(), id);
            let place = key.map_or(workers, |key| (key.0 % workers as u64) as usize);
            Some((place, token.to_bits()))
        });
        self.apply(now);
        for (place, records) in sorted.into_iter().enumerate() {
            if records.is_empty() {
                continue;
            }
            let plan = FlightPlan {
                flights: Arc::clone(&self.flights),
                slots: Arc::clone(&self.slots),
                records,
            };
            let place = if place < workers {
                Place::Worker(place)
            } else {
                Place::Anyone
            };
            self.kept.push_back((place, Box::new(plan)));
        }
        self.submit_kept();
    }

    /// Gives batches to workers that have room. A batch waits only behind others for the same worker.
    pub(super) fn submit_kept(&mut self) {
        for _ in 0..self.kept.len() {
            let Some((place, batch)) = self.kept.pop_front() else {
                return;
            };
            let refused = match place {
                Place::Worker(worker) => self.engine.try_submit(worker, batch).err(),
                Place::Anyone => self.submit_to_anyone(batch),
            };
            if let Some(batch) = refused {
                self.kept.push_back((place, batch));
            }
        }
    }

    fn submit_to_anyone(&mut self, mut batch: Box<dyn Batch>) -> Option<Box<dyn Batch>> {
        let workers = self.engine.workers();
        for _ in 0..workers {
            self.next_worker = (self.next_worker + 1) % workers;
            match self.engine.try_submit(self.next_worker, batch) {
                Ok(()) => return None,
                Err(refused) => batch = refused,
            }
        }
        Some(batch)
    }
}

/// What the broker says of a partition instead of a record.
fn partition_error(
    group: &str,
    topic: &str,
    partition: i32,
    error: RDKafkaErrorCode,
    controls: &Controls,
) {
    let what = format!("topic {topic}, partition {partition}: {error}");
    tracing::warn!(group, "{what}");
    controls.trouble.report(what);
}
