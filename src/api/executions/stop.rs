//! StopExecution. The outcome, ABORTED, goes where every other one does.

use super::find;
use crate::api::protocol::{Fault, Fields, Members};
use crate::api::shared::Shared;
use crate::engine::Stop;
use crate::value::Text;

/// Answers when the execution has ended; one that had ended before is left as it is.
pub(in crate::api) async fn stop(shared: &Shared, mut fields: Fields) -> Result<Vec<u8>, Fault> {
    let arn = fields.text("executionArn", 1, 256)?;
    let error = fields.optional_text("error", 0, 256)?;
    let cause = fields.optional_text("cause", 0, 32_768)?;
    fields.check()?;
    let kept = find(shared, &arn)?;
    if kept.outcome().is_none() {
        kept.journal.stop(Stop {
            error: error.map(Text::from),
            cause,
        });
        kept.ended().await;
    }
    let Some(outcome) = kept.outcome() else {
        return Err(Fault::unavailable("The engine has stopped"));
    };
    let mut answer = Members::new();
    answer.instant("stopDate", outcome.stop);
    Ok(answer.finish())
}
