//! Executions that call others, in an engine with threads.

use std::time::Duration;

use super::*;
use crate::engine::{Definition, EngineOptions, SystemClock};
use crate::machine::Status;

/// Answers `later` from a thread of its own, so that whoever asks is parked; everything else is nested.
#[derive(Debug)]
struct World {
    nested: Nested,
    /// Calls of `later`.
    calls: Arc<AtomicUsize>,
}

impl World {
    fn new(nested: Nested) -> Self {
        Self {
            nested,
            calls: Arc::default(),
        }
    }
}

#[derive(Debug)]
struct Later(Arc<AtomicUsize>);

impl Connector for Later {
    fn call(&self, call: Call, answer: Answer) {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::thread::spawn(move || answer.complete(TaskResult::Succeeded(call.payload)));
    }
}

impl Connectors for World {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        if resource.arn.ends_with(":function:later") {
            return Ok(Arc::new(Later(Arc::clone(&self.calls))));
        }
        self.nested.resolve(machine, state, resource)
    }
}

const ACCOUNT: &str = "arn:aws:states:us-east-1:123456789012:stateMachine";

fn task(resource: &str, parameters: &str) -> String {
    format!(
        r#"{{"StartAt": "Call", "States": {{"Call": {{"Type": "Task", "End": true, "Resource": "{resource}", "Parameters": {parameters}}}}}}}"#
    )
}

fn engine(options: &EngineOptions, definitions: &[(&str, String)]) -> (Engine, Arc<Registry>) {
    let nested = Nested::new();
    let registry = Arc::new(Registry::new(Arc::new(World::new(nested.clone()))));
    for (name, text) in definitions {
        registry.put(Definition::new(name, text)).expect(text);
    }
    let engine = Engine::start(options, Arc::new(SystemClock::new())).expect("threads");
    nested.connect(engine.clone(), &registry, None);
    (engine, registry)
}

fn child() -> (&'static str, String) {
    let text = task(
        "arn:aws:lambda:us-east-1:123456789012:function:later",
        r#"{"answer.$": "$.question"}"#,
    );
    ("child", text)
}

fn run(engine: &Engine, registry: &Registry, name: &str) -> Finished {
    let revision = registry.get(name).expect("it is loaded");
    let input = Value::parse(br#"{"question": 42}"#).expect("JSON");
    engine.run(&revision, "one", input).expect("it ends")
}

#[test]
fn an_execution_waits_for_another_one() {
    let call =
        format!(r#"{{"StateMachineArn": "{ACCOUNT}:child", "Name": "mine", "Input.$": "$"}}"#);
    let parent = task("arn:aws:states:::aws-sdk:sfn:startSyncExecution", &call);
    // Even where only one execution of all may wait at a time.
    let narrow = EngineOptions {
        workers: 1,
        executions_in_flight_max: 1,
        workflow_executions_in_flight_max: 1,
        ..EngineOptions::default()
    };
    let (engine, registry) = engine(&narrow, &[child(), ("parent", parent)]);
    let outcome = run(&engine, &registry, "parent").outcome;
    assert_eq!(outcome.status, Status::Succeeded, "{outcome:?}");
    let output = outcome.output.expect("it succeeded");
    let member = |name| output.get(name).and_then(Value::as_str);
    assert_eq!(member("Status"), Some("SUCCEEDED"));
    assert_eq!(member("Output"), Some(r#"{"answer":42}"#));
    assert_eq!(member("Name"), Some("mine"));
    assert_eq!(engine.shutdown(Duration::from_secs(5)).stuck_workers, 0);
}

#[test]
fn an_execution_starts_another_one() {
    let call = format!(r#"{{"StateMachineArn": "{ACCOUNT}:child", "Input.$": "$"}}"#);
    for (resource, has_metadata) in [
        ("arn:aws:states:::states:startExecution", true),
        ("arn:aws:states:::aws-sdk:sfn:startExecution", false),
    ] {
        let parent = task(resource, &call);
        let (engine, registry) = engine(&EngineOptions::default(), &[child(), ("parent", parent)]);
        let outcome = run(&engine, &registry, "parent").outcome;
        let output = outcome.output.expect(resource);
        let arn = output.get("ExecutionArn").and_then(Value::as_str);
        let start = "arn:aws:states:us-east-1:123456789012:express:child:";
        assert!(arn.is_some_and(|arn| arn.starts_with(start)), "{arn:?}");
        assert_eq!(output.get("SdkHttpMetadata").is_some(), has_metadata);
        assert_eq!(engine.shutdown(Duration::from_secs(5)).stuck_workers, 0);
    }
}

#[test]
fn what_cannot_begin_fails_the_task() {
    let sync = "arn:aws:states:::aws-sdk:sfn:startSyncExecution";
    let optimized = "arn:aws:states:::states:startExecution";
    let gone = format!(r#"{{"StateMachineArn": "{ACCOUNT}:gone"}}"#);
    let bad = format!(r#"{{"StateMachineArn": "{ACCOUNT}:child", "Input": "{{"}}"#);
    let elsewhere = gone
        .replace("us-east-1", "eu-west-1")
        .replace("gone", "child");
    for (resource, parameters, error) in [
        (sync, gone.as_str(), "Sfn.StateMachineDoesNotExistException"),
        (
            optimized,
            &gone,
            "StepFunctions.StateMachineDoesNotExistException",
        ),
        (sync, &elsewhere, "Sfn.StateMachineDoesNotExistException"),
        (
            sync,
            r#"{"StateMachineArn": "child"}"#,
            "Sfn.InvalidArnException",
        ),
        (sync, "{}", "Sfn.ValidationException"),
        (sync, &bad, "Sfn.InvalidExecutionInputException"),
    ] {
        let parent = task(resource, parameters);
        let (engine, registry) = engine(&EngineOptions::default(), &[child(), ("parent", parent)]);
        let outcome = run(&engine, &registry, "parent").outcome;
        assert_eq!(outcome.error.as_deref(), Some(error), "{parameters}");
        assert_eq!(engine.shutdown(Duration::from_secs(5)).stuck_workers, 0);
    }
}

/// Each execution calls `later` and then the workflow itself, of whose answer it keeps little: answers within answers grow fast.
const ENDLESS: &str = r#"{"StartAt": "Count", "States": {
  "Count": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:later", "Next": "Again"},
  "Again": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution", "End": true,
    "Parameters": {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:endless"},
    "ResultSelector": {"status.$": "$.Status"}}}}"#;

#[test]
fn a_workflow_that_calls_itself_ends() {
    let nested = Nested::new();
    let world = World::new(nested.clone());
    let calls = Arc::clone(&world.calls);
    let registry = Arc::new(Registry::new(Arc::new(world)));
    let definition = Definition::new("endless", ENDLESS);
    let revision = registry.put(definition).expect("it is good");
    let engine = Engine::start(&EngineOptions::default(), Arc::new(SystemClock::new()));
    let engine = engine.expect("threads");
    nested.connect(engine.clone(), &registry, None);
    let outcome = engine.run(&revision, "one", Value::empty_object());
    let outcome = outcome.expect("it ends").outcome;
    assert_eq!(outcome.status, Status::Succeeded, "{outcome:?}");
    let depths = usize::try_from(NESTING_DEPTH_MAX).expect("it is small") + 1;
    assert_eq!(calls.load(Ordering::SeqCst), depths);
    assert!(nested.inner.lock().is_empty(), "all have ended");
    assert_eq!(engine.shutdown(Duration::from_secs(5)).stuck_workers, 0);
}
