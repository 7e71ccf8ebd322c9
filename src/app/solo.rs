//! One execution without an engine, told step by step while it goes on: what `stepstream run` stands on.
//!
//! *Not here*: bounds on the number of executions, workers, a registry; there is one execution and one thread.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::asl::{Kind, Program};
use crate::engine::{Answer, Call, Clock, Connector, Connectors};
use crate::history::HistoryEvent;
use crate::machine::{
    CallId, Effect, Event, Execution, Options, Outcome, TaskCall, TaskResult, TimerId, Timestamp,
    VIRTUAL_EVENTS_PER_TURN, VIRTUAL_TURN_MS, Wakeup,
};
use crate::value::Value;

/// Whether waiting takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As long as the definition says.
    Real,
    /// None: the clock jumps to the next timer. A task that is asked for is waited for all the same.
    Virtual,
}

/// What is told while it runs, in order.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// A history event.
    Record(&'a HistoryEvent),
    /// Nothing is to do for so many milliseconds, and why.
    Idle(i64, Wakeup),
}

/// An execution and what it needs.
#[derive(Debug)]
pub struct Solo {
    program: Arc<Program>,
    /// By state, in the order of the program's states.
    connectors: Vec<Option<Arc<dyn Connector>>>,
}

/// Task states for which nothing is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconnected(pub Vec<String>);

impl Solo {
    /// Finds the connector of every task.
    ///
    /// # Errors
    /// What is missing, and a hint what to configure, for each state that has none.
    pub fn new(
        program: Arc<Program>,
        machine: &str,
        connectors: &dyn Connectors,
    ) -> Result<Self, Unconnected> {
        let mut missing = Vec::new();
        let connectors = program
            .states()
            .iter()
            .map(|state| {
                let Kind::Task(task) = &state.kind else {
                    return None;
                };
                let found = connectors.resolve(machine, &state.name, &task.resource);
                found
                    .map_err(|hint| {
                        let (state, arn) = (&state.name, &task.resource.arn);
                        missing.push(format!("{state}: nothing does the task {arn}: {hint}"));
                    })
                    .ok()
            })
            .collect();
        if missing.is_empty() {
            Ok(Self {
                program,
                connectors,
            })
        } else {
            Err(Unconnected(missing))
        }
    }

    /// Runs one execution to its end.
    pub fn run(
        &self,
        input: Value,
        options: Options,
        pace: Pace,
        clock: &dyn Clock,
        watch: &mut dyn FnMut(Happening<'_>, Timestamp),
    ) -> Outcome {
        let now = clock.now();
        let (answer, answers) = channel();
        let run = Run {
            solo: self,
            identity: options.identity.clone(),
            execution: Execution::start(Arc::clone(&self.program), input, options, now),
            pace,
            clock,
            now,
            timers: Vec::new(),
            calls: BTreeMap::new(),
            open: Vec::new(),
            answer,
            answers,
            events: VecDeque::from([Event::Begin]),
            last: now,
            events_now: 0,
        };
        run.run_to_end(watch)
    }
}

struct Run<'a> {
    solo: &'a Solo,
    identity: crate::machine::Identity,
    execution: Execution,
    pace: Pace,
    clock: &'a dyn Clock,
    now: Timestamp,
    /// Armed and not yet due; there are few.
    timers: Vec<(Timestamp, TimerId)>,
    /// Calls so far, by state.
    calls: BTreeMap<usize, u32>,
    /// Calls without an answer yet.
    open: Vec<CallId>,
    /// As many answers as calls: the execution bounds both.
    answer: Sender<(CallId, TaskResult)>,
    answers: Receiver<(CallId, TaskResult)>,
    /// To be told before anything else happens.
    events: VecDeque<Event>,
    /// When the last event was told, and how many more were at that time.
    last: Timestamp,
    events_now: u32,
}

impl Run<'_> {
    fn run_to_end(mut self, watch: &mut dyn FnMut(Happening<'_>, Timestamp)) -> Outcome {
        let mut effects = Vec::new();
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.next_event(watch),
            };
            self.count_in_virtual_time();
            self.execution.step(event, self.now, &mut effects);
            for effect in effects.drain(..) {
                match effect {
                    Effect::Call(call) => self.call(call),
                    Effect::Cancel { call, .. } => self.open.retain(|open| *open != call),
                    Effect::Arm { timer, at } => self.timers.push((at, timer)),
                    Effect::Disarm { timer } => self.timers.retain(|(_, t)| *t != timer),
                    Effect::Record(record) => watch(Happening::Record(&record), self.now),
                    Effect::Yield => {
                        self.now = self.after_a_turn();
                        self.events.push_back(Event::Continue);
                    }
                    Effect::Finish(outcome) => return outcome,
                }
            }
        }
    }

    /// Many events that take no time are a turn, so that a loop of tasks that answer at once meets its deadline.
    fn count_in_virtual_time(&mut self) {
        self.events_now = if self.now == self.last {
            self.events_now + 1
        } else {
            0
        };
        if self.pace == Pace::Virtual && self.events_now >= VIRTUAL_EVENTS_PER_TURN {
            self.now = self.now.plus_millis(VIRTUAL_TURN_MS);
        }
        self.last = self.now;
    }

    /// The time after the fuel of a step is used up, so that a loop of states meets its deadline.
    fn after_a_turn(&self) -> Timestamp {
        match self.pace {
            Pace::Real => self.now.max(self.clock.now()),
            Pace::Virtual => self.now.plus_millis(VIRTUAL_TURN_MS),
        }
    }

    fn call(&mut self, call: TaskCall) {
        let TaskCall {
            call,
            state,
            payload,
            retry_count,
        } = call;
        let program = Arc::clone(&self.solo.program);
        let (state, index) = (program.state(state), state.0 as usize);
        let connector = self.solo.connectors.get(index).and_then(Option::as_ref);
        let (Kind::Task(task), Some(connector)) = (&state.kind, connector) else {
            unreachable!("only Task states make calls, and each has its connector since Solo::new");
        };
        self.open.push(call);
        let count = self.calls.entry(index).or_default();
        let invocation = *count;
        *count += 1;
        let answer = self.answer.clone();
        connector.call(
            Call {
                resource: task.resource.clone(),
                state: state.name.clone(),
                identity: self.identity.clone(),
                payload,
                retry_count,
                invocation,
            },
            // After the end nobody listens any more, and nobody needs to.
            Answer::new(move |result| drop(answer.send((call, result)))),
        );
    }

    /// Waits for an answer or a timer, whichever is first.
    fn next_event(&mut self, watch: &mut dyn FnMut(Happening<'_>, Timestamp)) -> Event {
        loop {
            let earliest = self.timers.iter().copied().min();
            let answer = match (self.pace, earliest) {
                _ if self.open.is_empty() => {
                    let (at, timer) =
                        earliest.expect("an execution that has not ended waits for something");
                    let idle = at.as_millis() - self.now.as_millis();
                    if let (true, Some((_, reason))) = (idle > 0, self.execution.next_wakeup()) {
                        watch(Happening::Idle(idle, reason), self.now);
                    }
                    return self.due(at, timer);
                }
                // In virtual time a task takes no time.
                (Pace::Virtual, _) | (_, None) => self.answers.recv().ok(),
                (Pace::Real, Some((at, timer))) => {
                    match self.answers.recv_timeout(until(at, self.clock.now())) {
                        Ok(answer) => Some(answer),
                        Err(RecvTimeoutError::Timeout) if self.clock.now() < at => continue,
                        Err(RecvTimeoutError::Timeout) => return self.due(at, timer),
                        Err(RecvTimeoutError::Disconnected) => None,
                    }
                }
            };
            let (call, result) = answer.expect("this side holds a sender, so the channel is open");
            if self.pace == Pace::Real {
                self.now = self.now.max(self.clock.now());
            }
            if let Some(place) = self.open.iter().position(|open| *open == call) {
                self.open.swap_remove(place);
                return Event::TaskEnded { call, result };
            }
        }
    }

    fn due(&mut self, at: Timestamp, timer: TimerId) -> Event {
        if self.pace == Pace::Real {
            // If the time is not over nothing is open: an answer that comes now is late, and only shortens one wait.
            while self.clock.now() < at {
                drop(self.answers.recv_timeout(until(at, self.clock.now())));
            }
        }
        self.now = self.now.max(at);
        self.timers.retain(|(_, t)| *t != timer);
        Event::TimerDue { timer }
    }
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    let ms = at.as_millis().saturating_sub(now.as_millis());
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}
