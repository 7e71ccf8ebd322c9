//! Produces the demo's events, at a rate and never further ahead of the answers than a bound.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{
    BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer,
};

use super::super::stopwatch::Stopwatch;
use super::events::Events;
use super::pause;
use super::topics::Topics;

/// The header that holds an event's number.
pub(super) const NUMBER: &str = "demo-event";
/// The header that holds when it was made, in microseconds since the demo began.
pub(super) const CREATED: &str = "demo-created-us";

/// Events produced and not yet seen to be answered. The embedded broker drops the oldest records of a partition beyond
/// 5 MiB; of this many events even the largest topic holds a tenth of that in each partition.
const UNANSWERED_MAX: u64 = 20_000;
/// Events between two looks at the clock.
const BURST: u64 = 500;
const PAUSE: Duration = Duration::from_millis(1);
const FLUSH_MAX: Duration = Duration::from_secs(30);

/// How many events, how fast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// Ends after so many events, if not before.
    pub(super) events: Option<u64>,
    /// Events a second; `None` is as fast as answers come.
    pub(super) rate: Option<u64>,
    /// Ends after this time, if not before.
    pub(super) time: Option<Duration>,
}

impl Plan {
    /// So many events go ahead of the others, and their latency does not count: at first every connection has to be made.
    pub(super) fn warm_up(&self) -> u64 {
        const EVENTS: u64 = 200;
        self.events.map_or(EVENTS, |events| EVENTS.min(events / 10))
    }
}

/// What the feeder has done so far.
#[derive(Debug, Default)]
pub(super) struct Fed {
    /// Events acknowledged by the broker.
    acknowledged: AtomicU64,
    /// Why the first one was refused.
    refused: Mutex<Option<String>>,
}

impl Fed {
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    pub(super) fn refused(&self) -> Option<String> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.clone()
    }
}

/// Counts acknowledgements.
struct Reports(Arc<Fed>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => {
                self.0.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Err((error, _)) => {
                let mut refused = self
                    .0
                    .refused
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                refused.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

/// Produces until the plan is done or `stop` is dropped, and waits for the last acknowledgement. `answered` says how many events have an answer.
pub(super) fn feed(
    plan: Plan,
    client: &ClientConfig,
    topics: &Topics,
    stopwatch: Stopwatch,
    fed: &Arc<Fed>,
    answered: &AtomicU64,
    stop: &Receiver<()>,
) -> Result<(), KafkaError> {
    let producer: ThreadedProducer<Reports> = client
        .clone()
        .set("enable.idempotence", "true")
        .set("linger.ms", "5")
        .set("queue.buffering.max.messages", "50000")
        .create_with_context(Reports(Arc::clone(fed)))?;
    let mut events = Events::new(plan.seed);
    let mut next = 0;
    while next < plan.warm_up() {
        send(&producer, &mut events, next, topics, stopwatch)?;
        next += 1;
    }
    // Nine of ten: some wait a second by design.
    while answered.load(Ordering::Relaxed) < next * 9 / 10 && fed.refused().is_none() {
        match stop.recv_timeout(PAUSE) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let (began, warm_up) = (stopwatch.elapsed(), next);
    loop {
        let elapsed = stopwatch.elapsed().saturating_sub(began);
        let over = plan.time.is_some_and(|time| elapsed >= time);
        if over || plan.events.is_some_and(|events| next >= events) || fed.refused().is_some() {
            break;
        }
        let room = answered.load(Ordering::Relaxed) + UNANSWERED_MAX;
        let due = plan.rate.map(|rate| warm_up + due(rate, elapsed));
        let until = [plan.events, due]
            .into_iter()
            .flatten()
            .fold(room.min(next + BURST), u64::min);
        if next >= until {
            match stop.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) => continue,
                Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        while next < until {
            send(&producer, &mut events, next, topics, stopwatch)?;
            next += 1;
        }
    }
    producer.flush(FLUSH_MAX)?;
    Ok(())
}

/// How many events are due after `elapsed`.
fn due(rate: u64, elapsed: Duration) -> u64 {
    let micros = u128::from(rate) * elapsed.as_micros() / 1_000_000;
    u64::try_from(micros).unwrap_or(u64::MAX)
}

fn send(
    producer: &ThreadedProducer<Reports>,
    events: &mut Events,
    number: u64,
    topics: &Topics,
    stopwatch: Stopwatch,
) -> Result<(), KafkaError> {
    let (stream, key, value) = events.write(number);
    let (number, created) = (number.to_string(), stopwatch.micros().to_string());
    let headers = OwnedHeaders::new_with_capacity(2)
        .insert(Header {
            key: NUMBER,
            value: Some(&number),
        })
        .insert(Header {
            key: CREATED,
            value: Some(&created),
        });
    let mut record = BaseRecord::to(topics.input(stream))
        .key(key)
        .headers(headers);
    record.payload = value;
    loop {
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), refused)) => {
                pause(PAUSE);
                record = refused;
            }
            Err((error, _)) => return Err(error),
        }
    }
}
