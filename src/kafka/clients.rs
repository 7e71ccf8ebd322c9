//! librdkafka's clients, made of the settings.

use std::sync::Arc;

use crossbeam_channel::Sender;
use rdkafka::config::ClientConfig;

use super::client;
use super::consumer::Membership;
use super::courier::Courier;
use super::error::KafkaError;
use super::port::{Carrier, Clients, Consumer, Outlet};
use super::producer::{Deliveries, NativeOutlet, Output};
use super::settings::KafkaSettings;
use crate::engine::Engine;

/// Clients of one cluster.
pub(super) struct Librdkafka {
    settings: KafkaSettings,
    producer: ClientConfig,
}

impl Librdkafka {
    pub(super) fn new(settings: &KafkaSettings) -> Result<Self, KafkaError> {
        Ok(Self {
            settings: settings.clone(),
            producer: client::producer(settings)?,
        })
    }
}

impl Clients for Librdkafka {
    fn join(
        &self,
        group: &str,
        topics: &[&str],
        wake: Sender<()>,
        gone: Sender<()>,
    ) -> Result<Box<dyn Consumer>, KafkaError> {
        let config = client::consumer(&self.settings, group)?;
        let refused = |error| client::refused(format!("consumer of group {group}"), &error);
        let member = Membership::join(&config, group, topics, wake, gone).map_err(refused)?;
        Ok(Box::new(member))
    }

    fn open(
        &self,
        outputs: &[Output],
        deliveries: Arc<Deliveries>,
        alone: bool,
    ) -> Result<Box<dyn Outlet>, KafkaError> {
        let mut config = self.producer.clone();
        if alone {
            config.set("batch.num.messages", "1");
        }
        let outlet = NativeOutlet::open(&config, outputs, deliveries)?;
        Ok(Box::new(outlet))
    }

    fn carrier(&self, engine: &Engine) -> Result<Arc<dyn Carrier>, KafkaError> {
        let config = client::courier(&self.settings, &self.producer);
        let engine = engine.clone();
        let now = Box::new(move || engine.clock().now());
        Ok(Arc::new(Courier::start("replies", config, now)?))
    }
}
