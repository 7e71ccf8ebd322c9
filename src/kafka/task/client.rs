//! What all tasks of a process share: its producer and its requester, which are there from the first task on.

use std::sync::{Arc, OnceLock};

use super::fault::{self, SERVICE};
use super::requester::Requester;
use crate::engine::Clock;
use crate::kafka::client;
use crate::kafka::courier::Courier;
use crate::kafka::error::KafkaError;
use crate::kafka::settings::{KafkaSettings, KafkaTaskSettings};
use crate::machine::{TaskError, Timestamp};

/// The clients of tasks.
pub(super) struct Client {
    pub(super) settings: KafkaTaskSettings,
    kafka: KafkaSettings,
    clock: Arc<dyn Clock>,
    courier: OnceLock<Result<Arc<Courier>, KafkaError>>,
    requester: OnceLock<Result<Arc<Requester>, KafkaError>>,
}

impl Client {
    pub(super) fn new(
        kafka: KafkaSettings,
        settings: KafkaTaskSettings,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            kafka,
            clock,
            courier: OnceLock::new(),
            requester: OnceLock::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn courier(&self) -> Result<&Arc<Courier>, TaskError> {
        let open = || {
            let mut config = client::courier(&self.kafka, &client::producer(&self.kafka)?);
            let timeout_ms = self.settings.timeout.as_millis().max(1);
            config.set("message.timeout.ms", timeout_ms.to_string());
            let clock = Arc::clone(&self.clock);
            let courier = Courier::start("tasks", config, Box::new(move || clock.now()))?;
            Ok(Arc::new(courier))
        };
        let courier = self.courier.get_or_init(open).as_ref();
        courier.map_err(|error| fault::new(SERVICE, error.to_string()))
    }

    pub(super) fn requester(&self) -> Result<&Arc<Requester>, TaskError> {
        let open = || {
            let clock = Arc::clone(&self.clock);
            Requester::start(&self.kafka, &self.settings, clock).map(Arc::new)
        };
        let requester = self.requester.get_or_init(open).as_ref();
        requester.map_err(|error| fault::new(SERVICE, error.to_string()))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
