//! The engine with real threads. Nothing here sleeps: tests wait for what was said on a channel.

#![cfg(feature = "engine")]
#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use stepstream::asl::Resource;
use stepstream::engine::{
    Answer, Batch, Call, CallBounds, CallLimits, Connector, Connectors, Definition, Engine,
    EngineOptions, Finished, GivenUp, NoConnectors, OrderKey, Registry, Revision, RunError, Sink,
    Start, Starter, Stopped, SystemClock, Token,
};
use stepstream::machine::{ExecutionKind, Identity, Status, TaskResult};
use stepstream::value::{Text, Value};

const PASS: &str = r#"{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}"#;
const TASK: &str = r#"{"StartAt": "T", "States": {
    "T": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "P"},
    "P": {"Type": "Pass", "End": true}}}"#;

/// Longer than any of these tests may take; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn every_execution_ends_once_on_whichever_worker() {
    let engine = engine(3);
    let (sink, ends) = sink(10_000);
    let revision = load(PASS, Arc::new(NoConnectors));
    for first in (0..10_000).step_by(100) {
        let starts = (first..first + 100).map(|token| start(&revision, &sink, token));
        submit(&engine, first as usize % 3, starts.collect());
    }
    let mut tokens: Vec<_> = (0..10_000).map(|_| next(&ends).token.0).collect();
    tokens.sort_unstable();
    assert!(tokens.into_iter().eq(0..10_000));
    assert_eq!(engine.shutdown(PATIENCE), Stopped::default());
    assert!(ends.try_recv().is_err());
}

#[test]
fn answers_come_from_any_thread() {
    let engine = engine(2);
    let (sink, ends) = sink(1_000);
    let (connector, calls) = held();
    let answering = std::thread::spawn(move || {
        for (call, answer) in calls.into_iter().take(1_000) {
            answer.complete(TaskResult::Succeeded(call.payload));
        }
    });
    let revision = load(TASK, connector);
    for worker in 0..2 {
        let starts = (0..500).map(|token| start(&revision, &sink, worker * 500 + token));
        submit(&engine, worker as usize, starts.collect());
    }
    for _ in 0..1_000 {
        let finished = next(&ends);
        assert_eq!(finished.outcome.output, Some(finished.input));
    }
    answering.join().unwrap();
    assert_eq!((revision.in_flight(), engine.room().executions()), (0, 0));
    assert_eq!(engine.shutdown(PATIENCE), Stopped::default());
}

#[test]
fn calls_of_all_workers_share_one_bound() {
    const CALLS: u64 = 2_000;
    const CALLS_MAX: usize = 3;
    let engine = engine(4);
    let (sink, ends) = sink(CALLS as usize);
    let (connector, calls) = held();
    let limits = CallLimits {
        calls_max: Some(CALLS_MAX),
        ..CallLimits::default()
    };
    let bounds = Arc::new(CallBounds::new(limits, BTreeMap::new()));
    let revision = load(TASK, Arc::new(Bounded(connector, bounds)));
    for worker in 0..4 {
        let starts = (0..CALLS / 4).map(|token| start(&revision, &sink, worker * 1_000 + token));
        submit(&engine, worker as usize, starts.collect());
    }
    // Answered on two other threads, so that calls are let in from several at once.
    let answering = || {
        let (answer, answers) = sync_channel::<Answer>(CALLS_MAX);
        let thread = std::thread::spawn(move || {
            for answer in answers {
                answer.complete(TaskResult::Succeeded(Value::NULL));
            }
        });
        (answer, thread)
    };
    let (one, other) = (answering(), answering());
    let mut open = std::collections::VecDeque::new();
    for call in 0..CALLS {
        let (_, answer) = calls
            .recv_timeout(PATIENCE)
            .expect("the next one is called");
        open.push_back(answer);
        if open.len() == CALLS_MAX {
            assert!(calls.try_recv().is_err(), "more than may be are under way");
            let threads = [&one.0, &other.0];
            threads[call as usize % 2]
                .send(open.pop_front().unwrap())
                .unwrap();
        }
    }
    drop((open, one.0, other.0));
    for _ in 0..CALLS {
        next(&ends);
    }
    one.1.join().unwrap();
    other.1.join().unwrap();
    assert_eq!(engine.shutdown(PATIENCE), Stopped::default());
}

#[test]
fn executions_of_a_key_never_overlap() {
    let engine = engine(1);
    let (sink, ends) = sink(100);
    let (connector, calls) = held();
    let revision = load(TASK, connector);
    let ordered = |token| Start {
        order: Some(OrderKey(token % 2)),
        ..start(&revision, &sink, token)
    };
    submit(&engine, 0, (0..100).map(ordered).collect());
    let (mut first, mut second) = (0, 1);
    for _ in 0..100 {
        let (call, answer) = calls.recv_timeout(PATIENCE).unwrap();
        let token: u64 = call.identity.name.parse().unwrap();
        let due = if token.is_multiple_of(2) {
            &mut first
        } else {
            &mut second
        };
        assert_eq!(token, *due);
        *due += 2;
        answer.complete(TaskResult::TimedOut);
        assert_eq!(next(&ends).outcome.error.as_deref(), Some("States.Timeout"));
    }
    assert_eq!(engine.shutdown(PATIENCE), Stopped::default());
}

#[test]
fn at_its_bound_the_engine_takes_no_batch_and_loses_none() {
    let engine = Engine::start(
        &EngineOptions {
            workers: 1,
            queue_batches_max: 1,
            executions_in_flight_max: 2,
            ..EngineOptions::default()
        },
        Arc::new(SystemClock::new()),
    )
    .unwrap();
    let (sink, ends) = sink(10);
    let (connector, calls) = held();
    let revision = load(TASK, connector);
    let starts = |tokens: std::ops::Range<u64>| {
        let starts = tokens.map(|token| start(&revision, &sink, token));
        Box::new(Starts(starts.collect())) as Box<dyn Batch>
    };
    submit(
        &engine,
        0,
        (0..2).map(|token| start(&revision, &sink, token)).collect(),
    );
    let first = calls.recv_timeout(PATIENCE).unwrap();
    let second = calls.recv_timeout(PATIENCE).unwrap();
    assert!(engine.try_submit(0, starts(2..3)).is_ok());
    let refused = engine.try_submit(0, starts(3..4)).unwrap_err();
    assert!(calls.try_recv().is_err());
    first.1.complete(TaskResult::Succeeded(Value::NULL));
    assert_eq!(next(&ends).token, Token(0));
    let third = calls.recv_timeout(PATIENCE).unwrap();
    assert_eq!(third.0.identity.name, "2");
    assert!(engine.try_submit(0, refused).is_ok());
    second.1.complete(TaskResult::Succeeded(Value::NULL));
    third.1.complete(TaskResult::Succeeded(Value::NULL));
    let fourth = calls.recv_timeout(PATIENCE).unwrap();
    fourth.1.complete(TaskResult::Succeeded(Value::NULL));
    let mut rest: Vec<_> = (0..3).map(|_| next(&ends).token.0).collect();
    rest.sort_unstable();
    assert_eq!(rest, [1, 2, 3]);
    assert_eq!(engine.shutdown(PATIENCE), Stopped::default());
}

#[test]
fn a_shutdown_lets_finish_what_its_grace_allows() {
    let engine = engine(1);
    let (sink, ends) = sink(10);
    let (connector, calls) = held();
    let revision = load(TASK, connector);
    submit(&engine, 0, vec![start(&revision, &sink, 1)]);
    let (_, answer) = calls.recv_timeout(PATIENCE).unwrap();
    let stopping = {
        let engine = engine.clone();
        std::thread::spawn(move || engine.shutdown(PATIENCE))
    };
    // The engine refuses from the moment at which it has begun to stop.
    while engine.try_submit(0, Box::new(Starts(Vec::new()))).is_ok() {
        std::thread::yield_now();
    }
    answer.complete(TaskResult::Succeeded(Value::NULL));
    assert_eq!(next(&ends).token, Token(1));
    assert_eq!(stopping.join().unwrap(), Stopped::default());
    assert_eq!(
        engine.run(&revision, "late", Value::NULL).err(),
        Some(RunError::Refused)
    );
}

#[test]
fn what_the_grace_does_not_allow_is_given_up_without_a_word() {
    let engine = engine(1);
    let (sink, ends) = sink(10);
    let (connector, calls) = held();
    let revision = load(TASK, connector);
    let ordered = |token| Start {
        order: Some(OrderKey(0)),
        ..start(&revision, &sink, token)
    };
    submit(&engine, 0, (0..3).map(ordered).collect());
    let (_, answer) = calls.recv_timeout(PATIENCE).unwrap();
    let given_up = GivenUp {
        executions: 1,
        waiting: 2,
        batches: 0,
    };
    let stopped = Stopped {
        given_up,
        ..Stopped::default()
    };
    assert_eq!(engine.shutdown(Duration::ZERO), stopped);
    answer.complete(TaskResult::Succeeded(Value::NULL));
    drop(sink);
    drop(engine);
    assert!(ends.recv_timeout(PATIENCE).is_err());
}

#[test]
fn a_batch_that_panics_ends_its_worker_and_is_seen() {
    struct Bad;
    impl Batch for Bad {
        fn run(self: Box<Self>, _: &mut Starter<'_>) {
            panic!("a bug of an edge, wanted by the test");
        }
    }
    let engine = engine(2);
    assert!(engine.is_alive());
    assert!(engine.try_submit(0, Box::new(Bad)).is_ok());
    while engine.is_alive() {
        std::thread::yield_now();
    }
    let revision = load(PASS, Arc::new(NoConnectors));
    let finished = engine.run(&revision, "next", Value::TRUE).unwrap();
    assert_eq!(finished.outcome.status, Status::Succeeded);
    let stopped = Stopped {
        panicked_workers: 1,
        ..Stopped::default()
    };
    assert_eq!(engine.shutdown(PATIENCE), stopped);
}

#[test]
fn a_faulty_definition_never_replaces_a_good_one() {
    let registry = Registry::new(Arc::new(NoConnectors));
    let put = |text| registry.put(Definition::new("w", text));
    assert_eq!(put(PASS).unwrap().number, 1);
    let good = put(PASS).unwrap();
    assert_eq!(good.number, 2);
    for (text, code) in [("{", "INVALID_JSON_DESCRIPTION"), (TASK, "NO_CONNECTOR")] {
        let refused = put(text).unwrap_err();
        let codes: Vec<_> = refused.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [code], "{refused}");
        assert!(Arc::ptr_eq(&registry.get("w").unwrap(), &good));
    }
    assert!(registry.get("v").is_none());
}

#[test]
fn a_resource_without_connector_is_shown_at_its_place() {
    let registry = Registry::new(Arc::new(NoConnectors));
    let refused = registry.put(Definition::new("w", TASK)).unwrap_err();
    let diagnostic = &refused.diagnostics[0];
    assert_eq!(diagnostic.location.as_deref(), Some("/States/T/Resource"));
    assert_eq!((diagnostic.line, diagnostic.column), (2, 39));
    let hint = diagnostic.hint.as_deref();
    assert_eq!(hint, Some("no connectors are configured in this process"));
}

fn engine(workers: usize) -> Engine {
    let options = EngineOptions {
        workers,
        ..EngineOptions::default()
    };
    Engine::start(&options, Arc::new(SystemClock::new())).unwrap()
}

fn load(text: &str, connectors: Arc<dyn Connectors>) -> Arc<Revision> {
    Registry::new(connectors)
        .put(Definition::new("test", text))
        .unwrap()
}

fn start(revision: &Arc<Revision>, sink: &Arc<Told>, token: u64) -> Start {
    Start {
        revision: Arc::clone(revision),
        input: Value::empty_object(),
        identity: Identity {
            machine: Arc::clone(&revision.machine),
            name: Text::new(token.to_string()),
            uuid: token.into(),
            kind: ExecutionKind::Express,
        },
        context: Value::NULL,
        order: None,
        sink: Arc::clone(sink) as Arc<dyn Sink>,
        token: Token(token),
        journal: None,
    }
}

/// Submits as soon as there is a place.
fn submit(engine: &Engine, worker: usize, starts: Vec<Start>) {
    let mut batch: Box<dyn Batch> = Box::new(Starts(starts));
    while let Err(refused) = engine.try_submit(worker, batch) {
        batch = refused;
        std::thread::yield_now();
    }
}

struct Starts(Vec<Start>);

impl Batch for Starts {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        for start in self.0 {
            starter.start(start);
        }
    }
}

/// Passes ends on to the test.
#[derive(Debug)]
struct Told(SyncSender<Finished>);

impl Sink for Told {
    fn finish(&self, finished: Finished) {
        self.0.send(finished).unwrap();
    }
}

fn sink(capacity: usize) -> (Arc<Told>, Receiver<Finished>) {
    let (end, ends) = sync_channel(capacity);
    (Arc::new(Told(end)), ends)
}

fn next(ends: &Receiver<Finished>) -> Finished {
    ends.recv_timeout(PATIENCE).expect("an execution ends")
}

/// Passes calls on to the test.
#[derive(Clone, Debug)]
struct Held(SyncSender<(Call, Answer)>);

impl Connector for Held {
    fn call(&self, call: Call, answer: Answer) {
        self.0.send((call, answer)).unwrap();
    }
}

impl Connectors for Held {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Ok(Arc::new(self.clone()))
    }
}

/// The same with a bound.
#[derive(Debug)]
struct Bounded(Arc<Held>, Arc<CallBounds>);

impl Connectors for Bounded {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Ok(Arc::<Held>::clone(&self.0))
    }

    fn bounds(&self, _: &Resource) -> Option<Arc<CallBounds>> {
        Some(Arc::clone(&self.1))
    }
}

fn held() -> (Arc<Held>, Receiver<(Call, Answer)>) {
    let (call, calls) = sync_channel(10_000);
    (Arc::new(Held(call)), calls)
}
