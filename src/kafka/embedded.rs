//! A Kafka inside the process, for demonstrations and tests: librdkafka's mock cluster on 127.0.0.1.
//!
//! Other processes can connect to it. It keeps 5 MiB or 100,000 batches of a partition and *silently drops what is older*:
//! whoever produces to it must bound what is not consumed yet. Its first group join takes about three seconds.

use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use rdkafka::mocking::MockCluster;

use super::error::KafkaError;

/// A broker inside the process; it ends when this is dropped.
#[derive(Debug)]
pub struct Embedded {
    bootstrap_servers: String,
    requests: Sender<Request>,
}

/// A topic to create, and who waits for it.
#[derive(Debug)]
struct Request {
    topic: String,
    partitions: i32,
    answer: Sender<Result<(), String>>,
}

/// How long the thread may take for a request.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

impl Embedded {
    /// Starts a broker without topics.
    ///
    /// # Errors
    /// If the system refuses threads or sockets.
    pub fn start() -> Result<Self, KafkaError> {
        let (requests, to_do) = bounded::<Request>(16);
        let (ready, started) = bounded(1);
        // The cluster is not `Send`, so it lives and ends on a thread of its own.
        let broker = move || {
            let cluster = match MockCluster::new(1) {
                Ok(cluster) => cluster,
                Err(error) => {
                    ready.send(Err(error.to_string())).ok();
                    return;
                }
            };
            ready.send(Ok(cluster.bootstrap_servers())).ok();
            for request in to_do {
                let done = cluster.create_topic(&request.topic, request.partitions, 1);
                // Nobody waits any more if it took too long.
                request
                    .answer
                    .send(done.map_err(|error| error.to_string()))
                    .ok();
            }
        };
        std::thread::Builder::new()
            .name("kafka-embedded".to_owned())
            .spawn(broker)
            .map_err(|error| failed(error.to_string()))?;
        let bootstrap_servers = started
            .recv_timeout(ANSWER_WITHIN)
            .map_err(|error| failed(error.to_string()))?
            .map_err(failed)?;
        Ok(Self {
            bootstrap_servers,
            requests,
        })
    }

    /// Where clients connect.
    #[must_use]
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Creates a topic. Topics that are only written to come into being by themselves, with four partitions.
    ///
    /// # Errors
    /// If there is such a topic.
    pub fn create_topic(&self, topic: &str, partitions: i32) -> Result<(), KafkaError> {
        let (answer, answers) = bounded(1);
        let request = Request {
            topic: topic.to_owned(),
            partitions,
            answer,
        };
        self.requests
            .send(request)
            .map_err(|error| failed(error.to_string()))?;
        answers
            .recv_timeout(ANSWER_WITHIN)
            .map_err(|error| failed(error.to_string()))?
            .map_err(failed)
    }
}

const fn failed(cause: String) -> KafkaError {
    KafkaError::Broker { cause }
}
