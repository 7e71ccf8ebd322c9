//! The traits of [`crate::kafka::port`] on a [`Kafka`]: everything is copied, which a simulation can afford.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;
use rdkafka::error::{KafkaResult, RDKafkaErrorCode};

use super::hands::Hands;
use super::{Delivery, Header, Incoming, Kafka, Notice, Outgoing, Way};
use crate::engine::Engine;
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Headers, Made, Records, Rejected};
use crate::kafka::poll::BATCH_RECORDS_MAX;
use crate::kafka::port::{Carrier, Clients, Consumer, Outlet, Told};
use crate::kafka::producer::{Deliveries, Output, Pending, TopicNumber};
use crate::kafka::token::Token;

/// Makes clients of a Kafka that is a trait.
pub(super) struct Port(pub(super) Arc<dyn Kafka>, pub(super) Arc<Hands>);

struct Membership {
    kafka: Arc<dyn Kafka>,
    group: String,
    /// Whoever waits for its end is told when this is dropped.
    _gone: Sender<()>,
}

struct Outward {
    kafka: Arc<dyn Kafka>,
    topics: Vec<String>,
    deliveries: Arc<Deliveries>,
    way: Way,
}

impl Clients for Port {
    fn join(
        &self,
        group: &str,
        _: &[&str],
        _: Sender<()>,
        gone: Sender<()>,
    ) -> Result<Box<dyn Consumer>, KafkaError> {
        self.0.join(group);
        Ok(Box::new(Membership {
            kafka: Arc::clone(&self.0),
            group: group.to_owned(),
            _gone: gone,
        }))
    }

    fn open(
        &self,
        outputs: &[Output],
        deliveries: Arc<Deliveries>,
        alone: bool,
    ) -> Result<Box<dyn Outlet>, KafkaError> {
        Ok(Box::new(Outward {
            kafka: Arc::clone(&self.0),
            topics: outputs.iter().map(|output| output.topic.clone()).collect(),
            deliveries,
            way: if alone { Way::Alone } else { Way::Batches },
        }))
    }

    fn carrier(&self, _: &Engine) -> Result<Arc<dyn Carrier>, KafkaError> {
        Ok(Arc::clone(&self.1) as Arc<dyn Carrier>)
    }
}

impl Consumer for Membership {
    fn poll(&mut self, told: &mut Vec<Told>) {
        let notices = self.kafka.notices(&self.group).into_iter();
        told.extend(notices.map(|notice| match notice {
            Notice::Assigned(partitions) => Told::Assigned(partitions),
            Notice::Revoked(partitions) => Told::Revoked(partitions),
            Notice::Lost(partitions) => Told::Lost(partitions),
            Notice::CommitEnded(end) => Told::CommitEnded(end),
            Notice::Trouble(what) => Told::Trouble(what),
            Notice::Failed(cause) => Told::Fatal(cause),
        }));
    }

    fn take(&mut self) -> Records {
        let records = self.kafka.fetch(&self.group, BATCH_RECORDS_MAX).into_iter();
        Records::made(records.map(made).collect())
    }

    fn forward(&self, topic: &str, partition: i32) {
        self.kafka.forward(&self.group, topic, partition);
    }

    fn end_offset(&self, topic: &str, partition: i32) -> Option<i64> {
        self.kafka.end_offset(&self.group, topic, partition)
    }

    fn is_assignment_lost(&self) -> bool {
        self.kafka.is_assignment_lost(&self.group)
    }

    fn assign(&mut self, partitions: &[(&str, i32)]) -> KafkaResult<()> {
        self.kafka.assign(&self.group, partitions);
        Ok(())
    }

    fn unassign(&mut self, partitions: &[(&str, i32)]) -> KafkaResult<()> {
        self.kafka.unassign(&self.group, partitions);
        Ok(())
    }

    fn pause(&mut self, (topic, partition): (&str, i32)) -> KafkaResult<()> {
        self.kafka.pause(&self.group, topic, partition);
        Ok(())
    }

    fn resume(&mut self, (topic, partition): (&str, i32)) -> KafkaResult<()> {
        self.kafka.resume(&self.group, topic, partition);
        Ok(())
    }

    fn seek(&mut self, (topic, partition): (&str, i32), offset: i64) -> KafkaResult<()> {
        self.kafka.seek(&self.group, topic, partition, offset);
        Ok(())
    }

    fn commit(&mut self, positions: &[(&str, i32, i64, &str)]) -> Result<(), RDKafkaErrorCode> {
        if self.kafka.commit(&self.group, positions) {
            Ok(())
        } else {
            Err(RDKafkaErrorCode::State)
        }
    }

    fn leave(&mut self, _: Duration) {
        self.kafka.leave(&self.group);
    }
}

impl Outlet for Outward {
    fn produce(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), Rejected> {
        let topic = self.topics.get(topic.0).cloned().unwrap_or_default();
        let record = outgoing(topic, key, value, &headers, token.to_bits());
        self.kafka.produce(record, self.way).map_err(|_| Rejected {
            error: RDKafkaErrorCode::QueueFull,
            headers,
        })
    }

    fn poll(&self) {
        for delivery in self.kafka.deliveries(self.way) {
            match end(delivery) {
                Ok(mark) => self.deliveries.acknowledge(Token::from_bits(mark)),
                Err((record, error)) => self.deliveries.refuse(self.pending(record), error),
            }
        }
    }
}

impl Outward {
    fn pending(&self, record: Outgoing) -> Pending {
        let topic = self.topics.iter().position(|topic| *topic == record.topic);
        Pending {
            topic: TopicNumber(topic.expect("what is given back was produced to one of them")),
            key: record.key.map(Vec::into_boxed_slice),
            value: record.value.map(Vec::into_boxed_slice),
            headers: headers(&record.headers),
            token: Token::from_bits(record.mark),
        }
    }
}

/// A copy of a record, as it is given to a [`Kafka`].
pub(super) fn outgoing(
    topic: String,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    headers: &Headers,
    mark: u64,
) -> Outgoing {
    let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let header = |(name, value): (&[u8], Option<&[u8]>)| (text(name), value.map(Vec::from));
    Outgoing {
        topic,
        key: key.map(Vec::from),
        value: value.map(Vec::from),
        headers: headers.iter().map(header).collect(),
        mark,
    }
}

/// The mark of a record that the broker has; or one that it does not have, and why, as librdkafka says it.
pub(super) fn end(delivery: Delivery) -> Result<u64, (Outgoing, RDKafkaErrorCode)> {
    match delivery {
        Delivery::Acknowledged(mark) => Ok(mark),
        Delivery::Refused(record) => Err((record, RDKafkaErrorCode::NotEnoughReplicas)),
        Delivery::TooLarge(record) => Err((record, RDKafkaErrorCode::MessageSizeTooLarge)),
        Delivery::NoTopic(record) => Err((record, RDKafkaErrorCode::UnknownTopicOrPartition)),
    }
}

fn made(record: Incoming) -> Made {
    Made {
        topic: record.topic,
        partition: record.partition,
        offset: record.offset,
        leader_epoch: record.leader_epoch,
        timestamp: record.timestamp,
        key: record.key.map(Vec::into_boxed_slice),
        value: record.value.map(Vec::into_boxed_slice),
        headers: headers(&record.headers),
    }
}

fn headers(from: &[Header]) -> Headers {
    let mut headers = Headers::with_capacity(from.len());
    for (name, value) in from {
        headers.add(name, value.as_deref().unwrap_or_default());
    }
    headers
}
