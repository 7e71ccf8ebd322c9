//! What can be wrong with the Kafka edge: each names the setting to look at.

/// The Kafka edge cannot be started, or cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KafkaError {
    /// A property for librdkafka that it does not know, or with a value that it refuses.
    #[error("{setting}: librdkafka refuses the property {property}: {cause}")]
    Property {
        /// `kafka.properties`, `kafka.consumer` or `kafka.producer`.
        setting: &'static str,
        /// The property.
        property: String,
        /// What librdkafka says.
        cause: String,
    },
    /// A client cannot be made of the settings together.
    #[error("kafka: the {client} cannot be made: {cause}")]
    Client {
        /// `consumer of group …` or `producer`.
        client: String,
        /// What librdkafka says.
        cause: String,
    },
    /// Settings that contradict each other, or would do harm.
    #[error("{setting}: {cause}")]
    Setting {
        /// Such as `workflows[orders].results`.
        setting: String,
        /// What is wrong.
        cause: String,
    },
    /// No broker answers.
    #[error("kafka.bootstrap_servers: no broker of {servers} answers: {cause}")]
    Unreachable {
        /// What was tried.
        servers: String,
        /// What librdkafka says.
        cause: String,
    },
    /// The broker does not accept who we are.
    #[error(
        "kafka.properties (sasl.*, ssl.*, security.protocol): the broker does not let us in: {cause}"
    )]
    Authentication {
        /// What librdkafka says.
        cause: String,
    },
    /// A topic is not there, or not for us.
    #[error("{setting}: topic {topic}: {cause}")]
    Topic {
        /// Such as `workflows[orders].topics`.
        setting: String,
        /// The topic.
        topic: String,
        /// What the broker says.
        cause: String,
    },
    /// The system refuses a thread.
    #[error("a thread for {purpose} cannot be started: {cause}")]
    Thread {
        /// What it is for.
        purpose: &'static str,
        /// What the system says.
        cause: String,
    },
    /// The broker inside the process does not work.
    #[error("the broker inside the process: {cause}")]
    Broker {
        /// What librdkafka says.
        cause: String,
    },
    /// A client has failed for good: the process should end, and a new one go on from the committed offsets.
    #[error("the {client} has failed for good: {cause}")]
    Fatal {
        /// `consumer of group …` or `producer`.
        client: String,
        /// What librdkafka says.
        cause: String,
    },
}
