//! One execution from beginning to end in virtual time: no waiting, no threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    CallId, Effect, Event, Execution, Options, Outcome, TaskCall, TaskResult, TimerId, Timestamp,
};
use crate::asl::Program;
use crate::history::HistoryEvent;
use crate::value::Value;

/// How long a turn that uses up its fuel lasts in virtual time: without it, a loop of states would never meet its deadline.
pub const VIRTUAL_TURN_MS: i64 = 100;
/// Events that take no time count as a turn when they are so many: a loop of tasks that answer at once must meet its deadline too.
pub const VIRTUAL_EVENTS_PER_TURN: u32 = 1_000;

/// What a run in virtual time gave.
#[derive(Debug)]
pub struct VirtualRun {
    /// How it ended; `None` if it waits for a task that never answers.
    pub outcome: Option<Outcome>,
    /// The history, as far as `options.recording` asked for it.
    pub records: Vec<HistoryEvent>,
}

/// How a task answers in virtual time.
#[derive(Clone, Debug)]
pub struct VirtualAnswer {
    /// The answer.
    pub result: TaskResult,
    /// How long after the call it comes.
    pub after_ms: i64,
}

impl From<TaskResult> for VirtualAnswer {
    fn from(result: TaskResult) -> Self {
        Self {
            result,
            after_ms: 0,
        }
    }
}

/// Runs one execution in virtual time, beginning at `now`. Tasks are answered by `task`; `None` never answers.
///
/// ```
/// use std::sync::Arc;
/// use stepstream::machine::{ExecutionKind, Identity, Limits, MachineIdentity, Options, Recording};
/// use stepstream::machine::{Status, TaskResult, Timestamp, run_virtual};
/// use stepstream::{asl, history::LogLevel, value::Value};
///
/// let definition = r#"{
///   "StartAt": "Double",
///   "States": {
///     "Double": {
///       "Type": "Task",
///       "Resource": "arn:aws:lambda:us-east-1:123456789012:function:double",
///       "InputPath": "$.n", "ResultPath": "$.twice", "Next": "Pause"
///     },
///     "Pause": {"Type": "Wait", "Seconds": 60, "End": true}
///   }
/// }"#;
/// let (program, diagnostics) = asl::compile(definition);
/// assert!(diagnostics.is_empty());
///
/// let machine = MachineIdentity {
///     partition: "aws".into(),
///     region: "us-east-1".into(),
///     account: "123456789012".into(),
///     name: "doubler".into(),
///     role_arn: "arn:aws:iam::123456789012:role/doubler".into(),
/// };
/// let options = Options {
///     identity: Identity {
///         machine: Arc::new(machine),
///         name: "first".into(),
///         uuid: 1,
///         kind: ExecutionKind::Express,
///     },
///     limits: Limits::default(),
///     seed: 1,
///     recording: Recording { level: LogLevel::All, include_execution_data: true },
///     context: Value::NULL,
/// };
/// let input = Value::parse(br#"{"n": 21}"#)?;
/// let run = run_virtual(Arc::new(program.expect("no faults")), input, options, Timestamp::default(), |call, _| {
///     let n = call.payload.as_number().and_then(|n| n.as_i64()).unwrap_or(0);
///     Some(TaskResult::Succeeded(Value::from(2 * n)).into())
/// });
/// let outcome = run.outcome.expect("every task has answered");
/// assert_eq!(outcome.status, Status::Succeeded);
/// assert_eq!(outcome.output.unwrap().to_json(), r#"{"n":21,"twice":42}"#);
/// assert_eq!(outcome.stop.as_millis(), 60_000);
/// # Ok::<(), stepstream::value::ParseError>(())
/// ```
pub fn run_virtual(
    program: Arc<Program>,
    input: Value,
    options: Options,
    now: Timestamp,
    task: impl FnMut(&TaskCall, Timestamp) -> Option<VirtualAnswer>,
) -> VirtualRun {
    run_from(Execution::start(program, input, options, now), task)
}

/// The same with an execution that is about to begin.
pub(super) fn run_from(
    mut execution: Execution,
    mut task: impl FnMut(&TaskCall, Timestamp) -> Option<VirtualAnswer>,
) -> VirtualRun {
    let now = execution.began();
    let mut agenda = Agenda::default();
    let mut effects = Vec::new();
    let mut records = Vec::new();
    let mut next = Some((now, Event::Begin));
    let (mut clock, mut events) = (now, 0);
    while let Some((at, event)) = next.take() {
        let now = if at > clock {
            events = 0;
            at
        } else {
            events += 1;
            let is_turn = events % VIRTUAL_EVENTS_PER_TURN == 0;
            clock.plus_millis(if is_turn { VIRTUAL_TURN_MS } else { 0 })
        };
        clock = now;
        execution.step(event, now, &mut effects);
        for effect in effects.drain(..) {
            match effect {
                Effect::Call(call) => {
                    if let Some(VirtualAnswer { result, after_ms }) = task(&call, now) {
                        let event = Event::TaskEnded {
                            call: call.call,
                            result,
                        };
                        agenda.add(
                            now.plus_millis(after_ms.max(0)),
                            Item::Answer(call.call),
                            event,
                        );
                    }
                }
                Effect::Cancel { call, .. } => agenda.forget(Item::Answer(call)),
                Effect::Arm { timer, at } => {
                    agenda.add(at, Item::Timer(timer), Event::TimerDue { timer });
                }
                Effect::Disarm { timer } => agenda.forget(Item::Timer(timer)),
                Effect::Record(record) => records.push(*record),
                Effect::Yield => agenda.add(
                    now.plus_millis(VIRTUAL_TURN_MS),
                    Item::Turn,
                    Event::Continue,
                ),
                Effect::Finish(_) => {}
            }
        }
        if execution.outcome().is_none() {
            next = agenda.next();
        }
    }
    VirtualRun {
        outcome: execution.outcome().cloned(),
        records,
    }
}

/// What an event to come is the answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Answer(CallId),
    Timer(TimerId),
    Turn,
}

/// What is to come, in the order of time and then of request.
#[derive(Default)]
struct Agenda {
    items: BTreeMap<(Timestamp, u64), (Item, Event)>,
    added: u64,
}

impl Agenda {
    fn add(&mut self, at: Timestamp, item: Item, event: Event) {
        self.added += 1;
        self.items.insert((at, self.added), (item, event));
    }

    fn forget(&mut self, unwanted: Item) {
        self.items.retain(|_, (item, _)| *item != unwanted);
    }

    fn next(&mut self) -> Option<(Timestamp, Event)> {
        let ((at, _), (_, event)) = self.items.pop_first()?;
        Some((at, event))
    }
}
