//! One way out, and what is on it.
//!
//! *Not here*: what is done about records that are refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rdkafka::error::RDKafkaErrorCode;

use super::deliveries::Deliveries;
use super::{Output, Pending, TopicNumber};
use crate::kafka::error::KafkaError;
use crate::kafka::native::{Headers, Rejected};
use crate::kafka::port::{Clients, Outlet};
use crate::kafka::token::Token;

/// An outlet, and how many of its records are on their way.
pub(super) struct Lane {
    outlet: Box<dyn Outlet>,
    deliveries: Arc<Deliveries>,
    /// Records that the outlet has taken so far; those on their way into it count.
    sent: AtomicUsize,
}

impl Lane {
    pub(super) fn open(
        clients: &dyn Clients,
        outputs: &Arc<Vec<Output>>,
        alone: bool,
    ) -> Result<Self, KafkaError> {
        let deliveries = Arc::new(Deliveries::new(Arc::clone(outputs)));
        Ok(Self {
            outlet: clients.open(outputs, Arc::clone(&deliveries), alone)?,
            deliveries,
            sent: AtomicUsize::new(0),
        })
    }

    pub(super) fn deliveries(&self) -> &Deliveries {
        &self.deliveries
    }

    pub(super) fn send(
        &self,
        topic: TopicNumber,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: Headers,
        token: Token,
    ) -> Result<(), Rejected> {
        // Before it can be delivered, or a record could be acknowledged and not sent.
        self.sent.fetch_add(1, Ordering::SeqCst);
        let sent = self.outlet.produce(topic, key, value, headers, token);
        if sent.is_err() {
            self.sent.fetch_sub(1, Ordering::SeqCst);
        }
        sent
    }

    pub(super) fn send_pending(
        &self,
        mut pending: Pending,
    ) -> Result<(), (Pending, RDKafkaErrorCode)> {
        let headers = std::mem::replace(&mut pending.headers, Headers::with_capacity(0));
        let (key, value) = (pending.key.as_deref(), pending.value.as_deref());
        let sent = self.send(pending.topic, key, value, headers, pending.token);
        sent.map_err(|Rejected { error, headers }| (Pending { headers, ..pending }, error))
    }

    /// Lets the outlet tell of all deliveries there are, without waiting. Returns whether there were any.
    ///
    /// The wrapper's own waiting poll spins through the last millisecond of its time.
    pub(super) fn poll(&self) -> bool {
        let deliveries = self.deliveries();
        let before = deliveries.told();
        loop {
            let earlier = deliveries.told();
            // One event: the deliveries of one request.
            self.outlet.poll();
            if deliveries.told() == earlier {
                return earlier != before;
            }
        }
    }

    /// Records handed over, of which nothing was heard yet.
    pub(super) fn on_the_way(&self) -> usize {
        // In this order, as a record is delivered only after it was sent.
        let delivered = self.deliveries().delivered();
        self.sent.load(Ordering::SeqCst) - delivered
    }
}
