//! Map, inline: the same states for each item of an array or object, and an array of what they give.
//!
//! *Not here*: how iterations end (`join`), and whose turn it is (`tree`).

use std::borrow::Cow;

use super::join::{iteration_event, joined};
use crate::asl::{Items, Map, NumberField, State};
use crate::expr::{Failure, Path, QueryTemplate, Seen};
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
    let data = flow.evaluate(selector, Seen::Input(input), state);
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
                let entry = items.as_object().and_then(|object| object.entry(index));
                (entry.map(|(key, _)| key.clone()), entry.map(|(_, v)| v))
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
    let (items, path) = match &map.items {
        Items::Payload(template) => return queried_items(flow, state, template),
        Items::Input => (input.clone(), None),
        Items::Path(path) => {
            let found = path.find(&flow.scope(input));
            let found = found.map_err(|miss| flow.missing(&miss, state))?;
            (found.into_owned(), Some(path))
        }
    };
    if state.is_jsonata {
        // AWS says where a query's value comes from, but not where the input does.
        let detail = || format!("Map state input must be an array but was: {items}");
        let length = items.as_array().map(<[Value]>::len);
        let length = length.ok_or_else(|| flow.problem(&Failure::query(None, detail()), state))?;
        return Ok((items, length));
    }
    // AWS's guide has objects too; the recordings refuse the context object.
    let reads_context = path.is_some_and(Path::reads_context);
    let entries = items.as_object().filter(|_| !reads_context);
    let length = match items.as_array() {
        Some(elements) => Some(elements.len()),
        None => entries.map(Object::len),
    };
    match length {
        Some(length) => Ok((items, length)),
        None => {
            let path = path.map_or("$", Path::text);
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

/// `Items` of JSONata: an expression must give an array, a literal may be an object.
fn queried_items(
    flow: &Flow<'_>,
    state: &State,
    template: &QueryTemplate,
) -> Result<(Value, usize), Problem> {
    let items = if let QueryTemplate::Query(query) = template {
        flow.query(query, "array", state)?
    } else {
        let scope = flow.query_scope(Seen::Input(&flow.frame.data));
        let items = template.eval(&scope);
        items.map_err(|failure| flow.problem(&failure, state))?
    };
    let length = items.as_array().map(<[Value]>::len);
    let length = length.or_else(|| items.as_object().map(Object::len));
    Ok((items, length.expect("compile accepts arrays and objects")))
}

fn concurrency(flow: &Flow<'_>, state: &State, map: &Map, input: &Value) -> Result<usize, Problem> {
    let wanted = match &map.max_concurrency {
        None => 0,
        Some(field) => count(flow, state, field, input, "MaxConcurrency")?,
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
    if let Some(field) = &map.tolerated_failure_count {
        count(flow, state, field, input, "ToleratedFailureCount")?;
    }
    let Some(field) = &map.tolerated_failure_percentage else {
        return Ok(());
    };
    let name = "ToleratedFailurePercentage";
    let read = |n: Number<'_>| Some(n.as_f64());
    let percentage = number(flow, state, field, input, name, "float", read)?;
    if (0.0..=100.0).contains(&percentage) {
        return Ok(());
    }
    Err(out_of_range(
        flow,
        state,
        field,
        format!("{name} must be between 0 and 100."),
    ))
}

/// The value of a number that must be an integer from 0.
fn count(
    flow: &Flow<'_>,
    state: &State,
    field: &NumberField,
    input: &Value,
    name: &str,
) -> Result<u64, Problem> {
    if let NumberField::Literal(number) = field {
        return Ok(*number);
    }
    let count = number(flow, state, field, input, name, "integer", |n| n.as_i64())?;
    u64::try_from(count)
        .map_err(|_| out_of_range(flow, state, field, format!("{name} cannot be negative.")))
}

fn out_of_range(flow: &Flow<'_>, state: &State, field: &NumberField, detail: String) -> Problem {
    match field {
        NumberField::Query(query) => flow.field_problem(query, detail, state),
        NumberField::Literal(_) | NumberField::Path(_) => flow.runtime(detail, state),
    }
}

fn number<T>(
    flow: &Flow<'_>,
    state: &State,
    field: &NumberField,
    input: &Value,
    name: &str,
    kind: &str,
    read: impl FnOnce(Number<'_>) -> Option<T>,
) -> Result<T, Problem> {
    let scope = flow.scope(input);
    let value = match field {
        NumberField::Literal(number) => {
            Cow::Owned(Value::from(i64::try_from(*number).unwrap_or(i64::MAX)))
        }
        NumberField::Path(path) => {
            let found = path.find(&scope);
            found.map_err(|miss| flow.missing(&miss, state))?
        }
        NumberField::Query(query) => Cow::Owned(flow.query(query, "number", state)?),
    };
    value.as_number().and_then(read).ok_or_else(|| {
        let shown = value
            .as_str()
            .map_or_else(|| value.to_json(), str::to_owned);
        let fault = format!("refers to value \"{shown}\" which is not a valid {kind}");
        match field {
            NumberField::Literal(_) => flow.runtime(format!("The {name} field {fault}"), state),
            NumberField::Path(path) => {
                let detail = format!("The {name}Path field {fault}: {}", path.text());
                flow.runtime(detail, state)
            }
            NumberField::Query(query) => {
                flow.field_problem(query, format!("The {name} field {fault}"), state)
            }
        }
    })
}
