//! One seed: processes of the product, their turns, and the faults between them.
//!
//! First phase: inputs and faults. Second phase: neither, and everything must settle.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use stepstream::engine::{
    Clock, Definition, Engine, EngineOptions, HandWorker, ManualClock, Registry,
};
use stepstream::kafka::by_hand::ByHand;
use stepstream::kafka::settings::WorkflowSettings;
use stepstream::machine::Timestamp;

use crate::broker::{Broker, Connections};
use crate::link::{Link, Shared, lock};
use crate::plan::{Plan, Random, definition, log_level};
use crate::tasks::{Anything, Tasks};

/// What came of a seed.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) violations: Vec<String>,
    pub(crate) steps: u64,
    pub(crate) faults: u64,
    pub(crate) reloads: u64,
    pub(crate) given_up: u64,
    pub(crate) inputs: u64,
    pub(crate) duplicates: u64,
    pub(crate) trace: u64,
}

/// What came of many.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    seeds: u64,
    steps: u64,
    faults: u64,
    reloads: u64,
    given_up: u64,
    inputs: u64,
    duplicates: u64,
    pub(crate) violations: u64,
    trace: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, verdict: &Verdict) {
        self.seeds += 1;
        self.steps += verdict.steps;
        self.faults += verdict.faults;
        self.reloads += verdict.reloads;
        self.given_up += verdict.given_up;
        self.inputs += verdict.inputs;
        self.duplicates += verdict.duplicates;
        self.violations += u64::from(!verdict.violations.is_empty());
        self.trace = self.trace.rotate_left(1) ^ verdict.trace;
    }
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            seeds,
            steps,
            faults,
            reloads,
            given_up,
            inputs,
            duplicates,
            violations,
            trace,
        } = self;
        write!(
            f,
            "{seeds} seeds, {steps} steps, {faults} faults, {reloads} reloads, {given_up} given up, {inputs} inputs, {duplicates} repeated answers, {violations} seeds with violations (trace {trace:016x})"
        )
    }
}

/// A seed's verdict, also if the product panics.
pub(crate) fn judge(seed: u64, prints: bool) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| run(seed, prints))).unwrap_or_else(|_| Verdict {
        violations: vec!["a panic".to_owned()],
        steps: 0,
        faults: 0,
        reloads: 0,
        given_up: 0,
        inputs: 0,
        duplicates: 0,
        trace: 0,
    })
}

/// One process of the product.
struct Process {
    number: usize,
    clock: Arc<ManualClock>,
    /// What its clock shows beyond the broker's time.
    ahead_ms: i64,
    engine: Engine,
    workers: Vec<HandWorker>,
    registry: Arc<Registry>,
    /// Of its workflows, by their numbers of good definitions.
    revision: u64,
    hand: ByHand,
    tasks: Arc<Tasks>,
    /// When it must have ended, by the broker's time.
    leaves_by: Option<i64>,
    housekept: i64,
}

struct World {
    broker: Shared,
    plan: Plan,
    random: Random,
    processes: Vec<Process>,
    starts: Vec<i64>,
    steps: u64,
    /// Steps since anybody last called the broker for more than to ask.
    quiet: u32,
    noted: u64,
}

/// By then the second phase has settled: a commit of which nothing is heard counts as failed after three minutes.
const SETTLED_WITHIN_MS: i64 = 900_000;
/// The longest sleep of a poll loop.
const SLEEP_MS: i64 = 50;
/// How often a poll loop keeps house.
const HOUSEKEEPING_MS: i64 = 200;
/// How long leaving may take beyond the grace: a revocation's and the stop's last commits.
const LEAVES_WITHIN_MS: i64 = 12_000;

/// Runs a seed; `prints` its trace.
fn run(seed: u64, prints: bool) -> Verdict {
    let mut random = Random::new(seed);
    let plan = Plan::new(&mut random);
    let broker = Broker::new(plan.clone(), Random::new(random.next()), prints);
    let mut world = World {
        broker: Arc::new(Mutex::new(broker)),
        starts: Vec::new(),
        processes: Vec::new(),
        random,
        steps: 0,
        quiet: 0,
        noted: 0,
        plan,
    };
    world.chaos();
    world.settle();
    world.verdict()
}

impl World {
    fn chaos(&mut self) {
        let began = lock(&self.broker).now;
        for _ in 0..self.plan.processes {
            self.start();
        }
        let mut fed = 0;
        loop {
            let passed = lock(&self.broker).now - began;
            if passed >= self.plan.chaos_ms || !lock(&self.broker).violations.is_empty() {
                break;
            }
            // Evenly, but in bursts.
            let due = self.plan.inputs as i64 * passed / self.plan.chaos_ms;
            if fed < due && self.random.in_1000(200) {
                while fed < due {
                    lock(&self.broker).feed();
                    fed += 1;
                }
            }
            self.strike();
            self.step();
        }
    }

    fn settle(&mut self) {
        let until = {
            let mut broker = lock(&self.broker);
            broker.note(format_args!("no more faults"));
            broker.plan.faults = crate::plan::Faults::default();
            broker.plan.queue_max = usize::MAX;
            let now = broker.now;
            for process in &mut broker.processes {
                process.calls_left = None;
                process.stalled_until = process.stalled_until.min(now);
                process.blocked_until = now;
            }
            now + SETTLED_WITHIN_MS
        };
        self.plan.faults = crate::plan::Faults::default();
        loop {
            if self.processes.is_empty() && self.starts.is_empty() {
                self.start();
            }
            self.step();
            for process in &self.processes {
                process.hand.reopen();
            }
            let broker = lock(&self.broker);
            if !broker.violations.is_empty() {
                return;
            }
            let is_idle = |process: &Process| process.workers.iter().all(HandWorker::is_idle);
            if self.starts.is_empty()
                && broker.behind().is_empty()
                && broker.checker.lost().is_empty()
                && self.processes.iter().all(is_idle)
            {
                return;
            }
            if broker.now >= until {
                break;
            }
        }
        let mut broker = lock(&self.broker);
        let lost: Vec<_> = broker
            .checker
            .lost()
            .iter()
            .take(5)
            .map(ToString::to_string)
            .collect();
        let behind = broker.behind();
        broker.violation(format!("nothing settles: {behind:?} {lost:?}"));
    }

    fn verdict(self) -> Verdict {
        let broker = lock(&self.broker);
        let totals = broker.checker.totals();
        Verdict {
            violations: broker.violations.clone(),
            steps: self.steps + broker.counts.calls,
            faults: broker.counts.faults,
            reloads: broker.counts.reloads,
            given_up: broker.counts.given_up,
            inputs: totals.inputs,
            duplicates: totals.duplicates,
            trace: broker.trace,
        }
    }

    /// A process of the product begins.
    fn start(&mut self) {
        let number = {
            let mut broker = lock(&self.broker);
            broker.processes.push(Connections::default());
            broker.processes.len() - 1
        };
        let now = lock(&self.broker).now;
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(now)));
        let options = EngineOptions {
            workers: self.plan.workers,
            executions_in_flight_max: self.plan.executions_max,
            ..EngineOptions::default()
        };
        let (engine, workers) = Engine::by_hand(&options, Arc::clone(&clock) as Arc<dyn Clock>);
        let tasks = Arc::new(Tasks::new(
            Arc::clone(&self.broker),
            Arc::clone(&clock),
            number,
        ));
        let bounds = self.plan.call_bounds().map(Arc::new);
        let anything = Anything(Arc::clone(&tasks), bounds);
        let registry = Arc::new(Registry::new(Arc::new(anything)));
        load(&registry, &self.plan, 1).expect("the definition is right");
        let link = Link {
            broker: Arc::clone(&self.broker),
            process: number,
        };
        let (settings, workflows) = (&self.plan.settings, &self.plan.workflows);
        let hand = ByHand::start(settings, workflows, &engine, &registry, Arc::new(link))
            .expect("the settings are right");
        lock(&self.broker).note(format_args!("process {number} starts"));
        self.processes.push(Process {
            number,
            clock,
            ahead_ms: 0,
            engine,
            workers,
            registry,
            revision: 1,
            hand,
            tasks,
            leaves_by: None,
            housekept: now,
        });
    }

    /// One turn of somebody, and some time.
    fn step(&mut self) {
        self.steps += 1;
        let now = lock(&self.broker).now;
        if let Some(at) = self.starts.first()
            && *at <= now
        {
            self.starts.remove(0);
            self.start();
        }
        if !self.processes.is_empty() {
            let which = self.random.below(self.processes.len() as u64) as usize;
            let stalled_until =
                lock(&self.broker).processes[self.processes[which].number].stalled_until;
            if stalled_until <= now {
                let process = &mut self.processes[which];
                let letters = process.letters_while_stopped(&self.plan);
                process.turn(&mut self.random, now);
                if letters.is_some_and(|before| process.hand.statistics().dead_letters > before) {
                    let number = process.number;
                    lock(&self.broker).violation(format!(
                        "{number} writes dead letters although it has stopped"
                    ));
                }
                let left = process.look_for_end(&self.broker, now);
                if left || lock(&self.broker).processes[self.processes[which].number].is_dead {
                    self.end(which, now);
                }
            }
        }
        self.pass_time();
    }

    /// A process has ended, one way or the other; another takes its place.
    fn end(&mut self, which: usize, now: i64) {
        drop(self.processes.remove(which));
        let at = now + self.random.range(0, 5_000);
        self.starts.push(at);
        self.starts.sort_unstable();
    }

    /// A little time, or up to what happens next if nobody has anything to do.
    fn pass_time(&mut self) {
        let mut broker = lock(&self.broker);
        let trace = broker.trace;
        self.quiet = if trace == self.noted {
            self.quiet + 1
        } else {
            0
        };
        self.noted = trace;
        let parts = self.processes.len() * (4 + self.plan.workers);
        let ms = if self.quiet as usize > 3 * parts {
            self.quiet = 0;
            let tasks = self
                .processes
                .iter()
                .filter_map(|process| process.tasks.next_at());
            let next = tasks.chain(broker.next_at()).min();
            let idle = next.map_or(SLEEP_MS, |at| at - broker.now);
            idle.clamp(1, SLEEP_MS)
        } else {
            self.random.range(-3, 2).max(0)
        };
        if ms > 0 {
            broker.advance(ms);
        }
    }

    /// The faults of this step.
    fn strike(&mut self) {
        let faults = self.plan.faults;
        let mut strikes = |rate: u64| rate > 0 && self.random.below(1_000_000) < rate;
        let struck = [
            strikes(faults.crash),
            strikes(faults.stall),
            strikes(faults.jump),
            strikes(faults.rebalance),
            strikes(faults.expel),
            strikes(faults.fail),
            strikes(faults.truncate),
            strikes(faults.block),
            strikes(faults.shutdown),
            strikes(faults.reload),
        ];
        let [
            crash,
            stall,
            jump,
            rebalance,
            expel,
            fail,
            truncate,
            block,
            shutdown,
            reload,
        ] = struck;
        if self.processes.is_empty() || !struck.contains(&true) {
            return;
        }
        let which = self.random.below(self.processes.len() as u64) as usize;
        let process = &mut self.processes[which];
        let number = process.number;
        let mut broker = lock(&self.broker);
        let now = broker.now;
        if crash {
            broker.processes[number].calls_left = Some(self.random.below(6));
        }
        if stall {
            let most = *self.random.choose(&[200, 5_000, 20_000]);
            let ms = self.random.range(50, most);
            broker.processes[number].stalled_until = now + ms;
            process.leaves_by = process.leaves_by.map(|by| by + ms);
            broker.fault(format_args!("{number} stands still for {ms} ms"));
            if ms > 6_000 {
                broker.session_over(number);
            }
        }
        if jump {
            let ms = *self.random.choose(&[100, 5_000, 60_000, 600_000]);
            process.ahead_ms += ms;
            broker.fault(format_args!("the clock of {number} jumps by {ms} ms"));
        }
        if rebalance {
            broker.shake();
        }
        if expel {
            let groups: Vec<String> = broker.groups.keys().cloned().collect();
            let group = self.random.choose(&groups);
            broker.expel(number, group);
        }
        if fail {
            let groups: Vec<String> = broker.groups.keys().cloned().collect();
            let group = self.random.choose(&groups);
            broker.fail(number, group);
        }
        if truncate {
            broker.truncate();
        }
        if block {
            let ms = self.random.range(100, 5_000);
            broker.processes[number].blocked_until = now + ms;
            broker.fault(format_args!("nothing of {number} arrives for {ms} ms"));
        }
        if reload {
            let is_good = !self.random.in_1000(300);
            // No workflow ever is of a faulty one's number.
            let revision = if is_good { process.revision + 1 } else { 0 };
            let loaded = load(&process.registry, &self.plan, revision);
            assert_eq!(loaded.is_ok(), is_good, "only the faulty one is refused");
            process.revision += u64::from(is_good);
            if is_good {
                process.hand.reopen();
            }
            broker.counts.reloads += 1;
            broker.note(format_args!("{number} loads revision {revision}"));
        }
        if shutdown && process.leaves_by.is_none() {
            process.stop(&broker, now);
            broker.fault(format_args!("{number} is to end"));
        }
    }
}

/// Loads this revision of all workflows, as a reload does; 0 is a faulty one.
fn load(registry: &Registry, plan: &Plan, revision: u64) -> Result<(), String> {
    let make = |workflow: &WorkflowSettings| {
        let mut text = definition(revision);
        if revision == 0 {
            text = text.replace("\"Next\": \"F\"", "\"Next\": \"Nowhere\"");
        }
        let mut definition = Definition::new(&workflow.name, &text);
        definition.recording.level = log_level(workflow);
        definition
    };
    let definitions = plan.workflows.iter().map(make).collect();
    let prepared = registry
        .prepare(registry.connectors(), definitions)
        .map_err(|refused| format!("{refused:?}"))?;
    registry.activate(prepared);
    Ok(())
}

impl Process {
    /// The dead letters written so far, if no more may be.
    fn letters_while_stopped(&self, plan: &Plan) -> Option<u64> {
        // Those of answers that are too large, and of replies that find no topic, are owed all the same.
        let all_stopped = self.hand.stopped() == plan.workflows.len();
        let replies = plan
            .workflows
            .iter()
            .any(|workflow| workflow.reply.is_some());
        let owes_none = plan.faults.large == 0 && !(replies && plan.faults.nowhere > 0);
        (all_stopped && owes_none).then(|| self.hand.statistics().dead_letters)
    }

    /// Takes no more, as when it is told to end, or when a client has failed for good.
    fn stop(&mut self, broker: &Broker, now: i64) {
        let grace_ms = broker.plan.grace_ms;
        self.hand.stop(self.clock.now().plus_millis(grace_ms));
        let from = broker.processes[self.number].stalled_until.max(now);
        self.leaves_by = Some(from + grace_ms + LEAVES_WITHIN_MS);
    }

    /// A turn of any of its parts.
    fn turn(&mut self, random: &mut Random, now: i64) {
        let at = Timestamp::from_millis(now + self.ahead_ms);
        self.clock.advance_to(at);
        let (groups, workers) = (self.hand.groups().len(), self.workers.len());
        let part = random.below((groups * 2 + workers + 3) as u64) as usize;
        if part < groups * 2 {
            self.hand.turn_group(part / 2);
            if now - self.housekept >= HOUSEKEEPING_MS {
                self.housekept = now;
                for group in 0..groups {
                    self.hand.keep_house(group);
                }
            }
        } else if let Some(worker) = self.workers.get_mut(part - groups * 2) {
            worker.turn();
        } else if part == groups * 2 + workers {
            self.hand.turn_producer();
        } else if part == groups * 2 + workers + 1 {
            self.hand.turn_replies();
        } else {
            self.tasks.turn(now);
        }
    }

    /// Looks after its bounds, and whether it has left all groups in time.
    fn look_for_end(&mut self, broker: &Shared, now: i64) -> bool {
        let mut broker = lock(broker);
        let plan = &broker.plan;
        let gap_max = plan.settings.offset_gap_max - 1 + plan.fetch_max as usize;
        let executions_max = plan.executions_max - 1 + self.workers.len() * plan.fetch_max as usize;
        let (gap, executions) = (self.hand.gap_max(), self.engine.room().executions());
        if gap > gap_max {
            broker.violation(format!("{gap} offsets are received and not committable"));
        }
        if executions > executions_max {
            broker.violation(format!("{executions} executions are held"));
        }
        if self.leaves_by.is_none() && self.hand.has_failed() {
            self.stop(&broker, now);
        }
        let Some(by) = self.leaves_by else {
            return false;
        };
        if now > by {
            broker.violation(format!("{} should have ended by {by}", self.number));
        }
        self.hand.has_ended()
    }
}
