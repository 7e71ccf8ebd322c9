//! Replies on a [`Kafka`]: what was sent and not told of, and what is to be sent later.
//!
//! *Not here*: when each goes round; whoever simulates decides that.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode;

use super::port::{end, outgoing};
use super::{Kafka, Way};
use crate::kafka::courier::{Delivered, Parcel, Refused, Tell};
use crate::kafka::error::KafkaError;
use crate::kafka::port::Carrier;
use crate::machine::Timestamp;

/// A carrier that is moved by hand.
pub(super) struct Hands {
    kafka: Arc<dyn Kafka>,
    parcels: Mutex<Parcels>,
}

#[derive(Default)]
struct Parcels {
    /// Sent and not told of, by their marks.
    sent: BTreeMap<u64, (Parcel, Tell)>,
    sent_ever: u64,
    later: Vec<(Timestamp, Parcel, Tell)>,
    /// There was no room for these.
    refused: Vec<(Parcel, Tell)>,
}

impl Hands {
    pub(super) fn new(kafka: Arc<dyn Kafka>) -> Self {
        Self {
            kafka,
            parcels: Mutex::default(),
        }
    }

    /// Sends what is due, and tells of what was sent.
    pub(super) fn go_round(&self, now: Timestamp) {
        let (refused, due): (_, Vec<_>) = {
            let mut parcels = self.parcels();
            let due = parcels
                .later
                .extract_if(.., |(at, ..)| *at <= now)
                .collect();
            (std::mem::take(&mut parcels.refused), due)
        };
        for (_, parcel, tell) in due {
            self.send(parcel, tell);
        }
        for (parcel, tell) in refused {
            let error = RDKafkaErrorCode::QueueFull;
            tell(Err(Refused { parcel, error }));
        }
        for delivery in self.kafka.deliveries(Way::Replies) {
            let (mark, refused) = match end(delivery) {
                Ok(mark) => (mark, None),
                Err((record, error)) => (record.mark, Some(error)),
            };
            let Some((parcel, tell)) = self.parcels().sent.remove(&mark) else {
                continue;
            };
            tell(match refused {
                Some(error) => Err(Refused { parcel, error }),
                None => Ok(Delivered {
                    partition: 0,
                    offset: 0,
                    timestamp: None,
                }),
            });
        }
    }

    fn parcels(&self) -> MutexGuard<'_, Parcels> {
        self.parcels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Carrier for Hands {
    fn send(&self, parcel: Parcel, tell: Tell) {
        let mut parcels = self.parcels();
        parcels.sent_ever += 1;
        let mark = parcels.sent_ever;
        let record = outgoing(
            parcel.topic.clone(),
            parcel.key.as_deref(),
            parcel.value.as_deref(),
            &parcel.headers,
            mark,
        );
        match self.kafka.produce(record, Way::Replies) {
            Ok(()) => drop(parcels.sent.insert(mark, (parcel, tell))),
            Err(_) => parcels.refused.push((parcel, tell)),
        }
    }

    fn send_at(&self, at: Timestamp, parcel: Parcel, tell: Tell) {
        self.parcels().later.push((at, parcel, tell));
    }

    fn fatal(&self) -> Option<KafkaError> {
        None
    }

    fn stop(&self, _: Duration) -> usize {
        let parcels = self.parcels();
        parcels.sent.len() + parcels.later.len() + parcels.refused.len()
    }
}

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hands").finish_non_exhaustive()
    }
}
