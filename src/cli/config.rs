//! `stepstream config`: every setting with its default.

use std::io::Write as _;

use super::{Ended, Failure};
use crate::config;

/// Print a settings file with every setting, its meaning and its default.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Arguments) -> Result<Ended, Failure> {
    std::io::stdout().write_all(config::document().as_bytes())?;
    Ok(Ended::Well)
}
