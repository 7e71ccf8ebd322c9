//! Functions of the program that embeds the library, under the names by which definitions know Lambda functions.
//!
//! ```
//! use stepstream::connectors::Functions;
//! use stepstream::machine::TaskError;
//! use stepstream::value::Value;
//!
//! let mut functions = Functions::new();
//! functions.register("double", |payload: Value| {
//!     let number = payload.as_number().and_then(|n| n.as_i64());
//!     number.map(|n| Value::from(2 * n)).ok_or_else(|| TaskError {
//!         error: "NotANumber".into(),
//!         cause: Some(format!("{} cannot be doubled", payload.to_json())),
//!     })
//! });
//! ```
//!
//! *Not here*: threads and reactors; an asynchronous function runs where its spawner takes it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use crate::asl::{Resource, ResourceKind};
use crate::engine::{Answer, Call, CallBounds, CallLimits, Connector, Connectors};
use crate::machine::{TaskError, TaskResult};
use crate::value::{ObjectBuilder, Text, Value};

/// What a function comes to: the task's raw result, or the error that Retry and Catch see.
pub type FunctionResult = Result<Value, TaskError>;

/// The work of one call, to be polled to its end.
pub type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The functions of a program.
#[derive(Clone, Debug, Default)]
pub struct Functions {
    by_name: Arc<BTreeMap<String, Function>>,
    bounds: Option<Arc<CallBounds>>,
    others: Option<Arc<dyn Connectors>>,
}

/// Does one call.
#[derive(Clone)]
struct Function(Arc<dyn Fn(Value, Reply) + Send + Sync>);

/// Takes what a function comes to.
struct Reply {
    answer: Answer,
    /// Whether the result goes into the envelope of `lambda:invoke`.
    is_wrapped: bool,
}

impl Functions {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A function that ends soon: it runs on the worker that asks for it, which does nothing else meanwhile. One that
    /// panics fails its task.
    pub fn register(
        &mut self,
        name: &str,
        function: impl Fn(Value) -> FunctionResult + Send + Sync + 'static,
    ) -> &mut Self {
        self.add(name, move |payload, reply| reply.give(function(payload)))
    }

    /// A function that waits. `spawn` takes each call's work to where it is polled, such as a runtime of tokio:
    /// `move |work| drop(handle.spawn(work))`. Work that is dropped fails its task.
    pub fn register_async<F: Future<Output = FunctionResult> + Send + 'static>(
        &mut self,
        name: &str,
        spawn: impl Fn(Work) + Send + Sync + 'static,
        function: impl Fn(Value) -> F + Send + Sync + 'static,
    ) -> &mut Self {
        self.add(name, move |payload, reply| {
            let work = function(payload);
            spawn(Box::pin(async move { reply.give(work.await) }));
        })
    }

    /// Bounds the calls of all functions together, and of some by their names. Whoever sets no time waits for ever for a function
    /// that never answers, if the definition has no `TimeoutSeconds`: until the execution's own time is over.
    pub fn limit(&mut self, all: CallLimits, functions: BTreeMap<String, CallLimits>) -> &mut Self {
        self.bounds = Some(Arc::new(CallBounds::new(all, functions)));
        self
    }

    /// Tasks that are none of these functions are done by `others`.
    #[must_use]
    pub fn or(mut self, others: Arc<dyn Connectors>) -> Self {
        self.others = Some(others);
        self
    }

    fn add(
        &mut self,
        name: &str,
        function: impl Fn(Value, Reply) + Send + Sync + 'static,
    ) -> &mut Self {
        let functions = Arc::make_mut(&mut self.by_name);
        functions.insert(name.to_owned(), Function(Arc::new(function)));
        self
    }

    fn known(&self) -> String {
        let names: Vec<&str> = self.by_name.keys().map(String::as_str).collect();
        match names.is_empty() {
            true => "none is registered".to_owned(),
            false => format!("registered are {}", names.join(", ")),
        }
    }
}

impl Connectors for Functions {
    fn resolve(
        &self,
        machine: &str,
        state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        let is_invoke = matches!(&resource.kind, ResourceKind::Integration { resource_type, resource }
            if resource_type == "lambda" && resource == "invoke");
        let named = name(&resource.arn).and_then(|name| self.by_name.get(name));
        match (named, &self.others) {
            (Some(function), _) => Ok(Arc::new(function.clone())),
            // Which function is meant is known only when it is called; `others` have their turn then.
            (None, others) if is_invoke => Ok(Arc::new(Invoke {
                functions: Arc::clone(&self.by_name),
                others: match others {
                    Some(others) => others.resolve(machine, state, resource).ok(),
                    None => None,
                },
            })),
            (None, Some(others)) => others.resolve(machine, state, resource),
            (None, None) => Err(format!("register a function for it: {}", self.known())),
        }
    }

    fn bounds(&self, resource: &Resource) -> Option<Arc<CallBounds>> {
        let is_ours = match name(&resource.arn) {
            Some(name) => self.by_name.contains_key(name),
            None => resource.arn.ends_with(":lambda:invoke"),
        };
        match &self.others {
            Some(others) if !is_ours => others.bounds(resource),
            Some(_) | None => self.bounds.clone(),
        }
    }
}

impl Connector for Function {
    fn call(&self, call: Call, answer: Answer) {
        let reply = Reply {
            answer,
            is_wrapped: false,
        };
        (self.0)(call.payload, reply);
    }

    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        name(&call.resource.arn).map(Cow::Borrowed)
    }
}

/// `lambda:invoke`
#[derive(Debug)]
struct Invoke {
    functions: Arc<BTreeMap<String, Function>>,
    others: Option<Arc<dyn Connector>>,
}

impl Connector for Invoke {
    fn call(&self, call: Call, answer: Answer) {
        let asked = call.payload.get("FunctionName").and_then(Value::as_str);
        let asked = asked.unwrap_or_default();
        let found = self.functions.get(name(asked).unwrap_or(asked));
        match (found, &self.others) {
            (Some(function), _) => {
                let payload = call.payload.get("Payload").cloned();
                let reply = Reply {
                    answer,
                    is_wrapped: true,
                };
                (function.0)(payload.unwrap_or_else(Value::empty_object), reply);
            }
            (None, Some(other)) => other.call(call, answer),
            (None, None) => answer.complete(TaskResult::Failed(TaskError {
                error: Text::new_static("Lambda.ResourceNotFoundException"),
                cause: Some(format!("Function not found: {asked}")),
            })),
        }
    }

    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let asked = call.payload.get("FunctionName")?.as_str()?;
        Some(Cow::Borrowed(name(asked).unwrap_or(asked)))
    }
}

impl Reply {
    fn give(self, result: FunctionResult) {
        self.answer.complete(match result {
            Ok(value) if self.is_wrapped => TaskResult::Succeeded(envelope(value)),
            Ok(value) => TaskResult::Succeeded(value),
            Err(error) => TaskResult::Failed(error),
        });
    }
}

/// The result of `lambda:invoke`, without what a network would add.
fn envelope(payload: Value) -> Value {
    let mut members = ObjectBuilder::with_capacity(3);
    members.insert("ExecutedVersion", Value::from("$LATEST"));
    members.insert("Payload", payload);
    members.insert("StatusCode", Value::from(200_i64));
    // A result too deep to be wrapped is beyond what a state may hold anyway.
    members.finish().unwrap_or(Value::NULL)
}

/// The function's name in an ARN, whole or without what stands before the account.
fn name(arn: &str) -> Option<&str> {
    let (_, named) = arn.split_once(":function:")?;
    named.split(':').next()
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Function")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::engine::{
        Definition, Engine, EngineOptions, LoadError, Registry, Revision, SystemClock,
    };
    use crate::machine::Outcome;

    fn functions() -> Functions {
        let mut functions = Functions::new();
        functions.register("echo", Ok);
        functions.register("refuse", |_| {
            Err(TaskError {
                error: "Refused".into(),
                cause: None,
            })
        });
        functions.register("panic", |_| panic!("a bug of the function"));
        let spawn = |work: Work| drop(std::thread::spawn(|| poll(work)));
        functions.register_async("later", spawn, |payload| async move { Ok(payload) });
        functions.register_async("never", drop, |payload| async move { Ok(payload) });
        functions
    }

    /// These works are ready at once.
    fn poll(mut work: Work) {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(work.as_mut().poll(&mut context).is_ready());
    }

    fn load(task: &str) -> Result<Arc<Revision>, LoadError> {
        let text = format!(
            r#"{{"StartAt": "T", "States": {{"T": {{"Type": "Task", "End": true, {task}}}}}}}"#
        );
        let registry = Registry::new(Arc::new(functions()));
        registry.put(Definition::new("w", &text))
    }

    fn run(revision: &Arc<Revision>) -> Outcome {
        let clock = Arc::new(SystemClock::new());
        let engine = Engine::start(&EngineOptions::default(), clock).expect("threads");
        let input = Value::parse(br#"{"a": 1}"#).expect("JSON");
        let finished = engine.run(revision, "one", input).expect("it ends");
        assert_eq!(engine.shutdown(Duration::from_secs(5)).stuck_workers, 0);
        finished.outcome
    }

    #[test]
    fn functions_are_found_by_the_names_of_lambda() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function";
        let bare = |name: &str| format!(r#""Resource": "{arn}:{name}""#);
        let invoke = |name: &str| {
            format!(
                r#""Resource": "arn:aws:states:::lambda:invoke", "Parameters": {{"FunctionName": "{name}", "Payload.$": "$"}}"#
            )
        };
        let wrapped = r#"{"ExecutedVersion":"$LATEST","Payload":{"a":1},"StatusCode":200}"#;
        for (task, expected) in [
            (bare("echo"), Ok(r#"{"a":1}"#)),
            (bare("echo:live"), Ok(r#"{"a":1}"#)),
            (bare("later"), Ok(r#"{"a":1}"#)),
            (bare("refuse"), Err("Refused")),
            (bare("panic"), Err("States.TaskFailed")),
            (bare("never"), Err("States.TaskFailed")),
            (invoke("echo"), Ok(wrapped)),
            (invoke("later"), Ok(wrapped)),
            (invoke(&format!("{arn}:echo:1")), Ok(wrapped)),
            (invoke("123456789012:function:echo"), Ok(wrapped)),
            (invoke("gone"), Err("Lambda.ResourceNotFoundException")),
        ] {
            let outcome = run(&load(&task).expect(&task));
            let output = outcome.output.map(|output| output.to_json());
            let found = output.ok_or_else(|| outcome.error.unwrap_or_default());
            let expected = expected.map(str::to_owned).map_err(Text::from);
            assert_eq!(found, expected, "{task}");
        }
        let refused = load(&bare("gone")).expect_err("nobody does it").to_string();
        assert!(
            refused.contains("registered are echo, later, never, panic, refuse"),
            "{refused}"
        );
    }
}
