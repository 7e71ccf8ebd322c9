//! Workflows that call workflows of the same process: `states:startExecution`, `aws-sdk:sfn:startExecution` and
//! `aws-sdk:sfn:startSyncExecution`.
//!
//! An execution that is waited for runs on the worker of the one that waits, at whatever bound, since that one holds a place already. One
//! that nobody waits for has its turn as any other. Both are counted in depth, so that a workflow that calls itself ends.
//!
//! *Not here*: `.sync`, which Express does not have; machines of other processes.

mod answer;
mod request;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use sha2::{Digest as _, Sha256};

use self::request::{Operation, Refusal, Request};
use crate::asl::{Resource, ResourceKind};
use crate::engine::{
    Answer, Batch, Call, Connector, Connectors, Engine, Finished, Registry, Revision, Sink, Start,
    Starter, Token,
};
use crate::machine::{ExecutionKind, Identity, TaskError, TaskResult};
use crate::value::{Text, Value};

/// How many executions may call one another: one that nobody called has depth 0.
pub const NESTING_DEPTH_MAX: u32 = 16;

/// Is told of every end, on a worker's thread: it must not block.
pub trait NestedOutlet: Send + Sync + std::fmt::Debug {
    /// An execution has ended; if nobody waited for it, its outcome is owed to where its workflow's go.
    fn ended(&self, finished: &Finished, is_awaited: bool);
}

/// The connectors of nested executions. A clone is the same.
#[derive(Clone, Debug, Default)]
pub struct Nested {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    engine: OnceLock<Running>,
    /// The depths of executions that were called and have not ended, by ARN.
    depths: Mutex<HashMap<String, u32>>,
    next_worker: AtomicUsize,
}

/// What is there only when definitions, and so their connectors, are loaded.
struct Running {
    engine: Engine,
    /// The registry holds its connectors, so these must not hold it.
    registry: Weak<Registry>,
    outlet: Option<Arc<dyn NestedOutlet>>,
}

impl Nested {
    /// Connectors that fail every call until [`Self::connect`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a resource is one of Step Functions' own.
    #[must_use]
    pub fn does(resource: &Resource) -> bool {
        matches!(&resource.kind, ResourceKind::Integration { resource_type, .. }
            if resource_type == "states" || resource_type == "aws-sdk:sfn")
    }

    /// Says what runs the executions, and who is told of their ends beside their callers. A second call changes nothing.
    pub fn connect(
        &self,
        engine: Engine,
        registry: &Arc<Registry>,
        outlet: Option<Arc<dyn NestedOutlet>>,
    ) {
        let running = Running {
            engine,
            registry: Arc::downgrade(registry),
            outlet,
        };
        drop(self.inner.engine.set(running));
    }
}

impl Connectors for Nested {
    fn resolve(
        &self,
        _machine: &str,
        _state: &str,
        resource: &Resource,
    ) -> Result<Arc<dyn Connector>, String> {
        let operation = match &resource.kind {
            ResourceKind::Integration {
                resource_type,
                resource,
            } => Operation::of(resource_type, resource),
            ResourceKind::LambdaFunction => None,
        };
        let operation = operation.ok_or(
            "of Step Functions there are states:startExecution, aws-sdk:sfn:startExecution and aws-sdk:sfn:startSyncExecution",
        )?;
        Ok(Arc::new(Caller {
            operation,
            inner: Arc::clone(&self.inner),
        }))
    }
}

/// One operation.
#[derive(Debug)]
struct Caller {
    operation: Operation,
    inner: Arc<Inner>,
}

impl Connector for Caller {
    fn call(&self, call: Call, answer: Answer) {
        match self.child(&call) {
            Ok(child) if self.operation.waits() => self.run(child, answer),
            Ok(child) => answer.complete(self.start(child)),
            Err(refusal) => answer.complete(self.operation.failed(&refusal)),
        }
    }

    /// The state machine's ARN.
    fn target<'a>(&self, call: &'a Call) -> Option<Cow<'a, str>> {
        let arn = call.payload.get("StateMachineArn")?;
        arn.as_str().map(Cow::Borrowed)
    }
}

/// An execution that is to begin.
struct Child {
    revision: Arc<Revision>,
    identity: Identity,
    input: Value,
    depth: u32,
}

impl Caller {
    fn child(&self, call: &Call) -> Result<Child, Refusal> {
        let request = Request::read(self.operation, &call.payload)?;
        let running = self.inner.engine.get();
        let registry = running.and_then(|running| running.registry.upgrade());
        let parent = call.identity.arn();
        let revision = registry
            .and_then(|registry| registry.get(request.machine))
            .filter(|revision| revision.machine.arn() == request.arn)
            .ok_or_else(|| Refusal::no_machine(request.arn))?;
        let depth = self.inner.depth(&parent) + 1;
        if depth > NESTING_DEPTH_MAX {
            return Err(Refusal::too_deep(NESTING_DEPTH_MAX));
        }
        let uuid = uuid(&parent, &call.state, call.invocation);
        let kind = match self.operation.waits() {
            true => ExecutionKind::ExpressSync,
            false => ExecutionKind::Express,
        };
        let mut identity = Identity {
            machine: Arc::clone(&revision.machine),
            name: Text::default(),
            uuid,
            kind,
        };
        identity.name = match request.name {
            Some(name) => Text::new(name),
            None => Text::from(answer::uuid_text(uuid)),
        };
        Ok(Child {
            revision,
            identity,
            input: request.input,
            depth,
        })
    }

    /// Runs an execution and answers with its end.
    fn run(&self, child: Child, answer: Answer) {
        let end = Arc::new(Awaited {
            answer: Mutex::new(None),
            outlet: self.inner.outlet(),
            depth: Depth::new(&self.inner, &child),
        });
        let start = start(child, Arc::clone(&end) as Arc<dyn Sink>);
        // The answer must be in its place before the execution can end.
        let mut place = end.answer.lock().unwrap_or_else(PoisonError::into_inner);
        if answer.begin(start).is_ok() {
            *place = Some(answer);
        } else {
            let refusal = Refusal::busy();
            answer.complete(self.operation.failed(&refusal));
        }
    }

    /// Starts an execution that nobody waits for, and answers with who it is.
    fn start(&self, child: Child) -> TaskResult {
        let Some(running) = self.inner.engine.get() else {
            return self.operation.failed(&Refusal::busy());
        };
        let arn = child.identity.arn();
        let began = running.engine.clock().now();
        let sink = Arc::new(Unawaited {
            outlet: running.outlet.clone(),
            depth: Depth::new(&self.inner, &child),
        });
        let mut batch: Box<dyn Batch> = Box::new(One(start(child, sink)));
        let workers = running.engine.workers();
        let first = self.inner.next_worker.fetch_add(1, Ordering::Relaxed);
        for worker in 0..workers {
            match running
                .engine
                .try_submit(first.wrapping_add(worker) % workers, batch)
            {
                Ok(()) => return TaskResult::Succeeded(self.operation.started(&arn, began)),
                Err(refused) => batch = refused,
            }
        }
        self.operation.failed(&Refusal::busy())
    }
}

fn start(child: Child, sink: Arc<dyn Sink>) -> Start {
    Start {
        revision: child.revision,
        input: child.input,
        identity: child.identity,
        context: Value::NULL,
        order: None,
        sink,
        token: Token(0),
        journal: None,
    }
}

struct One(Start);

impl Batch for One {
    fn run(self: Box<Self>, starter: &mut Starter<'_>) {
        starter.start(self.0);
    }
}

/// Who waits for an execution.
#[derive(Debug)]
struct Awaited {
    answer: Mutex<Option<Answer>>,
    outlet: Option<Arc<dyn NestedOutlet>>,
    depth: Depth,
}

impl Sink for Awaited {
    fn finish(&self, finished: Finished) {
        let answer = self
            .answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.depth.forget();
        if let Some(outlet) = &self.outlet {
            outlet.ended(&finished, true);
        }
        if let Some(answer) = answer {
            answer.complete(TaskResult::Succeeded(answer::ended(&finished)));
        }
    }
}

/// Nobody waits.
#[derive(Debug)]
struct Unawaited {
    outlet: Option<Arc<dyn NestedOutlet>>,
    depth: Depth,
}

impl Sink for Unawaited {
    fn finish(&self, finished: Finished) {
        self.depth.forget();
        if let Some(outlet) = &self.outlet {
            outlet.ended(&finished, false);
        }
    }
}

/// The place of an execution among the depths, given up when it ends or is never begun.
#[derive(Debug)]
struct Depth {
    inner: Arc<Inner>,
    arn: String,
}

impl Depth {
    fn new(inner: &Arc<Inner>, child: &Child) -> Self {
        let arn = child.identity.arn();
        inner.lock().insert(arn.clone(), child.depth);
        Self {
            inner: Arc::clone(inner),
            arn,
        }
    }

    fn forget(&self) {
        self.inner.lock().remove(&self.arn);
    }
}

impl Drop for Depth {
    fn drop(&mut self) {
        self.forget();
    }
}

impl Inner {
    fn outlet(&self) -> Option<Arc<dyn NestedOutlet>> {
        self.engine.get()?.outlet.clone()
    }

    fn depth(&self, arn: &str) -> u32 {
        self.lock().get(arn).copied().unwrap_or(0)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.depths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive()
    }
}

/// The same for the same call of the same execution, so that a repeated run calls the same executions.
fn uuid(parent: &str, state: &str, invocation: u32) -> u128 {
    let mut hash = Sha256::new();
    for part in [parent, "\n", state, "\n", &invocation.to_string()] {
        hash.update(part.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    let (first, _) = digest.split_at(16);
    let bits = first
        .iter()
        .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    // The marks of a random UUID.
    (bits & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62)
}

/// Of an execution that could not be begun.
fn failure(error: String, cause: String) -> TaskResult {
    TaskResult::Failed(TaskError {
        error: Text::from(error),
        cause: Some(cause),
    })
}
