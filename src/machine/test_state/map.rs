//! What a Map makes of its items: their pointer, selector and batches, as inspection data shows them.
//!
//! *Not here*: running iterations, for which the mock stands.

use std::borrow::Cow;

use super::run::Test;
use crate::asl::{Batcher, Map, NumberField, State};
use crate::expr::Seen;
use crate::machine::flow::Flow;
use crate::machine::fork::Fork;
use crate::machine::frame::Origin;
use crate::machine::frames::FrameId;
use crate::machine::problem::Problem;
use crate::machine::states;
use crate::value::{ArrayBuilder, ObjectBuilder, Value};

impl Test<'_> {
    /// The items within what the reader has read: where `ItemsPointer` leads, if there is one.
    pub(super) fn pointed(&mut self, read: Value) -> Result<Value, Problem> {
        let reader = self.subject.field("ItemReader");
        let config = reader.and_then(|reader| reader.get("ReaderConfig"));
        let pointer = config.and_then(|config| config.get("ItemsPointer")?.as_str());
        let Some(pointer) = pointer else {
            return Ok(read);
        };
        let items = follow(&read, pointer).filter(|items| items.as_array().is_some());
        let items = items.cloned().ok_or_else(|| {
            Problem::new(
                "States.ItemReaderFailed",
                "Attempting to map over non-iterable node.",
            )
        })?;
        self.inspection.after_items_pointer = Some(items.clone());
        Ok(items)
    }

    /// What a Map makes of its items before its first iteration.
    pub(super) fn inspect_map(
        &mut self,
        flow: &mut Flow<'_>,
        state: &State,
        map: &Map,
    ) -> Result<(), Problem> {
        let fork = flow.frame.fork.as_deref();
        let items = fork.map(|fork| fork.items.clone()).unwrap_or_default();
        if map.item_selector.is_some() {
            let length = items.as_array().map_or(0, <[Value]>::len);
            let mut selected = ArrayBuilder::with_capacity(length);
            for index in 0..length {
                let parent = FrameId::ROOT;
                let inner = states::inner(flow, state, Origin { parent, index })?;
                selected.push(inner.data);
            }
            let selected = selected.finish();
            let selected = selected.map_err(|why| flow.runtime(why.to_string(), state))?;
            self.inspection.after_item_selector = Some(selected);
        }
        if let Some(batcher) = &map.batcher {
            let selected = self.inspection.after_item_selector.as_ref();
            let batched = batches(flow, state, batcher, selected.unwrap_or(&items))?;
            self.inspection.after_item_batcher = Some(batched);
        }
        if !state.is_jsonata && self.subject.field("ItemReader").is_none() {
            self.inspection.after_items_path = Some(items);
        }
        let number = |field: &Option<NumberField>| number_of(flow, state, field.as_ref());
        let concurrency = number(&map.max_concurrency);
        self.inspection.max_concurrency = Some(concurrency.unwrap_or_else(|| Value::from(0)));
        self.inspection.tolerated_failure_count = number(&map.tolerated_failure_count);
        self.inspection.tolerated_failure_percentage = number(&map.tolerated_failure_percentage);
        Ok(())
    }
}

/// A number of a Map: as written, or what its path or query gives.
fn number_of(flow: &Flow<'_>, state: &State, field: Option<&NumberField>) -> Option<Value> {
    match field? {
        NumberField::Literal(number) => i64::try_from(*number).ok().map(Value::from),
        NumberField::Path(path) => {
            let input = &flow.frame.fork.as_deref()?.input;
            path.find(&flow.scope(input)).ok().map(Cow::into_owned)
        }
        NumberField::Query(query) => flow.query(query, "number", state).ok(),
    }
}

/// Items in batches, each with the batcher's own input: as many as its bounds let into one, and at least one.
fn batches(
    flow: &Flow<'_>,
    state: &State,
    batcher: &Batcher,
    items: &Value,
) -> Result<Value, Problem> {
    let bound = |field: &Option<NumberField>| {
        let number = number_of(flow, state, field.as_ref())?;
        let number = number.as_number()?.as_i64()?;
        usize::try_from(number).ok().filter(|bound| *bound > 0)
    };
    let (items_max, bytes_max) = (bound(&batcher.items_max), bound(&batcher.bytes_max));
    let input = flow
        .frame
        .fork
        .as_deref()
        .map(|fork: &Fork| fork.input.clone());
    let input = input.unwrap_or_default();
    let batch_input = match &batcher.input {
        None => None,
        Some(payload) => Some(flow.evaluate(payload, Seen::Input(&input), state)?),
    };
    let too_deep = |why: &dyn std::fmt::Display| flow.runtime(why.to_string(), state);
    let batch = |items: &[Value]| {
        let items = ArrayBuilder::from_iter(items.iter().cloned()).finish();
        let mut batch = ObjectBuilder::with_capacity(2);
        if let Some(input) = &batch_input {
            batch.insert("BatchInput", input.clone());
        }
        batch.insert("Items", items.map_err(|why| too_deep(&why))?);
        batch.finish().map_err(|why| too_deep(&why))
    };
    let mut batches = ArrayBuilder::with_capacity(4);
    let mut rest = items.as_array().unwrap_or_default();
    while !rest.is_empty() {
        let mut count = rest.len().min(items_max.unwrap_or(usize::MAX));
        if let Some(bytes_max) = bytes_max {
            // A comma stands between two items.
            let frame = batch(&[])?.json_bytes();
            let mut bytes = frame;
            let fits = rest.iter().take(count).take_while(|item| {
                bytes += item.json_bytes() + usize::from(bytes > frame);
                bytes <= bytes_max
            });
            count = fits.count().max(1);
        }
        let (first, after) = rest.split_at(count);
        batches.push(batch(first)?);
        rest = after;
    }
    batches.finish().map_err(|why| too_deep(&why))
}

/// Where a JSON pointer leads.
fn follow<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    if pointer.is_empty() {
        return Some(value);
    }
    let mut steps = pointer.strip_prefix('/')?.split('/');
    steps.try_fold(value, |value, step| match value.as_array() {
        Some(elements) => elements.get(step.parse::<usize>().ok()?),
        None => value.get(&step.replace("~1", "/").replace("~0", "~")),
    })
}
