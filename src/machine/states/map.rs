//! Map, inline: the same states for each item of an array or object, and an array of what they give.
//!
//! *Not here*: how iterations end (`join`), and whose turn it is (`tree`).

use super::join::{iteration_event, joined};
use crate::asl::{Map, MaxConcurrency, State};
use crate::expr::Path;
use crate::history::EventType;
use crate::machine::context::map_item;
use crate::machine::flow::Flow;
use crate::machine::fork::Fork;
use crate::machine::frame::{Frame, Origin, Phase};
use crate::machine::problem::Problem;
use crate::machine::step::Turn;
use crate::value::{Number, Object, ObjectBuilder, Text, TooDeep, Value};

/// An attempt: the first, or a later one.
pub(super) fn enter(flow: &mut Flow<'_>, state: &State, map: &Map) -> Result<Turn, Problem> {
    let input = flow.effective_input(state)?;
    let (items, length) = items(flow, state, map, &input)?;
    let concurrency = concurrency(flow, state, map, &input)?;
    flow.record(EventType::MapStateStarted, |details| {
        details.number("length", i64::try_from(length).unwrap_or(i64::MAX));
    });
    tolerated_failures(flow, state, map, &input)?;
    let bytes_max = flow.core.options.limits.payload_bytes_max;
    let fork = Fork::new(input, items, length, concurrency, bytes_max);
    flow.frame.fork = Some(Box::new(fork));
    if length == 0 {
        return Ok(joined(flow, state));
    }
    flow.frame.phase = Phase::Forked;
    Ok(Turn::Park)
}

/// One of the items.
struct Item {
    index: usize,
    /// If they are those of an object.
    key: Option<Text>,
    value: Value,
}

/// The frame of an iteration that begins. If it cannot, the flow's chain of events ends where it began.
pub(super) fn iteration(
    flow: &mut Flow<'_>,
    state: &State,
    map: &Map,
    origin: Origin,
) -> Result<Frame, Problem> {
    let started_id = iteration_event(flow, state, origin.index, EventType::MapIterationStarted);
    let fork = flow.frame.fork.as_deref();
    let fork = fork.expect("a fork begins its iterations");
    let item = Item::of(&fork.items, origin.index);
    let input = fork.input.clone();

    let began = begin(flow, state, map, &input, &item);
    let (data, map_context) = began.inspect_err(|_| flow.frame.previous_id = started_id)?;
    let mut frame = flow.frame.inner(origin, map.start, data);
    frame.previous_id = started_id;
    frame.map = map_context;
    Ok(frame)
}

/// The input of an iteration, and its `$$.Map`.
fn begin(
    flow: &mut Flow<'_>,
    state: &State,
    map: &Map,
    input: &Value,
    item: &Item,
) -> Result<(Value, Value), Problem> {
    let map_context = if flow.program.uses_context {
        let built = map_item(item.index, item.key.as_ref(), &item.value);
        built.map_err(|why| flow.runtime(why.to_string(), state))?
    } else {
        Value::NULL
    };
    let Some(selector) = &map.item_selector else {
        let data = item.data();
        let data = data.map_err(|why| flow.runtime(why.to_string(), state))?;
        return Ok((data, map_context));
    };

    let mut context = flow.frame.context.clone();
    if flow.program.uses_context {
        let inserted = context.insert("Map", map_context.clone());
        inserted.map_err(|why| flow.runtime(why.to_string(), state))?;
    }
    let own = std::mem::replace(&mut flow.frame.context, context);
    let data = flow.evaluate(selector, input, state);
    flow.frame.context = own;
    let data = data?;
    if flow.core.is_too_large(&data) {
        return Err(Problem::parameters_too_large(&state.name));
    }
    Ok((data, map_context))
}

impl Item {
    fn of(items: &Value, index: usize) -> Self {
        let (key, value) = match items.as_array() {
            Some(elements) => (None, elements.get(index)),
            None => {
                let entries = items.as_object().map(Object::entries);
                let entry = entries.and_then(|entries| entries.get(index));
                (
                    entry.map(|(key, _)| key.clone()),
                    entry.map(|(_, value)| value),
                )
            }
        };
        let value = value.expect("a fork is as long as its items").clone();
        Self { index, key, value }
    }

    /// What the iteration gets where there is no `ItemSelector`: the item, or the pair of key and value.
    fn data(&self) -> Result<Value, TooDeep> {
        let Some(key) = &self.key else {
            return Ok(self.value.clone());
        };
        let mut pair = ObjectBuilder::with_capacity(2);
        pair.insert("Key", Value::from(key.clone()));
        pair.insert("Value", self.value.clone());
        pair.finish()
    }
}

/// What the Map goes through, and how many items that has.
fn items(
    flow: &Flow<'_>,
    state: &State,
    map: &Map,
    input: &Value,
) -> Result<(Value, usize), Problem> {
    let items = match &map.items_path {
        None => input.clone(),
        Some(path) => path
            .find(&flow.scope(input))
            .map_err(|miss| flow.missing(&miss, state))?
            .into_owned(),
    };
    // AWS's guide has objects too; the recordings refuse the context object.
    let reads_context = map.items_path.as_ref().is_some_and(Path::reads_context);
    let entries = items.as_object().filter(|_| !reads_context);
    let length = match items.as_array() {
        Some(elements) => Some(elements.len()),
        None => entries.map(Object::len),
    };
    match length {
        Some(length) => Ok((items, length)),
        None => {
            let path = map.items_path.as_ref().map_or("$", Path::text);
            let path = if reads_context {
                path.get(1..).unwrap_or(path)
            } else {
                path
            };
            let detail = format!("Reference path \"{path}\" must point to array.");
            Err(flow.runtime(detail, state))
        }
    }
}

fn concurrency(flow: &Flow<'_>, state: &State, map: &Map, input: &Value) -> Result<usize, Problem> {
    let wanted = match &map.max_concurrency {
        None => 0,
        Some(MaxConcurrency::Literal(number)) => *number,
        Some(MaxConcurrency::Path(path)) => count(flow, state, path, input, "MaxConcurrency")?,
    };
    let most = flow.core.options.limits.map_concurrency_max;
    Ok(match usize::try_from(wanted).unwrap_or(usize::MAX) {
        0 => most,
        wanted => wanted.min(most),
    })
}

/// Checks what an inline Map may say and does not heed.
fn tolerated_failures(
    flow: &Flow<'_>,
    state: &State,
    map: &Map,
    input: &Value,
) -> Result<(), Problem> {
    if let Some(path) = &map.tolerated_failure_count {
        count(flow, state, path, input, "ToleratedFailureCount")?;
    }
    let Some(path) = &map.tolerated_failure_percentage else {
        return Ok(());
    };
    let name = "ToleratedFailurePercentage";
    let percentage = number(flow, state, path, input, name, "float", |n| {
        Some(n.as_f64())
    })?;
    if (0.0..=100.0).contains(&percentage) {
        return Ok(());
    }
    Err(flow.runtime(format!("{name} must be between 0 and 100."), state))
}

/// The value of `…Path`, which must be an integer from 0.
fn count(
    flow: &Flow<'_>,
    state: &State,
    path: &Path,
    input: &Value,
    name: &str,
) -> Result<u64, Problem> {
    let count = number(flow, state, path, input, name, "integer", |n| n.as_i64())?;
    u64::try_from(count).map_err(|_| flow.runtime(format!("{name} cannot be negative."), state))
}

fn number<T>(
    flow: &Flow<'_>,
    state: &State,
    path: &Path,
    input: &Value,
    name: &str,
    kind: &str,
    read: impl FnOnce(Number<'_>) -> Option<T>,
) -> Result<T, Problem> {
    let scope = flow.scope(input);
    let value = path
        .find(&scope)
        .map_err(|miss| flow.missing(&miss, state))?;
    value.as_number().and_then(read).ok_or_else(|| {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_json(), str::to_owned);
        let path = path.text();
        let detail = format!(
            "The {name}Path field refers to value \"{shown}\" which is not a valid {kind}: {path}"
        );
        flow.runtime(detail, state)
    })
}
