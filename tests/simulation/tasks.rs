//! The tasks of one process: answered after a while, failed, or never; and who calls while another of its order is at work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use stepstream::asl::Resource;
use stepstream::engine::{
    Answer, Call, CallBounds, Clock as _, Connector, Connectors, ManualClock,
};
use stepstream::machine::{TaskError, TaskResult, Timestamp};
use stepstream::value::Text;

use crate::link::{Shared, lock};
use crate::plan::{EXECUTION_MS_MAX, TASK_TIMEOUT_MS};

/// The connector of one process.
pub(crate) struct Tasks {
    pub(crate) broker: Shared,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) process: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: u64,
    due: BTreeMap<(i64, u64), (Answer, TaskResult, Lane, u64)>,
    /// Never answered.
    hanging: Vec<Answer>,
    /// Who is at work, by order, and until when it may be.
    at_work: BTreeMap<Lane, (u64, i64)>,
}

/// Topic, partition and order group.
type Lane = Option<(String, u64, u64)>;

impl Tasks {
    pub(crate) fn new(broker: Shared, clock: Arc<ManualClock>, process: usize) -> Self {
        Self {
            broker,
            clock,
            process,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the next answer is due, by the broker's time.
    pub(crate) fn next_at(&self) -> Option<i64> {
        self.state().due.keys().next().map(|(at, _)| *at)
    }

    /// Gives the answers that are due.
    pub(crate) fn turn(&self, now: i64) {
        loop {
            let mut state = self.state();
            let Some(entry) = state.due.first_entry().filter(|entry| entry.key().0 <= now) else {
                return;
            };
            let (answer, result, lane, number) = entry.remove();
            if matches!(result, TaskResult::Succeeded(_)) {
                state.at_work.retain(|l, (n, _)| *l != lane || *n != number);
            }
            drop(state);
            answer.complete(result);
        }
    }
}

impl Connector for Tasks {
    fn call(&self, call: Call, answer: Answer) {
        let text = call.payload.to_json();
        let asked: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        let payload = &asked["input"];
        let number = payload["n"].as_u64().expect("an input has a number");
        let mut broker = lock(&self.broker);
        if broker.processes[self.process].is_dead {
            // What a process does between its crash and the end of its turn never happened.
            drop(broker);
            self.state().hanging.push(answer);
            return;
        }
        broker.note(format_args!(
            "{} works on {number} ({})",
            self.process, call.invocation
        ));
        let now = broker.now;
        let mut state = self.state();
        let topic = broker.topic_of(number as usize);
        let by_clock = self.clock.now().as_millis();
        let lane: Lane = payload["lane"].as_u64().map(|lane| {
            (
                topic,
                if lane >= 1_000 {
                    payload["p"].as_u64().unwrap_or(0)
                } else {
                    0
                },
                lane,
            )
        });
        let ended = &mut broker.processes[self.process].ended;
        ended.remove(&(number as usize));
        if lane.is_some() {
            // A first call may have waited for its turn, and the time runs from the state's begin.
            let time = |name: &str| {
                let time = asked[name].as_str().and_then(Timestamp::parse);
                time.expect("the context object has the time").as_millis()
            };
            let began = match call.invocation {
                0 => time("entered"),
                _ => by_clock,
            };
            let until = (began + TASK_TIMEOUT_MS).min(time("started") + EXECUTION_MS_MAX);
            if let Some((other, end)) = state.at_work.insert(lane.clone(), (number, until))
                && other != number
                && by_clock < end
                && !ended.contains(&(other as usize))
            {
                broker.violation(format!(
                    "{number} is worked on while {other} of its order is"
                ));
            }
        }
        drop(broker);
        if payload["hang"] == true {
            state.hanging.push(answer);
            return;
        }
        let result = if payload["flaky"] == true && call.invocation == 0 {
            TaskResult::Failed(TaskError {
                error: Text::new("Busy"),
                cause: None,
            })
        } else {
            TaskResult::Succeeded(call.payload)
        };
        state.calls += 1;
        let at = now + payload["ms"].as_i64().unwrap_or(0);
        let calls = state.calls;
        state
            .due
            .insert((at, calls), (answer, result, lane, number));
    }
}

impl std::fmt::Debug for Tasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tasks").finish_non_exhaustive()
    }
}

/// Every resource is done by the same.
#[derive(Debug)]
pub(crate) struct Anything(pub(crate) Arc<Tasks>, pub(crate) Option<Arc<CallBounds>>);

impl Connectors for Anything {
    fn resolve(&self, _: &str, _: &str, _: &Resource) -> Result<Arc<dyn Connector>, String> {
        Ok(Arc::clone(&self.0) as Arc<dyn Connector>)
    }

    fn bounds(&self, _: &Resource) -> Option<Arc<CallBounds>> {
        self.1.clone()
    }
}
