//! What the edge needs of Kafka clients: librdkafka's in production (`clients`), a simulation's in [`super::by_hand`].
//!
//! A call is one a batch of records, or rarer; only [`Outlet::produce`] is one a record.
//!
//! *Not here*: any decision.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;
use rdkafka::error::{KafkaResult, RDKafkaErrorCode};

use super::courier::{Parcel, Tell};
use super::error::KafkaError;
use super::group::CommitEnd;
use super::native::{Headers, Records, Rejected};
use super::producer::{Deliveries, Output, TopicNumber};
use super::token::Token;
use crate::engine::Engine;
use crate::machine::Timestamp;

/// What a consumer has told.
#[derive(Debug)]
pub(super) enum Told {
    /// With the metadata of each partition's last commit, if it could be read.
    Assigned(Vec<(String, i32, Option<String>)>),
    Revoked(Vec<(String, i32)>),
    Lost(Vec<(String, i32)>),
    CommitEnded(CommitEnd),
    /// Something does not work at the moment.
    Trouble(String),
    /// Nothing will work any more.
    Fatal(String),
}

/// One member of a consumer group.
pub(super) trait Consumer: Send {
    /// Adds what has happened, without waiting. Nothing added: there is nothing more for now.
    fn poll(&mut self, told: &mut Vec<Told>);

    /// The records that are there, up to the bound of a batch, without waiting. Errors of partitions are among them.
    fn take(&mut self) -> Records;

    /// Lets records of a partition arrive. To be repeated until its first one has.
    fn forward(&self, topic: &str, partition: i32);

    /// The end of a partition as the last fetch told it.
    fn end_offset(&self, topic: &str, partition: i32) -> Option<i64>;

    /// Whether what is about to be given back belongs to somebody else already.
    fn is_assignment_lost(&self) -> bool;

    /// Adds to the assignment.
    fn assign(&mut self, partitions: &[(&str, i32)]) -> KafkaResult<()>;

    /// Takes out of the assignment.
    fn unassign(&mut self, partitions: &[(&str, i32)]) -> KafkaResult<()>;

    fn pause(&mut self, partition: (&str, i32)) -> KafkaResult<()>;

    fn resume(&mut self, partition: (&str, i32)) -> KafkaResult<()>;

    /// Receives a partition of the assignment from this offset on; what was fetched is thrown away.
    fn seek(&mut self, partition: (&str, i32), offset: i64) -> KafkaResult<()>;

    /// Commits positions, each with metadata or an empty text. Its end is told later.
    ///
    /// # Errors
    /// If the commit could not even be asked for; then nothing is told.
    fn commit(&mut self, positions: &[(&str, i32, i64, &str)]) -> Result<(), RDKafkaErrorCode>;

    /// Leaves the group.
    fn leave(&mut self, within: Duration);
}

/// Where records go out.
pub(super) trait Outlet: Send + Sync {
    /// Takes a record over; its end is told to the deliveries that the outlet was opened with.
    ///
    /// # Errors
    /// If the queue is full or the record can never be produced.
    fn produce(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), Rejected>;

    /// Tells some of the deliveries that there are, without waiting.
    fn poll(&self);
}

/// Who brings records that somebody waits for one by one.
pub(super) trait Carrier: std::fmt::Debug + Send + Sync {
    /// Sends a record. Never waits; `tell` is called once, unless the carrier is stopped before.
    fn send(&self, parcel: Parcel, tell: Tell);

    /// Sends a record at the time `at` or soon after.
    fn send_at(&self, at: Timestamp, parcel: Parcel, tell: Tell);

    /// Why it will never send again, if so.
    fn fatal(&self) -> Option<KafkaError>;

    /// Ends it when all has been told or `within` has passed. Returns how many records were not told of.
    fn stop(&self, within: Duration) -> usize;
}

/// Where clients come from.
pub(super) trait Clients: Send + Sync {
    /// Joins a group. `wake` is told when a record arrives, and `gone` is closed when the last memory of the client is.
    fn join(
        &self,
        group: &str,
        topics: &[&str],
        wake: Sender<()>,
        gone: Sender<()>,
    ) -> Result<Box<dyn Consumer>, KafkaError>;

    /// Opens an outlet; `alone` sends each record in a batch of its own.
    fn open(
        &self,
        outputs: &[Output],
        deliveries: Arc<Deliveries>,
        alone: bool,
    ) -> Result<Box<dyn Outlet>, KafkaError>;

    /// Who brings replies; `engine` has the time.
    fn carrier(&self, engine: &Engine) -> Result<Arc<dyn Carrier>, KafkaError>;
}
