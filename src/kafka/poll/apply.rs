//! What the group asks for, done to the consumer and to the slots.
//!
//! *Not here*: any decision.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use rdkafka::error::RDKafkaErrorCode;

use super::{PollLoop, name};
use crate::kafka::group::{CommitEnd, Effect, Input, PartitionId};
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
                let routes = &self.flights.routes;
                let names: Vec<_> = partitions.iter().map(|p| name(routes, *p)).collect();
                let done = self.client.assign(&names);
                self.done(done, "assign");
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
                if !partitions.is_empty() && !self.group.is_stopped() && !self.client_failed {
                    let routes = &self.flights.routes;
                    let names: Vec<_> = partitions.iter().map(|p| name(routes, *p)).collect();
                    let done = self.client.unassign(&names);
                    self.done(done, "unassign");
                }
            }
            Effect::Commit {
                number,
                positions,
                carried,
            } => self.commit(number, &positions, &carried, now),
            Effect::HeadBlocked {
                partition,
                offset,
                token,
                age_ms,
            } => {
                let at = name(&self.flights.routes, partition);
                let group = &self.flights.group;
                tracing::warn!(group, partition = ?at, offset, age_ms, "a single event holds up its partition (kafka.head_block)");
                if let Some(parked) = &self.flights.parked {
                    let cause =
                        format!("it held up its partition for {age_ms} ms, and was given up");
                    if !parked.give_up(token, partition, &cause) {
                        tracing::warn!(group, partition = ?at, offset, "it cannot be given up: it waits for the broker");
                    }
                }
            }
            Effect::Repeated(workflow) => self.flights.repeated(workflow),
            Effect::Pause(partition) => {
                let why = match self.held.contains(&partition.topic) {
                    true => "a workflow that reads it has stopped",
                    false => "kafka.offset_gap_max is reached",
                };
                tracing::info!(group = self.flights.group, partition = ?self.name(partition), "paused: {why}");
                let done = self.client.pause(name(&self.flights.routes, partition));
                self.done(done, "pause");
            }
            Effect::Resume(partition) => {
                let done = self.client.resume(name(&self.flights.routes, partition));
                self.done(done, "resume");
            }
            Effect::Rewind(partition, slot, position) => {
                tracing::info!(group = self.flights.group, partition = ?self.name(partition), position, "received again");
                self.open_slot(slot, partition);
                let at = name(&self.flights.routes, partition);
                if let Err(error) = self.client.seek(at, position) {
                    self.fail(format!("{at:?} cannot be received again: {error}"));
                    // Nothing that comes may be answered: it would be committed past what was dropped.
                    self.close_slot(slot);
                }
            }
            Effect::Leave { unanswered } => {
                self.controls
                    .in_flight
                    .store(unanswered as u64, Ordering::SeqCst);
                self.left = true;
            }
        }
    }

    fn commit(
        &mut self,
        number: u64,
        positions: &[(PartitionId, i64)],
        carried: &[String],
        now: Timestamp,
    ) {
        let routes = &self.flights.routes;
        let named = positions.iter().zip(carried);
        let named = named.map(|((partition, position), carried)| {
            let (topic, number) = name(routes, *partition);
            (topic, number, *position, carried.as_str())
        });
        let asked = match self.client_failed {
            true => Err(RDKafkaErrorCode::Fatal),
            false => self.client.commit(&named.collect::<Vec<_>>()),
        };
        match asked {
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
        for partition in partitions {
            let (topic, number) = self.name(*partition);
            self.client.forward(topic, number);
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

    fn done(&self, result: rdkafka::error::KafkaResult<()>, what: &str) {
        if let Err(error) = result {
            tracing::error!(group = self.flights.group, %error, "{what} failed");
            self.controls
                .trouble
                .report(format!("{what} failed: {error}"));
        }
    }
}
