//! Who an execution is: names and ARNs, rendered only where they are asked for.

use std::sync::Arc;

use crate::value::Text;

/// Who an execution is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The state machine it runs.
    pub machine: Arc<MachineIdentity>,
    /// The execution's name, 1 to 80 characters.
    pub name: Text,
    /// Makes the ARN of an Express execution unique.
    pub uuid: u128,
    /// Shapes the ARN and the context object.
    pub kind: ExecutionKind,
}

/// Who a state machine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineIdentity {
    /// `aws`
    pub partition: Text,
    /// `us-east-1`
    pub region: Text,
    /// Twelve digits.
    pub account: Text,
    /// The machine's name.
    pub name: Text,
    /// The role that AWS would assume; shown in history and context.
    pub role_arn: Text,
}

/// The three kinds of executions that AWS has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionKind {
    /// `…:execution:MACHINE:NAME`, for conformance with recordings of Standard.
    Standard,
    /// `…:express:MACHINE:NAME:UUID`, started by StartExecution or an event.
    Express,
    /// The same ARN, started by StartSyncExecution; the context object has no `RedriveCount`.
    ExpressSync,
}

impl MachineIdentity {
    /// `arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        let Self {
            partition,
            region,
            account,
            name,
            ..
        } = self;
        format!("arn:{partition}:states:{region}:{account}:stateMachine:{name}")
    }
}

impl Identity {
    /// The execution's ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        let MachineIdentity {
            partition,
            region,
            account,
            name: machine,
            ..
        } = &*self.machine;
        let prefix = format!("arn:{partition}:states:{region}:{account}");
        match self.kind {
            ExecutionKind::Standard => format!("{prefix}:execution:{machine}:{}", self.name),
            ExecutionKind::Express | ExecutionKind::ExpressSync => {
                format!(
                    "{prefix}:express:{machine}:{}:{}",
                    self.name,
                    hyphenated(self.uuid)
                )
            }
        }
    }
}

/// A UUID in its usual form.
fn hyphenated(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}
