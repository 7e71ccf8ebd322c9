//! What is asked about executions that are remembered: an addition for Express, which AWS offers for Standard only.

mod describe;
mod history;
mod list;
mod stop;

use std::sync::Arc;

pub(super) use describe::describe;
pub(super) use history::history;
pub(super) use list::list;
pub(super) use stop::stop;

use super::protocol::{ExecutionArn, Fault, execution_arn};
use super::recent::Kept;
use super::shared::Shared;

/// The execution of an ARN.
fn find(shared: &Shared, arn: &str) -> Result<Arc<Kept>, Fault> {
    let parts = offered(shared, arn)?;
    shared
        .recent
        .of_arn(&parts)
        .ok_or_else(|| Fault::execution_does_not_exist(arn))
}

/// An execution's ARN, if it is answered for: not that of Express where AWS's rules are kept to the letter.
pub(super) fn offered(shared: &Shared, arn: &str) -> Result<ExecutionArn, Fault> {
    let parts = execution_arn(arn)?;
    if shared.options.is_strict && parts.is_express() {
        let why = "Resource type not valid in this context: express";
        return Err(Fault::invalid_arn(why));
    }
    Ok(parts)
}
