//! The Kafka edge as the composition root sees it: one producer, one poll loop a consumer group.

#![expect(
    clippy::disallowed_methods,
    reason = "these bound waits on librdkafka's threads; what is decided takes the engine's clock"
)]

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::assembly::Assembly;
use super::check;
use super::clients::Librdkafka;
use super::cluster;
use super::controls::Controls;
use super::error::KafkaError;
use super::gate::Gates;
use super::outbox::Outbox;
use super::producer::Producer;
use super::reply::Replies;
use super::report::Reporter;
use super::settings::{KafkaSettings, WorkflowSettings};
use super::statistics::{Counters, Statistics};
use crate::engine::{Engine, Registry};

/// A running Kafka edge. Dropped without [`Edge::shutdown`], it ends at once and commits nothing more, as a crash would.
#[derive(Debug)]
pub struct Edge {
    groups: Vec<Member>,
    producer: Arc<Producer>,
    outbox: Arc<Outbox>,
    replies: Option<Arc<Replies>>,
    counters: Arc<Counters>,
    gates: Arc<Gates>,
    engine: Engine,
}

#[derive(Debug)]
struct Member {
    name: String,
    controls: Arc<Controls>,
    reporter: Reporter,
    thread: Option<JoinHandle<()>>,
    /// Closed when the consumer is gone.
    gone: Receiver<()>,
}

/// How the edge is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Every poll loop goes round, and nothing has failed for good. If not, the process should be restarted.
    pub live: bool,
    /// Every group has partitions, and the broker takes what is produced.
    pub ready: bool,
    /// What speaks against it, naming the setting where one is to blame.
    pub reasons: Vec<String>,
}

/// What [`Edge::shutdown`] left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Events received whose answer is not acknowledged: they will be received again.
    pub unanswered: u64,
    /// Records handed to the producer that the broker did not acknowledge.
    pub unacknowledged: usize,
    /// Groups whose poll loop did not end in time.
    pub stuck_groups: Vec<String>,
}

/// A poll loop that has not gone round for so long is stuck.
const STUCK_AFTER_MS: i64 = 10_000;
/// How long something that did not work counts against readiness.
const TROUBLE_LASTS: Duration = Duration::from_secs(10);
/// How much longer than the grace time a poll loop may take: its last commit and leaving the group.
const LEAVE_WITHIN: Duration = Duration::from_secs(12);

impl Edge {
    /// Joins the groups of the workflows and begins to run their events, each by the revision that is active in
    /// `registry`, where every workflow must be.
    ///
    /// Does not wait for the broker: what is not there yet is tried for ever, and [`Edge::health`] says so.
    ///
    /// # Errors
    /// All settings that are wrong.
    pub fn start(
        settings: &KafkaSettings,
        workflows: &[WorkflowSettings],
        engine: &Engine,
        registry: &Arc<Registry>,
    ) -> Result<Self, Vec<KafkaError>> {
        check::check(settings, workflows)?;
        let missing = workflows.iter().find(|w| registry.get(&w.name).is_none());
        if let Some(workflow) = missing {
            let setting = check::place(workflow, "definition");
            return Err(vec![KafkaError::Setting {
                setting,
                cause: "is not loaded".to_owned(),
            }]);
        }
        Self::assemble(settings, workflows, engine, registry).map_err(|error| vec![error])
    }

    /// Looks at the cluster once: brokers, authentication, topics.
    ///
    /// # Errors
    /// All that is not as it should be.
    pub fn probe(
        settings: &KafkaSettings,
        workflows: &[WorkflowSettings],
    ) -> Result<(), Vec<KafkaError>> {
        cluster::probe(settings, workflows)
    }

    fn assemble(
        settings: &KafkaSettings,
        workflows: &[WorkflowSettings],
        engine: &Engine,
        registry: &Arc<Registry>,
    ) -> Result<Self, KafkaError> {
        let clients = Arc::new(Librdkafka::new(settings)?);
        let parts = Assembly::new(settings, workflows, engine, registry, clients)?;
        parts.producer.start(engine.clone())?;
        let mut edge = Self {
            groups: Vec::with_capacity(parts.members.len()),
            producer: parts.producer,
            outbox: parts.outbox,
            replies: parts.replies,
            counters: parts.counters,
            gates: parts.gates,
            engine: engine.clone(),
        };
        for member in parts.members {
            let poll_loop = member.poll_loop;
            let thread = std::thread::Builder::new()
                .name(format!("kafka-{}", member.name))
                .spawn(move || poll_loop.run())
                .map_err(|error| KafkaError::Thread {
                    purpose: "a consumer group",
                    cause: error.to_string(),
                })?;
            edge.groups.push(Member {
                name: member.name,
                controls: member.controls,
                reporter: member.reporter,
                thread: Some(thread),
                gone: member.gone,
            });
        }
        Ok(edge)
    }

    /// How the edge is.
    #[must_use]
    pub fn health(&self) -> Health {
        let mut health = Health {
            live: true,
            ready: true,
            reasons: Vec::new(),
        };
        let now_ms = self.engine.clock().now().as_millis();
        for member in &self.groups {
            let Member { name, controls, .. } = member;
            let idle_ms = now_ms - controls.ticked_ms.load(Ordering::SeqCst);
            if idle_ms > STUCK_AFTER_MS {
                health.dead(format!(
                    "the poll loop of group {name} has stood still for {idle_ms} ms"
                ));
            }
            if let Some(cause) = controls.trouble.fatal.get() {
                health.dead(format!(
                    "the consumer of group {name} has failed for good: {cause}"
                ));
            }
            if !controls.has_assignment.load(Ordering::SeqCst) {
                health.unready(format!("group {name} has no partitions yet"));
            }
            if let Some(trouble) = controls.trouble.recent(TROUBLE_LASTS) {
                health.unready(format!("group {name}: {trouble}"));
            }
        }
        if let Some(error) = self.producers_fatal() {
            health.dead(error.to_string());
        }
        for cause in self.gates.causes() {
            health.unready(cause);
        }
        if self.producer.is_congested() {
            health.unready("the broker does not take answers as fast as they come".to_owned());
        }
        health
    }

    /// Why the edge can never go on, if so.
    #[must_use]
    pub fn fatal(&self) -> Option<KafkaError> {
        let of_group = |member: &Member| {
            let cause = member.controls.trouble.fatal.get()?.clone();
            Some(KafkaError::Fatal {
                client: format!("consumer of group {}", member.name),
                cause,
            })
        };
        self.groups
            .iter()
            .find_map(of_group)
            .or_else(|| self.producers_fatal())
    }

    fn producers_fatal(&self) -> Option<KafkaError> {
        let of_replies = || self.replies.as_ref().and_then(|replies| replies.fatal());
        self.producer.fatal().or_else(of_replies)
    }

    /// Where answers are left for executions that no event started.
    #[must_use]
    pub const fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    /// Takes over what can change of these workflows, found by their names: the limits of their dead letters. Workflows that had
    /// stopped go on; their names are returned.
    pub fn renew(&self, workflows: &[WorkflowSettings]) -> Vec<String> {
        self.gates.set_limits(workflows);
        self.gates.reopen()
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let in_flight = |member: &Member| member.controls.in_flight.load(Ordering::SeqCst);
        self.counters
            .snapshot(self.groups.iter().map(in_flight).sum())
    }

    /// Takes no further records, lets what was received finish within `grace`, commits, and leaves the groups.
    ///
    /// Call it before [`Engine::shutdown`]. Takes at most the grace time and some twenty seconds, whatever the broker does.
    #[must_use]
    pub fn shutdown(mut self, grace: Duration) -> ShutdownReport {
        let grace_ms = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
        let stop_at = self.engine.clock().now().plus_millis(grace_ms);
        for member in &self.groups {
            let stop_at = stop_at.as_millis().min(i64::MAX - 1);
            member.controls.stop_at_ms.store(stop_at, Ordering::SeqCst);
            member.reporter.wake();
        }
        let grace_ends = Instant::now() + grace;
        let deadline = grace_ends + LEAVE_WITHIN;
        let mut report = ShutdownReport::default();
        for member in &mut self.groups {
            if !member.end_by(deadline) {
                report.stuck_groups.push(member.name.clone());
            }
            report.unanswered += member.controls.in_flight.load(Ordering::SeqCst);
        }
        // What is still on its way belongs to events that will be received again, or is the outbox's, which nothing brings back.
        let replies = self.replies.as_ref();
        let left = grace_ends.saturating_duration_since(Instant::now());
        report.unacknowledged =
            replies.map_or(0, |replies| replies.stop(Duration::ZERO)) + self.producer.stop(left);
        report
    }
}

impl Member {
    /// Waits for the loop's end, and for the consumer's. Returns whether they came.
    fn end_by(&mut self, deadline: Instant) -> bool {
        while let Some(thread) = self
            .thread
            .take_if(|thread| thread.is_finished() || Instant::now() < deadline)
        {
            if thread.is_finished() {
                // Its panic was printed when it happened; the consumer is gone with it.
                return thread.join().is_ok() && self.gone_by(deadline);
            }
            self.thread = Some(thread);
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }

    fn gone_by(&self, deadline: Instant) -> bool {
        self.gone.recv_deadline(deadline) == Err(crossbeam_channel::RecvTimeoutError::Disconnected)
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        for member in &self.groups {
            member.controls.abandon.store(true, Ordering::SeqCst);
            member.reporter.wake();
        }
        let deadline = Instant::now() + LEAVE_WITHIN;
        for member in &mut self.groups {
            member.end_by(deadline);
        }
        self.producer.stop(Duration::ZERO);
    }
}

impl Health {
    fn dead(&mut self, reason: String) {
        self.live = false;
        self.unready(reason);
    }

    fn unready(&mut self, reason: String) {
        self.ready = false;
        self.reasons.push(reason);
    }
}
