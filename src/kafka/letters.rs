//! Sends dead letters: for records that nothing is made of, and for answers that cannot be delivered.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::answer::Event;
use super::dead_letter::{self, Origin, Reason};
use super::producer::{Producer, TooLarge, TopicNumber, VALUE_OMITTED};
use super::settings::{DeadLetterHeaders, WorkflowSettings};
use super::statistics::Counters;
use crate::metrics::EventMetrics;

/// Where the dead letters of all workflows go.
#[derive(Debug)]
pub(super) struct Letters {
    boxes: Vec<LetterBox>,
    producer: Arc<Producer>,
    counters: Arc<Counters>,
}

/// One workflow's.
#[derive(Debug)]
struct LetterBox {
    workflow: String,
    topic: TopicNumber,
    profile: DeadLetterHeaders,
    all: metrics::Counter,
    reasons: Vec<metrics::Counter>,
}

impl Letters {
    pub(super) fn new(
        workflows: &[WorkflowSettings],
        producer: Arc<Producer>,
        counters: Arc<Counters>,
    ) -> Self {
        let letter_box = |settings: &WorkflowSettings| LetterBox {
            workflow: settings.name.clone(),
            topic: producer
                .topic(&settings.dead_letters)
                .expect("the producer was given the topics of all workflows"),
            profile: settings.dead_letter_headers,
            all: EventMetrics::new(&settings.name).dead_letters,
            reasons: Reason::ALL
                .iter()
                .map(|r| EventMetrics::dead_letters_by_reason(&settings.name, r.as_str()))
                .collect(),
        };
        Self {
            boxes: workflows.iter().map(letter_box).collect(),
            producer,
            counters,
        }
    }

    /// Sends one; `sole`: nothing else is owed for the event.
    pub(super) fn send(
        &self,
        workflow: usize,
        event: &Event<'_>,
        reason: Reason,
        cause: &str,
        sole: bool,
    ) {
        let to = self
            .boxes
            .get(workflow)
            .expect("routes are made of the same workflows");
        to.all.increment(1);
        let place = Reason::ALL.iter().position(|r| *r == reason);
        if let Some(counter) = place.and_then(|i| to.reasons.get(i)) {
            counter.increment(1);
        }
        self.counters.dead_letters.fetch_add(1, Ordering::Relaxed);
        let origin = Origin {
            group: event.group,
            workflow: &to.workflow,
            topic: event.topic,
            partition: event.partition,
            offset: event.offset,
            timestamp: event.timestamp,
        };
        let token = event.token_of_answer(sole);
        let letter = || {
            let mut headers = event.copy_headers(dead_letter::HEADERS_MAX);
            dead_letter::headers(to.profile, reason, cause, &origin, |n, v| headers.add(n, v));
            headers
        };
        let sent = self
            .producer
            .produce(to.topic, event.key, event.value, letter(), token);
        if sent == Err(TooLarge) {
            // Larger than the producer's message.max.bytes: only where it came from can be said.
            let mut headers = letter();
            headers.add(VALUE_OMITTED, b"true");
            let sent = self
                .producer
                .produce(to.topic, event.key, None, headers, token);
            debug_assert!(
                sent.is_ok(),
                "key and headers were received, so they can be sent"
            );
        }
    }
}
