//! The one producer of the process: takes answers, tries each until the broker has acknowledged it, and says so.
//!
//! Workers never wait here. What librdkafka's full queue refuses goes to a backlog in order, and while there is one, all goes
//! there and the groups take no further records: its bound is what the engine has in flight. What the
//! broker refuses is tried again after a while, for ever; its event's offset is held meanwhile.
//!
//! A broker refuses a whole batch as too large, though each of its records may be small: topics can allow less than what
//! librdkafka puts into one. Such records are sent again one by one, and what is refused then is too large itself.
//!
//! *Not here*: what is produced and to whom.

#![expect(
    clippy::disallowed_methods,
    reason = "these bound waits on librdkafka's threads; what is decided takes the engine's clock"
)]

mod deliveries;
mod lane;
mod outlet;
mod thread;
mod too_large;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::BaseProducer;

pub(super) use deliveries::Deliveries;
use lane::Lane;
pub(super) use outlet::NativeOutlet;
pub(super) use thread::Again;
pub(super) use too_large::{IfTooLarge, VALUE_OMITTED};

use crate::engine::Engine;
use crate::kafka::error::KafkaError;
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::native::{Headers, Rejected};
use crate::kafka::port::Clients;
use crate::kafka::report::Reporter;
use crate::kafka::statistics::Counters;
use crate::kafka::token::Token;
use crate::machine::Timestamp;
use crate::metrics::OutputMetrics;

/// librdkafka's producer with our callbacks.
pub(super) type Client = BaseProducer<deliveries::Callbacks>;

/// A topic's place in the producer's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TopicNumber(pub(super) usize);

/// The process's producer.
#[derive(Debug)]
pub(super) struct Producer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A topic that answers go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) topic: String,
    pub(super) if_too_large: IfTooLarge,
}

struct Shared {
    outputs: Arc<Vec<Output>>,
    metrics: Vec<OutputMetrics>,
    lane: Lane,
    /// Sends each record in a batch of its own; made when it is first needed.
    alone: OnceLock<Lane>,
    clients: Arc<dyn Clients>,
    backlog: Mutex<VecDeque<Pending>>,
    /// Whether there is a backlog; changed only under its lock.
    is_congested: AtomicBool,
    stop: AtomicBool,
    abandon: AtomicBool,
    groups: Vec<(String, Reporter)>,
    counters: Arc<Counters>,
}

/// A record that librdkafka does not have.
pub(super) struct Pending {
    pub(super) topic: TopicNumber,
    pub(super) key: Option<Box<[u8]>>,
    pub(super) value: Option<Box<[u8]>>,
    pub(super) headers: Headers,
    pub(super) token: Token,
}

/// The broker will never take the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// How long the thread waits for deliveries before it reports what it has. Commits wait for it, results do not.
const POLL: Duration = Duration::from_millis(5);

impl Producer {
    /// A producer to `outputs`, which tells the reporter of a token's group of each acknowledgement.
    pub(super) fn new(
        clients: Arc<dyn Clients>,
        outputs: Vec<Output>,
        groups: Vec<(String, Reporter)>,
        counters: Arc<Counters>,
    ) -> Result<Self, KafkaError> {
        let outputs = Arc::new(outputs);
        let shared = Shared {
            metrics: outputs
                .iter()
                .map(|o| OutputMetrics::new(&o.topic))
                .collect(),
            lane: Lane::open(&*clients, &outputs, false)?,
            alone: OnceLock::new(),
            outputs,
            clients,
            backlog: Mutex::default(),
            is_congested: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            abandon: AtomicBool::new(false),
            groups,
            counters,
        };
        Ok(Self {
            shared: Arc::new(shared),
            thread: Mutex::new(None),
        })
    }

    /// Starts its thread, which takes the time from the engine's clock.
    pub(super) fn start(&self, engine: Engine) -> Result<(), KafkaError> {
        let of_thread = Arc::clone(&self.shared);
        let thread = std::thread::Builder::new()
            .name("kafka-producer".to_owned())
            .spawn(move || of_thread.run(engine.clock()))
            .map_err(|error| KafkaError::Thread {
                purpose: "the producer",
                cause: error.to_string(),
            })?;
        *lock(&self.thread) = Some(thread);
        Ok(())
    }

    /// What its thread does in one round. Returns whether anything was told.
    pub(super) fn go_round(&self, again: &mut Again, now: Timestamp) -> bool {
        self.shared.go_round(again, now)
    }

    /// The number of a topic given at the start.
    pub(super) fn topic(&self, name: &str) -> Option<TopicNumber> {
        let outputs = &self.shared.outputs;
        let number = outputs.iter().position(|output| output.topic == name)?;
        Some(TopicNumber(number))
    }

    /// Takes a record over; its token is reported when the broker has acknowledged it.
    ///
    /// # Errors
    /// If it has more bytes than the client may ever send. Nothing is owed then.
    pub(super) fn produce(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), TooLarge> {
        self.take_over(topic, key, value, headers, token)?;
        if let Some(metrics) = self.shared.metrics.get(topic.0) {
            let bytes = value.map_or(0, <[u8]>::len);
            metrics.produced_bytes.increment(bytes as u64);
        }
        Ok(())
    }

    fn take_over(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), TooLarge> {
        let pending = |headers| Pending {
            topic,
            key: key.map(Box::from),
            value: value.map(Box::from),
            headers,
            token,
        };
        if self.is_congested() && !mutant::is(Mutant::BacklogOvertaken) {
            let mut backlog = lock(&self.shared.backlog);
            // Again, as it may have ended; else a record would wait behind nothing.
            if self.is_congested() {
                backlog.push_back(pending(headers));
                return Ok(());
            }
        }
        match self.shared.lane.send(topic, key, value, headers, token) {
            Ok(()) => Ok(()),
            Err(Rejected {
                error: RDKafkaErrorCode::MessageSizeTooLarge,
                ..
            }) => Err(TooLarge),
            Err(Rejected {
                error: RDKafkaErrorCode::QueueFull,
                headers,
            }) => {
                let mut backlog = lock(&self.shared.backlog);
                backlog.push_back(pending(headers));
                self.shared.is_congested.store(true, Ordering::SeqCst);
                Ok(())
            }
            Err(Rejected { error, headers }) => {
                lock(&self.shared.lane.deliveries().refused).push((pending(headers), error));
                Ok(())
            }
        }
    }

    /// Whether no further work should be begun until the broker has taken what is there.
    pub(super) fn is_congested(&self) -> bool {
        self.shared.is_congested.load(Ordering::SeqCst)
    }

    /// Why it will never produce again, if so.
    pub(super) fn fatal(&self) -> Option<KafkaError> {
        let cause = self.shared.lane.deliveries().fatal.get()?.clone();
        Some(KafkaError::Fatal {
            client: "producer".to_owned(),
            cause,
        })
    }

    /// Waits until all is acknowledged or `within` has passed, and ends the thread. Returns how many records were not acknowledged.
    pub(super) fn stop(&self, within: Duration) -> usize {
        self.shared.stop.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + within;
        let thread = lock(&self.thread).take();
        while let Some(thread) = &thread
            && !thread.is_finished()
        {
            if Instant::now() >= deadline {
                self.shared.abandon.store(true, Ordering::SeqCst);
            }
            std::thread::sleep(POLL);
        }
        self.shared.unacknowledged()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl Shared {
    fn lanes(&self) -> impl Iterator<Item = &Lane> {
        std::iter::once(&self.lane).chain(self.alone.get())
    }

    fn unacknowledged(&self) -> usize {
        let of_lane = |lane: &Lane| lane.on_the_way() + lock(&lane.deliveries().refused).len();
        self.lanes().map(of_lane).sum::<usize>() + lock(&self.backlog).len()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("is_congested", &self.is_congested)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// What is locked here is whole at any time: lists that grow and are taken.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
