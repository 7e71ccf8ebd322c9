//! The demo's topics, and how many partitions they have.

use super::events::{Answer, Stream};

/// Enough for the backlog to stay far below what a partition of the embedded broker keeps.
pub(super) const PARTITIONS: i32 = 12;

#[derive(Clone, Debug)]
pub(super) struct Topics {
    pub(super) prefix: String,
    pub(super) telemetry: String,
    pub(super) readings: String,
    pub(super) devices: String,
    pub(super) results: String,
    pub(super) failures: String,
    pub(super) dead_letters: String,
    pub(super) logs: String,
}

impl Topics {
    pub(super) fn new(prefix: &str) -> Self {
        let name = |word: &str| format!("{prefix}-{word}");
        Self {
            prefix: prefix.to_owned(),
            telemetry: name("telemetry"),
            readings: name("readings"),
            devices: name("devices"),
            results: name("results"),
            failures: name("failures"),
            dead_letters: name("dead-letters"),
            logs: name("logs"),
        }
    }

    /// Where the events of a stream go.
    pub(super) fn input(&self, stream: Stream) -> &str {
        match stream {
            Stream::Telemetry => &self.telemetry,
            Stream::Readings => &self.readings,
            Stream::Devices => &self.devices,
        }
    }

    /// What is read on an output topic; `None` are log records.
    pub(super) fn answer(&self, topic: &str) -> Option<Answer> {
        [
            (&self.results, Answer::Result),
            (&self.failures, Answer::Failure),
            (&self.dead_letters, Answer::DeadLetter),
        ]
        .into_iter()
        .find_map(|(name, answer)| (name == topic).then_some(answer))
    }

    pub(super) fn outputs(&self) -> [&str; 4] {
        [
            &self.results,
            &self.failures,
            &self.dead_letters,
            &self.logs,
        ]
    }

    pub(super) fn all(&self) -> [&str; 7] {
        let [results, failures, dead_letters, logs] = self.outputs();
        [
            &self.telemetry,
            &self.readings,
            &self.devices,
            results,
            failures,
            dead_letters,
            logs,
        ]
    }
}
