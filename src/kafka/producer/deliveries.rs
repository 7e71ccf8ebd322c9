//! What librdkafka's callbacks tell of records that were produced.
//!
//! *Not here*: what is done about it; the callbacks only leave it for the producer's thread.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::ProducerContext;

use super::{Output, Pending, TopicNumber, lock};
use crate::kafka::client;
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::native::Headers;
use crate::kafka::token::Token;

/// What librdkafka's callbacks leave for the producer's thread.
#[derive(Debug)]
pub(in crate::kafka) struct Deliveries {
    outputs: Arc<Vec<Output>>,
    pub(super) acknowledged: Mutex<Vec<Token>>,
    pub(super) refused: Mutex<Vec<(Pending, RDKafkaErrorCode)>>,
    pub(super) fatal: OnceLock<String>,
    /// Records that were acknowledged or refused so far.
    delivered: AtomicUsize,
    errors: AtomicUsize,
}

/// librdkafka's callbacks.
#[derive(Debug)]
pub(in crate::kafka) struct Callbacks(pub(super) Arc<Deliveries>);

impl Deliveries {
    pub(super) fn new(outputs: Arc<Vec<Output>>) -> Self {
        Self {
            outputs,
            acknowledged: Mutex::default(),
            refused: Mutex::default(),
            fatal: OnceLock::new(),
            delivered: AtomicUsize::new(0),
            errors: AtomicUsize::new(0),
        }
    }

    pub(super) fn delivered(&self) -> usize {
        self.delivered.load(Ordering::SeqCst)
    }

    /// How often anything was told.
    pub(super) fn told(&self) -> usize {
        self.delivered() + self.errors.load(Ordering::Relaxed)
    }
}

impl Deliveries {
    /// The broker has a record.
    pub(in crate::kafka) fn acknowledge(&self, token: Token) {
        self.delivered.fetch_add(1, Ordering::SeqCst);
        lock(&self.acknowledged).push(token);
    }

    /// The broker has not taken a record.
    pub(in crate::kafka) fn refuse(&self, pending: Pending, error: RDKafkaErrorCode) {
        if mutant::is(Mutant::AckErrorIsAck) {
            return self.acknowledge(pending.token);
        }
        self.delivered.fetch_add(1, Ordering::SeqCst);
        lock(&self.refused).push((pending, error));
    }
}

impl rdkafka::ClientContext for Callbacks {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log("producer", level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.0.errors.fetch_add(1, Ordering::Relaxed);
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.0.fatal.get_or_init(|| reason.to_owned());
        }
        tracing::debug!(client = "producer", %error, "{reason}");
    }
}

impl ProducerContext for Callbacks {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, opaque: usize) {
        let token = Token::from_bits(opaque as u64);
        let (error, message) = match result {
            Ok(_) => return self.0.acknowledge(token),
            Err((error, message)) => (error, message),
        };
        let is_its = |output: &Output| output.topic == message.topic();
        let Some(topic) = self.0.outputs.iter().position(is_its) else {
            unreachable!("only topics of the list are produced to");
        };
        let pending = Pending {
            topic: TopicNumber(topic),
            key: message.key().map(Box::from),
            value: message.payload().map(Box::from),
            headers: Headers::of_delivery(message),
            token,
        };
        let code = error
            .rdkafka_error_code()
            .unwrap_or(RDKafkaErrorCode::Unknown);
        self.0.refuse(pending, code);
    }
}
