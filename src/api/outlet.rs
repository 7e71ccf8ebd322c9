//! Where the ends of executions go beside their caller.

use crate::engine::Finished;

/// What is told to an [`Outlet`].
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The execution.
    pub finished: &'a Finished,
    /// Whether nobody waits for the outcome: it is owed to the topics of its workflow.
    pub owes_outcome: bool,
    /// The log group that the machine names, if it was made by the API; a workflow of the settings has a topic of its own.
    pub log_group: Option<&'a str>,
}

/// Takes logs and outcomes, as the edge does that owns the topics. Called on a worker's thread: it must not block.
pub trait Outlet: Send + Sync + std::fmt::Debug {
    /// An execution has ended.
    fn ended(&self, ended: &Ended<'_>);

    /// Whether it is behind: executions that will leave something here are refused meanwhile.
    fn is_full(&self) -> bool {
        false
    }
}
