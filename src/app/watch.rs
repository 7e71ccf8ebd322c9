//! Tells of what changes while a service runs: ready, not ready and why, failed for good.
//!
//! librdkafka repeats the same complaint many times a second and names no setting. Here a change is told once; while
//! something is wrong the cluster is looked at now and then, and what is found names the setting to look at.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::service::Observer;
use crate::config::Settings;
use crate::kafka::Edge;
use crate::kafka::settings::WorkflowSettings;

/// How often the service is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Looks at a service that is not ready before the cluster is looked at, at first and at most: it doubles in between.
const LOOKS_BEFORE_PROBE: u32 = 4;
const LOOKS_BEFORE_PROBE_MAX: u32 = 64;

/// Looks until `stop` is closed, or the service has failed for good. Gives the cause of that.
#[must_use]
pub fn watch(observer: &Observer, settings: &Settings, stop: &Receiver<()>) -> Option<String> {
    let workflows: Vec<_> = settings.workflows.iter().map(|w| w.kafka.clone()).collect();
    let mut ready = false;
    let mut patience = LOOKS_BEFORE_PROBE;
    let mut looks = 0;
    loop {
        match stop.recv_timeout(LOOK) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return None,
        }
        if let Some(cause) = observer.fatal() {
            return Some(cause);
        }
        let health = observer.health();
        if health.not_ready.is_empty() && health.not_live.is_empty() {
            if !ready {
                match workflows.is_empty() {
                    true => tracing::info!("ready"),
                    false => tracing::info!("ready: partitions are assigned"),
                }
            }
            (ready, looks, patience) = (true, 0, LOOKS_BEFORE_PROBE);
            continue;
        }
        if ready {
            tracing::warn!(reasons = ?health.not_ready, "not ready");
            ready = false;
        }
        looks += 1;
        if looks >= patience {
            tracing::warn!(reasons = ?health.not_ready, "not ready yet");
            probe(settings, &workflows);
            (looks, patience) = (0, (patience * 2).min(LOOKS_BEFORE_PROBE_MAX));
        }
    }
}

fn probe(settings: &Settings, workflows: &[WorkflowSettings]) {
    for fault in Edge::probe(&settings.kafka, workflows)
        .err()
        .unwrap_or_default()
    {
        tracing::error!("{fault}");
    }
}
