//! One of librdkafka's producers, with the topics it writes to.
//!
//! *Not here*: what is done about records that are refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::Producer as _;

use super::deliveries::Deliveries;
use super::{Client, Output, Pending, TopicNumber};
use crate::kafka::client;
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Headers, OutputTopic, Rejected};
use crate::kafka::token::Token;

/// A producer and its topics.
pub(super) struct Lane {
    // Before the client, which must outlive them.
    topics: Vec<OutputTopic>,
    client: Client,
    /// Records that librdkafka has taken so far; those on their way into it count.
    sent: AtomicUsize,
}

impl Lane {
    pub(super) fn open(
        config: &ClientConfig,
        outputs: &Arc<Vec<Output>>,
    ) -> Result<Self, KafkaError> {
        let refused = |error| client::refused("producer".to_owned(), &error);
        let deliveries = Deliveries::new(Arc::clone(outputs));
        let client: Client = config.create_with_context(deliveries).map_err(refused)?;
        let open = |output: &Output| {
            OutputTopic::new(&client, &output.topic).ok_or_else(|| KafkaError::Topic {
                setting: "workflows".to_owned(),
                topic: output.topic.clone(),
                cause: "there can be no topic of this name".to_owned(),
            })
        };
        Ok(Self {
            topics: outputs.iter().map(open).collect::<Result<_, _>>()?,
            client,
            sent: AtomicUsize::new(0),
        })
    }

    pub(super) fn deliveries(&self) -> &Deliveries {
        self.client.context()
    }

    pub(super) fn send(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), Rejected> {
        let topic = self
            .topics
            .get(topic.0)
            .expect("numbers are given out for topics that are there");
        // Before it can be delivered, or a record could be acknowledged and not sent.
        self.sent.fetch_add(1, Ordering::SeqCst);
        let opaque = token.to_bits() as usize;
        let sent = topic.produce(&self.client, key, value, headers, opaque);
        if sent.is_err() {
            self.sent.fetch_sub(1, Ordering::SeqCst);
        }
        sent
    }

    pub(super) fn send_pending(
        &self,
        mut pending: Pending,
    ) -> Result<(), (Pending, RDKafkaErrorCode)> {
        let headers = std::mem::replace(&mut pending.headers, Headers::with_capacity(0));
        let (key, value) = (pending.key.as_deref(), pending.value.as_deref());
        let sent = self.send(pending.topic, key, value, headers, pending.token);
        sent.map_err(|Rejected { error, headers }| (Pending { headers, ..pending }, error))
    }

    /// Lets librdkafka tell of all deliveries there are, without waiting. Returns whether there were any.
    ///
    /// The wrapper's own waiting poll spins through the last millisecond of its time.
    pub(super) fn poll(&self) -> bool {
        let deliveries = self.deliveries();
        let before = deliveries.told();
        loop {
            let earlier = deliveries.told();
            // One event: the deliveries of one request.
            self.client.poll(Duration::ZERO);
            if deliveries.told() == earlier {
                return earlier != before;
            }
        }
    }

    /// Records handed over, of which nothing was heard yet.
    pub(super) fn on_the_way(&self) -> usize {
        // In this order, as a record is delivered only after it was sent.
        let delivered = self.deliveries().delivered();
        self.sent.load(Ordering::SeqCst) - delivered
    }
}
