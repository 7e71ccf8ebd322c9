//! The properties of librdkafka's clients: ours first, then the user's over them.

use std::time::Duration;

use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::KafkaError as ClientError;

use super::error::KafkaError;
use super::settings::KafkaSettings;

/// Measured: prefetch is small, so what is fetched ahead is bounded and soon given up; then the pause after a full
/// queue must be short, or the consumer stalls.
const CONSUMER: [(&str, &str); 11] = [
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("auto.offset.reset", "earliest"),
    ("partition.assignment.strategy", "cooperative-sticky"),
    ("fetch.queue.backoff.ms", "5"),
    ("queued.min.messages", "2000"),
    ("queued.max.messages.kbytes", "8192"),
    ("fetch.message.max.bytes", "1048576"),
    ("fetch.wait.max.ms", "100"),
    ("fetch.error.backoff.ms", "100"),
    ("topic.metadata.refresh.interval.ms", "30000"),
];

/// A record waits for its acknowledgement for ever: its expiry would be an answer that is lost.
///
/// Measured: at full load batches fill up whatever the linger, at low load an answer waits for all of it.
const PRODUCER: [(&str, &str); 6] = [
    ("acks", "all"),
    ("enable.idempotence", "true"),
    ("message.timeout.ms", "0"),
    ("compression.type", "lz4"),
    ("linger.ms", "1"),
    // As Java's clients do, so that keys of inputs and outputs meet in the same partitions.
    ("partitioner", "murmur2_random"),
];

/// What the edge relies on: a user's value for it is refused.
const FIXED: [(&str, &str); 7] = [
    ("bootstrap.servers", "write kafka.bootstrap_servers"),
    ("metadata.broker.list", "write kafka.bootstrap_servers"),
    ("group.id", "write kafka.group"),
    (
        "enable.auto.commit",
        "offsets are committed when all before them are answered",
    ),
    (
        "enable.auto.offset.store",
        "offsets are committed when all before them are answered",
    ),
    (
        "message.timeout.ms",
        "answers are tried for ever, never given up",
    ),
    (
        "acks",
        "an answer counts when all replicas that are in sync have it",
    ),
];

/// The configuration of a consumer of `group`.
pub(super) fn consumer(settings: &KafkaSettings, group: &str) -> Result<ClientConfig, KafkaError> {
    let mut config = base(settings, &CONSUMER);
    config.set("group.id", group);
    extend(&mut config, "kafka.properties", &settings.properties)?;
    extend(&mut config, "kafka.consumer", &settings.consumer_properties)?;
    // Under the newer protocol the strategy is the broker's business, and may not be given.
    if config.get("group.protocol") == Some("consumer") {
        config.remove("partition.assignment.strategy");
    }
    Ok(config)
}

/// The configuration of the producer.
pub(super) fn producer(settings: &KafkaSettings) -> Result<ClientConfig, KafkaError> {
    let mut config = base(settings, &PRODUCER);
    extend(&mut config, "kafka.properties", &settings.properties)?;
    extend(&mut config, "kafka.producer", &settings.producer_properties)?;
    Ok(config)
}

/// The configuration of a producer of records that somebody waits for, made of that of the others.
pub(super) fn courier(settings: &KafkaSettings, producer: &ClientConfig) -> ClientConfig {
    let mut config = producer.clone();
    let given = settings
        .properties
        .iter()
        .chain(&settings.producer_properties);
    if !given
        .into_iter()
        .any(|(property, _)| matches!(property.as_str(), "linger.ms" | "queue.buffering.max.ms"))
    {
        config.set("linger.ms", "0");
    }
    config
}

/// A client's failure to be made, in our words.
pub(super) fn refused(client: String, error: &ClientError) -> KafkaError {
    if let ClientError::ClientConfig(_, cause, property, _) = error {
        return KafkaError::Property {
            setting: "kafka.properties",
            property: property.clone(),
            cause: cause.clone(),
        };
    }
    KafkaError::Client {
        client,
        cause: error.to_string(),
    }
}

/// How long a look at the cluster may take.
pub(super) const METADATA_TIMEOUT: Duration = Duration::from_secs(5);

/// A line of librdkafka's own log.
pub(super) fn log(client: &str, level: RDKafkaLogLevel, facility: &str, message: &str) {
    // Connections that fail are told as errors too, and are part of the health.
    let level = match facility {
        "FAIL" | "ERROR" => RDKafkaLogLevel::Debug,
        _ => level,
    };
    match level {
        RDKafkaLogLevel::Emerg
        | RDKafkaLogLevel::Alert
        | RDKafkaLogLevel::Critical
        | RDKafkaLogLevel::Error => tracing::error!(client, facility, "{message}"),
        RDKafkaLogLevel::Warning => tracing::warn!(client, facility, "{message}"),
        RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
            tracing::info!(client, facility, "{message}");
        }
        RDKafkaLogLevel::Debug => tracing::debug!(client, facility, "{message}"),
    }
}

fn base(settings: &KafkaSettings, defaults: &[(&str, &str)]) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &settings.bootstrap_servers);
    config.set("client.id", "stepstream");
    // Errors of brokers reach us by the log; librdkafka need not print them.
    config.set("log.connection.close", "false");
    for (property, value) in defaults {
        config.set(*property, *value);
    }
    config
}

/// Adds properties after having tried each alone, so that a fault names its setting.
fn extend(
    config: &mut ClientConfig,
    setting: &'static str,
    properties: &[(String, String)],
) -> Result<(), KafkaError> {
    for (property, value) in properties {
        let refuse = |cause: String| KafkaError::Property {
            setting,
            property: property.clone(),
            cause,
        };
        if let Some((_, why)) = FIXED.iter().find(|(fixed, _)| fixed == property) {
            return Err(refuse(format!("it is not to be set: {why}")));
        }
        let mut alone = ClientConfig::new();
        alone.set(property, value);
        if let Err(error) = alone.create_native_config() {
            let mut cause = if let ClientError::ClientConfig(_, cause, _, _) = error {
                cause
            } else {
                error.to_string()
            };
            if cause.contains("not available at build time") {
                cause.push_str("; build Stepstream with --features kafka-tls");
            }
            return Err(refuse(cause));
        }
        config.set(property, value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> KafkaSettings {
        KafkaSettings {
            bootstrap_servers: "127.0.0.1:1".to_owned(),
            group: "g".to_owned(),
            properties: Vec::new(),
            consumer_properties: Vec::new(),
            producer_properties: Vec::new(),
            commit_interval: Duration::from_secs(1),
            carries_answered: true,
            revoke_grace: Duration::from_secs(5),
            offset_gap_max: 10_000,
            head_block: crate::kafka::settings::HeadBlock::Wait,
            head_block_after: Duration::from_secs(60),
            log_topics: Vec::new(),
            record_bytes_max: 1 << 20,
            test_case_header: None,
        }
    }

    #[test]
    fn a_bad_property_is_refused_by_the_name_of_its_setting() {
        let cases = [
            ("no.such.property", "1", "No such configuration property"),
            ("queued.min.messages", "many", "Invalid value"),
            ("enable.auto.commit", "true", "it is not to be set"),
            ("group.id", "x", "write kafka.group"),
        ];
        for (property, value, expected) in cases {
            let mut settings = settings();
            settings.consumer_properties = vec![(property.to_owned(), value.to_owned())];
            let message = consumer(&settings, "g")
                .map(|_| ())
                .expect_err(property)
                .to_string();
            assert!(message.starts_with("kafka.consumer: "), "{message}");
            assert!(
                message.contains(property) && message.contains(expected),
                "{message}"
            );
        }
    }

    #[test]
    fn what_a_user_sets_wins() {
        let mut settings = settings();
        settings.properties = vec![("client.id".to_owned(), "mine".to_owned())];
        settings.producer_properties = vec![("linger.ms".to_owned(), "50".to_owned())];
        settings.consumer_properties = vec![("group.protocol".to_owned(), "consumer".to_owned())];
        let producer = producer(&settings).expect("good");
        assert_eq!(
            (producer.get("client.id"), producer.get("linger.ms")),
            (Some("mine"), Some("50"))
        );
        let consumer = consumer(&settings, "g").expect("good");
        assert_eq!(consumer.get("partition.assignment.strategy"), None);
        assert_eq!(consumer.get("linger.ms"), None);
    }
}
