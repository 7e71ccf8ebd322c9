//! Walks that give many values, or build one.
//!
//! What is missing on the way gives no match; only a definite path can miss.

use super::miss::Why;
use super::{STEPS_MAX, Shape, Slice, Step, VISITS_MAX, element, function, walk};
use crate::value::{ArrayBuilder, ObjectBuilder, Text, Value, View};

/// The value of a path of any shape, or where and why there is none. `root` is what `$` means in its filters.
pub(super) fn find(steps: &[Step], from: &Value, root: &Value) -> Result<Value, (usize, Why)> {
    match (Shape::of(steps), steps.split_last()) {
        (Shape::Plain, _) => walk(steps, from).cloned(),
        (Shape::Built, Some((Step::Function(call), before))) => {
            let subject = find(before, from, root)?;
            function::call(call, &subject, root).map_err(|why| (before.len(), why))
        }
        (Shape::Built, Some((Step::Names(names), before))) => {
            let object = walk(before, from)?;
            match object.as_object() {
                Some(_) => merged(names, object),
                None => Err(Why::NotAnObject),
            }
            .map_err(|why| (before.len(), why))
        }
        (Shape::Built | Shape::Many, _) => all(steps, from, root),
    }
}

fn all(steps: &[Step], from: &Value, root: &Value) -> Result<Value, (usize, Why)> {
    let mut selection = Selection {
        steps,
        root,
        matches: ArrayBuilder::new(),
        visits: 0,
    };
    selection.from(0, from)?;
    selection
        .matches
        .finish()
        .map_err(|_| (steps.len().saturating_sub(1), Why::TooDeep))
}

/// The members `names` of an object, as an object.
fn merged(names: &[Text], object: &Value) -> Result<Value, Why> {
    let mut merged = ObjectBuilder::with_capacity(names.len());
    for name in names {
        if let Some(member) = object.get(name) {
            merged.insert(name.clone(), member.clone());
        }
    }
    merged.finish().map_err(|_| Why::TooDeep)
}

struct Selection<'s> {
    steps: &'s [Step],
    root: &'s Value,
    matches: ArrayBuilder,
    visits: usize,
}

impl Selection<'_> {
    /// Applies the steps from number `at` on to `value`. Recursion is bounded by [`STEPS_MAX`] and the depth of values.
    fn from(&mut self, at: usize, value: &Value) -> Result<(), (usize, Why)> {
        debug_assert!(at <= STEPS_MAX);
        self.visit(at)?;
        let steps = self.steps;
        let Some(step) = steps.get(at) else {
            self.matches.push(value.clone());
            return Ok(());
        };
        let next = at + 1;
        match step {
            Step::Name(name) => match value.get(name) {
                Some(member) => self.from(next, member),
                None => Ok(()),
            },
            Step::Names(_) if next < steps.len() => Err((at, Why::NamesInside)),
            Step::Names(names) => {
                if value.as_object().is_some() {
                    let merged = merged(names, value).map_err(|why| (at, why))?;
                    self.matches.push(merged);
                }
                Ok(())
            }
            Step::Index(index) => match value.as_array().and_then(|a| element(a, *index)) {
                Some(element) => self.from(next, element),
                None => Ok(()),
            },
            Step::Indexes(indexes) => {
                let array = value.as_array().unwrap_or_default();
                for element in indexes.iter().filter_map(|i| element(array, *i)) {
                    self.from(next, element)?;
                }
                Ok(())
            }
            Step::Slice(slice) => {
                for element in slice.of(value.as_array().unwrap_or_default()) {
                    self.from(next, element)?;
                }
                Ok(())
            }
            Step::Wildcard => children(value).try_for_each(|child| self.from(next, child)),
            Step::Scan => self.scan(next, value),
            Step::Filter(filter) => {
                if value.as_object().is_some() {
                    return match filter.accepts(value, self.root, &mut self.visits) {
                        true => self.from(next, value),
                        false => Ok(()),
                    };
                }
                for element in value.as_array().unwrap_or_default() {
                    self.visit(at)?;
                    if filter.accepts(element, self.root, &mut self.visits) {
                        self.from(next, element)?;
                    }
                }
                Ok(())
            }
            Step::Function(_) => unreachable!("a function stands at the end and is called by find"),
        }
    }

    fn visit(&mut self, at: usize) -> Result<(), (usize, Why)> {
        self.visits += 1;
        if self.visits > VISITS_MAX {
            return Err((at.saturating_sub(1), Why::TooManyVisits));
        }
        Ok(())
    }

    /// Applies step `at` to `value` and to everything below it, parents first.
    fn scan(&mut self, at: usize, value: &Value) -> Result<(), (usize, Why)> {
        self.visit(at)?;
        let applies = match (self.steps.get(at), value.view()) {
            (Some(Step::Names(names)), View::Object(o)) => names.iter().all(|n| o.get(n).is_some()),
            // Below a scan every object is tested for itself, so the elements of an array are not tested here.
            (Some(Step::Filter(_)), view) => matches!(view, View::Object(_)),
            (_, view) => matches!(view, View::Object(_) | View::Array(_)),
        };
        if applies {
            self.from(at, value)?;
        }
        children(value).try_for_each(|child| self.scan(at, child))
    }
}

impl Slice {
    fn of<'a>(&self, array: &'a [Value]) -> impl Iterator<Item = &'a Value> + use<'a> {
        let place = |bound: i64| {
            let from_end = if bound < 0 { array.len() } else { 0 };
            let place = i64::try_from(from_end).unwrap_or(i64::MAX) + bound;
            usize::try_from(place).unwrap_or(0).min(array.len())
        };
        let from = self.from.map_or(0, place);
        let to = self.to.map_or(array.len(), place);
        array
            .get(from..to)
            .unwrap_or_default()
            .iter()
            .step_by(self.step)
    }
}

fn children(value: &Value) -> impl Iterator<Item = &Value> {
    let elements = value.as_array().unwrap_or_default();
    let members = value.as_object().map(|o| o.entries()).unwrap_or_default();
    elements
        .iter()
        .chain(members.iter().map(|(_, member)| member))
}
