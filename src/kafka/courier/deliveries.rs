//! What librdkafka's callbacks tell of a courier's records; they only leave it for the courier's thread.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::ProducerContext;

use super::{Delivered, End, Parcel, Refused, Tell, lock};
use crate::kafka::client;
use crate::kafka::native::Headers;

/// Records that librdkafka has, and what it told of others.
pub(super) struct Deliveries {
    client: &'static str,
    waiting: Mutex<HashMap<usize, Waiting>>,
    ended: Mutex<Vec<(Tell, End)>>,
    fatal: OnceLock<String>,
    next: AtomicUsize,
    told: AtomicUsize,
}

/// What librdkafka does not give back of a record.
pub(super) struct Waiting {
    pub(super) partition: Option<i32>,
    pub(super) timestamp: Option<i64>,
    pub(super) tell: Tell,
}

impl Deliveries {
    pub(super) fn new(client: &'static str) -> Self {
        Self {
            client,
            waiting: Mutex::default(),
            ended: Mutex::default(),
            fatal: OnceLock::new(),
            next: AtomicUsize::new(0),
            told: AtomicUsize::new(0),
        }
    }

    /// Keeps what belongs to a record that is about to be produced; the number goes with it.
    pub(super) fn expect(&self, waiting: Waiting) -> usize {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        lock(&self.waiting).insert(number, waiting);
        number
    }

    /// The record was not taken over.
    pub(super) fn refuse(&self, number: usize, parcel: Parcel, error: RDKafkaErrorCode) {
        if let Some(waiting) = lock(&self.waiting).remove(&number) {
            lock(&self.ended).push((waiting.tell, Err(Refused { parcel, error })));
        }
    }

    pub(super) fn take_ended(&self) -> Vec<(Tell, End)> {
        std::mem::take(&mut *lock(&self.ended))
    }

    pub(super) fn fatal(&self) -> Option<String> {
        self.fatal.get().cloned()
    }

    /// How often anything was told.
    pub(super) fn told(&self) -> usize {
        self.told.load(Ordering::SeqCst)
    }
}

impl rdkafka::ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::log(self.client, level, facility, message);
    }

    fn error(&self, error: ClientError, reason: &str) {
        self.told.fetch_add(1, Ordering::SeqCst);
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.fatal.get_or_init(|| reason.to_owned());
        }
        tracing::debug!(client = self.client, %error, "{reason}");
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        self.told.fetch_add(1, Ordering::SeqCst);
        let Some(waiting) = lock(&self.waiting).remove(&number) else {
            unreachable!("a record is told of once");
        };
        let end = match result {
            Ok(message) => Ok(Delivered {
                partition: message.partition(),
                offset: message.offset(),
                timestamp: message.timestamp().to_millis(),
            }),
            Err((error, message)) => Err(Refused {
                parcel: Parcel {
                    topic: message.topic().to_owned(),
                    partition: waiting.partition,
                    timestamp: waiting.timestamp,
                    key: message.key().map(Box::from),
                    value: message.payload().map(Box::from),
                    headers: Headers::of_delivery(message),
                },
                error: error
                    .rdkafka_error_code()
                    .unwrap_or(RDKafkaErrorCode::Unknown),
            }),
        };
        lock(&self.ended).push((waiting.tell, end));
    }
}
