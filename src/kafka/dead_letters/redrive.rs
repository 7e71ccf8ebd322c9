//! Dead letters on their way back: key, value and original headers to the topic that they came from, or another one.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext};

use super::{DeadLetter, REPLAYS_HEADER, Source};
use crate::kafka::client;
use crate::kafka::error::KafkaError;
use crate::kafka::settings::KafkaSettings;

/// How long a record may wait for its acknowledgement.
const ACKNOWLEDGED_WITHIN_MS: &str = "60000";
/// How long the end may take beyond that.
const FLUSHED_WITHIN: Duration = Duration::from_secs(70);
/// How long a full queue is waited for at a time.
const QUEUE_WAIT: Duration = Duration::from_millis(100);

/// Produces dead letters again.
#[derive(Debug)]
pub struct Redriver {
    producer: Producer,
    replays_max: u32,
}

/// Why a dead letter stays where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRedriven {
    /// It came back as often as may be.
    #[error("it was redriven {0} times already")]
    TooOften(u32),
    /// Its headers do not tell where it came from.
    #[error("its headers name no topic that it came from: give one")]
    NoTopic,
    /// The client does not take it.
    #[error("topic {topic}: {cause}")]
    Refused {
        /// Where it was to go.
        topic: String,
        /// What librdkafka says.
        cause: String,
    },
}

struct Producer(BaseProducer<Failures>);

/// What the brokers did not acknowledge, by topic and cause.
#[derive(Debug, Default)]
struct Failures(Mutex<Vec<(String, String)>>);

impl Redriver {
    /// A producer of its own. A letter that was redriven `replays_max` times stays.
    ///
    /// # Errors
    /// If the settings make no producer.
    pub fn new(settings: &KafkaSettings, replays_max: u32) -> Result<Self, KafkaError> {
        let mut config = client::producer(settings)?;
        config.set("message.timeout.ms", ACKNOWLEDGED_WITHIN_MS);
        config.set("allow.auto.create.topics", "false");
        let producer = config
            .create_with_context(Failures::default())
            .map_err(|error| client::refused("producer".to_owned(), &error))?;
        Ok(Self {
            producer: Producer(producer),
            replays_max,
        })
    }

    /// Where a letter goes: `to`, or where it came from.
    ///
    /// # Errors
    /// If it may not go, or nobody knows where to.
    pub fn target(&self, source: &Source, to: Option<&str>) -> Result<String, NotRedriven> {
        if source.replays >= self.replays_max {
            return Err(NotRedriven::TooOften(source.replays));
        }
        let topic = to.map(str::to_owned).or_else(|| source.topic.clone());
        topic.ok_or(NotRedriven::NoTopic)
    }

    /// Gives a letter to the client; whether the broker takes it, [`Self::finish`] tells.
    ///
    /// # Errors
    /// If the client does not take it.
    pub fn redrive(&self, letter: &DeadLetter, topic: &str) -> Result<(), NotRedriven> {
        let replays = (letter.source().replays + 1).to_string();
        let original = letter.original_headers().collect::<Vec<_>>();
        let mut headers = OwnedHeaders::new_with_capacity(original.len() + 1);
        for (name, value) in original {
            let value = value.as_deref();
            headers = headers.insert(Header { key: name, value });
        }
        headers = headers.insert(Header {
            key: REPLAYS_HEADER,
            value: Some(&replays),
        });
        let mut record = BaseRecord::<[u8], [u8]>::to(topic).headers(headers);
        record.key = letter.key.as_deref();
        record.payload = letter.value.as_deref();
        loop {
            match self.producer.0.send(record) {
                Ok(()) => {
                    self.producer.0.poll(Duration::ZERO);
                    return Ok(());
                }
                Err((ClientError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    self.producer.0.poll(QUEUE_WAIT);
                }
                Err((error, _)) => {
                    return Err(NotRedriven::Refused {
                        topic: topic.to_owned(),
                        cause: error.to_string(),
                    });
                }
            }
        }
    }

    /// Waits for all acknowledgements: topic and cause of each that did not come.
    #[must_use]
    pub fn finish(self) -> Vec<(String, String)> {
        let flushed = self.producer.0.flush(FLUSHED_WITHIN);
        let mut failures = self.producer.0.context().take();
        if let Err(error) = flushed {
            failures.push(("(all)".to_owned(), error.to_string()));
        }
        failures
    }
}

impl Failures {
    fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ClientContext for Failures {}

impl ProducerContext for Failures {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result {
            let failure = (message.topic().to_owned(), error.to_string());
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(failure);
        }
    }
}

impl std::fmt::Debug for Producer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producer").finish_non_exhaustive()
    }
}
