//! A Kafka in memory: its time, what is on its way to and from it, and its output topics. `log` has the input topics, `groups` the
//! consumer groups.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use stepstream::kafka::by_hand::{Delivery, Outgoing, Way};
use stepstream::kafka::checker::{Checker, Partition};

use crate::groups::{CommitAsked, Coordinator};
use crate::log::{Expected, Kind, Log, is_given_up};
use crate::plan::{NOWHERE, Plan, Random, TOPICS};

/// All of it.
pub(crate) struct Broker {
    pub(crate) now: i64,
    pub(crate) plan: Plan,
    pub(crate) random: Random,
    pub(crate) topics: Vec<Arc<str>>,
    pub(crate) logs: BTreeMap<Partition, Log>,
    pub(crate) expected: Vec<Expected>,
    pub(crate) groups: BTreeMap<String, Coordinator>,
    pub(crate) processes: Vec<Connections>,
    pub(crate) checker: Checker,
    pub(crate) violations: Vec<String>,
    pub(crate) counts: Counts,
    events: BTreeMap<(i64, u64), Event>,
    next_event: u64,
    /// The hash of all that was noted.
    pub(crate) trace: u64,
    prints: bool,
    line: String,
}

/// What was done to the product, and how often it called.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) faults: u64,
    pub(crate) reloads: u64,
    pub(crate) given_up: u64,
}

/// What one process has open.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    pub(crate) is_dead: bool,
    /// It dies at the end of so many calls.
    pub(crate) calls_left: Option<u64>,
    pub(crate) stalled_until: i64,
    /// Records on their way, by the way that they go.
    lanes: [Lane; 3],
    pub(crate) blocked_until: i64,
    /// Inputs whose execution has ended here since it last called: its records were made.
    pub(crate) ended: BTreeSet<usize>,
}

#[derive(Debug, Default)]
struct Lane {
    on_the_way: VecDeque<Outgoing>,
    last_arrival: i64,
    /// With the answer that is acknowledged: what it is, and to which input.
    deliveries: Vec<(Delivery, Option<(Kind, usize)>)>,
}

/// What happens at a later time.
#[derive(Debug)]
pub(crate) enum Event {
    Produced {
        process: usize,
        way: Way,
    },
    Delivered {
        process: usize,
        way: Way,
        delivery: Delivery,
        answer: Option<(Kind, usize)>,
    },
    Join {
        process: usize,
        group: String,
    },
    SessionOver {
        process: usize,
    },
    Rebalance {
        group: String,
    },
    CommitArrives {
        process: usize,
        group: String,
        asked: CommitAsked,
    },
    CommitEnded {
        process: usize,
        group: String,
        client: u64,
        end: stepstream::kafka::by_hand::CommitEnd,
    },
    Unassigned {
        process: usize,
        group: String,
        partitions: Vec<Partition>,
    },
    FetchStopped {
        process: usize,
        group: String,
        partitions: Vec<Partition>,
    },
    RevokedTooLong {
        process: usize,
        group: String,
        number: u64,
    },
    LearnsLoss {
        process: usize,
        group: String,
    },
    Reposition {
        process: usize,
        group: String,
        partition: Partition,
    },
}

impl Broker {
    pub(crate) fn new(plan: Plan, random: Random, prints: bool) -> Self {
        let mut logs = BTreeMap::new();
        let mut groups: BTreeMap<String, Coordinator> = BTreeMap::new();
        for workflow in &plan.workflows {
            let group = workflow.group.as_ref().unwrap_or(&plan.settings.group);
            let coordinator = groups.entry(group.clone()).or_default();
            for partition in 0..plan.partitions {
                let partition = (workflow.topics[0].clone(), partition);
                coordinator.partitions.push(partition.clone());
                logs.insert(partition, Log::default());
            }
        }
        Self {
            now: 1_000_000,
            plan,
            random,
            topics: TOPICS.iter().map(|topic| Arc::from(*topic)).collect(),
            logs,
            expected: Vec::new(),
            groups,
            processes: Vec::new(),
            checker: Checker::default(),
            violations: Vec::new(),
            counts: Counts::default(),
            events: BTreeMap::new(),
            next_event: 0,
            trace: 0xcbf2_9ce4_8422_2325,
            prints,
            line: String::new(),
        }
    }

    /// Every line makes the trace what it is; two runs of a seed must have the same.
    pub(crate) fn note(&mut self, line: std::fmt::Arguments<'_>) {
        self.line.clear();
        write!(self.line, "{} {line}", self.now).expect("a text takes all");
        for byte in self.line.bytes() {
            self.trace = (self.trace ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        if self.prints {
            println!("{}", self.line);
        }
    }

    /// Something that must never be.
    pub(crate) fn violation(&mut self, what: String) {
        self.note(format_args!("VIOLATION {what}"));
        self.violations.push(what);
    }

    pub(crate) fn fault(&mut self, line: std::fmt::Arguments<'_>) {
        self.counts.faults += 1;
        self.note(line);
    }

    /// Whether a fault of this rate comes now.
    pub(crate) fn strikes(&mut self, rate: u64) -> bool {
        let strikes = self.random.in_1000(rate);
        self.counts.faults += u64::from(strikes);
        strikes
    }

    pub(crate) fn after(&mut self, ms: i64, event: Event) {
        self.next_event += 1;
        self.events.insert((self.now + ms, self.next_event), event);
    }

    /// When something happens next.
    pub(crate) fn next_at(&self) -> Option<i64> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    /// A process's client is no more: what was to become of its membership does not.
    pub(crate) fn forget(&mut self, gone: usize, from: &str) {
        self.events.retain(|_, event| match event {
            Event::Join { process, group }
            | Event::Unassigned { process, group, .. }
            | Event::FetchStopped { process, group, .. }
            | Event::RevokedTooLong { process, group, .. }
            | Event::LearnsLoss { process, group }
            | Event::Reposition { process, group, .. } => *process != gone || group != from,
            Event::Produced { .. }
            | Event::Delivered { .. }
            | Event::SessionOver { .. }
            | Event::Rebalance { .. }
            | Event::CommitArrives { .. }
            | Event::CommitEnded { .. } => true,
        });
    }

    /// Lets time pass and what is due happen.
    pub(crate) fn advance(&mut self, ms: i64) {
        let until = self.now + ms;
        while let Some(entry) = self.events.first_entry()
            && entry.key().0 <= until
        {
            let ((at, _), event) = entry.remove_entry();
            self.now = self.now.max(at);
            self.happen(event);
        }
        self.now = until;
    }

    /// One call of a process. Returns whether it still runs.
    pub(crate) fn lives_on(&mut self, process: usize) -> bool {
        self.counts.calls += 1;
        let connections = &mut self.processes[process];
        if let Some(left) = &mut connections.calls_left {
            if *left == 0 {
                self.die(process);
                return false;
            }
            *left -= 1;
        }
        !self.processes[process].is_dead
    }

    /// A process has crashed; its groups find out later.
    pub(crate) fn die(&mut self, process: usize) {
        if std::mem::replace(&mut self.processes[process].is_dead, true) {
            return;
        }
        self.fault(format_args!("process {process} crashes"));
        let ms = self.random.range(500, 10_000);
        self.after(ms, Event::SessionOver { process });
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Produced { process, way } => self.produced(process, way),
            Event::Delivered {
                process,
                way,
                delivery,
                answer,
            } => {
                let lane = &mut self.processes[process].lanes[way as usize];
                lane.deliveries.push((delivery, answer));
            }
            Event::Join { process, group } => self.join(process, &group),
            Event::SessionOver { process } => self.session_over(process),
            Event::Rebalance { group } => self.rebalance(&group),
            Event::CommitArrives {
                process,
                group,
                asked,
            } => {
                self.commit_arrives(process, &group, asked);
            }
            Event::CommitEnded {
                process,
                group,
                client,
                end,
            } => self.commit_ended(process, &group, client, end),
            Event::Unassigned {
                process,
                group,
                partitions,
            } => {
                self.unassigned(process, &group, &partitions);
            }
            Event::FetchStopped {
                process,
                group,
                partitions,
            } => {
                self.fetch_stopped(process, &group, &partitions);
            }
            Event::RevokedTooLong {
                process,
                group,
                number,
            } => {
                self.revoked_too_long(process, &group, number);
            }
            Event::LearnsLoss { process, group } => self.learns_loss(process, &group),
            Event::Reposition {
                process,
                group,
                partition,
            } => {
                self.repositioned(process, &group, &partition);
            }
        }
    }

    /// A process hands a record over.
    pub(crate) fn produce(
        &mut self,
        process: usize,
        record: Outgoing,
        way: Way,
    ) -> Result<(), Outgoing> {
        if let Some(number) = self.answered_number(&record) {
            self.processes[process].ended.insert(number);
        }
        let is_full = {
            let lane = &self.processes[process].lanes[way as usize];
            lane.on_the_way.len() >= self.plan.queue_max
        };
        if is_full || self.strikes(self.plan.faults.queue_full) {
            self.note(format_args!("{process} cannot produce {}", record.mark));
            return Err(record);
        }
        let topic = &record.topic;
        let number = self.answered_number(&record);
        let (mark, topic) = (record.mark, topic.clone());
        self.note(format_args!(
            "{process} produces {mark} to {topic} for {number:?}"
        ));
        let mut arrival = self.now + self.random.range(1, 8);
        let blocked_until = self.processes[process].blocked_until;
        let lane = &mut self.processes[process].lanes[way as usize];
        arrival = arrival.max(lane.last_arrival).max(blocked_until);
        lane.last_arrival = arrival;
        lane.on_the_way.push_back(record);
        self.after(arrival - self.now, Event::Produced { process, way });
        Ok(())
    }

    /// The next record of a process has arrived.
    fn produced(&mut self, process: usize, way: Way) {
        let is_dead = self.processes[process].is_dead;
        let lane = &mut self.processes[process].lanes[way as usize];
        let Some(record) = lane.on_the_way.pop_front() else {
            return;
        };
        if is_dead && self.random.in_1000(500) {
            // And what is behind it, as the connection is gone.
            self.processes[process].lanes[way as usize]
                .on_the_way
                .clear();
            return;
        }
        let late = self.strikes(self.plan.faults.ack_late);
        let most = if late { 3_000 } else { 10 };
        let delay = self.random.range(1, most);
        let is_refused = self.strikes(self.plan.faults.refused);
        let is_too_large = self.is_too_large(&record);
        let has_no_topic = record.topic == NOWHERE;
        if is_refused || is_too_large || has_no_topic {
            // What is refused is sent again later, behind others.
            if let Some(number) = self.answered_number(&record)
                && let Some(id) = self.expected[number].id
                && Kind::of(&record) == Kind::Outcome
            {
                self.checker.excuse_order(id);
            }
            self.note(format_args!("refused {} of {process}", record.mark));
            let whole_batch = way == Way::Batches && self.random.in_1000(300);
            let delivery = if has_no_topic && !is_refused {
                Delivery::NoTopic(record)
            } else if is_too_large || whole_batch {
                Delivery::TooLarge(record)
            } else {
                Delivery::Refused(record)
            };
            let answer = None;
            self.after(
                delay,
                Event::Delivered {
                    process,
                    way,
                    delivery,
                    answer,
                },
            );
            return;
        }
        let number = match self.answered(&record) {
            Ok(number) => number,
            Err(what) => return self.violation(what),
        };
        if is_given_up(&record)
            && let Some(id) = self.expected[number].id
        {
            // Its execution, whose log it was, is dropped.
            self.checker.excuse_others(id);
            self.counts.given_up += 1;
        }
        let kind = Kind::of(&record);
        let times = 1 + usize::from(self.strikes(self.plan.faults.written_twice));
        for _ in 0..times {
            self.note(format_args!(
                "written {} {number} by {process}",
                record.topic
            ));
            if kind == Kind::Outcome
                && let Some(id) = self.expected[number].id
                && let Err(what) = self.checker.outcome_written(id, 0)
            {
                self.violation(what.to_string());
            }
        }
        let answer = Some((kind, number));
        let delivery = Delivery::Acknowledged(record.mark);
        self.after(
            delay,
            Event::Delivered {
                process,
                way,
                delivery,
                answer,
            },
        );
    }

    /// A process hears what has become of its records.
    pub(crate) fn deliveries(&mut self, process: usize, way: Way) -> Vec<Delivery> {
        let lane = &mut self.processes[process].lanes[way as usize];
        let told = std::mem::take(&mut lane.deliveries);
        for (_, answer) in &told {
            let Some((kind, number)) = *answer else {
                continue;
            };
            self.note(format_args!("acknowledged {number} to {process}"));
            let Some(id) = self.expected[number].id else {
                continue;
            };
            match kind {
                Kind::Outcome => self.checker.outcome_acknowledged(id),
                Kind::Log => self.checker.log_acknowledged(id),
                Kind::Reply => self.checker.reply_acknowledged(id),
            }
        }
        told.into_iter().map(|(delivery, _)| delivery).collect()
    }

    /// Any partition of the input topics.
    pub(crate) fn any_partition(&mut self) -> Partition {
        let which = self.random.below(self.logs.len() as u64) as usize;
        let partition = self.logs.keys().nth(which);
        partition.expect("there are some").clone()
    }
}
