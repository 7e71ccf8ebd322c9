//! How many requests one host gets at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::Uri;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Hosts remembered before those that nobody asks just now are forgotten.
const IDLE_HOSTS_MAX: usize = 1_000;

/// The bound of each host, by scheme and authority.
#[derive(Debug)]
pub(super) struct Hosts {
    requests_max: usize,
    turns: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Hosts {
    pub(super) fn new(requests_max: usize) -> Self {
        Self {
            requests_max,
            turns: Mutex::default(),
        }
    }

    /// Waits until the host of `uri` may have one more. It is free again when the turn is dropped.
    pub(super) async fn turn(&self, uri: &Uri) -> Option<OwnedSemaphorePermit> {
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri.authority().map_or("", |a| a.as_str());
        let host = format!("{scheme}://{authority}");
        let turns = {
            let mut hosts = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            if hosts.len() >= IDLE_HOSTS_MAX {
                hosts.retain(|_, turns| Arc::strong_count(turns) > 1);
            }
            let fresh = || Arc::new(Semaphore::new(self.requests_max));
            Arc::clone(hosts.entry(host).or_insert_with(fresh))
        };
        // Nobody closes it.
        turns.acquire_owned().await.ok()
    }
}
