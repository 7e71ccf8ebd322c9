//! The courier's thread: tells of deliveries, and sends what was put off.

#![expect(
    clippy::disallowed_methods,
    reason = "it waits for librdkafka's threads, which nobody can be told of"
)]

use std::sync::atomic::Ordering;

use rdkafka::error::RDKafkaErrorCode;

use super::lane::Lane;
use super::{BUSY_POLL, End, IDLE_POLL, Now, Refused, Shared, Tell, lock};
use crate::machine::Timestamp;

impl Shared {
    pub(super) fn run(&self, now: &Now) {
        while !self.abandon.load(Ordering::SeqCst) {
            let told = self.go_round(now());
            let is_idle = self.open.load(Ordering::SeqCst) == 0;
            if is_idle && self.stop.load(Ordering::SeqCst) {
                return;
            }
            if is_idle {
                std::thread::park_timeout(IDLE_POLL);
            } else if !told {
                std::thread::sleep(BUSY_POLL);
            }
        }
    }

    /// Does all that is to do now, without waiting. Returns whether anything was told.
    fn go_round(&self, now: Timestamp) -> bool {
        let mut told = false;
        for (tell, end) in self.lane.poll() {
            told = true;
            match end {
                Err(Refused {
                    parcel,
                    error: RDKafkaErrorCode::MessageSizeTooLarge,
                }) if let Some(alone) = self.alone() => alone.send(parcel, tell),
                end => self.tell(tell, end),
            }
        }
        for (tell, end) in self.alone.get().map(Lane::poll).unwrap_or_default() {
            told = true;
            self.tell(tell, end);
        }
        let due: Vec<_> = {
            let mut later = lock(&self.later);
            let due = later.iter().take_while(|(at, ..)| *at <= now).count();
            later.drain(..due).collect()
        };
        for (_, parcel, tell) in due {
            self.lane.send(parcel, tell);
        }
        told
    }

    fn tell(&self, tell: Tell, end: End) {
        // First, as what is told may send again, and the courier must not look idle in between.
        tell(end);
        self.open.fetch_sub(1, Ordering::SeqCst);
    }

    /// The lane for single records.
    fn alone(&self) -> Option<&Lane> {
        if self.alone.get().is_none() {
            let mut config = self.config.clone();
            config.set("batch.num.messages", "1");
            match Lane::open(self.name, &config) {
                Ok(lane) => drop(self.alone.set(lane)),
                Err(error) => tracing::error!(%error, "records are not sent one by one"),
            }
        }
        self.alone.get()
    }
}
