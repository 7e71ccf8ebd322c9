//! ARNs in requests, taken apart.

use super::Fault;
use crate::machine::MachineIdentity;

/// `arn:P:states:R:A:stateMachine:NAME[:QUALIFIER]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct MachineArn {
    /// Partition, region and account.
    place: [String; 3],
    /// The machine's name.
    pub(in crate::api) name: String,
    /// What stands behind it.
    pub(in crate::api) qualifier: Option<Qualifier>,
    /// The test case of mocks, which Step Functions Local takes behind a `#`.
    pub(in crate::api) test_case: Option<String>,
}

/// What is asked of a machine: one of its versions, or where an alias leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) enum Qualifier {
    /// A version's number.
    Version(u64),
    /// An alias's name.
    Alias(String),
}

/// The ARN of an execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct ExecutionArn {
    place: [String; 3],
    /// The machine's name.
    pub(in crate::api) machine: String,
    /// The execution's name.
    pub(in crate::api) name: String,
    /// What stands behind the name of an Express execution.
    pub(in crate::api) uuid: Option<u128>,
    express: bool,
}

/// Takes the ARN of a state machine, a version or an alias apart.
pub(in crate::api) fn machine_arn(arn: &str) -> Result<MachineArn, Fault> {
    let (place, kind, rest) = split(arn)?;
    if kind != "stateMachine" {
        return Err(not_here(kind));
    }
    let (rest, test_case) = match rest.split_once('#') {
        Some((rest, test_case)) => (rest, Some(test_case.to_owned())),
        None => (rest, None),
    };
    let (name, qualifier) = match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(read_qualifier(qualifier)?)),
        None => (rest, None),
    };
    if name.is_empty() {
        return Err(Fault::invalid_arn(&format!("Invalid Arn: {arn}")));
    }
    Ok(MachineArn {
        place,
        name: name.to_owned(),
        qualifier,
        test_case,
    })
}

/// Takes the ARN of an execution apart.
pub(in crate::api) fn execution_arn(arn: &str) -> Result<ExecutionArn, Fault> {
    let (place, kind, rest) = split(arn)?;
    let parts: Vec<&str> = rest.split(':').collect();
    let (uuid, machine, name) = match (kind, parts.as_slice()) {
        ("express", [machine, name, uuid]) => (Some(*uuid), machine, name),
        ("execution", [machine, name]) => (None, machine, name),
        ("express" | "execution", _) => {
            return Err(Fault::invalid_arn(&format!("Invalid Arn: {arn}")));
        }
        _ => return Err(not_here(kind)),
    };
    Ok(ExecutionArn {
        place,
        express: uuid.is_some(),
        machine: (*machine).to_owned(),
        name: (*name).to_owned(),
        uuid: uuid.and_then(read_uuid),
    })
}

impl MachineArn {
    /// Whether it is of this partition, region and account.
    pub(in crate::api) fn is_of(&self, identity: &MachineIdentity) -> bool {
        is_of(&self.place, identity)
    }
}

impl ExecutionArn {
    /// Whether it is of the shape that Express executions have.
    pub(in crate::api) const fn is_express(&self) -> bool {
        self.express
    }

    /// Whether it is of this partition, region and account.
    pub(in crate::api) fn is_of(&self, identity: &MachineIdentity) -> bool {
        is_of(&self.place, identity)
    }
}

fn is_of([partition, region, account]: &[String; 3], identity: &MachineIdentity) -> bool {
    *partition == *identity.partition
        && *region == *identity.region
        && *account == *identity.account
}

/// Place, kind of resource, and the rest.
fn split(arn: &str) -> Result<([String; 3], &str, &str), Fault> {
    let mut parts = arn.splitn(7, ':');
    if parts.next() != Some("arn") {
        return Err(Fault::invalid_arn(&format!("Invalid ARN prefix: {arn}")));
    }
    let parts: Vec<&str> = parts.collect();
    let [partition, service, region, account, kind, rest] = *parts.as_slice() else {
        return Err(Fault::invalid_arn(&format!("Invalid Arn: {arn}")));
    };
    if service != "states" {
        return Err(Fault::invalid_arn(&format!("Invalid service: {service}")));
    }
    Ok(([partition, region, account].map(str::to_owned), kind, rest))
}

fn read_uuid(text: &str) -> Option<u128> {
    u128::from_str_radix(&text.replace('-', ""), 16).ok()
}

fn read_qualifier(text: &str) -> Result<Qualifier, Fault> {
    if text.is_empty() || text.contains(':') {
        return Err(Fault::invalid_arn(&format!("Invalid qualifier: {text}")));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let number = text.parse();
        return number
            .map(Qualifier::Version)
            .map_err(|_| Fault::invalid_arn(&format!("Invalid qualifier: {text}")));
    }
    Ok(Qualifier::Alias(text.to_owned()))
}

fn not_here(kind: &str) -> Fault {
    Fault::invalid_arn(&format!("Resource type not valid in this context: {kind}"))
}
