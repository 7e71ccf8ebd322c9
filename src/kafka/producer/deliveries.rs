//! What librdkafka's callbacks tell of records that were produced.
//!
//! *Not here*: what is done about it; the callbacks only leave it for the producer's thread.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::ProducerContext;

use super::{Pending, TopicNumber, lock};
use crate::kafka::client;
use crate::kafka::native::Headers;
use crate::kafka::token::Token;

/// What librdkafka's callbacks leave for the producer's thread.
#[derive(Debug, Default)]
pub(in crate::kafka) struct Deliveries {
    pub(super) numbers: BTreeMap<String, TopicNumber>,
    pub(super) acknowledged: Mutex<Vec<Token>>,
    pub(super) refused: Mutex<Vec<(Pending, RDKafkaErrorCode)>>,
    /// Records that were delivered or refused so far.
    pub(super) delivered: AtomicUsize,
    pub(super) errors: AtomicUsize,
    pub(super) fatal: OnceLock<String>,
}

impl rdkafka::ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log("producer", level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.errors.fetch_add(1, Ordering::Relaxed);
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.fatal.get_or_init(|| reason.to_owned());
        }
        tracing::debug!(client = "producer", %error, "{reason}");
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: usize) {
        self.delivered.fetch_add(1, Ordering::SeqCst);
        let token = Token::from_bits(opaque as u64);
        let (error, message) = match result {
            Ok(_) => {
                lock(&self.acknowledged).push(token);
                return;
            }
            Err((error, message)) => (error, message),
        };
        let Some(topic) = self.numbers.get(message.topic()) else {
            unreachable!("only topics of the list are produced to");
        };
        let pending = Pending {
            topic: *topic,
            key: message.key().map(Box::from),
            value: message.payload().map(Box::from),
            headers: Headers::of_delivery(message),
            token,
        };
        let code = error
            .rdkafka_error_code()
            .unwrap_or(RDKafkaErrorCode::Unknown);
        lock(&self.refused).push((pending, code));
    }
}
