//! Consumer groups: members, revocations that the group waits for, expulsions that a member learns of later, and committed positions;
//! and what a member fetches.

use std::collections::{BTreeMap, BTreeSet};

use stepstream::kafka::by_hand::{CommitEnd, Incoming, Notice};
use stepstream::kafka::checker::Partition;

use crate::broker::{Broker, Event};

/// The coordinator of one group.
#[derive(Debug, Default)]
pub(crate) struct Coordinator {
    pub(crate) partitions: Vec<Partition>,
    pub(crate) committed: BTreeMap<Partition, i64>,
    metadata: BTreeMap<Partition, String>,
    owners: BTreeMap<Partition, usize>,
    members: BTreeMap<usize, Member>,
    /// To be rebalanced already.
    is_due: bool,
}

/// One process's membership.
#[derive(Debug, Default)]
struct Member {
    /// The coordinator knows it.
    joined: bool,
    left: bool,
    /// Its client has failed, and no other was made.
    failed: bool,
    notices: Vec<Notice>,
    /// Assigned to it as far as the client knows, heard by the process or not.
    told: BTreeSet<Partition>,
    /// Taken by the process, and not given back or heard to be lost.
    held: BTreeSet<Partition>,
    fetching: BTreeMap<Partition, Fetching>,
    forwarded: BTreeSet<Partition>,
    /// Given back, but the client has not stopped fetching them yet; until then it fetches nothing for a new assignment.
    stopping: Vec<Partition>,
    /// Wanted back, and not given back.
    revoking: BTreeSet<Partition>,
    revocations: u64,
    is_lost: bool,
    lost_later: BTreeSet<Partition>,
    last_arrival: i64,
    /// How often it has joined.
    generation: u64,
    /// How many clients before this one have failed.
    clients: u64,
}

#[derive(Debug)]
struct Fetching {
    position: i64,
    /// How often the log had been truncated when its position was set.
    cuts: usize,
    /// The same of the last record that the process was given.
    cuts_seen: usize,
    paused: bool,
}

/// A commit on its way.
#[derive(Debug)]
pub(crate) struct CommitAsked {
    generation: u64,
    client: u64,
    /// Positions, and the truncations that their owner knew of.
    positions: Vec<(Partition, i64, usize, String)>,
}

/// How long a member may take to give partitions back.
const REVOKED_WITHIN_MS: i64 = 30_000;

impl Broker {
    fn member(&mut self, process: usize, group: &str) -> &mut Member {
        let group = self.groups.get_mut(group).expect("all groups are there");
        group.members.entry(process).or_default()
    }

    fn coordinator(&mut self, group: &str) -> &mut Coordinator {
        self.groups.get_mut(group).expect("all groups are there")
    }

    pub(crate) fn committed(&self, partition: &Partition) -> i64 {
        let of_group = |c: &Coordinator| c.committed.get(partition).copied();
        self.groups.values().find_map(of_group).unwrap_or(0)
    }

    pub(crate) fn rebalance_soon(&mut self, group: &str) {
        if !std::mem::replace(&mut self.coordinator(group).is_due, true) {
            let ms = self.random.range(0, 300);
            self.after(
                ms,
                Event::Rebalance {
                    group: group.to_owned(),
                },
            );
        }
    }

    /// A process makes a client that joins.
    pub(crate) fn ask_to_join(&mut self, process: usize, group: &str) {
        let member = self.member(process, group);
        member.failed = false;
        member.left = false;
        let ms = self.random.range(0, 500);
        let group = group.to_owned();
        self.after(ms, Event::Join { process, group });
    }

    /// A client can do nothing any more: what it had, others are given, and nobody hears of what it has asked for.
    pub(crate) fn fail(&mut self, process: usize, group: &str) {
        let member = self.member(process, group);
        if member.left || member.failed {
            return;
        }
        *member = Member {
            failed: true,
            notices: vec![Notice::Failed("a mistake of its own".to_owned())],
            generation: member.generation + 1,
            clients: member.clients + 1,
            ..Member::default()
        };
        self.forget(process, group);
        self.fault(format_args!("{process}'s client fails in {group}"));
        self.coordinator(group)
            .owners
            .retain(|_, owner| *owner != process);
        self.rebalance_soon(group);
    }

    pub(crate) fn join(&mut self, process: usize, group: &str) {
        if self.processes[process].is_dead {
            return;
        }
        self.note(format_args!("{process} joins {group}"));
        let member = self.member(process, group);
        if !member.left && !member.failed && !member.joined {
            member.joined = true;
            member.generation += 1;
            member.is_lost = false;
            self.rebalance_soon(group);
        }
    }

    pub(crate) fn session_over(&mut self, process: usize) {
        for group in self.groups.keys().cloned().collect::<Vec<_>>() {
            self.expel(process, &group);
        }
    }

    /// Takes a member's partitions away; it learns so later.
    pub(crate) fn expel(&mut self, process: usize, group: &str) {
        let member = self.member(process, group);
        if !std::mem::replace(&mut member.joined, false) {
            return;
        }
        self.fault(format_args!("{process} is expelled from {group}"));
        self.coordinator(group)
            .owners
            .retain(|_, owner| *owner != process);
        self.rebalance_soon(group);
        let stalled_ms = (self.processes[process].stalled_until - self.now).max(0);
        let ms = stalled_ms + self.random.range(0, 3_000);
        self.after(
            ms,
            Event::LearnsLoss {
                process,
                group: group.to_owned(),
            },
        );
    }

    pub(crate) fn learns_loss(&mut self, process: usize, group: &str) {
        let member = self.member(process, group);
        if member.left || member.joined || member.failed {
            return;
        }
        member.is_lost = true;
        if !member.revoking.is_empty() {
            // One callback at a time: the rest is told when these have been given back.
            member.lost_later = member.told.difference(&member.revoking).cloned().collect();
        } else if member.told.is_empty() {
            self.join(process, group);
        } else {
            let lost = member.told.iter().cloned().collect();
            member.notices.push(Notice::Lost(lost));
        }
    }

    /// Gives free partitions to the members, and asks for those of members that have too many.
    pub(crate) fn rebalance(&mut self, group: &str) {
        let partitions = {
            let coordinator = self.coordinator(group);
            coordinator.is_due = false;
            coordinator.partitions.clone()
        };
        let coordinator = self.coordinator(group);
        let members = coordinator.members.iter();
        let joined: Vec<usize> = members.filter(|(_, m)| m.joined).map(|(p, _)| *p).collect();
        if joined.is_empty() {
            return;
        }
        let most = partitions.len().div_ceil(joined.len());
        let mut given: BTreeMap<usize, Vec<Partition>> = BTreeMap::new();
        for partition in &partitions {
            if coordinator.owners.contains_key(partition) {
                continue;
            }
            let load = |p: &&usize| coordinator.owners.values().filter(|o| *o == *p).count();
            let to = *joined.iter().min_by_key(load).expect("there are some");
            coordinator.owners.insert(partition.clone(), to);
            given.entry(to).or_default().push(partition.clone());
        }
        for (process, partitions) in given {
            self.note(format_args!("{group} gives {partitions:?} to {process}"));
            let is_unread = self.strikes(self.plan.faults.metadata_unread);
            let metadata = &self.coordinator(group).metadata;
            let with = |(topic, number): &Partition| {
                let metadata = metadata
                    .get(&(topic.clone(), *number))
                    .filter(|_| !is_unread);
                (topic.clone(), *number, metadata.cloned())
            };
            let with: Vec<_> = partitions.iter().map(with).collect();
            let member = self.member(process, group);
            member.told.extend(partitions.iter().cloned());
            member.notices.push(Notice::Assigned(with));
        }
        for process in joined {
            let coordinator = self.coordinator(group);
            let owned: Vec<Partition> = coordinator
                .owners
                .iter()
                .filter(|(_, owner)| **owner == process)
                .map(|(partition, _)| partition.clone())
                .collect();
            if owned.len() > most {
                self.revoke(process, group, owned[most..].to_vec());
            }
        }
    }

    /// Partitions move for no reason.
    pub(crate) fn shake(&mut self) {
        let groups: Vec<String> = self.groups.keys().cloned().collect();
        let group = self.random.choose(&groups).clone();
        let owners = self.coordinator(&group).owners.clone();
        if owners.is_empty() {
            return;
        }
        let which = self.random.below(owners.len() as u64) as usize;
        let (first, process) = owners.iter().nth(which).expect("it is below their number");
        let mut moved = vec![first.clone()];
        for (partition, owner) in &owners {
            if owner == process && partition != first && self.random.in_1000(300) {
                moved.push(partition.clone());
            }
        }
        self.revoke(*process, &group, moved);
    }

    fn revoke(&mut self, process: usize, group: &str, partitions: Vec<Partition>) {
        let member = self.member(process, group);
        let is_told = partitions.iter().all(|p| member.told.contains(p));
        if !member.joined || !member.revoking.is_empty() || !is_told {
            return;
        }
        member.revocations += 1;
        let number = member.revocations;
        member.revoking = partitions.iter().cloned().collect();
        member.notices.push(Notice::Revoked(partitions.clone()));
        self.fault(format_args!(
            "{group} wants {partitions:?} of {process} back"
        ));
        let group = group.to_owned();
        self.after(
            REVOKED_WITHIN_MS,
            Event::RevokedTooLong {
                process,
                group,
                number,
            },
        );
    }

    pub(crate) fn revoked_too_long(&mut self, process: usize, group: &str, number: u64) {
        let member = self.member(process, group);
        if member.revocations == number && !member.revoking.is_empty() {
            self.expel(process, group);
        }
    }

    pub(crate) fn notices(&mut self, process: usize, group: &str) -> Vec<Notice> {
        let member = self.member(process, group);
        let notices = std::mem::take(&mut member.notices);
        for notice in &notices {
            if let Notice::Lost(lost) = notice {
                member.held.retain(|partition| !lost.contains(partition));
            }
        }
        for notice in &notices {
            self.note(format_args!("{process} hears {notice:?}"));
        }
        notices
    }

    pub(crate) fn is_lost(&self, process: usize, group: &str) -> bool {
        let members = self.groups.get(group).map(|group| &group.members);
        members
            .and_then(|m| m.get(&process))
            .is_some_and(|m| m.is_lost)
    }

    pub(crate) fn assign(&mut self, process: usize, group: &str, partitions: &[Partition]) {
        self.note(format_args!("{process} takes {partitions:?}"));
        for partition in partitions {
            let position = self.committed(partition);
            let cuts = self.logs[partition].cuts.len();
            let member = self.member(process, group);
            if !member.told.contains(partition) {
                self.violation(format!(
                    "{process} takes {partition:?}, which is not its own"
                ));
                continue;
            }
            member.held.insert(partition.clone());
            member.fetching.insert(
                partition.clone(),
                Fetching {
                    position,
                    cuts,
                    cuts_seen: cuts,
                    paused: false,
                },
            );
        }
    }

    pub(crate) fn unassign(&mut self, process: usize, group: &str, partitions: &[Partition]) {
        self.note(format_args!("{process} gives {partitions:?} back"));
        let member = self.member(process, group);
        for partition in partitions {
            member.fetching.remove(partition);
            member.held.remove(partition);
            member.told.remove(partition);
            member.revoking.remove(partition);
            member.stopping.push(partition.clone());
        }
        let (joined, is_lost) = (member.joined, member.is_lost);
        let later: Vec<Partition> = std::mem::take(&mut member.lost_later)
            .into_iter()
            .filter(|p| member.told.contains(p))
            .collect();
        if is_lost && !later.is_empty() {
            member.notices.push(Notice::Lost(later));
        } else if is_lost && !joined && member.told.is_empty() {
            member.is_lost = false;
            let group = group.to_owned();
            self.after(50, Event::Join { process, group });
        }
        let ms = self.random.range(0, 200);
        let (group, partitions) = (group.to_owned(), partitions.to_vec());
        self.after(
            ms,
            Event::FetchStopped {
                process,
                group: group.clone(),
                partitions: partitions.clone(),
            },
        );
        let arrival = self.arrival(process, &group);
        self.after(
            arrival,
            Event::Unassigned {
                process,
                group,
                partitions,
            },
        );
    }

    pub(crate) fn unassigned(&mut self, process: usize, group: &str, partitions: &[Partition]) {
        let owners = &mut self.coordinator(group).owners;
        owners.retain(|partition, owner| *owner != process || !partitions.contains(partition));
        self.rebalance_soon(group);
    }

    pub(crate) fn leave(&mut self, process: usize, group: &str) {
        self.note(format_args!("{process} leaves {group}"));
        let member = self.member(process, group);
        member.left = true;
        member.joined = false;
        self.coordinator(group)
            .owners
            .retain(|_, owner| *owner != process);
        self.rebalance_soon(group);
    }

    pub(crate) fn forward(&mut self, process: usize, group: &str, partition: &Partition) {
        self.member(process, group)
            .forwarded
            .insert(partition.clone());
    }

    /// The client ends its fetching some time after the partition was given back, and the forwarding with it, also that of a new assignment.
    pub(crate) fn fetch_stopped(&mut self, process: usize, group: &str, partitions: &[Partition]) {
        let member = self.member(process, group);
        member
            .forwarded
            .retain(|partition| !partitions.contains(partition));
        for partition in partitions {
            if let Some(place) = member.stopping.iter().position(|p| p == partition) {
                member.stopping.remove(place);
            }
        }
    }

    pub(crate) fn pause(
        &mut self,
        process: usize,
        group: &str,
        partition: &Partition,
        paused: bool,
    ) {
        self.note(format_args!("{process} pauses {partition:?}: {paused}"));
        if let Some(fetching) = self.member(process, group).fetching.get_mut(partition) {
            fetching.paused = paused;
        }
    }

    pub(crate) fn seek(&mut self, process: usize, group: &str, partition: &Partition, to: i64) {
        self.note(format_args!(
            "{process} receives {partition:?} again from {to}"
        ));
        if let Some(fetching) = self.member(process, group).fetching.get_mut(partition) {
            fetching.position = to;
        }
    }

    pub(crate) fn end_offset(&self, partition: &Partition) -> Option<i64> {
        self.logs.get(partition).map(|log| log.end)
    }

    pub(crate) fn fetch(
        &mut self,
        process: usize,
        group: &str,
        records_max: usize,
    ) -> Vec<Incoming> {
        let most = (1 + self.random.below(self.plan.fetch_max) as usize).min(records_max);
        let first = self.random.next() as usize;
        let group = self.groups.get_mut(group).expect("all groups are there");
        let member = group.members.entry(process).or_default();
        let mut fetched = Vec::new();
        let count = member.fetching.len().max(1);
        let order = (0..count).map(|i| (first.wrapping_add(i)) % count);
        let names: Vec<Partition> = member.fetching.keys().cloned().collect();
        for partition in order.filter_map(|i| names.get(i)) {
            let Some(fetching) = member.fetching.get_mut(partition) else {
                continue;
            };
            let log = &self.logs[partition];
            if fetching.paused
                || !member.forwarded.contains(partition)
                || member.stopping.contains(partition)
                || fetching.cuts != log.cuts.len()
            {
                continue;
            }
            if fetching.position > log.end {
                // Out of range: from the earliest.
                fetching.position = 0;
            }
            for (offset, record) in log.records.range(fetching.position..) {
                if fetched.len() >= most {
                    break;
                }
                fetching.position = offset + 1;
                fetching.cuts_seen = fetching.cuts;
                fetched.push(Incoming::clone(record));
            }
        }
        if let (Some(first), Some(last)) = (fetched.first(), fetched.last()) {
            let (from, to) = (first.offset, last.offset);
            self.note(format_args!(
                "{process} fetches {} from {from} to {to}",
                fetched.len()
            ));
        }
        fetched
    }

    /// Everybody who reads a truncated log finds out.
    pub(crate) fn reposition(&mut self, partition: &Partition) {
        let mut readers = Vec::new();
        for (group, coordinator) in &self.groups {
            for (process, member) in &coordinator.members {
                if member.fetching.contains_key(partition) {
                    readers.push((*process, group.clone()));
                }
            }
        }
        for (process, group) in readers {
            let ms = self.random.range(0, 2_000);
            let partition = partition.clone();
            self.after(
                ms,
                Event::Reposition {
                    process,
                    group,
                    partition,
                },
            );
        }
    }

    pub(crate) fn repositioned(&mut self, process: usize, group: &str, partition: &Partition) {
        let cuts = self.logs[partition].cuts.clone();
        if let Some(fetching) = self.member(process, group).fetching.get_mut(partition) {
            let since = cuts.get(fetching.cuts..).unwrap_or_default();
            let lowest = since.iter().copied().min().unwrap_or(i64::MAX);
            fetching.position = fetching.position.min(lowest);
            fetching.cuts = cuts.len();
        }
    }

    /// What a member sends arrives in order.
    fn arrival(&mut self, process: usize, group: &str) -> i64 {
        let now = self.now;
        let at = now + self.random.range(1, 20);
        let member = self.member(process, group);
        member.last_arrival = member.last_arrival.max(at);
        member.last_arrival - now
    }

    pub(crate) fn commit(
        &mut self,
        process: usize,
        group: &str,
        positions: Vec<(Partition, i64, String)>,
    ) -> bool {
        self.note(format_args!("{process} commits {positions:?}"));
        let mut asked = Vec::with_capacity(positions.len());
        for (partition, position, metadata) in positions {
            let member = self.member(process, group);
            if !member.held.contains(&partition) {
                self.violation(format!(
                    "{process} commits {partition:?}, which it does not hold any more"
                ));
                return false;
            }
            let seen = member.fetching.get(&partition).map_or(0, |f| f.cuts_seen);
            asked.push((partition, position, seen, metadata));
        }
        if self.strikes(self.plan.faults.commit_not_asked) {
            return false;
        }
        let ms = self.arrival(process, group);
        let member = self.member(process, group);
        let asked = CommitAsked {
            generation: member.generation,
            client: member.clients,
            positions: asked,
        };
        let group = group.to_owned();
        self.after(
            ms,
            Event::CommitArrives {
                process,
                group,
                asked,
            },
        );
        true
    }

    pub(crate) fn commit_arrives(&mut self, process: usize, group: &str, asked: CommitAsked) {
        let faults = self.plan.faults;
        let member = self.member(process, group);
        let client = asked.client;
        let is_current = member.joined && member.generation == asked.generation;
        let is_rebalancing = {
            let mut members = self.coordinator(group).members.values();
            members.any(|member| !member.revoking.is_empty())
        };
        let end = if !is_current || (is_rebalancing && self.strikes(faults.commit_refused)) {
            CommitEnd::Refused
        } else if self.strikes(faults.commit_failed) {
            CommitEnd::Failed
        } else {
            self.take_commit(group, asked);
            if self.strikes(faults.commit_silent) {
                return;
            }
            if self.strikes(faults.commit_answer_lost) {
                CommitEnd::Failed
            } else {
                CommitEnd::Committed
            }
        };
        let (ms, group) = (self.random.range(1, 50), group.to_owned());
        self.after(
            ms,
            Event::CommitEnded {
                process,
                group,
                client,
                end,
            },
        );
    }

    fn take_commit(&mut self, group: &str, asked: CommitAsked) {
        for (partition, position, seen, metadata) in asked.positions {
            let log = &self.logs[&partition];
            let since = log.cuts.get(seen..).unwrap_or_default();
            let cut = since.iter().copied().min().unwrap_or(i64::MAX);
            if cut < position {
                // Above it speaks of a log that is no more, and the process cannot know.
                self.excuse(&partition, position);
            }
            if let Err(what) = self.checker.committed(&partition, position.min(cut)) {
                self.violation(what.to_string());
            }
            self.note(format_args!(
                "{group} stands at {position} of {partition:?}"
            ));
            let coordinator = self.coordinator(group);
            coordinator.metadata.insert(partition.clone(), metadata);
            coordinator.committed.insert(partition, position);
        }
    }

    pub(crate) fn commit_ended(
        &mut self,
        process: usize,
        group: &str,
        client: u64,
        end: CommitEnd,
    ) {
        let member = self.member(process, group);
        if member.clients == client {
            member.notices.push(Notice::CommitEnded(end));
        }
    }

    /// What is not committed up to its end.
    pub(crate) fn behind(&self) -> Vec<String> {
        let mut behind = Vec::new();
        for (partition, log) in &self.logs {
            let committed = self.committed(partition);
            if let Some(last) = log.last()
                && committed < last
            {
                behind.push(format!(
                    "{partition:?} is committed up to {committed} of {last}"
                ));
            }
        }
        behind
    }
}
