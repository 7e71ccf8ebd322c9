//! A producer for records that somebody waits for one by one: replies, and the records of tasks.
//!
//! Other answers go to a fixed list of topics, in batches worth waiting for. A courier's topics are named by events and by definitions, so they are
//! opened when they are first used and never made: a topic that the cluster does not have is an error of its record. The end
//! of each record is told to whoever sent it, on the courier's own thread.
//!
//! A broker refuses a whole batch as too large; its records are then sent again one by one, and what is refused then is too large itself.
//!
//! *Not here*: what is done about a record that was refused.

#![expect(
    clippy::disallowed_methods,
    reason = "it waits for a thread of its own to end"
)]

mod deliveries;
mod lane;
mod round;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::error::RDKafkaErrorCode;

use lane::Lane;

use crate::kafka::error::KafkaError;
use crate::kafka::native::Headers;
use crate::kafka::port::Carrier;
use crate::machine::Timestamp;

/// A record to be sent.
#[derive(Debug)]
pub(super) struct Parcel {
    pub(super) topic: String,
    pub(super) partition: Option<i32>,
    /// Milliseconds since the epoch.
    pub(super) timestamp: Option<i64>,
    pub(super) key: Option<Box<[u8]>>,
    pub(super) value: Option<Box<[u8]>>,
    pub(super) headers: Headers,
}

/// Where the broker has put a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delivered {
    pub(super) partition: i32,
    pub(super) offset: i64,
    /// Milliseconds since the epoch.
    pub(super) timestamp: Option<i64>,
}

/// A record that is with nobody, and why.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) parcel: Parcel,
    pub(super) error: RDKafkaErrorCode,
}

/// What becomes of a record.
pub(super) type End = Result<Delivered, Refused>;

/// Who is told of it.
pub(super) type Tell = Box<dyn FnOnce(End) + Send>;

/// Tells the time.
pub(super) type Now = Box<dyn Fn() -> Timestamp + Send>;

/// Sends records and tells of each.
#[derive(Debug)]
pub(super) struct Courier {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    name: &'static str,
    lane: Lane,
    /// Sends each record in a batch of its own; made when it is first needed.
    alone: OnceLock<Lane>,
    config: ClientConfig,
    /// What is to be sent at a later time.
    later: Mutex<VecDeque<(Timestamp, Parcel, Tell)>>,
    /// Records that were sent and not told of.
    open: AtomicUsize,
    stop: AtomicBool,
    abandon: AtomicBool,
}

/// How often deliveries are looked for while there is something to wait for.
const BUSY_POLL: Duration = Duration::from_millis(1);
/// How often librdkafka may tell of anything else.
const IDLE_POLL: Duration = Duration::from_millis(100);

impl Courier {
    /// A courier; `name` stands in messages.
    pub(super) fn start(
        name: &'static str,
        mut config: ClientConfig,
        now: Now,
    ) -> Result<Self, KafkaError> {
        // Topics come from outside: none is made by naming it, and one that is missing is soon known to be.
        config.set("allow.auto.create.topics", "false");
        config.set("topic.metadata.propagation.max.ms", "5000");
        let shared = Arc::new(Shared {
            name,
            lane: Lane::open(name, &config)?,
            alone: OnceLock::new(),
            config,
            later: Mutex::default(),
            open: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            abandon: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name(format!("kafka-{name}"))
            .spawn(move || of_thread.run(&now))
            .map_err(|error| KafkaError::Thread {
                purpose: name,
                cause: error.to_string(),
            })?;
        Ok(Self {
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    fn begin(&self) {
        if self.shared.open.fetch_add(1, Ordering::SeqCst) == 0
            && let Some(thread) = &*lock(&self.thread)
        {
            thread.thread().unpark();
        }
    }
}

/// It tells on its own thread.
impl Carrier for Courier {
    fn send(&self, parcel: Parcel, tell: Tell) {
        self.begin();
        self.shared.lane.send(parcel, tell);
    }

    fn send_at(&self, at: Timestamp, parcel: Parcel, tell: Tell) {
        self.begin();
        lock(&self.shared.later).push_back((at, parcel, tell));
    }

    fn fatal(&self) -> Option<KafkaError> {
        let cause = self.shared.lane.fatal()?;
        Some(KafkaError::Fatal {
            client: format!("producer of {}", self.shared.name),
            cause,
        })
    }

    fn stop(&self, within: Duration) -> usize {
        self.shared.stop.store(true, Ordering::SeqCst);
        let mut rounds = within.as_millis() / BUSY_POLL.as_millis();
        let thread = lock(&self.thread).take();
        while let Some(thread) = &thread
            && !thread.is_finished()
        {
            match rounds.checked_sub(1) {
                Some(left) => rounds = left,
                None => self.shared.abandon.store(true, Ordering::SeqCst),
            }
            thread.thread().unpark();
            std::thread::sleep(BUSY_POLL);
        }
        self.shared.open.load(Ordering::SeqCst)
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("name", &self.name)
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

/// What is locked here is whole at any time: lists that grow and are taken.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
