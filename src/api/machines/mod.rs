//! The operations on state machines.

mod configuration;
mod create;
mod describe;
mod kept;
mod update;

pub(super) use configuration::{check_tags, tags as read_tags};
pub(super) use create::create;
pub(super) use describe::{describe, describe_for_execution, list};
pub(super) use kept::load as load_kept;
pub(super) use update::{delete, update};
