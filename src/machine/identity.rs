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
        let mut digits = [0; UUID_BYTES];
        let (kind, uuid) = match self.kind {
            ExecutionKind::Standard => (":execution:", None),
            ExecutionKind::Express | ExecutionKind::ExpressSync => {
                (":express:", Some(hyphenated(self.uuid, &mut digits)))
            }
        };
        // Every answer carries it: one allocation, no formatting.
        let parts: [&str; 8] = [
            "arn:", partition, ":states:", region, ":", account, kind, machine,
        ];
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        let mut arn = String::with_capacity(bytes + self.name.len() + UUID_BYTES + 2);
        for part in parts {
            arn.push_str(part);
        }
        arn.push(':');
        arn.push_str(&self.name);
        if let Some(uuid) = uuid {
            arn.push(':');
            arn.push_str(uuid);
        }
        arn
    }
}

/// The length of a UUID's usual form.
const UUID_BYTES: usize = 36;

/// A UUID in its usual form.
fn hyphenated(uuid: u128, digits: &mut [u8; UUID_BYTES]) -> &str {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    // The pairs of digits before which a hyphen stands.
    const PARTS: [usize; 4] = [4, 6, 8, 10];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let mut places = digits.iter_mut();
    for (pair, byte) in uuid.to_be_bytes().into_iter().enumerate() {
        let hyphen = PARTS.contains(&pair).then_some(b'-');
        let pair = [digit(byte >> 4), digit(byte & 15)];
        for (digit, place) in hyphen.into_iter().chain(pair).zip(places.by_ref()) {
            *place = digit;
        }
    }
    std::str::from_utf8(digits).expect("hexadecimal digits and hyphens are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_the_parts_of_its_kind() {
        let machine = MachineIdentity {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "111111111111".into(),
            name: "iot".into(),
            role_arn: "".into(),
        };
        let mut identity = Identity {
            machine: Arc::new(machine),
            name: "in-3-42".into(),
            uuid: 0x0123_4567_89ab_cdef_0000_0000_0000_00f0,
            kind: ExecutionKind::Express,
        };
        let express = "arn:aws:states:us-east-1:111111111111:express:iot:in-3-42:\
                       01234567-89ab-cdef-0000-0000000000f0";
        assert_eq!(identity.arn(), express);
        identity.kind = ExecutionKind::Standard;
        let standard = "arn:aws:states:us-east-1:111111111111:execution:iot:in-3-42";
        assert_eq!(identity.arn(), standard);
    }
}
