//! Which events of a workflow run one after the other.

use super::event::hash;
use super::group::PartitionId;
use super::mutant::{self, Mutant};
use super::settings::Order;
use crate::engine::OrderKey;

/// Events of the same order key run one after the other: those of one key of a workflow, or of one partition.
pub(super) fn order_key(
    order: Order,
    workflow: usize,
    key: Option<&[u8]>,
    id: PartitionId,
) -> Option<OrderKey> {
    let by_partition = || {
        let number = u64::from(id.partition.cast_unsigned()) | (u64::from(id.topic) << 32);
        OrderKey(hash(&number.to_le_bytes(), workflow as u64 ^ u64::MAX))
    };
    match (order, key) {
        (Order::None, _) => None,
        _ if mutant::is(Mutant::OrderByKeyBroken) => None,
        (Order::Key, Some(key)) => Some(OrderKey(hash(key, workflow as u64))),
        (Order::Key, None) | (Order::Partition, _) => Some(by_partition()),
    }
}
