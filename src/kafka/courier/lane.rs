//! One of librdkafka's producers, and the topics that were named so far.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseProducer, Producer as _};

use super::deliveries::{Deliveries, Waiting};
use super::{End, Parcel, Tell};
use crate::kafka::client;
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Content, OutputTopic, Rejected};

/// Topics that one process may write to besides those of its settings.
pub(super) const TOPICS_MAX: usize = 10_000;

/// A producer and its topics.
pub(super) struct Lane {
    // Before the client, which must outlive them.
    topics: RwLock<HashMap<String, Arc<OutputTopic>>>,
    client: BaseProducer<Deliveries>,
}

impl Lane {
    pub(super) fn open(name: &'static str, config: &ClientConfig) -> Result<Self, KafkaError> {
        let refused = |error| client::refused(format!("producer of {name}"), &error);
        let client = config
            .create_with_context(Deliveries::new(name))
            .map_err(refused)?;
        Ok(Self {
            topics: RwLock::default(),
            client,
        })
    }

    pub(super) fn send(&self, parcel: Parcel, tell: Tell) {
        let deliveries = self.deliveries();
        let number = deliveries.expect(Waiting {
            partition: parcel.partition,
            timestamp: parcel.timestamp,
            tell,
        });
        let Some(topic) = self.topic(&parcel.topic) else {
            deliveries.refuse(number, parcel, RDKafkaErrorCode::InvalidTopic);
            return;
        };
        let Parcel {
            topic: name,
            partition,
            timestamp,
            key,
            value,
            headers,
        } = parcel;
        let content = Content {
            partition,
            timestamp,
            key: key.as_deref(),
            value: value.as_deref(),
        };
        let sent = topic.produce(self.client.client(), content, headers, number);
        if let Err(Rejected { error, headers }) = sent {
            let parcel = Parcel {
                topic: name,
                partition,
                timestamp,
                key,
                value,
                headers,
            };
            deliveries.refuse(number, parcel, error);
        }
    }

    /// Lets librdkafka tell of all deliveries there are, without waiting, and gives them out.
    pub(super) fn poll(&self) -> Vec<(Tell, End)> {
        loop {
            let earlier = self.deliveries().told();
            // One event: the deliveries of one request. Given time to wait, it spins.
            self.client.poll(Duration::ZERO);
            if self.deliveries().told() == earlier {
                return self.deliveries().take_ended();
            }
        }
    }

    pub(super) fn fatal(&self) -> Option<String> {
        self.deliveries().fatal()
    }

    fn deliveries(&self) -> &Deliveries {
        self.client.context()
    }

    fn topic(&self, name: &str) -> Option<Arc<OutputTopic>> {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(topic) = topics.get(name) {
            return Some(Arc::clone(topic));
        }
        drop(topics);
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(topic) = topics.get(name) {
            return Some(Arc::clone(topic));
        }
        if topics.len() >= TOPICS_MAX {
            return None;
        }
        let topic = Arc::new(OutputTopic::new(self.client.client(), name)?);
        topics.insert(name.to_owned(), Arc::clone(&topic));
        Some(topic)
    }
}
