//! Looks at what events ask for before they are run, and sends their replies.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode;

use super::address::{Address, AddressError, ReplySettings};
use crate::engine::Engine;
use crate::kafka::answer::Event;
use crate::kafka::courier::{End, Parcel, Refused};
use crate::kafka::dead_letter::Reason;
use crate::kafka::error::KafkaError;
use crate::kafka::flight::Copied;
use crate::kafka::group::Input;
use crate::kafka::letters::Letters;
use crate::kafka::mutant::{self, Mutant};
use crate::kafka::native::Headers;
use crate::kafka::port::Carrier;
use crate::kafka::report::Reporter;
use crate::kafka::settings::WorkflowSettings;
use crate::kafka::token::Token;
use crate::machine::Timestamp;
use crate::metrics::EventMetrics;

/// What is done about an event before anything is run.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::kafka) enum Admission {
    Run,
    /// Nobody waits for its answer any more.
    Expired,
    DeadLetter(Reason, String),
}

/// How one workflow replies.
#[derive(Debug)]
pub(in crate::kafka) struct Desk {
    settings: ReplySettings,
    /// The topics that the process reads.
    inputs: Arc<Vec<String>>,
    expired: metrics::Counter,
}

/// Who sends replies.
#[derive(Debug)]
pub(in crate::kafka) struct Replies {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    carrier: Arc<dyn Carrier>,
    engine: Engine,
    letters: Arc<Letters>,
    reporters: Vec<Reporter>,
}

/// The event of a reply, in case that it becomes a dead letter.
#[derive(Debug)]
struct Origin {
    workflow: usize,
    group: String,
    topic: String,
    partition: i32,
    record: Copied,
}

/// When a refused reply is tried again.
const RETRY_AFTER_MS: i64 = 500;

impl Desk {
    /// How each workflow replies, in their order.
    pub(in crate::kafka) fn all(workflows: &[WorkflowSettings]) -> Vec<Option<Self>> {
        let inputs = workflows.iter().flat_map(|w| w.topics.iter().cloned());
        let inputs = Arc::new(inputs.collect::<Vec<_>>());
        let desk = |workflow: &WorkflowSettings| {
            let settings = workflow.reply.clone()?;
            Some(Self {
                settings,
                inputs: Arc::clone(&inputs),
                expired: EventMetrics::new(&workflow.name).expired,
            })
        };
        workflows.iter().map(desk).collect()
    }

    /// Whether an event may be run.
    pub(in crate::kafka) fn admit(&self, event: &Event<'_>, now: Timestamp) -> Admission {
        let letter = |error: AddressError| {
            let reason = match error {
                AddressError::NotAllowed(_) | AddressError::Input(_) => Reason::ReplyTopic,
                AddressError::Partition { .. } | AddressError::Deadline { .. } => {
                    Reason::ReplyHeader
                }
            };
            Admission::DeadLetter(reason, error.to_string())
        };
        if let Err(error) = self.settings.address(|| event.headers(), &self.inputs) {
            return letter(error);
        }
        match self.settings.deadline(event.headers(), event.timestamp) {
            Ok(Some(deadline_ms)) if now.as_millis() > deadline_ms => {
                self.expired.increment(1);
                Admission::Expired
            }
            Ok(_) => Admission::Run,
            Err(error) => letter(error),
        }
    }

    /// Where an event that was admitted wants its reply.
    pub(in crate::kafka) fn address<'a>(&self, event: &Event<'a>) -> Option<Address<'a>> {
        let address = self.settings.address(|| event.headers(), &self.inputs);
        address.ok().flatten()
    }

    /// Makes an answer's headers those of a reply.
    pub(in crate::kafka) fn address_headers(&self, headers: &mut Headers, address: &Address<'_>) {
        let settings = &self.settings;
        for name in [
            &settings.topic_header,
            &settings.partition_header,
            &settings.correlation_id_header,
            &settings.deadline_header,
        ] {
            headers.remove(name);
        }
        if let Some(id) = address.correlation_id {
            headers.add(&settings.correlation_id_header, id);
        }
    }
}

impl Replies {
    /// Replies for the groups with these reporters, in their order.
    pub(in crate::kafka) fn new(
        carrier: Arc<dyn Carrier>,
        engine: &Engine,
        letters: Arc<Letters>,
        reporters: Vec<Reporter>,
    ) -> Self {
        let shared = Shared {
            carrier,
            engine: engine.clone(),
            letters,
            reporters,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sends a reply, one of several records that the event owes.
    pub(in crate::kafka) fn send(
        &self,
        workflow: usize,
        event: &Event<'_>,
        address: &Address<'_>,
        headers: Headers,
        value: Vec<u8>,
    ) {
        let origin = Origin {
            workflow,
            group: event.group.to_owned(),
            topic: event.topic.to_owned(),
            partition: event.partition,
            record: Copied::of_event(event),
        };
        let parcel = Parcel {
            topic: address.topic.to_owned(),
            partition: address.partition,
            timestamp: None,
            key: event.key.map(Box::from),
            value: Some(value.into_boxed_slice()),
            headers,
        };
        let shared = Arc::clone(&self.shared);
        let tell = move |end| shared.told(origin, end);
        self.shared.carrier.send(parcel, Box::new(tell));
    }

    /// Why no reply will ever be sent again, if so.
    pub(in crate::kafka) fn fatal(&self) -> Option<KafkaError> {
        self.shared.carrier.fatal()
    }

    /// Ends it; returns how many replies were not acknowledged.
    pub(in crate::kafka) fn stop(&self, within: Duration) -> usize {
        self.shared.carrier.stop(within)
    }
}

impl Shared {
    fn told(self: Arc<Self>, origin: Origin, end: End) {
        let token = origin.record.token;
        let Err(Refused { parcel, error }) = end else {
            return self.acknowledged(token);
        };
        let (topic, partition) = (&parcel.topic, parcel.partition);
        let Some((reason, cause)) = never(error, topic, partition, parcel.value.as_deref()) else {
            tracing::warn!(topic, %error, "a reply was not taken by the broker, and is sent again");
            let at = self.engine.clock().now().plus_millis(RETRY_AFTER_MS);
            let shared = Arc::clone(&self);
            let tell = move |end| shared.told(origin, end);
            self.carrier.send_at(at, parcel, Box::new(tell));
            return;
        };
        tracing::warn!(topic, %error, "a reply cannot be delivered: {cause}");
        if mutant::is(Mutant::ReplyLost) {
            return self.acknowledged(token);
        }
        let Origin {
            workflow,
            group,
            topic,
            partition,
            record,
        } = &origin;
        let event = record.event(*partition, topic, group);
        self.letters.send(*workflow, &event, reason, &cause, false);
    }

    fn acknowledged(&self, token: Token) {
        let group = token.slot().group(self.reporters.len());
        if let Some(reporter) = self.reporters.get(group) {
            reporter.report(vec![Input::Acknowledged(token)]);
        }
    }
}

/// Why a reply will never be delivered, if so.
fn never(
    error: RDKafkaErrorCode,
    topic: &str,
    partition: Option<i32>,
    value: Option<&[u8]>,
) -> Option<(Reason, String)> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what is not known to be for ever is tried again"
    )]
    let cause = match error {
        RDKafkaErrorCode::MessageSizeTooLarge => {
            let bytes = value.map_or(0, <[u8]>::len);
            let cause =
                format!("the reply has {bytes} bytes, which the topic {topic} does not take");
            return Some((Reason::OutputTooLarge, cause));
        }
        RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition => {
            format!("the cluster has no reply topic '{topic}'")
        }
        RDKafkaErrorCode::UnknownPartition => {
            let partition = partition.unwrap_or(-1);
            format!("the reply topic '{topic}' has no partition {partition}")
        }
        RDKafkaErrorCode::TopicAuthorizationFailed => {
            format!("we may not write to the reply topic '{topic}'")
        }
        RDKafkaErrorCode::InvalidTopic => {
            format!("'{topic}' is no topic, or more are in use than one process writes to")
        }
        RDKafkaErrorCode::InvalidRecord | RDKafkaErrorCode::PolicyViolation => {
            format!("the reply topic '{topic}' refuses the reply: {error}")
        }
        _ => return None,
    };
    Some((Reason::ReplyUndeliverable, cause))
}
