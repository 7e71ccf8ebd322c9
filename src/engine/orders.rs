//! The orders in which threads may meet at a worker's inbox and at the room that workers share, tried by shuttle.
//!
//! A worker here does what `HandWorker::go_round` does, and waits as its thread does, but without an end of its patience: a wake that
//! is missed is a worker that waits for ever, which the scheduler reports. Each check is tried on a worker that does it wrong, too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, MaxSteps, Runner, thread};

use super::EngineOptions;
use super::inbox::Inbox;
use super::journal::Stop;
use super::room::Room;
use super::worker::{ExecutionKey, TaskEnded};
use crate::machine::{CallId, TaskResult};
use crate::value::Value;

/// Orders tried of each kind of scheduler.
const ORDERS: usize = 20_000;
/// Orders in which few threads change places at the wrong moment find what random ones seldom do.
const PLACES_CHANGED: usize = 3;
/// Far more steps than a worker needs that is woken.
const STEPS_MAX: usize = 5_000;

fn in_all_orders(check: fn()) {
    let mut config = Config::new();
    config.max_steps = MaxSteps::FailAfter(STEPS_MAX);
    Runner::new(RandomScheduler::new(ORDERS), config.clone()).run(check);
    Runner::new(PctScheduler::new(PLACES_CHANGED, ORDERS), config).run(check);
}

fn fails_in_some_order(check: fn()) {
    let tried = catch_unwind(AssertUnwindSafe(|| in_all_orders(check)));
    assert!(tried.is_err(), "no order shows what is wrong");
}

/// Waits to be woken, and for nothing else.
fn wait(wakes: &Receiver<()>) {
    while wakes.try_recv().is_err() {
        thread::yield_now();
    }
}

/// One execution fills the room; its worker is gone when another one gets to know.
fn release(says_first: bool) {
    let (wake, wakes) = bounded(1);
    let options = EngineOptions {
        executions_in_flight_max: 1,
        ..EngineOptions::default()
    };
    let room = Arc::new(Room::with_wakes(&options, vec![wake]));
    room.hold(10);
    let other = Arc::clone(&room);
    let releasing = thread::spawn(move || other.release(10));
    if says_first {
        room.set_short(true);
    }
    while !room.has_room() {
        if !says_first {
            room.set_short(true);
        }
        wait(&wakes);
    }
    room.set_short(false);
    releasing.join().expect("it only releases");
    assert_eq!((room.executions(), room.bytes()), (0, 0));
}

#[test]
fn no_release_is_missed() {
    in_all_orders(|| release(true));
    fails_in_some_order(|| release(false));
}

fn ended(call: u64) -> TaskEnded {
    TaskEnded {
        execution: ExecutionKey::numbered(0),
        call: CallId(call),
        result: TaskResult::Succeeded(Value::NULL),
    }
}

/// Two connectors answer, a third party asks for a stop. A worker that looks once a wake hears all of them, each once.
fn answers(looks_at_all: bool) {
    let (inbox, wakes) = Inbox::new();
    let answering = [1, 2].map(|call| {
        let inbox = Arc::clone(&inbox);
        thread::spawn(move || inbox.put(ended(call)))
    });
    let stopping = {
        let inbox = Arc::clone(&inbox);
        thread::spawn(move || {
            let (error, cause) = (None, None);
            inbox.put_stop(ExecutionKey::numbered(1), Stop { error, cause });
        })
    };
    let (mut calls, mut stops) = (Vec::new(), 0);
    loop {
        let mut taken = Vec::new();
        inbox.take(&mut taken);
        if !looks_at_all {
            taken.truncate(1);
        }
        calls.extend(taken.iter().map(|ended| ended.call.0));
        stops += inbox.take_stops().len();
        if calls.len() + stops == 3 {
            break;
        }
        wait(&wakes);
    }
    calls.sort_unstable();
    assert_eq!((calls, stops), (vec![1, 2], 1));
    for thread in answering.into_iter().chain([stopping]) {
        thread.join().expect("it only tells");
    }
}

#[test]
fn no_answer_is_missed() {
    in_all_orders(|| answers(true));
    fails_in_some_order(|| answers(false));
}
