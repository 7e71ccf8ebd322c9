//! A real cluster for a demo or a bench: clients of it that are not the product's, and topics of their own.

use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;

use crate::config::Settings;

const CREATE_MAX: Duration = Duration::from_secs(15);

/// The client properties that `settings` give to every client, for clients that are not the product's.
pub(super) fn client(settings: &Settings) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &settings.kafka.bootstrap_servers);
    for (name, value) in &settings.kafka.properties {
        client.set(name, value);
    }
    client
}

/// Creates the topics on a real cluster, with its default replication.
pub(super) fn create_topics(
    client: &ClientConfig,
    topics: &[&str],
    partitions: i32,
) -> Result<(), String> {
    let admin: AdminClient<DefaultClientContext> = client.create().map_err(|e| e.to_string())?;
    let new: Vec<NewTopic<'_>> = topics
        .iter()
        .map(|name| NewTopic::new(name, partitions, TopicReplication::Fixed(-1)))
        .collect();
    let options = AdminOptions::new()
        .request_timeout(Some(CREATE_MAX))
        .operation_timeout(Some(CREATE_MAX));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| e.to_string())?;
    let created = runtime
        .block_on(admin.create_topics(&new, &options))
        .map_err(|e| e.to_string())?;
    for topic in created {
        topic.map_err(|(name, code)| format!("topic {name}: {code}"))?;
    }
    Ok(())
}
