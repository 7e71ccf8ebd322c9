//! The traits of [`crate::kafka::port`] on a [`Kafka`]: everything is copied, which a simulation can afford.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;
use rdkafka::error::{KafkaResult, RDKafkaErrorCode};

use super::{Delivery, Header, Incoming, Kafka, Notice, Outgoing};
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Headers, Made, Records, Rejected};
use crate::kafka::poll::BATCH_RECORDS_MAX;
use crate::kafka::port::{Clients, Consumer, Outlet, Told};
use crate::kafka::producer::{Deliveries, Output, Pending, TopicNumber};
use crate::kafka::token::Token;

/// Makes clients of a Kafka that is a trait.
pub(super) struct Port(pub(super) Arc<dyn Kafka>);

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
    alone: bool,
}

impl Clients for Port {
    fn join(
        &self,
        group: &str,
        _: &[&str],
        _: Sender<()>,
        gone: Sender<()>,
    ) -> Result<Box<dyn Consumer>, KafkaError> {
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
            alone,
        }))
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
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let header = |(name, value): (&[u8], Option<&[u8]>)| (text(name), value.map(Vec::from));
        let record = Outgoing {
            topic: self.topics.get(topic.0).cloned().unwrap_or_default(),
            key: key.map(Vec::from),
            value: value.map(Vec::from),
            headers: headers.iter().map(header).collect(),
            mark: token.to_bits(),
        };
        self.kafka
            .produce(record, self.alone)
            .map_err(|_| Rejected {
                error: RDKafkaErrorCode::QueueFull,
                headers,
            })
    }

    fn poll(&self) {
        for delivery in self.kafka.deliveries(self.alone) {
            match delivery {
                Delivery::Acknowledged(mark) => {
                    self.deliveries.acknowledge(Token::from_bits(mark));
                }
                Delivery::Refused(record) => {
                    let error = RDKafkaErrorCode::NotEnoughReplicas;
                    self.deliveries.refuse(self.pending(record), error);
                }
                Delivery::TooLarge(record) => {
                    let error = RDKafkaErrorCode::MessageSizeTooLarge;
                    self.deliveries.refuse(self.pending(record), error);
                }
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
