//! librdkafka's consumer with our callbacks: what it tells is kept for the poll loop, which decides.
//!
//! Rebalances are answered later, not in the callback: the group waits until partitions are unassigned, while
//! the loop goes on polling.

#![expect(
    clippy::disallowed_methods,
    reason = "this bounds a wait on librdkafka's threads; what is decided takes the engine's clock"
)]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError as ClientError, KafkaResult, RDKafkaErrorCode};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};

use super::client;
use super::group::CommitEnd;
use super::native::{self, MessageQueue, Records};
use super::poll::BATCH_RECORDS_MAX;
use super::port::{Consumer, Told};

/// librdkafka's consumer with our callbacks.
pub(super) type Client = BaseConsumer<Callbacks>;

/// A member of a group by librdkafka.
pub(super) struct Membership {
    /// What was told, in order; an assignment whose metadata is still read holds up what was told after it.
    waiting: VecDeque<Waiting>,
    wake: Sender<()>,
    // Dropped before the client, which its anchor keeps as long as messages are about.
    queue: MessageQueue,
    client: Arc<Client>,
}

#[derive(Debug)]
enum Waiting {
    Told(Told),
    /// An assignment, whose metadata is being read.
    Read(Receiver<Told>),
}

/// How long an assignment may wait for the metadata of its last commits: without it, more is answered again.
const METADATA_WITHIN: Duration = Duration::from_secs(3);

/// How long librdkafka may take to note where to receive a partition from.
const SEEK_WITHIN: Duration = Duration::from_secs(5);

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
        self.tell(if is_fatal(&error) {
            Told::Fatal(reason.to_owned())
        } else {
            // Told up to twenty times a second; whoever asks for the health hears it.
            tracing::debug!(client = self.client, %error, "{reason}");
            Told::Trouble(reason.to_owned())
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
        let elements = partitions.elements();
        let names = elements
            .iter()
            .map(|e| (e.topic().to_owned(), e.partition()));
        self.tell(match (assigns, consumer.assignment_lost()) {
            (true, _) => Told::Assigned(names.map(|(t, p)| (t, p, None)).collect()),
            (false, false) => Told::Revoked(names.collect()),
            (false, true) => Told::Lost(names.collect()),
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

impl Membership {
    /// Joins `group`.
    pub(super) fn join(
        config: &ClientConfig,
        group: &str,
        topics: &[&str],
        wake: Sender<()>,
        gone: Sender<()>,
    ) -> KafkaResult<Self> {
        let client: Client = config.create_with_context(Callbacks::new(group))?;
        let client = Arc::new(client);
        let queue = MessageQueue::new(Arc::clone(&client), BATCH_RECORDS_MAX, wake.clone(), gone);
        client.subscribe(topics)?;
        Ok(Self {
            waiting: VecDeque::new(),
            wake,
            queue,
            client,
        })
    }

    /// Reads the metadata of the last commits on a thread of its own, as that waits for the broker.
    fn read_metadata(&self, partitions: Vec<(String, i32, Option<String>)>) -> Waiting {
        let (tell, told) = bounded(1);
        let (client, wake) = (Arc::clone(&self.client), self.wake.clone());
        let without = Told::Assigned(partitions.clone());
        let spawned = std::thread::Builder::new()
            .name("kafka-metadata".to_owned())
            .spawn(move || {
                let with = metadata(&client, partitions);
                // Nobody listens when the group was left meanwhile.
                tell.send(Told::Assigned(with)).ok();
                wake.try_send(()).ok();
            });
        match spawned {
            Ok(_) => Waiting::Read(told),
            Err(_) => Waiting::Told(without),
        }
    }
}

impl Consumer for Membership {
    fn poll(&mut self, told: &mut Vec<Told>) {
        match self.client.poll(Duration::ZERO) {
            // A record that did not come by our queue is not in the ledger, so its offset could be skipped.
            Some(Ok(_)) => told.push(Told::Fatal(
                "a record arrived outside of the forwarded partitions".to_owned(),
            )),
            Some(Err(error)) if is_fatal(&error) => told.push(Told::Fatal(error.to_string())),
            Some(Err(error)) => told.push(Told::Trouble(error.to_string())),
            None => {}
        }
        for news in self.client.context().take() {
            let waiting = match news {
                Told::Assigned(partitions) if !partitions.is_empty() => {
                    self.read_metadata(partitions)
                }
                other @ (Told::Assigned(_)
                | Told::Revoked(_)
                | Told::Lost(_)
                | Told::CommitEnded(_)
                | Told::Trouble(_)
                | Told::Fatal(_)) => Waiting::Told(other),
            };
            self.waiting.push_back(waiting);
        }
        while let Some(first) = self.waiting.pop_front() {
            match first {
                Waiting::Told(first) => told.push(first),
                Waiting::Read(read) => match read.try_recv() {
                    Ok(first) => told.push(first),
                    Err(_) => {
                        self.waiting.push_front(Waiting::Read(read));
                        return;
                    }
                },
            }
        }
    }

    fn take(&mut self) -> Records {
        self.queue.take()
    }

    fn forward(&self, topic: &str, partition: i32) {
        self.queue.forward(topic, partition);
    }

    fn end_offset(&self, topic: &str, partition: i32) -> Option<i64> {
        self.queue.end_offset(topic, partition)
    }

    fn is_assignment_lost(&self) -> bool {
        self.client.assignment_lost()
    }

    fn assign(&mut self, partitions: &[(&str, i32)]) -> KafkaResult<()> {
        assign(&self.client, &list(partitions))
    }

    fn unassign(&mut self, partitions: &[(&str, i32)]) -> KafkaResult<()> {
        unassign(&self.client, &list(partitions))
    }

    fn pause(&mut self, partition: (&str, i32)) -> KafkaResult<()> {
        self.client.pause(&list(&[partition]))
    }

    fn resume(&mut self, partition: (&str, i32)) -> KafkaResult<()> {
        self.client.resume(&list(&[partition]))
    }

    fn seek(&mut self, (topic, partition): (&str, i32), offset: i64) -> KafkaResult<()> {
        // Asks no broker, but waits for librdkafka's own thread, so that its failure is known.
        self.client
            .seek(topic, partition, Offset::Offset(offset), SEEK_WITHIN)
    }

    fn commit(&mut self, positions: &[(&str, i32, i64, &str)]) -> Result<(), RDKafkaErrorCode> {
        native::commit(&self.client, positions.iter().copied())
    }

    fn leave(&mut self, within: Duration) {
        self.client.context().close();
        let deadline = Instant::now() + within;
        match self.client.close_queue() {
            Ok(()) => {
                while !self.client.closed() && Instant::now() < deadline {
                    drop(self.client.poll(Duration::from_millis(20)));
                }
            }
            Err(error) => {
                let client = &self.client.context().client;
                tracing::warn!(client, %error, "the group was not left in order");
            }
        }
    }
}

/// The partitions with the metadata of their last commits, as far as it can be read.
fn metadata(
    client: &Client,
    mut partitions: Vec<(String, i32, Option<String>)>,
) -> Vec<(String, i32, Option<String>)> {
    let names: Vec<_> = partitions
        .iter()
        .map(|(t, p, _)| (t.as_str(), *p))
        .collect();
    match client.committed_offsets(list(&names), METADATA_WITHIN) {
        Ok(committed) => {
            for (topic, partition, metadata) in &mut partitions {
                *metadata = native::metadata(&committed, topic, *partition);
            }
        }
        Err(error) => {
            tracing::warn!(%error, "the last commits' metadata cannot be read");
        }
    }
    partitions
}

fn list(partitions: &[(&str, i32)]) -> TopicPartitionList {
    let mut list = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        list.add_partition(topic, *partition);
    }
    list
}

/// Adds to the assignment, in the way of the group's protocol.
fn assign(client: &Client, partitions: &TopicPartitionList) -> KafkaResult<()> {
    match client.rebalance_protocol() {
        RebalanceProtocol::Cooperative => client.incremental_assign(partitions),
        RebalanceProtocol::Eager | RebalanceProtocol::None => client.assign(partitions),
    }
}

/// Takes out of the assignment.
fn unassign(client: &Client, partitions: &TopicPartitionList) -> KafkaResult<()> {
    match client.rebalance_protocol() {
        RebalanceProtocol::Cooperative => client.incremental_unassign(partitions),
        // The eager protocol takes all at once.
        RebalanceProtocol::Eager | RebalanceProtocol::None => client.unassign(),
    }
}

/// Whether the consumer can do nothing any more.
fn is_fatal(error: &ClientError) -> bool {
    matches!(error, ClientError::MessageConsumptionFatal(_))
        || error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal)
}
