//! librdkafka's producer, with the topics it writes to.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::producer::Producer as _;

use super::deliveries::{Callbacks, Deliveries};
use super::{Client, Output, TopicNumber};
use crate::kafka::client;
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Content, Headers, OutputTopic, Rejected};
use crate::kafka::port::Outlet;
use crate::kafka::token::Token;

/// A producer and its topics.
pub(in crate::kafka) struct NativeOutlet {
    // Before the client, which must outlive them.
    topics: Vec<OutputTopic>,
    client: Client,
}

impl NativeOutlet {
    pub(in crate::kafka) fn open(
        config: &ClientConfig,
        outputs: &[Output],
        deliveries: Arc<Deliveries>,
    ) -> Result<Self, KafkaError> {
        let refused = |error| client::refused("producer".to_owned(), &error);
        let client: Client = config
            .create_with_context(Callbacks(deliveries))
            .map_err(refused)?;
        let open = |output: &Output| {
            OutputTopic::new(client.client(), &output.topic).ok_or_else(|| KafkaError::Topic {
                setting: "workflows".to_owned(),
                topic: output.topic.clone(),
                cause: "there can be no topic of this name".to_owned(),
            })
        };
        Ok(Self {
            topics: outputs.iter().map(open).collect::<Result<_, _>>()?,
            client,
        })
    }
}

impl Outlet for NativeOutlet {
    fn produce(
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
        let opaque = token.to_bits() as usize;
        let content = Content {
            key,
            value,
            ..Content::default()
        };
        topic.produce(self.client.client(), content, headers, opaque)
    }

    fn poll(&self) {
        // One event: the deliveries of one request. It spins only when it is given time to wait.
        self.client.poll(Duration::ZERO);
    }
}
