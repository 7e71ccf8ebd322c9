//! The gauges of a group: looked at a few times a second, never for each record.

use std::collections::BTreeMap;

use super::group::{Group, PartitionId};
use super::port::Consumer;
use super::route::Routes;
use crate::machine::Timestamp;
use crate::metrics::{GroupMetrics, PartitionMetrics};

/// Sets the gauges of one group and of its assigned partitions.
#[derive(Debug)]
pub(super) struct Watch {
    group: String,
    pub(super) metrics: GroupMetrics,
    partitions: BTreeMap<PartitionId, PartitionMetrics>,
}

impl Watch {
    pub(super) fn new(group: &str, metrics: GroupMetrics) -> Self {
        Self {
            group: group.to_owned(),
            metrics,
            partitions: BTreeMap::new(),
        }
    }

    pub(super) fn show(
        &mut self,
        group: &Group,
        routes: &Routes,
        consumer: &dyn Consumer,
        now: Timestamp,
    ) {
        let seconds = |since: Option<Timestamp>| {
            since.map_or(0.0, |since| {
                (now.as_millis() - since.as_millis()).max(0) as f64 / 1e3
            })
        };
        self.metrics
            .oldest_unanswered_age_seconds
            .set(seconds(group.oldest_unanswered()));
        self.metrics
            .commit_age_seconds
            .set(seconds(group.uncommitted_since()));
        for (partition, gap) in group.gaps() {
            self.partition(partition, routes).offset_gap.set(gap as f64);
        }
        for (partition, is_blocked) in group.blocked() {
            let metrics = self.partition(partition, routes);
            metrics.head_blocked.set(f64::from(u8::from(is_blocked)));
        }
        for (partition, position) in group.positions() {
            let topic = routes
                .topic(partition.topic)
                .map_or("", |topic| &topic.name);
            if let Some(end) = consumer.end_offset(topic, partition.partition) {
                let lag = (end - position).max(0);
                self.partition(partition, routes).lag.set(lag as f64);
            }
        }
    }

    /// The partitions belong to somebody else, who shows them now.
    pub(super) fn forget(&mut self, partitions: &[PartitionId]) {
        for partition in partitions {
            if let Some(metrics) = self.partitions.remove(partition) {
                metrics.lag.set(0.0);
                metrics.offset_gap.set(0.0);
                metrics.head_blocked.set(0.0);
            }
        }
    }

    fn partition(&mut self, partition: PartitionId, routes: &Routes) -> &PartitionMetrics {
        let group = &self.group;
        self.partitions.entry(partition).or_insert_with(|| {
            let topic = routes
                .topic(partition.topic)
                .map_or("", |topic| &topic.name);
            PartitionMetrics::new(group, topic, &partition.partition.to_string())
        })
    }
}
