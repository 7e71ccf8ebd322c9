//! What went over the network for one call, for whoever tests a state and wants to see it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::value::Value;

/// Kept by who asks, and filled by a connector that knows what a request is. A clone is the same.
#[derive(Clone, Debug)]
pub struct Trace {
    reveals_secrets: bool,
    exchange: Arc<Mutex<Exchange>>,
}

/// A request and its response, in the shapes of TestState's answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// `{"protocol", "method", "url", "headers", "body"}`
    pub request: Option<Value>,
    /// `{"protocol", "statusCode", "statusMessage", "headers", "body"}`
    pub response: Option<Value>,
}

impl Trace {
    /// An empty one. Unless it `reveals_secrets`, what a connection adds to a request is left out.
    #[must_use]
    pub fn new(reveals_secrets: bool) -> Self {
        Self {
            reveals_secrets,
            exchange: Arc::default(),
        }
    }

    /// Whether secrets are to be shown.
    #[must_use]
    pub const fn reveals_secrets(&self) -> bool {
        self.reveals_secrets
    }

    /// Keeps the request.
    pub fn sent(&self, request: Value) {
        self.lock().request = Some(request);
    }

    /// Keeps the response.
    pub fn received(&self, response: Value) {
        self.lock().response = Some(response);
    }

    /// What was kept so far.
    #[must_use]
    pub fn exchange(&self) -> Exchange {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Exchange> {
        // Both members are whole at any time.
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
