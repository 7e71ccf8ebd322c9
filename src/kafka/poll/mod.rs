//! The poll loop of one group: a thread that owns the group's ledgers, drives [`Group`], and never waits for work.
//!
//! Control events are always polled; records are taken only while there is room for them, so the everyday brake is not
//! to take. Everything that others have to say comes by a channel, and whoever has something to say wakes the loop.

#![expect(
    clippy::disallowed_methods,
    reason = "these bound waits on librdkafka's threads; what is decided takes the engine's clock"
)]

mod apply;
mod dispatch;
mod joiner;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use dispatch::Place;
pub(super) use joiner::Joiner;

use crate::engine::{Batch, Engine};
use crate::kafka::controls::Controls;
use crate::kafka::flight::Flights;
use crate::kafka::gate::Gates;
use crate::kafka::group::{Carried, CommitEnd, Effect, Group, Input, PartitionId};
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::port::{Consumer, Told};
use crate::kafka::producer::Producer;
use crate::kafka::report::Reports;
use crate::kafka::route::Routes;
use crate::kafka::slot::SlotTable;
use crate::kafka::statistics::Counters;
use crate::kafka::watch::Watch;
use crate::machine::Timestamp;
use crate::metrics::GroupMetrics;

/// Records of one batch call: some milliseconds of a worker's work.
pub(super) const BATCH_RECORDS_MAX: usize = 512;
/// The longest the loop sleeps.
const SLEEP: Duration = Duration::from_millis(50);
/// How often gauges are set, and partitions without a record yet are forwarded again.
const HOUSEKEEPING: Duration = Duration::from_millis(200);
/// How long leaving the group may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// The loop.
pub(super) struct PollLoop {
    client: Box<dyn Consumer>,
    /// It can do nothing any more.
    client_failed: bool,
    joiner: Joiner,
    group: Group,
    flights: Arc<Flights>,
    engine: Engine,
    producer: Arc<Producer>,
    reports: Reports,
    controls: Arc<Controls>,
    counters: Arc<Counters>,
    gates: Arc<Gates>,
    /// How often each gate was seen to close.
    closings: Vec<u64>,
    /// Topics that are held because of a closed gate.
    held: Vec<u32>,
    slots: Arc<SlotTable>,
    /// Addresses of topics that records have named so far, and their numbers.
    topics: Vec<(usize, u32)>,
    /// Batches for which no worker had room. While there are any, no records are taken.
    kept: VecDeque<(Place, Box<dyn Batch>)>,
    next_worker: usize,
    /// The commit that librdkafka is at.
    committing: Option<u64>,
    /// Partitions that have had no record since they were assigned.
    mute: Vec<PartitionId>,
    watch: Watch,
    effects: Vec<Effect>,
    left: bool,
}

/// What a loop is made of.
pub(super) struct Parts {
    pub(super) client: Box<dyn Consumer>,
    pub(super) joiner: Joiner,
    pub(super) group: Group,
    pub(super) flights: Arc<Flights>,
    pub(super) engine: Engine,
    pub(super) producer: Arc<Producer>,
    pub(super) reports: Reports,
    pub(super) controls: Arc<Controls>,
    pub(super) counters: Arc<Counters>,
    pub(super) gates: Arc<Gates>,
}

impl PollLoop {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts {
            client,
            joiner,
            group,
            flights,
            engine,
            producer,
            reports,
            controls,
            counters,
            gates,
        } = parts;
        let watch = Watch::new(&flights.group, GroupMetrics::new(&flights.group));
        Self {
            client,
            client_failed: false,
            joiner,
            group,
            flights,
            engine,
            producer,
            reports,
            controls,
            counters,
            gates,
            closings: Vec::new(),
            held: Vec::new(),
            slots: Arc::default(),
            topics: Vec::new(),
            kept: VecDeque::new(),
            next_worker: 0,
            committing: None,
            mute: Vec::new(),
            watch,
            effects: Vec::new(),
            left: false,
        }
    }

    /// Runs until the group was left, or is to be abandoned.
    pub(super) fn run(mut self) {
        let mut housekept = Instant::now();
        while !self.left && !self.controls.abandon.load(Ordering::SeqCst) {
            let now = self.engine.clock().now();
            let took_all = self.go_round(now);
            if housekept.elapsed() >= HOUSEKEEPING {
                housekept = Instant::now();
                self.keep_house(now);
            }
            if took_all && !self.left {
                // A timeout is as good as a wake.
                self.reports.wakes.recv_timeout(SLEEP).ok();
            }
        }
        self.close();
    }

    /// Does all that is to do now, without waiting. Returns whether there are no records left to take.
    pub(super) fn go_round(&mut self, now: Timestamp) -> bool {
        self.controls
            .ticked_ms
            .store(now.as_millis(), Ordering::SeqCst);
        self.poll_control(now);
        self.hear(now);
        self.look_at_gates(now);
        self.submit_kept();
        let took_all = self.take_records(now);
        self.look_for_stop(now);
        self.handle(Input::Tick, now);
        took_all
    }

    /// Offsets received and not yet committable, by partition.
    pub(super) fn gaps(&self) -> impl Iterator<Item = usize> {
        self.group.gaps().map(|(_, gap)| gap)
    }

    /// Whether the group was left.
    pub(super) const fn has_left(&self) -> bool {
        self.left
    }

    /// Lets the consumer tell what it has to tell.
    fn poll_control(&mut self, now: Timestamp) {
        let mut told = Vec::new();
        while !self.client_failed {
            self.client.poll(&mut told);
            if told.is_empty() {
                return;
            }
            for told in told.drain(..) {
                // What is left was told by one that is no more.
                if !self.client_failed {
                    self.listen(told, now);
                }
            }
        }
    }

    fn listen(&mut self, told: Told, now: Timestamp) {
        let group = &self.flights.group;
        let input = match told {
            Told::Assigned(names) => {
                // Thousands of bytes a partition, at times.
                tracing::debug!(group, commits = ?names, "carried by the last commits");
                let bare: Vec<_> = names.iter().map(|(topic, p, _)| (topic, p)).collect();
                tracing::info!(group, partitions = ?bare, "partitions assigned");
                self.watch.metrics.assigned.increment(1);
                self.take_on(&names, now);
                return;
            }
            Told::Revoked(names) => {
                tracing::info!(group, partitions = ?names, "partitions revoked");
                self.watch.metrics.revoked.increment(1);
                Input::Revoked(self.ids(&names))
            }
            Told::Lost(names) => {
                tracing::warn!(group, partitions = ?names, "partitions lost");
                self.watch.metrics.lost.increment(1);
                Input::Lost(self.ids(&names))
            }
            Told::CommitEnded(end) => {
                let Some(number) = self.committing.take() else {
                    return;
                };
                let counter = if end == CommitEnd::Committed {
                    &self.counters.commits
                } else {
                    &self.counters.commit_failures
                };
                counter.fetch_add(1, Ordering::Relaxed);
                Input::CommitEnded { number, end }
            }
            Told::Trouble(what) => {
                self.controls.trouble.report(what);
                return;
            }
            Told::Fatal(cause) => {
                self.consumer_failed(cause, now);
                return;
            }
        };
        self.handle(input, now);
    }

    /// Hears what workers and producer report.
    fn hear(&mut self, now: Timestamp) {
        while let Ok(inputs) = self.reports.inputs.try_recv() {
            for input in inputs {
                self.group.handle(input, now, &mut self.effects);
            }
        }
        self.apply(now);
    }

    /// Holds the topics of workflows that have stopped, and no others. One that has stopped and gone on since the last look is held for
    /// a moment, as something of it may have been dropped.
    fn look_at_gates(&mut self, now: Timestamp) {
        let changed = self.gates.changed(&mut self.closings).unwrap_or_default();
        let routes = &self.flights.routes;
        let topics = |is_wanted: fn(bool) -> bool| {
            let wanted = changed
                .iter()
                .filter(|(_, is_closed)| is_wanted(*is_closed));
            let mut topics: Vec<u32> = wanted.flat_map(|(w, _)| routes.topics_of(*w)).collect();
            topics.sort_unstable();
            topics.dedup();
            topics
        };
        for topics in [topics(|_| true), topics(|is_closed| is_closed)] {
            if topics != self.held {
                self.held.clone_from(&topics);
                self.handle(Input::Hold(topics), now);
            }
        }
    }

    fn look_for_stop(&mut self, now: Timestamp) {
        let stop_at = self.controls.stop_at_ms.load(Ordering::SeqCst);
        if stop_at != i64::MAX && !self.group.is_stopping() {
            self.handle(
                Input::Stop {
                    deadline: Timestamp::from_millis(stop_at),
                },
                now,
            );
        }
        if self.group.is_revoking() && !self.client_failed && self.client.is_assignment_lost() {
            self.handle(Input::Lost(Vec::new()), now);
        }
    }

    fn handle(&mut self, input: Input, now: Timestamp) {
        self.group.handle(input, now, &mut self.effects);
        self.apply(now);
    }

    pub(super) fn keep_house(&mut self, now: Timestamp) {
        let mute = std::mem::take(&mut self.mute);
        if !mutant::is(Mutant::ForwardedOnce) {
            self.forward(&mute);
        }
        self.mute = mute;
        self.controls
            .has_assignment
            .store(self.group.has_assignment(), Ordering::SeqCst);
        self.controls
            .in_flight
            .store(self.group.unanswered() as u64, Ordering::SeqCst);
        self.watch
            .show(&self.group, &self.flights.routes, &*self.client, now);
    }

    fn name(&self, partition: PartitionId) -> (&str, i32) {
        name(&self.flights.routes, partition)
    }

    /// Takes partitions on, and what their last commits have carried.
    fn take_on(&mut self, names: &[(String, i32, Option<String>)], now: Timestamp) {
        let bare = |(topic, number, _): &(String, i32, Option<String>)| (topic.clone(), *number);
        let bare: Vec<_> = names.iter().map(bare).collect();
        self.handle(Input::Assigned(self.ids(&bare)), now);
        for (partition, (_, _, metadata)) in bare.iter().zip(names) {
            let carried = metadata.as_deref().and_then(Carried::parse);
            if let Some(carried) = carried {
                for id in self.ids(std::slice::from_ref(partition)) {
                    self.handle(Input::Carried(id, carried.clone()), now);
                }
            }
        }
    }

    fn ids(&self, names: &[(String, i32)]) -> Vec<PartitionId> {
        let id = |(topic, partition): &(String, i32)| {
            let topic = self.flights.routes.topic_number(topic)?;
            Some(PartitionId {
                topic,
                partition: *partition,
            })
        };
        names.iter().filter_map(id).collect()
    }

    fn fail(&self, cause: String) {
        tracing::error!(
            group = self.flights.group,
            cause,
            "the consumer has failed for good"
        );
        self.controls.trouble.fatal.get_or_init(|| cause);
    }

    /// Leaves the group and lets the consumer go.
    pub(super) fn close(mut self) {
        for slot in self.slots.values() {
            slot.close();
        }
        self.kept.clear();
        self.controls.has_assignment.store(false, Ordering::SeqCst);
        self.client.leave(CLOSE_WITHIN);
    }
}

fn name(routes: &Routes, partition: PartitionId) -> (&str, i32) {
    let topic = routes.topic(partition.topic);
    (topic.map_or("", |topic| &topic.name), partition.partition)
}
