//! The context object of a tested state: the one that is given, or one made up.

use super::subject::Subject;
use super::{STATE_NAME, TestStateRefusal, TestStateRequest};
use crate::asl::Kind;
use crate::machine::{Identity, MachineIdentity, Options, Timestamp};
use crate::value::{ObjectBuilder, TooDeep, Value};

/// The members that a given context object may have.
const MEMBERS: [(&str, &[&str]); 4] = [
    (
        "Execution",
        &[
            "Id",
            "Input",
            "Name",
            "RoleArn",
            "StartTime",
            "RedriveCount",
            "RedriveTime",
        ],
    ),
    ("State", &["EnteredTime", "Name", "RetryCount"]),
    ("StateMachine", &["Id", "Name"]),
    ("Task", &["Token"]),
];

/// Whether a given context object may be one.
pub(super) fn check(request: &TestStateRequest<'_>) -> Result<(), TestStateRefusal> {
    let Some(context) = &request.context else {
        return Ok(());
    };
    let refuse = |why: String| {
        let message = format!("Invalid Context object provided: {why}");
        Err(TestStateRefusal::Validation(message))
    };
    let Some(context) = context.as_object() else {
        return refuse("it must be a JSON object".to_owned());
    };
    for (name, member) in context.iter() {
        if name == "Map" {
            return refuse("'Map' field is not supported when mocking a Context object".to_owned());
        }
        let Some((_, known)) = MEMBERS.iter().find(|(known, _)| name == known) else {
            return refuse(format!("Field '{name}' is not allowed"));
        };
        let fields = member.as_object();
        let mut fields = fields.iter().flat_map(|object| object.iter());
        if let Some((field, _)) = fields.find(|(field, _)| !known.contains(&field.as_str())) {
            return refuse(format!("Field '{field}' is not allowed"));
        }
    }
    Ok(())
}

/// The context object that the state sees.
///
/// # Errors
/// If the input nests so deeply that it cannot be put in.
pub(super) fn build(
    request: &TestStateRequest<'_>,
    subject: &Subject,
    options: &Options,
    now: Timestamp,
) -> Result<Value, TooDeep> {
    if let Some(context) = &request.context {
        return Ok(context.clone());
    }
    let identity = &options.identity;
    let now = Value::from(now.to_rfc3339());
    let role = &identity.machine.role_arn;
    let execution = object([
        ("Id", Value::from(execution_arn(identity))),
        ("Input", request.input.clone()),
        ("Name", Value::from(identity.name.clone())),
        (
            "RoleArn",
            match role.is_empty() {
                true => Value::NULL,
                false => Value::from(role.clone()),
            },
        ),
        ("StartTime", now.clone()),
    ])?;
    let machine = object([
        ("Id", Value::from(identity.machine.arn())),
        ("Name", Value::from(identity.machine.name.clone())),
    ])?;
    let mut state = object([("Name", Value::from(STATE_NAME)), ("EnteredTime", now)])?;
    if matches!(
        subject.state().kind,
        Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_)
    ) {
        let count = request.configuration.retrier_retry_count.unwrap_or(0);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        state.insert("RetryCount", Value::from(count))?;
    }
    let mut context = object([
        ("Execution", execution),
        ("StateMachine", machine),
        ("State", state),
    ])?;
    if subject.is_iterated {
        let item = object([("Index", Value::from(0)), ("Value", request.input.clone())])?;
        context.insert("Map", object([("Item", item)])?)?;
    }
    Ok(context)
}

/// Unlike that of a real execution it ends with the name (recorded).
fn execution_arn(identity: &Identity) -> String {
    let MachineIdentity {
        partition,
        region,
        account,
        name: machine,
        ..
    } = &*identity.machine;
    let name = &identity.name;
    format!("arn:{partition}:states:{region}:{account}:express:{machine}:{name}")
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Result<Value, TooDeep> {
    let mut object = ObjectBuilder::with_capacity(N);
    for (name, value) in members {
        object.insert(name, value);
    }
    object.finish()
}
