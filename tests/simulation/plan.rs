//! What one seed decides before anything runs: sizes, settings, and which faults there are and how often.

use std::collections::BTreeMap;
use std::time::Duration;

use stepstream::engine::{CallBounds, CallLimits};
use stepstream::history::LogLevel;
use stepstream::kafka::settings::{
    DeadLetterHeaders, DeadLetterLimit, DeduplicateBy, DeduplicateSettings, HeadBlock,
    KafkaSettings, LogRecord, LogSettings, Order, ReplySettings, WorkflowSettings,
};

/// Numbers that only the seed decides (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// Below `end`, which is not 0.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn range(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1).cast_unsigned()).cast_signed()
    }

    /// In so many of a thousand cases.
    pub(crate) const fn in_1000(&mut self, cases: u64) -> bool {
        self.below(1_000) < cases
    }

    pub(crate) fn choose<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }

    /// A rate of a thousand: none in half of the seeds, so that each seed has faults of its own.
    fn swarm(&mut self, most: u64) -> u64 {
        if self.in_1000(500) {
            0
        } else {
            1 + self.below(most)
        }
    }
}

/// How often each fault comes, of a thousand chances of its kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Of a produced record: refused; its acknowledgement comes late; it is written twice.
    pub(crate) refused: u64,
    pub(crate) ack_late: u64,
    pub(crate) written_twice: u64,
    /// The producer has no room.
    pub(crate) queue_full: u64,
    /// Of a commit: fails; its answer is lost; refused; nothing is ever heard of it; cannot be asked for.
    pub(crate) commit_failed: u64,
    pub(crate) commit_answer_lost: u64,
    pub(crate) commit_refused: u64,
    pub(crate) commit_silent: u64,
    pub(crate) commit_not_asked: u64,
    /// What a commit has carried cannot be read.
    pub(crate) metadata_unread: u64,
    /// Of a record appended: offsets are left out before it.
    pub(crate) gap: u64,
    /// Of a task: takes long; fails once; is never answered.
    pub(crate) slow: u64,
    pub(crate) flaky: u64,
    pub(crate) hang: u64,
    /// Of an input: cannot be decoded; its answer is too large.
    pub(crate) poison: u64,
    pub(crate) large: u64,
    /// Of an input that asks for a reply: in a topic that is not there.
    pub(crate) nowhere: u64,
    /// Of a step, in a million: a crash now, or at one of the next calls; the process stands still; its clock jumps;
    /// partitions move; a member is expelled; its client fails; a log is truncated; the producer's way is blocked; a shutdown.
    pub(crate) crash: u64,
    pub(crate) stall: u64,
    pub(crate) jump: u64,
    pub(crate) rebalance: u64,
    pub(crate) expel: u64,
    pub(crate) fail: u64,
    pub(crate) truncate: u64,
    pub(crate) block: u64,
    pub(crate) shutdown: u64,
    /// The same, of a definition loaded again, good or faulty.
    pub(crate) reload: u64,
}

/// What one seed runs.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) partitions: i32,
    pub(crate) processes: usize,
    pub(crate) workers: usize,
    pub(crate) inputs: usize,
    pub(crate) keys: u64,
    pub(crate) fetch_max: u64,
    pub(crate) queue_max: usize,
    pub(crate) executions_max: usize,
    pub(crate) grace_ms: i64,
    /// How long the first phase takes.
    pub(crate) chaos_ms: i64,
    pub(crate) settings: KafkaSettings,
    pub(crate) workflows: Vec<WorkflowSettings>,
    pub(crate) faults: Faults,
}

/// Where replies go, and a reply topic that the cluster does not have.
pub(crate) const REPLIES: &str = "replies";
pub(crate) const NOWHERE: &str = "replies-nowhere";

/// The header that is the same in inputs of one event.
pub(crate) const EVENT: &str = "event";

/// The input topics, one a workflow.
pub(crate) const TOPICS: [&str; 2] = ["in-a", "in-b"];

impl Plan {
    /// A bound on calls at once in a third of the plans, so that tasks wait for their turn.
    pub(crate) fn call_bounds(&self) -> Option<CallBounds> {
        let limits = CallLimits {
            calls_max: Some(1 + self.keys as usize),
            ..CallLimits::default()
        };
        self.inputs
            .is_multiple_of(3)
            .then(|| CallBounds::new(limits, BTreeMap::new()))
    }

    pub(crate) fn new(random: &mut Random) -> Self {
        let two_groups = random.in_1000(300);
        let workflows: Vec<_> = TOPICS
            .iter()
            .take(1 + usize::from(random.in_1000(400)))
            .enumerate()
            .map(|(number, topic)| workflow(random, number, topic, two_groups && number == 1))
            .collect();
        let gap_max = *random.choose(&[4, 16, 52, 64, 10_000]);
        let ms = |ms: i64| Duration::from_millis(ms.unsigned_abs());
        let settings = KafkaSettings {
            bootstrap_servers: "127.0.0.1:1".to_owned(),
            group: "g".to_owned(),
            properties: Vec::new(),
            consumer_properties: Vec::new(),
            producer_properties: Vec::new(),
            commit_interval: ms(*random.choose(&[50, 200, 1_000])),
            carries_answered: true,
            revoke_grace: ms(*random.choose(&[0, 500, 5_000])),
            offset_gap_max: gap_max,
            head_block: match random.in_1000(400) {
                true => HeadBlock::DeadLetter,
                false => HeadBlock::Wait,
            },
            head_block_after: ms(*random.choose(&[100, 3_000])),
            record_bytes_max: 4_096,
            test_case_header: None,
            log_topics: Vec::new(),
        };
        let mut plan = Self {
            partitions: random.range(1, 4) as i32,
            processes: random.range(1, 3) as usize,
            workers: random.range(1, 3) as usize,
            inputs: random.range(20, 160) as usize,
            keys: random.range(1, 8).cast_unsigned(),
            fetch_max: *random.choose(&[1, 5, 40]),
            queue_max: *random.choose(&[2, 8, 1_000, 1_000]),
            executions_max: *random.choose(&[2, 10, 100_000]),
            grace_ms: *random.choose(&[0, 1_000, 30_000]),
            chaos_ms: random.range(5_000, 30_000),
            settings,
            workflows,
            faults: Faults {
                refused: random.swarm(100),
                ack_late: random.swarm(200),
                written_twice: random.swarm(50),
                queue_full: random.swarm(100),
                commit_failed: random.swarm(300),
                commit_answer_lost: random.swarm(200),
                commit_refused: random.swarm(200),
                commit_silent: random.swarm(30),
                commit_not_asked: random.swarm(50),
                metadata_unread: random.swarm(500),
                gap: random.swarm(400),
                slow: random.swarm(300),
                flaky: random.swarm(200),
                hang: random.swarm(30),
                poison: random.swarm(200),
                large: random.swarm(50),
                nowhere: random.swarm(200),
                crash: random.swarm(1_500),
                stall: random.swarm(1_000),
                jump: random.swarm(500),
                rebalance: random.swarm(4_000),
                expel: random.swarm(1_500),
                fail: random.swarm(500),
                truncate: random.swarm(1_000),
                block: random.swarm(1_000),
                shutdown: random.swarm(1_000),
                reload: random.swarm(5_000),
            },
        };
        if random.in_1000(100) {
            plan.crowd(random);
        }
        plan
    }

    /// Many inputs of one partition, few of which take long: so that one may hold up all others.
    fn crowd(&mut self, random: &mut Random) {
        self.partitions = 1;
        self.inputs += 200;
        self.settings.offset_gap_max = 52;
        self.settings.head_block = HeadBlock::DeadLetter;
        self.faults.hang = 1 + random.below(15);
        self.faults.slow = 0;
        self.faults.flaky = 0;
        for workflow in &mut self.workflows {
            workflow.order = Order::None;
        }
    }
}

fn workflow(random: &mut Random, number: usize, topic: &str, own_group: bool) -> WorkflowSettings {
    let logs = random.in_1000(300).then(|| LogSettings {
        topic: "logs".to_owned(),
        record: LogRecord::Execution,
    });
    WorkflowSettings {
        name: format!("w{number}"),
        topics: vec![topic.to_owned()],
        group: own_group.then(|| "other".to_owned()),
        when: None,
        order: *random.choose(&[Order::None, Order::Key, Order::Key, Order::Partition]),
        results: (!random.in_1000(150)).then(|| "results".to_owned()),
        failures: Some("failures".to_owned()),
        reply: random
            .in_1000(400)
            .then(|| ReplySettings::new(vec!["replies*".to_owned()])),
        dead_letters: "dead".to_owned(),
        dead_letter_limit: random.in_1000(500).then(|| DeadLetterLimit {
            run: random
                .in_1000(700)
                .then(|| random.range(1, 3).unsigned_abs() as usize),
            percent: random.in_1000(500).then_some(20),
            events: 10,
        }),
        deduplicate: random.in_1000(300).then(|| DeduplicateSettings {
            by: DeduplicateBy::Header(EVENT.to_owned()),
            window: Duration::from_millis(*random.choose(&[200, 5_000, 300_000])),
            events_max: *random.choose(&[1, 10, 100_000]),
        }),
        dead_letter_headers: DeadLetterHeaders::None,
        logs,
    }
}

/// The level of a workflow's log.
pub(crate) const fn log_level(workflow: &WorkflowSettings) -> LogLevel {
    if workflow.logs.is_some() {
        LogLevel::All
    } else {
        LogLevel::Off
    }
}

/// Gives back its input, at once or after a task or a wait, or fails where it is asked to. It says its revision at its begin and at
/// its end, so that one which changed in between would be seen.
pub(crate) fn definition(revision: u64) -> String {
    DEFINITION.replace("REVISION", &revision.to_string())
}

const DEFINITION: &str = r#"{"StartAt": "B", "States": {
    "B": {"Type": "Pass", "Result": REVISION, "ResultPath": "$.began", "Next": "C"},
    "C": {"Type": "Choice", "Default": "P", "Choices": [
        {"Variable": "$.do", "StringEquals": "fail", "Next": "F"},
        {"Variable": "$.do", "StringEquals": "wait", "Next": "W"},
        {"Variable": "$.do", "StringEquals": "task", "Next": "T"}]},
    "F": {"Type": "Fail", "Error": "Asked", "Cause": "for it"},
    "W": {"Type": "Wait", "Seconds": 2, "Next": "P"},
    "T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work",
        "Parameters": {"input.$": "$", "entered.$": "$$.State.EnteredTime", "started.$": "$$.Execution.StartTime"}, "OutputPath": "$.input",
        "TimeoutSeconds": 20, "Next": "P",
        "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 5}]},
    "P": {"Type": "Pass", "Result": REVISION, "ResultPath": "$.ended", "End": true}}}"#;

/// As in the definition.
pub(crate) const TASK_TIMEOUT_MS: i64 = 20_000;
/// An Express execution ends then at the latest.
pub(crate) const EXECUTION_MS_MAX: i64 = 300_000;
