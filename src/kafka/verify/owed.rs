//! What an input owes, as far as settings and its headers tell.

use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};

use crate::kafka::checker::Owed;
use crate::kafka::duplicate::Recognizer;
use crate::kafka::group::{Once, PartitionId};
use crate::kafka::order::order_key;
use crate::kafka::route::{Header, Routes};
use crate::kafka::settings::WorkflowSettings;

/// What an input owes.
pub(super) enum Debt {
    Owes {
        owed: Owed,
        order: Option<u64>,
        /// Where it is run once, which event it is.
        once: Option<Once>,
    },
    /// Nobody can tell from the topics: a result or failure is written nowhere, or a deadline may have passed.
    Unknown,
}

/// Who knows what inputs owe.
pub(super) struct Debts<'s> {
    workflows: &'s [WorkflowSettings],
    routes: &'s Routes,
    inputs: Vec<String>,
    recognizers: Vec<Option<Recognizer>>,
}

impl<'s> Debts<'s> {
    pub(super) fn new(
        workflows: &'s [WorkflowSettings],
        routes: &'s Routes,
        record_bytes_max: usize,
    ) -> Self {
        let inputs = workflows.iter().flat_map(|w| w.topics.clone()).collect();
        Self {
            workflows,
            routes,
            inputs,
            recognizers: Recognizer::all(workflows, record_bytes_max),
        }
    }

    /// What a record of the topic with this number owes.
    pub(super) fn of(&self, topic: u32, partition: i32, message: &BorrowedMessage<'_>) -> Debt {
        let headers = || -> Vec<Header<'_>> {
            let list = message.headers().into_iter().flat_map(|h| h.iter());
            list.map(|h| (h.key.as_bytes(), h.value)).collect()
        };
        let headers = headers();
        let headers = || headers.iter().copied();
        let taker = self
            .routes
            .topic(topic)
            .and_then(|route| route.workflow(headers))
            .and_then(|number| Some((number, self.workflows.get(number)?)));
        let letter = Debt::Owes {
            owed: Owed {
                outcome: true,
                log: false,
                reply: false,
            },
            order: None,
            once: None,
        };
        let Some((number, workflow)) = taker else {
            return letter;
        };
        let recognizer = self.recognizers.get(number).and_then(Option::as_ref);
        let once = recognizer.and_then(|r| r.once(headers, message.payload()));
        let mut owed = Owed {
            outcome: workflow.results.is_some() && workflow.failures.is_some(),
            log: false,
            reply: false,
        };
        if let Some(reply) = &workflow.reply {
            let timestamp = message.timestamp().to_millis();
            match (
                reply.address(headers, &self.inputs),
                reply.deadline(headers(), timestamp),
            ) {
                (Err(_), _) | (_, Err(_)) => return letter,
                (_, Ok(Some(_))) => return Debt::Unknown,
                (Ok(address), Ok(None)) => owed.reply = address.is_some(),
            }
        }
        if !owed.outcome && !owed.reply {
            return Debt::Unknown;
        }
        let id = PartitionId { topic, partition };
        let order = order_key(workflow.order, number, message.key(), id).map(|key| key.0);
        Debt::Owes { owed, order, once }
    }
}
