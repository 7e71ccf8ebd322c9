//! What a worker counts for itself, and passes on to the metrics once a batch or tick.

use std::sync::Arc;

use metrics::Gauge;

use crate::engine::Revision;
use crate::engine::revision::Workflow;
use crate::machine::{Outcome, Status};
use crate::metrics::EngineMetrics;

/// Counts since the last flush, by workflow.
#[derive(Debug)]
pub(super) struct Tally {
    /// Few: only workflows seen since the last flush.
    counts: Vec<(Arc<Workflow>, Counts)>,
    bugs: u64,
    bytes_held: i64,
    metrics: EngineMetrics,
}

#[derive(Debug, Default)]
struct Counts {
    started: u64,
    succeeded: u64,
    failed: u64,
    timed_out: u64,
    aborted: u64,
    throttled: u64,
    in_flight: i64,
    /// Execution times in milliseconds, and how often: with time read once a batch most are equal.
    times: Vec<(i64, usize)>,
}

/// Different execution times kept before they are passed on.
const TIMES_MAX: usize = 64;

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            counts: Vec::new(),
            bugs: 0,
            bytes_held: 0,
            metrics: EngineMetrics::new(),
        }
    }

    pub(super) fn held(&mut self, bytes: usize) {
        self.bytes_held += i64::try_from(bytes).unwrap_or(i64::MAX);
    }

    pub(super) fn released(&mut self, bytes: usize) {
        self.bytes_held -= i64::try_from(bytes).unwrap_or(i64::MAX);
    }

    pub(super) fn parked(&mut self, revision: &Revision) {
        self.of(revision).in_flight += 1;
    }

    pub(super) fn unparked(&mut self, revision: &Revision) {
        self.of(revision).in_flight -= 1;
    }

    pub(super) fn started(&mut self, revision: &Revision) {
        self.of(revision).started += 1;
    }

    pub(super) fn throttled(&mut self, revision: &Revision) {
        self.of(revision).throttled += 1;
    }

    pub(super) fn ended(&mut self, revision: &Revision, outcome: &Outcome, bug: bool) {
        self.bugs += u64::from(bug);
        let counts = self.of(revision);
        match outcome.status {
            Status::Succeeded => counts.succeeded += 1,
            Status::Failed => counts.failed += 1,
            Status::TimedOut => counts.timed_out += 1,
            Status::Aborted => counts.aborted += 1,
        }
        let ms = outcome.stop.as_millis() - outcome.start.as_millis();
        match counts.times.iter_mut().find(|(t, _)| *t == ms) {
            Some((_, times)) => *times += 1,
            None => counts.times.push((ms, 1)),
        }
        if counts.times.len() >= TIMES_MAX {
            flush_times(&revision.workflow, &mut counts.times);
        }
    }

    /// Passes everything on and begins anew.
    pub(super) fn flush(&mut self) {
        for (workflow, mut counts) in self.counts.drain(..) {
            let metrics = &workflow.metrics;
            for (metric, count) in [
                (&metrics.started, counts.started),
                (&metrics.succeeded, counts.succeeded),
                (&metrics.failed, counts.failed),
                (&metrics.timed_out, counts.timed_out),
                (&metrics.aborted, counts.aborted),
                (&metrics.throttled, counts.throttled),
            ] {
                if count > 0 {
                    metric.increment(count);
                }
            }
            flush_times(&workflow, &mut counts.times);
            add(&metrics.in_flight, counts.in_flight);
        }
        if self.bugs > 0 {
            self.metrics.bugs.increment(std::mem::take(&mut self.bugs));
        }
        add(
            &self.metrics.bytes_held,
            std::mem::take(&mut self.bytes_held),
        );
    }

    fn of(&mut self, revision: &Revision) -> &mut Counts {
        let workflow = &revision.workflow;
        let place = self
            .counts
            .iter()
            .position(|(w, _)| Arc::ptr_eq(w, workflow));
        let place = place.unwrap_or_else(|| {
            self.counts.push((Arc::clone(workflow), Counts::default()));
            self.counts.len() - 1
        });
        &mut self
            .counts
            .get_mut(place)
            .expect("it was found or pushed")
            .1
    }
}

/// Changes of several workers add up, whatever their order.
fn add(gauge: &Gauge, change: i64) {
    if change != 0 {
        gauge.increment(change as f64);
    }
}

fn flush_times(workflow: &Workflow, times: &mut Vec<(i64, usize)>) {
    for (ms, count) in times.drain(..) {
        workflow
            .metrics
            .time
            .record_many(ms as f64 / 1_000.0, count);
    }
}
