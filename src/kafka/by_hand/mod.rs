//! The edge of one process without threads and without librdkafka, for simulations: everything that decides is what runs in
//! production, each part has its turn when it is told to, and Kafka is a trait.
//!
//! *Not here*: a Kafka. `tests/simulation` has one.

mod hands;
mod port;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use hands::Hands;
use port::Port;

use super::assembly::{Assembly, Member};
use super::check;
use super::error::KafkaError;
use super::gate::Gates;
pub use super::group::CommitEnd;
use super::producer::{Again, Producer};
use super::settings::{KafkaSettings, WorkflowSettings};
use super::statistics::{Counters, Statistics};
use crate::engine::{Engine, Registry};
use crate::machine::Timestamp;

/// Kafka as one process sees it: a member of each of its groups, and its producer. Nothing here may wait.
pub trait Kafka: Send + Sync {
    /// Makes the process a member; once more when the member has failed.
    fn join(&self, group: &str);

    /// What has happened to the member since this was asked last.
    fn notices(&self, group: &str) -> Vec<Notice>;

    /// Records of partitions that are assigned, forwarded and not paused, at most so many.
    fn fetch(&self, group: &str, records_max: usize) -> Vec<Incoming>;

    /// Lets records of a partition arrive. Repeated until one has.
    fn forward(&self, group: &str, topic: &str, partition: i32);

    /// The end of a partition as the last fetch told it.
    fn end_offset(&self, group: &str, topic: &str, partition: i32) -> Option<i64>;

    /// Whether what is to be given back belongs to somebody else already.
    fn is_assignment_lost(&self, group: &str) -> bool;

    /// The member takes these partitions; they are received from their committed positions.
    fn assign(&self, group: &str, partitions: &[(&str, i32)]);

    /// The member gives these back.
    fn unassign(&self, group: &str, partitions: &[(&str, i32)]);

    /// Stops fetching a partition, and throws away what was fetched ahead.
    fn pause(&self, group: &str, topic: &str, partition: i32);

    /// Goes on fetching it.
    fn resume(&self, group: &str, topic: &str, partition: i32);

    /// Receives an assigned partition from this offset on.
    fn seek(&self, group: &str, topic: &str, partition: i32, offset: i64);

    /// Asks for a commit of positions, each with metadata or an empty text, whose end is a notice. `false`: it cannot even be asked for.
    fn commit(&self, group: &str, positions: &[(&str, i32, i64, &str)]) -> bool;

    /// The member leaves.
    fn leave(&self, group: &str);

    /// Takes a record over.
    ///
    /// # Errors
    /// The record, if there is no room for it.
    fn produce(&self, record: Outgoing, way: Way) -> Result<(), Outgoing>;

    /// What has become of records that went this way.
    fn deliveries(&self, way: Way) -> Vec<Delivery>;
}

/// Which of a process's producers a record goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// With others in batches.
    Batches,
    /// Each in a batch of its own.
    Alone,
    /// With other replies.
    Replies,
}

/// What a member is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The group gives it these partitions; with the metadata of their last commits, if it could be read.
    Assigned(Vec<(String, i32, Option<String>)>),
    /// It wants these back.
    Revoked(Vec<(String, i32)>),
    /// These belong to somebody else already.
    Lost(Vec<(String, i32)>),
    /// A commit has ended.
    CommitEnded(CommitEnd),
    /// Something does not work at the moment.
    Trouble(String),
    /// The member can do nothing any more; its partitions are given to others.
    Failed(String),
}

/// A header: its name, and its value if it has one.
pub type Header = (String, Option<Vec<u8>>);

/// A record that is received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Its topic; one and the same for all records of a topic.
    pub topic: Arc<str>,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// The leader epoch in which it was written.
    pub leader_epoch: Option<i32>,
    /// Its time in milliseconds since the epoch.
    pub timestamp: Option<i64>,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers, in order; a header without a value counts as one with an empty one.
    pub headers: Vec<Header>,
}

/// A record that is produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub topic: String,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value.
    pub value: Option<Vec<u8>>,
    /// Its headers, in order.
    pub headers: Vec<Header>,
    /// The process's mark, to be given back.
    pub mark: u64,
}

/// What has become of a record that was produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The broker has the record with this mark.
    Acknowledged(u64),
    /// It says that it does not.
    Refused(Outgoing),
    /// It never takes as much at once.
    TooLarge(Outgoing),
    /// It has no such topic.
    NoTopic(Outgoing),
}

/// The edge of one process, moved by hand. Dropped, it ends as in a crash.
pub struct ByHand {
    members: Vec<Hand>,
    producer: Arc<Producer>,
    again: Again,
    hands: Arc<Hands>,
    counters: Arc<Counters>,
    gates: Arc<Gates>,
    engine: Engine,
}

struct Hand {
    /// `None` when the group has been left.
    member: Option<Member>,
    name: String,
}

impl std::fmt::Debug for ByHand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ByHand").finish_non_exhaustive()
    }
}

impl ByHand {
    /// Joins the groups of the workflows. `engine` is one [`Engine::by_hand`].
    ///
    /// # Errors
    /// All settings that are wrong.
    pub fn start(
        settings: &KafkaSettings,
        workflows: &[WorkflowSettings],
        engine: &Engine,
        registry: &Arc<Registry>,
        kafka: Arc<dyn Kafka>,
    ) -> Result<Self, Vec<KafkaError>> {
        check::check(settings, workflows)?;
        let hands = Arc::new(Hands::new(Arc::clone(&kafka)));
        let clients = Arc::new(Port(kafka, Arc::clone(&hands)));
        let parts = Assembly::new(settings, workflows, engine, registry, clients)
            .map_err(|error| vec![error])?;
        let hand = |member: Member| Hand {
            name: member.name.clone(),
            member: Some(member),
        };
        Ok(Self {
            members: parts.members.into_iter().map(hand).collect(),
            producer: parts.producer,
            again: Again::default(),
            hands,
            counters: parts.counters,
            gates: parts.gates,
            engine: engine.clone(),
        })
    }

    /// The groups, in the order of their numbers.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> {
        self.members.iter().map(|member| member.name.as_str())
    }

    /// One round of a group's poll loop. Returns whether it goes on; if not, the group has been left.
    pub fn turn_group(&mut self, group: usize) -> bool {
        let Some(hand) = self.members.get_mut(group) else {
            return false;
        };
        let Some(member) = &mut hand.member else {
            return false;
        };
        member.poll_loop.go_round(self.engine.clock().now());
        let left = member.poll_loop.has_left();
        if left && let Some(member) = hand.member.take() {
            member.poll_loop.close();
        }
        !left
    }

    /// What a group's poll loop does a few times a second.
    pub fn keep_house(&mut self, group: usize) {
        if let Some(member) = self.members.get_mut(group).and_then(|h| h.member.as_mut()) {
            member.poll_loop.keep_house(self.engine.clock().now());
        }
    }

    /// One round of the producer.
    pub fn turn_producer(&mut self) {
        self.producer
            .go_round(&mut self.again, self.engine.clock().now());
    }

    /// One round of who brings replies.
    pub fn turn_replies(&self) {
        self.hands.go_round(self.engine.clock().now());
    }

    /// Takes no further records, lets what was received finish until `deadline`, commits, and leaves the groups.
    pub fn stop(&self, deadline: Timestamp) {
        let members = self.members.iter().filter_map(|hand| hand.member.as_ref());
        for member in members {
            let at = deadline.as_millis().min(i64::MAX - 1);
            member.controls.stop_at_ms.store(at, Ordering::SeqCst);
        }
    }

    /// How many workflows have stopped for their dead letters.
    #[must_use]
    pub fn stopped(&self) -> usize {
        self.gates.causes().len()
    }

    /// Lets workflows go on that have stopped for their dead letters. Returns their names.
    pub fn reopen(&self) -> Vec<String> {
        self.gates.reopen()
    }

    /// Whether a consumer has failed that is to have no successor: the process should end.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        let mut members = self.members.iter().filter_map(|hand| hand.member.as_ref());
        members.any(|member| member.controls.trouble.fatal.get().is_some())
    }

    /// Whether all groups have been left.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.members.iter().all(|hand| hand.member.is_none())
    }

    /// Offsets received and not yet committable, the most of a partition.
    #[must_use]
    pub fn gap_max(&self) -> usize {
        let members = self.members.iter().filter_map(|hand| hand.member.as_ref());
        let gaps = members.flat_map(|member| member.poll_loop.gaps());
        gaps.max().unwrap_or(0)
    }

    /// What was done so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let members = self.members.iter().filter_map(|hand| hand.member.as_ref());
        let in_flight = members.map(|m| m.controls.in_flight.load(Ordering::SeqCst));
        self.counters.snapshot(in_flight.sum())
    }
}
