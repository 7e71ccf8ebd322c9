//! The life of an execution on its worker: begin, steps and their effects, park, end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::running::{self, Records, Running};
use super::slab::{ExecutionKey, Slab};
use super::timers::WakeupNumber;
use super::{GivenUp, STARTS_PER_READING, STARTS_PER_TICK, STEPS_PER_TICK, TaskEnded, Worker};

use crate::engine::calls::Place;
use crate::engine::{Call, Finished, Start, Stop};
use crate::machine::{Effect, Event, Execution, Outcome, Status, TaskCall, Timestamp};
use crate::value::Text;

impl Worker {
    /// Begins an execution, or lets it wait for its turn.
    pub(in crate::engine) fn start(&mut self, start: Start) {
        self.starts += 1;
        if self.starts >= STARTS_PER_READING {
            self.read_clock();
        }
        match start.order {
            Some(key) if self.waiting.is_busy(key) => {
                self.hold_waiting(&start);
                self.waiting.push_by_key(key, start);
            }
            _ if self.is_at_bound(&start) => {
                self.hold_waiting(&start);
                self.throttle(start);
            }
            _ => self.begin(start),
        }
    }

    pub(super) fn task_ended(&mut self, ended: TaskEnded) {
        if let Some(mut running) = self.parked.take(ended.execution) {
            running.open.close(ended.call);
            let event = Event::TaskEnded {
                call: ended.call,
                result: ended.result,
            };
            self.step(running, ended.execution, event);
        }
    }

    pub(super) fn stop(&mut self, execution: ExecutionKey, stop: Stop) {
        if let Some(running) = self.parked.take(execution) {
            self.step(running, execution, stop.into());
        }
    }

    /// Fires what is due. A timer armed meanwhile has its turn at the next tick, so this ends.
    pub(super) fn fire_timers(&mut self) {
        let last = self.timers.last();
        while let Some((at, number, key)) = self.peek_timer() {
            if at > self.now || number > last {
                break;
            }
            let mut running = self
                .parked
                .take(key)
                .expect("a valid timer's execution is parked");
            running.wakeup = None;
            let due = running
                .take_due(self.now)
                .expect("its wake-up is its earliest timer's");
            self.step(running, key, due);
        }
    }

    /// Lets executions that have yielded go on, until a millisecond has begun: then batches, answers and timers are looked at.
    pub(super) fn run_runnable(&mut self) {
        if self.runnable.is_empty() {
            return;
        }
        self.read_clock();
        let began = self.now;
        for _ in 0..STEPS_PER_TICK.min(self.runnable.len()) {
            if self.now > began {
                break;
            }
            let Some(key) = self.runnable.pop_front() else {
                break;
            };
            if let Some(mut running) = self.parked.take(key) {
                running.runnable = false;
                self.step(running, key, Event::Continue);
                self.read_clock();
            }
        }
    }

    /// Begins waiting starts whose turn has come.
    pub(super) fn start_waiting(&mut self) {
        self.more_waiting = false;
        for _ in 0..STARTS_PER_TICK {
            let (start, is_at_bound) = if let Some(start) = self.next_of_freed_key() {
                let is_at_bound = self.is_at_bound(&start);
                (start, is_at_bound)
            } else if let Some(start) = self.waiting.pop_by_workflow(&self.room) {
                (start, false)
            } else {
                return;
            };
            if !start.sink.wanted(start.token) {
                self.release_waiting(&start);
                self.free_order(&start);
            } else if is_at_bound {
                self.throttle(start);
            } else {
                self.release_waiting(&start);
                self.begin(start);
            }
        }
        self.more_waiting = true;
    }

    /// When the next timer is due; void entries before it are thrown away.
    pub(super) fn peek_timer(&mut self) -> Option<(Timestamp, WakeupNumber, ExecutionKey)> {
        let parked = &self.parked;
        self.timers
            .peek(|key, number| is_valid(parked, key, number))
    }

    pub(super) fn drop_all(&mut self) -> GivenUp {
        let parked = self.parked.drain();
        // First, else the end of one call would start another.
        for running in &parked {
            running.open.withdraw();
        }
        for running in &parked {
            self.unpark(running);
        }
        let waiting = self.waiting.drain();
        for start in &waiting {
            self.release_waiting(start);
        }
        self.runnable.clear();
        self.freed.clear();
        self.tally.flush();
        GivenUp {
            executions: parked.len(),
            waiting: waiting.len(),
            batches: 0,
        }
    }

    fn next_of_freed_key(&mut self) -> Option<Start> {
        while let Some(key) = self.freed.pop_front() {
            if let Some(start) = self.waiting.pop_by_key(key) {
                return Some(start);
            }
        }
        None
    }

    /// First come, first served: while one waits at the bound, later ones of the workflow do so too.
    fn is_at_bound(&self, start: &Start) -> bool {
        self.waiting.is_throttled(&start.revision.workflow) || !start.revision.has_room(&self.room)
    }

    fn throttle(&mut self, start: Start) {
        self.tally.throttled(&start.revision);
        if let Some(key) = start.order {
            self.waiting.occupy(key);
        }
        self.waiting.push_by_workflow(start);
    }

    pub(super) fn begin(&mut self, mut start: Start) {
        self.tally.started(&start.revision);
        let bytes = running::bytes(&start);
        let options = running::options(&mut start);
        let program = Arc::clone(&start.revision.program);
        let input = start.input.clone();
        let (now, effects) = (self.now, &mut self.effects);
        if let Some(witness) = self.room.witness.get()
            && start.journal.is_none()
        {
            start.journal = witness.begins(&start, now);
        }
        let first = match &start.journal {
            None => Event::Begin,
            Some(journal) => journal.begin(&options.context, now),
        };
        let begun = catch_unwind(AssertUnwindSafe(move || {
            let mut execution = Execution::start(program, input, options, now);
            execution.step(first, now, effects);
            execution
        }));
        match begun {
            Ok(execution) => self.settle(Running::new(execution, start, bytes, now), None),
            Err(_) => self.end_by_bug(start, now, Records::default()),
        }
    }

    /// One step of an execution that was taken out of its place.
    fn step(&mut self, mut running: Box<Running>, key: ExecutionKey, event: Event) {
        let (now, effects) = (self.now, &mut self.effects);
        if let Some(journal) = &running.start.journal {
            journal.step(&event, now);
        }
        let execution = &mut running.execution;
        let stepped = catch_unwind(AssertUnwindSafe(|| execution.step(event, now, effects)));
        match stepped {
            Ok(()) => self.settle_parked(running, key),
            Err(_) => {
                self.leave(&running, key);
                self.end_by_bug(running.start, running.began, running.records);
            }
        }
    }

    /// Does the effects of an execution's first step, and parks it if it has not ended: only then it moves to the heap.
    fn settle(&mut self, mut running: Running, mut key: Option<ExecutionKey>) {
        match self.apply(&mut running, &mut key) {
            Some(outcome) => {
                if let Some(key) = key {
                    self.parked.free(key);
                }
                self.end(running.start, running.records, outcome, false);
            }
            None => {
                let key = key.unwrap_or_else(|| self.parked.reserve());
                if let Some(order) = running.start.order {
                    self.waiting.occupy(order);
                }
                self.hold_parked(&running);
                self.park(Box::new(running), key);
            }
        }
    }

    /// The same for later steps.
    fn settle_parked(&mut self, mut running: Box<Running>, key: ExecutionKey) {
        match self.apply(&mut running, &mut Some(key)) {
            Some(outcome) => {
                self.leave(&running, key);
                let Running { start, records, .. } = *running;
                self.end(start, records, outcome, false);
            }
            None => self.park(running, key),
        }
    }

    /// Does the effects of a step in their order. Only a call needs a place for its execution before this ends.
    fn apply(&mut self, running: &mut Running, key: &mut Option<ExecutionKey>) -> Option<Outcome> {
        let mut effects = std::mem::take(&mut self.effects);
        let mut outcome = None;
        let records_max = self.room.options.records_per_execution_max;
        let ends = matches!(effects.last(), Some(Effect::Finish(_)));
        for effect in effects.drain(..) {
            match effect {
                Effect::Record(event) => running.records.push(*event, records_max),
                // What ends needs no timers; keeping them would cost a pure execution an allocation.
                Effect::Arm { .. } | Effect::Disarm { .. } if ends => {}
                Effect::Arm { timer, at } => running.arm(timer, at),
                Effect::Disarm { timer } => running.disarm(timer),
                Effect::Call(call) => {
                    let key = *key.get_or_insert_with(|| self.parked.reserve());
                    self.call(running, key, call);
                }
                Effect::Cancel { call, timed_out } => running.open.give_up(call, timed_out),
                Effect::Yield => running.yielded = true,
                Effect::Finish(end) => outcome = Some(end),
            }
        }
        self.effects = effects;
        outcome
    }

    fn call(&self, running: &mut Running, execution: ExecutionKey, task: TaskCall) {
        let invocation = running.count_call(task.state);
        let start = &running.start;
        let (resource, doer) = start.revision.task(task.state);
        let call = Call {
            resource: resource.clone(),
            state: start.revision.program.state(task.state).name.clone(),
            identity: start.identity.clone(),
            payload: task.payload,
            retry_count: task.retry_count,
            invocation,
        };
        let place = Place {
            inbox: Arc::clone(&self.inbox),
            execution,
            call: task.call,
        };
        doer.call(call, place, &self.clock, self.now, &mut running.open);
    }

    fn park(&mut self, mut running: Box<Running>, key: ExecutionKey) {
        if running.yielded && !running.runnable {
            running.runnable = true;
            self.runnable.push_back(key);
        }
        running.yielded = false;
        if let Some(journal) = &running.start.journal {
            journal.parked(&self.inbox, key);
        }
        let earliest = running.earliest();
        if earliest != running.wakeup.map(|(at, _)| at) {
            running.wakeup = earliest.map(|at| (at, self.timers.add(at, key)));
        }
        self.parked.put(key, running);
        let parked = &self.parked;
        self.timers
            .sweep(parked.len(), |key, number| is_valid(parked, key, number));
    }

    /// Gives up the place of an execution that was parked before.
    fn leave(&mut self, running: &Running, key: ExecutionKey) {
        self.parked.free(key);
        self.unpark(running);
    }

    fn end_by_bug(&mut self, start: Start, began: Timestamp, records: Records) {
        self.effects.clear();
        let outcome = Outcome {
            status: Status::Failed,
            output: None,
            error: Some(Text::new_static("States.Runtime")),
            cause: Some("The execution was ended by a bug in Stepstream.".to_owned()),
            start: began,
            stop: self.now,
            last_event_id: 0,
        };
        self.end(start, records, outcome, true);
    }

    fn end(&mut self, start: Start, records: Records, outcome: Outcome, bug: bool) {
        self.tally.ended(&start.revision, &outcome, bug);
        self.free_order(&start);
        if let Some(journal) = &start.journal {
            journal.ended();
            if let Some(witness) = self.room.witness.get() {
                witness.ended(&start.identity, journal, &outcome);
            }
        }
        start.sink.finish(Finished {
            token: start.token,
            revision: start.revision,
            identity: start.identity,
            input: start.input,
            outcome,
            records: records.events,
            records_dropped: records.dropped,
            bug,
        });
    }

    fn free_order(&mut self, start: &Start) {
        if let Some(key) = start.order
            && self.waiting.is_busy(key)
        {
            self.freed.push_back(key);
        }
    }

    fn hold_waiting(&mut self, start: &Start) {
        let bytes = running::bytes(start);
        self.room.hold(bytes);
        self.tally.held(bytes);
        start.revision.workflow.wait();
    }

    fn release_waiting(&mut self, start: &Start) {
        let bytes = running::bytes(start);
        start.revision.workflow.unwait();
        self.tally.released(bytes);
        self.room.release(bytes);
    }

    fn hold_parked(&mut self, running: &Running) {
        self.room.hold(running.bytes);
        self.tally.held(running.bytes);
        self.tally.parked(&running.start.revision);
        running.start.revision.workflow.park();
    }

    fn unpark(&mut self, running: &Running) {
        running.start.revision.workflow.unpark();
        self.tally.unparked(&running.start.revision);
        self.tally.released(running.bytes);
        self.room.release(running.bytes);
    }

    fn read_clock(&mut self) {
        self.starts = 0;
        self.now = self.now.max(self.clock.now());
    }
}

fn is_valid(parked: &Slab<Box<Running>>, key: ExecutionKey, number: WakeupNumber) -> bool {
    parked
        .get(key)
        .and_then(|running| running.wakeup)
        .is_some_and(|(_, valid)| valid == number)
}
