//! How many executions were started here and have not ended: an orderly stop waits for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(super) struct Open {
    count: AtomicUsize,
    none: Notify,
}

/// One of them; it has ended when this is dropped.
#[derive(Debug)]
pub(super) struct Opened(Arc<Open>);

impl Open {
    pub(super) fn begin(open: &Arc<Self>) -> Opened {
        open.count.fetch_add(1, Ordering::SeqCst);
        Opened(Arc::clone(open))
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Waits until there is none.
    pub(super) async fn ended(&self) {
        loop {
            let notified = self.none.notified();
            if self.count() == 0 {
                return;
            }
            notified.await;
        }
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.none.notify_waiters();
        }
    }
}
