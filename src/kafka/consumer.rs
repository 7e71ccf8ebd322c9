//! librdkafka's consumer with our callbacks: what it tells is kept for the poll loop, which decides.
//!
//! Rebalances are answered later, not in the callback: the group waits until partitions are unassigned, while
//! the loop goes on polling.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use rdkafka::TopicPartitionList;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError as ClientError, KafkaResult, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;

use super::client;
use super::group::CommitEnd;

/// librdkafka's consumer with our callbacks.
pub(super) type Client = BaseConsumer<Callbacks>;

/// What the consumer has told.
#[derive(Debug)]
pub(super) enum Told {
    Assigned(Vec<(String, i32)>),
    Revoked(Vec<(String, i32)>),
    Lost(Vec<(String, i32)>),
    CommitEnded(CommitEnd),
    Error { error: ClientError, reason: String },
}

/// The consumer's callbacks.
#[derive(Debug)]
pub(super) struct Callbacks {
    client: String,
    told: Mutex<Vec<Told>>,
    /// Nobody decides any more: partitions are given back at once.
    is_closing: AtomicBool,
}

impl Callbacks {
    pub(super) fn new(group: &str) -> Self {
        Self {
            client: format!("consumer of group {group}"),
            told: Mutex::default(),
            is_closing: AtomicBool::new(false),
        }
    }

    pub(super) fn take(&self) -> Vec<Told> {
        std::mem::take(&mut *self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn close(&self) {
        self.is_closing.store(true, Ordering::SeqCst);
    }

    fn tell(&self, told: Told) {
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(told);
    }
}

impl rdkafka::ClientContext for Callbacks {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(&self.client, level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.tell(Told::Error {
            error,
            reason: reason.to_owned(),
        });
    }
}

impl ConsumerContext for Callbacks {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        kind: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let assigns = kind == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.is_closing.load(Ordering::SeqCst) {
            let done = if assigns {
                assign(consumer, partitions)
            } else {
                unassign(consumer, partitions)
            };
            if let Err(error) = done {
                tracing::warn!(client = self.client, %error, "a rebalance while closing failed");
            }
            return;
        }
        let names = partitions
            .elements()
            .iter()
            .map(|e| (e.topic().to_owned(), e.partition()))
            .collect();
        self.tell(match (assigns, consumer.assignment_lost()) {
            (true, _) => Told::Assigned(names),
            (false, false) => Told::Revoked(names),
            (false, true) => Told::Lost(names),
        });
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        let failed =
            |e: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| e.error().is_err();
        let end = match &result {
            Ok(()) if offsets.elements().iter().any(failed) => CommitEnd::Failed,
            Ok(()) => CommitEnd::Committed,
            Err(error) if is_refusal(error) => CommitEnd::Refused,
            Err(_) => CommitEnd::Failed,
        };
        if let Err(error) = result {
            tracing::warn!(client = self.client, %error, "offsets were not committed");
        }
        self.tell(Told::CommitEnded(end));
    }
}

/// Whether the group is past this member's generation, or about to be.
fn is_refusal(error: &rdkafka::error::KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::RebalanceInProgress
                | RDKafkaErrorCode::IllegalGeneration
                | RDKafkaErrorCode::UnknownMemberId
                | RDKafkaErrorCode::FencedInstanceId
        )
    )
}

/// Adds to the assignment, in the way of the group's protocol.
pub(super) fn assign(client: &Client, partitions: &TopicPartitionList) -> KafkaResult<()> {
    match client.rebalance_protocol() {
        RebalanceProtocol::Cooperative => client.incremental_assign(partitions),
        RebalanceProtocol::Eager | RebalanceProtocol::None => client.assign(partitions),
    }
}

/// Takes out of the assignment.
pub(super) fn unassign(client: &Client, partitions: &TopicPartitionList) -> KafkaResult<()> {
    match client.rebalance_protocol() {
        RebalanceProtocol::Cooperative => client.incremental_unassign(partitions),
        // The eager protocol takes all at once.
        RebalanceProtocol::Eager | RebalanceProtocol::None => client.unassign(),
    }
}

/// Whether the consumer can do nothing any more.
pub(super) fn is_fatal(error: &ClientError) -> bool {
    matches!(error, ClientError::MessageConsumptionFatal(_))
        || error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal)
}
