//! Who is told of the end of an execution that was begun here: the recent ones, the outlet, and who waits for it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::open::{Open, Opened};
use super::outlet::{Ended, Outlet};
use super::recent::Record;
use super::shared::Shared;
use super::store::Target;
use crate::engine::{Finished, Journal, Sink, Token};

/// The sink of one execution. Held until its end, it also counts it as open.
#[derive(Debug)]
pub(super) struct Caller {
    /// None if nobody waits.
    end: Option<Mutex<Option<oneshot::Sender<Finished>>>>,
    outlet: Option<Arc<dyn Outlet>>,
    log_group: Option<Arc<str>>,
    record: Option<Record>,
    _open: Opened,
}

impl Caller {
    /// Nobody waits for the end: the outcome is owed to the topics of the workflow.
    pub(super) fn gone(shared: &Shared, target: &Target, record: Option<Record>) -> Self {
        Self {
            end: None,
            outlet: shared.outlet.clone(),
            log_group: target.log_group.clone(),
            record,
            _open: Open::begin(&shared.open),
        }
    }

    /// The end is sent to who waits for it.
    pub(super) fn waiting(
        shared: &Shared,
        target: &Target,
        record: Option<Record>,
    ) -> (Self, oneshot::Receiver<Finished>) {
        let (end, ended) = oneshot::channel();
        let caller = Self {
            end: Some(Mutex::new(Some(end))),
            ..Self::gone(shared, target, record)
        };
        (caller, ended)
    }

    /// Takes down what happens, if the execution is kept.
    pub(super) fn journal(&self) -> Option<Arc<Journal>> {
        let record = self.record.as_ref()?;
        Some(Arc::clone(&record.kept.journal))
    }
}

impl Sink for Caller {
    fn finish(&self, finished: Finished) {
        if let Some(record) = &self.record {
            record.end(&finished.outcome);
        }
        if let Some(outlet) = &self.outlet {
            outlet.ended(&Ended {
                finished: &finished,
                owes_outcome: self.end.is_none(),
                log_group: self.log_group.as_deref(),
            });
        }
        let Some(end) = &self.end else { return };
        let end = end.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(end) = end {
            // The caller may have gone.
            end.send(finished).ok();
        }
    }

    /// Not if it did not begin before its caller went.
    fn wanted(&self, _: Token) -> bool {
        let Some(end) = &self.end else { return true };
        let end = end.lock().unwrap_or_else(PoisonError::into_inner);
        end.as_ref().is_some_and(|end| !end.is_closed())
    }
}
