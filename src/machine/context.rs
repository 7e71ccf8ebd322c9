//! The context object (`$$`), built only for programs that read it.

use super::core::Core;
use super::frame::Frame;
use super::{ExecutionKind, Options, Timestamp};
use crate::asl::{Kind, State};
use crate::value::{ObjectBuilder, Text, TooDeep, Value};

/// The context object of an execution with `null` for `State`; the rest stays the same throughout.
#[derive(Debug)]
pub(super) struct ContextBase(Value);

/// The context object of the state that `frame` is in.
///
/// # Errors
/// If the execution's input, or an addition, nests so deeply that it cannot be put in.
pub(super) fn build(core: &mut Core, state: &State, frame: &Frame) -> Result<Value, TooDeep> {
    let mut entered = ObjectBuilder::with_capacity(3);
    entered.insert("Name", Value::from(state.name.clone()));
    entered.insert("EnteredTime", Value::from(frame.entered.to_rfc3339()));
    if matches!(state.kind, Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_)) {
        let retry_count = i64::try_from(frame.retry_count()).unwrap_or(i64::MAX);
        entered.insert("RetryCount", Value::from(retry_count));
    }
    let entered = entered.finish()?;

    let base = match &mut core.context_base {
        Some(base) => base,
        none => none.insert(ContextBase::new(&core.options, &core.input, core.began)?),
    };
    let mut context = base.0.clone();
    context.insert("State", entered)?;
    if !frame.map.is_null() {
        context.insert("Map", frame.map.clone())?;
    }
    Ok(context)
}

/// What `$$.Map` is in an iteration; only the items of an object have a key. The items of an inline Map come from its input.
///
/// # Errors
/// If the item nests too deeply.
pub(super) fn map_item(index: usize, key: Option<&Text>, item: &Value) -> Result<Value, TooDeep> {
    let mut members = ObjectBuilder::with_capacity(3);
    members.insert(
        "Index",
        Value::from(i64::try_from(index).unwrap_or(i64::MAX)),
    );
    if let Some(key) = key {
        members.insert("Key", Value::from(key.clone()));
    }
    members.insert("Value", item.clone());
    members.insert("Source", Value::from("STATE_DATA"));
    let mut map = ObjectBuilder::with_capacity(1);
    map.insert("Item", members.finish()?);
    map.finish()
}

impl ContextBase {
    /// In the order of AWS's members; those of [`Options::context`] stand behind them.
    fn new(options: &Options, input: &Value, began: Timestamp) -> Result<Self, TooDeep> {
        let identity = &options.identity;
        let mut execution = ObjectBuilder::with_capacity(6);
        execution.insert("Id", Value::from(identity.arn()));
        execution.insert("Input", input.clone());
        execution.insert("StartTime", Value::from(began.to_rfc3339()));
        execution.insert("Name", Value::from(identity.name.clone()));
        execution.insert("RoleArn", Value::from(identity.machine.role_arn.clone()));
        if identity.kind != ExecutionKind::ExpressSync {
            execution.insert("RedriveCount", Value::from(0));
        }

        let mut machine = ObjectBuilder::with_capacity(2);
        machine.insert("Id", Value::from(identity.machine.arn()));
        machine.insert("Name", Value::from(identity.machine.name.clone()));

        let mut context = ObjectBuilder::with_capacity(4);
        context.insert("Execution", execution.finish()?);
        context.insert("StateMachine", machine.finish()?);
        context.insert("State", Value::NULL);
        if let Some(additions) = options.context.as_object() {
            for (key, value) in additions.iter() {
                context.insert(key.clone(), value.clone());
            }
        }
        context.finish().map(Self)
    }
}
