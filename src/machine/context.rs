//! The context object (`$$`), built only for programs that read it.

use super::frame::Frame;
use super::{ExecutionKind, Options, Timestamp};
use crate::asl::{Kind, State};
use crate::value::{ObjectBuilder, TooDeep, Value};

/// The context object of a state, in the order of AWS's fields; members of [`Options::context`] stand behind them.
///
/// # Errors
/// If the execution's input nests so deeply that it cannot be put two levels down.
pub(super) fn build(
    options: &Options,
    execution_input: &Value,
    began: Timestamp,
    state: &State,
    frame: &Frame,
) -> Result<Value, TooDeep> {
    let identity = &options.identity;
    let mut execution = ObjectBuilder::with_capacity(6);
    execution.insert("Id", Value::from(identity.arn()));
    execution.insert("Input", execution_input.clone());
    execution.insert("StartTime", Value::from(began.to_rfc3339()));
    execution.insert("Name", Value::from(identity.name.clone()));
    execution.insert("RoleArn", Value::from(identity.machine.role_arn.clone()));
    if identity.kind != ExecutionKind::ExpressSync {
        execution.insert("RedriveCount", Value::from(0));
    }

    let mut machine = ObjectBuilder::with_capacity(2);
    machine.insert("Id", Value::from(identity.machine.arn()));
    machine.insert("Name", Value::from(identity.machine.name.clone()));

    let mut entered = ObjectBuilder::with_capacity(3);
    entered.insert("Name", Value::from(state.name.clone()));
    entered.insert("EnteredTime", Value::from(frame.entered.to_rfc3339()));
    if matches!(state.kind, Kind::Task(_)) {
        entered.insert(
            "RetryCount",
            Value::from(i64::try_from(frame.retry_count()).unwrap_or(i64::MAX)),
        );
    }

    let mut context = ObjectBuilder::with_capacity(4);
    context.insert("Execution", execution.finish()?);
    context.insert("StateMachine", machine.finish()?);
    context.insert("State", entered.finish()?);
    if let Some(additions) = options.context.as_object() {
        for (key, value) in additions.iter() {
            context.insert(key.clone(), value.clone());
        }
    }
    context.finish()
}
