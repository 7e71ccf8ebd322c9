//! What the group asks for, done to librdkafka's consumer and to the slots.
//!
//! *Not here*: any decision.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer as _;

use super::PollLoop;
use crate::kafka::consumer;
use crate::kafka::group::{CommitEnd, Effect, Input, PartitionId};
use crate::kafka::native;
use crate::kafka::slot::Slot;
use crate::kafka::token::SlotId;
use crate::machine::Timestamp;

impl PollLoop {
    /// Does what the group asks for.
    pub(super) fn apply(&mut self, now: Timestamp) {
        while !self.effects.is_empty() {
            for effect in std::mem::take(&mut self.effects) {
                self.apply_one(effect, now);
            }
        }
    }

    fn apply_one(&mut self, effect: Effect, now: Timestamp) {
        match effect {
            Effect::Assign(opened) => {
                let partitions: Vec<_> = opened.iter().map(|(partition, _)| *partition).collect();
                for (partition, slot) in opened {
                    self.open_slot(slot, partition);
                    self.mute.push(partition);
                }
                self.forward(&partitions);
                let list = self.list(&partitions);
                self.done(consumer::assign(&self.client, &list), "assign");
            }
            Effect::Open(partition, slot) => {
                tracing::warn!(group = self.flights.group, partition = ?self.name(partition), "offsets have begun anew");
                self.open_slot(slot, partition);
            }
            Effect::Fence(slot) => {
                if let Some(slot) = self.slots.get(&slot) {
                    slot.fence();
                }
            }
            Effect::Close(slot) => self.close_slot(slot),
            Effect::Unassign(partitions) => {
                self.mute
                    .retain(|partition| !partitions.contains(partition));
                // Topics may be new objects when they come back.
                self.topics.clear();
                self.watch.forget(&partitions);
                if !partitions.is_empty() && !self.group.is_stopped() {
                    let list = self.list(&partitions);
                    self.done(consumer::unassign(&self.client, &list), "unassign");
                }
            }
            Effect::Commit { number, positions } => self.commit(number, &positions, now),
            Effect::Pause(partition) => {
                tracing::info!(group = self.flights.group, partition = ?self.name(partition), "paused: kafka.offset_gap_max is reached");
                self.done(self.client.pause(&self.list(&[partition])), "pause");
            }
            Effect::Resume(partition) => {
                self.done(self.client.resume(&self.list(&[partition])), "resume");
            }
            Effect::Leave { unanswered } => {
                self.controls
                    .in_flight
                    .store(unanswered as u64, Ordering::SeqCst);
                self.left = true;
            }
        }
    }

    fn commit(&mut self, number: u64, positions: &[(PartitionId, i64)], now: Timestamp) {
        let named = positions.iter().map(|(partition, position)| {
            let (topic, number) = self.name(*partition);
            (topic, number, *position)
        });
        match native::commit(&self.client, named) {
            Ok(()) => self.committing = Some(number),
            Err(error) => {
                self.controls
                    .trouble
                    .report(format!("offsets are not committed: {error}"));
                self.counters
                    .commit_failures
                    .fetch_add(1, Ordering::Relaxed);
                let input = Input::CommitEnded {
                    number,
                    end: CommitEnd::Failed,
                };
                self.group.handle(input, now, &mut self.effects);
            }
        }
    }

    pub(super) fn forward(&self, partitions: &[PartitionId]) {
        if let Some(queue) = &self.queue {
            for partition in partitions {
                let (topic, number) = self.name(*partition);
                queue.forward(topic, number);
            }
        }
    }

    fn open_slot(&mut self, slot: SlotId, partition: PartitionId) {
        let (topic, _) = self.name(partition);
        let opened = Arc::new(Slot::new(topic, partition));
        Arc::make_mut(&mut self.slots).insert(slot, opened);
    }

    fn close_slot(&mut self, slot: SlotId) {
        if let Some(slot) = Arc::make_mut(&mut self.slots).remove(&slot) {
            slot.close();
        }
    }

    fn list(&self, partitions: &[PartitionId]) -> TopicPartitionList {
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            let (topic, number) = self.name(*partition);
            list.add_partition(topic, number);
        }
        list
    }

    fn done(&self, result: rdkafka::error::KafkaResult<()>, what: &str) {
        if let Err(error) = result {
            tracing::error!(group = self.flights.group, %error, "{what} failed");
            self.controls
                .trouble
                .report(format!("{what} failed: {error}"));
        }
    }
}
