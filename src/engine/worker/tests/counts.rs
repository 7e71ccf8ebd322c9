//! What a worker counts arrives in the metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use super::world::{World, start};
use super::{PASS, TASK};
use crate::engine::{CallBounds, CallLimits, EngineOptions};

#[test]
fn each_end_and_each_wait_is_counted_once() {
    let recorder = Kept::default();
    metrics::with_local_recorder(&recorder, || {
        let mut world = World::with(TASK, |d| d.executions_in_flight_max = Some(2));
        world.start(&[start(1), start(2), start(3).input(r#""drop""#)]);
        let held = 3 * (EngineOptions::EXECUTION_BYTES as u64 + 4) + 10;
        recorder.assert(&[
            ("stepstream_executions_started_total", 2),
            ("stepstream_executions_throttled_total", 1),
            ("stepstream_executions_in_flight", 2),
            ("stepstream_bytes_held", held),
        ]);
        world.answer(1);
        world.deliver();
        world.tick(60_000);
        recorder.assert(&[
            ("stepstream_executions_started_total", 3),
            ("stepstream_executions_succeeded_total", 1),
            ("stepstream_executions_failed_total", 2),
            ("stepstream_executions_in_flight", 0),
            ("stepstream_execution_time_seconds", 3),
            ("stepstream_bytes_held", 0),
        ]);
    });
}

#[test]
fn tasks_are_counted_under_the_names_of_aws() {
    let integration = TASK;
    let function = TASK.replace(
        "arn:aws:states:::lambda:invoke",
        "arn:aws:lambda:us-east-1:123456789012:function:f",
    );
    for (definition, family) in [
        (integration, "service_integration"),
        (&*function, "lambda_function"),
    ] {
        let recorder = Kept::default();
        metrics::with_local_recorder(&recorder, || {
            let limits = CallLimits {
                calls_max: Some(3),
                waiting_max: 1,
                time_max: None,
            };
            let mut world = World::bounded(definition, CallBounds::new(limits, BTreeMap::new()));
            let starts = [
                start(1),
                start(2).input(r#""drop""#),
                start(3),
                start(4),
                start(5),
                start(6),
            ];
            world.start(&starts);
            world.answer(1);
            world.tick(60_000);
        });
        let all = |name: &str| format!("stepstream_{family}{name}");
        for (name, value) in [
            ("s_scheduled_total", 6),
            ("s_started_total", 5),
            ("s_succeeded_total", 1),
            // One was dropped, and one more was too many to wait.
            ("s_failed_total", 2),
            ("s_timed_out_total", 3),
            ("_run_time_seconds", 2),
            ("_schedule_time_seconds", 5),
            ("_time_seconds", 5),
        ] {
            recorder.assert(&[(&all(name), value)]);
        }
    }
}

#[test]
fn revisions_of_a_workflow_share_its_series() {
    let recorder = Kept::default();
    metrics::with_local_recorder(&recorder, || {
        let mut world = World::new(PASS);
        world.start(&[start(1), start(2)]);
        assert_eq!(world.ended(), [1, 2]);
    });
    recorder.assert(&[
        ("stepstream_executions_started_total", 2),
        ("stepstream_executions_succeeded_total", 2),
        ("stepstream_revision", 1),
    ]);
}

/// Keeps counters and gauges as they stand, and of histograms how often they were recorded.
#[derive(Debug, Default)]
struct Kept {
    values: Mutex<BTreeMap<String, Arc<Value>>>,
}

#[derive(Debug, Default)]
struct Value(AtomicU64);

impl Kept {
    fn assert(&self, expected: &[(&str, u64)]) {
        let values = self.values.lock().unwrap();
        for (name, value) in expected {
            let kept = values[*name].0.load(Ordering::SeqCst);
            assert_eq!(kept, *value, "{name}");
        }
    }

    fn value(&self, key: &Key) -> Arc<Value> {
        let mut values = self.values.lock().unwrap();
        Arc::clone(values.entry(key.name().to_owned()).or_default())
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.value(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.value(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.value(key))
    }
}

impl metrics::CounterFn for Value {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Ordering::SeqCst);
    }

    fn absolute(&self, value: u64) {
        self.0.store(value, Ordering::SeqCst);
    }
}

impl metrics::GaugeFn for Value {
    fn increment(&self, value: f64) {
        let add = |kept: u64| Some((kept as f64 + value) as u64);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, add)
            .unwrap();
    }

    fn decrement(&self, value: f64) {
        metrics::GaugeFn::increment(self, -value);
    }

    fn set(&self, value: f64) {
        self.0.store(value as u64, Ordering::SeqCst);
    }
}

impl HistogramFn for Value {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
