//! The poll loop of one group: a thread that owns the group's ledgers, drives [`Group`], and never waits for work.
//!
//! Control events are always polled; records are taken only while there is room for them, so the everyday brake is not
//! to take. Everything that others have to say comes by a channel, and whoever has something to say wakes the loop.

#![expect(
    clippy::disallowed_methods,
    reason = "these bound waits on librdkafka's threads; what is decided takes the engine's clock"
)]

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::RDKafkaErrorCode;

use super::consumer::{self, Client, Told};
use super::flight::{FlightPlan, Flights, order_key};
use super::group::{Effect, Group, Input, PartitionId};
use super::native::{self, MessageQueue, Records};
use super::producer::Producer;
use super::report::Reports;
use super::slot::{Slot, SlotTable};
use super::statistics::Counters;
use super::watch::Watch;
use crate::engine::{Batch, Engine};
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

/// What the edge says to a loop, and hears of it.
#[derive(Debug, Default)]
pub(super) struct Controls {
    /// Stop by this time; until then, the end of time.
    pub(super) stop_at_ms: AtomicI64,
    /// End at once, committing nothing.
    pub(super) abandon: AtomicBool,
    /// When the loop last went round, in milliseconds since the epoch.
    pub(super) ticked_ms: AtomicI64,
    pub(super) has_assignment: AtomicBool,
    pub(super) in_flight: AtomicU64,
    pub(super) trouble: Trouble,
}

/// What does not work at the moment, and what never will again.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    pub(super) now: std::sync::Mutex<Option<(Instant, String)>>,
    pub(super) fatal: std::sync::OnceLock<String>,
}

/// The loop.
pub(super) struct PollLoop {
    client: Arc<Client>,
    queue: Option<MessageQueue>,
    group: Group,
    flights: Arc<Flights>,
    engine: Engine,
    producer: Arc<Producer>,
    reports: Reports,
    controls: Arc<Controls>,
    counters: Arc<Counters>,
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

/// Who is to run a batch.
#[derive(Clone, Copy, Debug)]
enum Place {
    Worker(usize),
    Anyone,
}

/// What a loop is made of.
pub(super) struct Parts {
    pub(super) client: Arc<Client>,
    pub(super) group: Group,
    pub(super) flights: Arc<Flights>,
    pub(super) engine: Engine,
    pub(super) producer: Arc<Producer>,
    pub(super) reports: Reports,
    pub(super) controls: Arc<Controls>,
    pub(super) counters: Arc<Counters>,
    /// Closed when the consumer is gone.
    pub(super) gone: Sender<()>,
}

impl PollLoop {
    pub(super) fn new(parts: Parts) -> Self {
        let Parts {
            client,
            group,
            flights,
            engine,
            producer,
            reports,
            controls,
            counters,
            gone,
        } = parts;
        let waker = flights.reporter.waker();
        let queue = MessageQueue::new(Arc::clone(&client), BATCH_RECORDS_MAX, waker, gone);
        let watch = Watch::new(&flights.group, GroupMetrics::new(&flights.group));
        Self {
            client,
            queue: Some(queue),
            group,
            flights,
            engine,
            producer,
            reports,
            controls,
            counters,
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
            self.controls
                .ticked_ms
                .store(now.as_millis(), Ordering::SeqCst);
            self.poll_control(now);
            self.hear(now);
            self.submit_kept();
            let took_all = self.take_records(now);
            self.look_for_stop(now);
            self.handle(Input::Tick, now);
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

    /// Lets the consumer tell what it has to tell.
    fn poll_control(&mut self, now: Timestamp) {
        loop {
            let polled = self
                .client
                .poll(Duration::ZERO)
                .map(|polled| polled.map(|_| ()));
            match polled {
                Some(Ok(())) => {
                    // A record that did not come by our queue is not in the ledger, so its offset could be skipped.
                    self.fail("a record arrived outside of the forwarded partitions".to_owned());
                }
                Some(Err(error)) if consumer::is_fatal(&error) => self.fail(error.to_string()),
                Some(Err(error)) => self.controls.trouble.report(error.to_string()),
                None => {}
            }
            let told = self.client.context().take();
            if told.is_empty() {
                return;
            }
            for told in told {
                self.listen(told, now);
            }
        }
    }

    fn listen(&mut self, told: Told, now: Timestamp) {
        let group = &self.flights.group;
        let input = match told {
            Told::Assigned(names) => {
                tracing::info!(group, partitions = ?names, "partitions assigned");
                self.watch.metrics.assigned.increment(1);
                Input::Assigned(self.ids(&names))
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
            Told::CommitEnded { committed } => {
                let Some(number) = self.committing.take() else {
                    return;
                };
                let counter = if committed {
                    &self.counters.commits
                } else {
                    &self.counters.commit_failures
                };
                counter.fetch_add(1, Ordering::Relaxed);
                Input::CommitEnded { number, committed }
            }
            Told::Error { error, reason } => {
                if consumer::is_fatal(&error) {
                    self.fail(reason);
                } else {
                    // Told up to twenty times a second; whoever asks for the health hears it.
                    tracing::debug!(group, %error, "{reason}");
                    self.controls.trouble.report(reason);
                }
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
        if self.group.is_revoking() && self.client.assignment_lost() {
            self.handle(Input::Lost(Vec::new()), now);
        }
    }

    fn handle(&mut self, input: Input, now: Timestamp) {
        self.group.handle(input, now, &mut self.effects);
        self.apply(now);
    }

    /// Takes a batch of records if there is room. Returns whether there are none left to take now.
    fn take_records(&mut self, now: Timestamp) -> bool {
        let may_take =
            self.kept.is_empty() && !self.producer.is_congested() && self.group.wants_records();
        let Some(queue) = self.queue.as_mut().filter(|_| may_take) else {
            return true;
        };
        let records = queue.take();
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
            let token = group.receive(id, message.offset(), now, effects)?;
            if !mute.is_empty() {
                mute.retain(|partition| *partition != id);
            }
            let route = flights.routes.topic(topic)?;
            let workflow = route
                .workflow(|| message.headers())
                .unwrap_or_else(|| route.answerable());
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
    fn submit_kept(&mut self) {
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

    /// Does what the group asks for.
    fn apply(&mut self, now: Timestamp) {
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
                    committed: false,
                };
                self.group.handle(input, now, &mut self.effects);
            }
        }
    }

    fn keep_house(&mut self, now: Timestamp) {
        let mute = std::mem::take(&mut self.mute);
        self.forward(&mute);
        self.mute = mute;
        self.controls
            .has_assignment
            .store(self.group.has_assignment(), Ordering::SeqCst);
        self.controls
            .in_flight
            .store(self.group.unanswered() as u64, Ordering::SeqCst);
        if let Some(queue) = &self.queue {
            self.watch
                .show(&self.group, &self.flights.routes, queue, now);
        }
    }

    fn forward(&self, partitions: &[PartitionId]) {
        if let Some(queue) = &self.queue {
            for partition in partitions {
                let (topic, number) = self.name(*partition);
                queue.forward(topic, number);
            }
        }
    }

    fn open_slot(&mut self, slot: super::token::SlotId, partition: PartitionId) {
        let (topic, _) = self.name(partition);
        let opened = Arc::new(Slot::new(topic, partition));
        Arc::make_mut(&mut self.slots).insert(slot, opened);
    }

    fn close_slot(&mut self, slot: super::token::SlotId) {
        if let Some(slot) = Arc::make_mut(&mut self.slots).remove(&slot) {
            slot.close();
        }
    }

    fn name(&self, partition: PartitionId) -> (&str, i32) {
        let topic = self.flights.routes.topic(partition.topic);
        (topic.map_or("", |topic| &topic.name), partition.partition)
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

    fn fail(&self, cause: String) {
        tracing::error!(
            group = self.flights.group,
            cause,
            "the consumer has failed for good"
        );
        self.controls.trouble.fatal.get_or_init(|| cause);
    }

    /// Leaves the group and lets the consumer go.
    fn close(mut self) {
        self.client.context().close();
        for slot in self.slots.values() {
            slot.close();
        }
        self.kept.clear();
        self.controls.has_assignment.store(false, Ordering::SeqCst);
        let deadline = Instant::now() + CLOSE_WITHIN;
        match self.client.close_queue() {
            Ok(()) => {
                while !self.client.closed() && Instant::now() < deadline {
                    drop(self.client.poll(Duration::from_millis(20)));
                }
            }
            Err(error) => {
                tracing::warn!(group = self.flights.group, %error, "the group was not left in order");
            }
        }
        self.queue = None;
    }
}

impl Controls {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            stop_at_ms: AtomicI64::new(i64::MAX),
            ticked_ms: AtomicI64::new(now.as_millis()),
            ..Self::default()
        }
    }
}

impl Trouble {
    /// What did not work within this time.
    pub(super) fn recent(&self, within: Duration) -> Option<String> {
        let now = self
            .now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        now.as_ref()
            .filter(|(at, _)| at.elapsed() <= within)
            .map(|(_, what)| what.clone())
    }

    fn report(&self, what: String) {
        let mut now = self
            .now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = Some((Instant::now(), what));
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
