//! A look at the cluster before, or instead of, going on: what is missing, and which setting names it.

use std::collections::BTreeMap;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

use super::check;
use super::client::{self, METADATA_TIMEOUT};
use super::error::KafkaError;
use super::settings::{KafkaSettings, WorkflowSettings};

/// Events of a client that found no broker, among which the reason is looked for.
const EVENTS_LOOKED_AT_MAX: usize = 100;

/// Asks the brokers for all topics that the workflows name.
pub(super) fn probe(
    settings: &KafkaSettings,
    workflows: &[WorkflowSettings],
) -> Result<(), Vec<KafkaError>> {
    let one = |error| vec![error];
    let mut config = client::consumer(settings, &settings.group).map_err(one)?;
    // A look must not make what it looks for.
    config.set("allow.auto.create.topics", "false");
    let refused = |error| one(client::refused("consumer".to_owned(), &error));
    let consumer: BaseConsumer<Listener> = config
        .create_with_context(Listener::default())
        .map_err(refused)?;
    let mut topics: BTreeMap<&str, String> = BTreeMap::new();
    for workflow in workflows {
        for topic in &workflow.topics {
            topics
                .entry(topic)
                .or_insert_with(|| check::place(workflow, "topics"));
        }
        let replies = workflow.reply.iter().flat_map(|reply| &reply.topics);
        // Those of a pattern are known when they are asked for.
        let replies = replies.filter(|topic| !topic.ends_with('*'));
        let replies = replies.map(|topic| ("reply.topics", topic.as_str()));
        for (setting, topic) in check::outputs(workflow).chain(replies) {
            topics
                .entry(topic)
                .or_insert_with(|| check::place(workflow, setting));
        }
    }
    let metadata = consumer.client().fetch_metadata(None, METADATA_TIMEOUT);
    let metadata = metadata.map_err(|error| one(unreachable(settings, &consumer, &error)))?;
    let found: BTreeMap<&str, Option<RDKafkaErrorCode>> = metadata
        .topics()
        .iter()
        .map(|topic| (topic.name(), topic.error().map(RDKafkaErrorCode::from)))
        .collect();
    let fault = |(topic, setting): (&str, String)| {
        let cause = match found.get(topic) {
            Some(None) => return None,
            Some(Some(error)) => error.to_string(),
            None => "there is no such topic, or we may not see it".to_owned(),
        };
        Some(KafkaError::Topic {
            setting,
            topic: topic.to_owned(),
            cause,
        })
    };
    let faults: Vec<KafkaError> = topics.into_iter().filter_map(fault).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

fn unreachable(
    settings: &KafkaSettings,
    consumer: &BaseConsumer<Listener>,
    error: &ClientError,
) -> KafkaError {
    // The reason arrives as an event of the client, behind its log lines; a poll takes one event and may say nothing of it.
    for _ in 0..EVENTS_LOOKED_AT_MAX {
        drop(consumer.poll(std::time::Duration::ZERO));
    }
    let heard = consumer.context().take();
    let (is_authentication, cause) = heard.unwrap_or_else(|| (false, error.to_string()));
    if is_authentication {
        KafkaError::Authentication { cause }
    } else {
        KafkaError::Unreachable {
            servers: settings.bootstrap_servers.clone(),
            cause,
        }
    }
}

/// Remembers why a broker cannot be used; a refused login says more than a lost connection.
#[derive(Debug, Default)]
struct Listener(std::sync::Mutex<Option<(bool, String)>>);

impl Listener {
    fn take(&self) -> Option<(bool, String)> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()
    }
}

impl rdkafka::ClientContext for Listener {
    fn log(&self, _: rdkafka::config::RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, error: ClientError, reason: &str) {
        let is_authentication = matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::Authentication
                    | RDKafkaErrorCode::SSL
                    | RDKafkaErrorCode::SaslAuthenticationFailed
            )
        );
        let mut heard = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if is_authentication || heard.is_none() {
            *heard = Some((is_authentication, reason.to_owned()));
        }
    }
}

impl rdkafka::consumer::ConsumerContext for Listener {}
