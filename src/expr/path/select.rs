//! Walks that give many values, or build one.
//!
//! They miss as Jayway 2.0.0 misses: below a slice, a union or a filter a missing leaf fails the whole path; a missing
//! name on the way there gives no match, and so does anything missing below an element that `[*]` chose.

use std::borrow::Cow;

use super::miss::{Stop, Why};
use super::walk::{array, element, from_end, length, walk};
use super::{Place, STEPS_MAX, Shape, Slice, Step, Steps, VISITS_MAX, function};
use crate::value::{ArrayBuilder, Object, ObjectBuilder, Text, Value, View};

/// What is left of [`VISITS_MAX`], for a path and all the paths within it.
#[derive(Debug)]
pub(super) struct Budget {
    visits: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { visits: VISITS_MAX }
    }
}

impl Budget {
    pub(super) fn visit(&mut self) -> Result<(), Why> {
        self.visits = self.visits.checked_sub(1).ok_or(Why::TooManyVisits)?;
        Ok(())
    }

    /// Pays for looking at, or building, so many bytes.
    pub(super) fn bytes(&mut self, bytes: usize) -> Result<(), Why> {
        let visits = bytes / 64;
        self.visits = self.visits.checked_sub(visits).ok_or(Why::TooManyVisits)?;
        Ok(())
    }
}

/// The value of a path of any shape, or where and why there is none. `root` is what `$` means in its filters.
pub(super) fn find<'a>(
    steps: &Steps,
    from: &'a Value,
    root: &Value,
    budget: &mut Budget,
) -> Result<Cow<'a, Value>, Stop> {
    let list = &*steps.list;
    match (steps.shape, list.split_last()) {
        (Shape::Plain, _) => return walk(list, from).map(Cow::Borrowed),
        (Shape::Gathered, Some((Step::Function(call), before))) => {
            let all = select(before, from, root, budget)?;
            function::call(call, &all, root, budget).map_err(|why| Stop::new(before.len(), why))
        }
        (Shape::Built, _) => {
            let built = select(list, from, root, budget)?;
            let only = built.as_array().unwrap_or_default().first().cloned();
            Ok(only.expect("a definite path gives a value or fails"))
        }
        (Shape::Gathered | Shape::Many, _) => select(list, from, root, budget),
    }
    .map(Cow::Owned)
}

fn select(steps: &[Step], from: &Value, root: &Value, budget: &mut Budget) -> Result<Value, Stop> {
    let mut selection = Selection {
        steps,
        root,
        matches: ArrayBuilder::new(),
        budget,
    };
    selection.from(0, from)?;
    let matches = selection.matches.finish();
    matches.map_err(|_| Stop::new(steps.len(), Why::TooDeep))
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
    budget: &'s mut Budget,
}

impl Selection<'_> {
    /// Applies the steps from number `at` on to `value`. Recursion is bounded by [`STEPS_MAX`] and the depth of values.
    fn from(&mut self, at: usize, value: &Value) -> Result<(), Stop> {
        debug_assert!(at <= STEPS_MAX);
        let steps = self.steps;
        let stop = |why| Stop::inside(at, why);
        self.budget.visit().map_err(stop)?;
        let Some(step) = steps.get(at) else {
            self.matches.push(value.clone());
            return Ok(());
        };
        let next = at + 1;
        match step {
            Step::Name(name, near) => {
                let object = value.as_object().ok_or_else(|| stop(Why::NotAnObject))?;
                match object.get_near(name, near) {
                    Some(member) => self.member(next, name, member),
                    None if self.forgives(at) => Ok(()),
                    None => Err(stop(Why::Property)),
                }
            }
            Step::Names(names) => {
                if value.as_object().is_none() {
                    return Err(stop(Why::NotAnObject));
                }
                if !matches!(steps.get(next), None | Some(Step::Function(_))) {
                    return Err(stop(Why::NamesInside));
                }
                let merged = merged(names, value).map_err(stop)?;
                self.from(next, &merged)
            }
            Step::Index(index) => {
                let found = array(value).and_then(|array| element(array, *index));
                self.element(next, found.map_err(stop)?)
            }
            Step::FromEnd(back) => {
                let found = array(value).and_then(|array| from_end(array, *back));
                self.element(next, found.map_err(stop)?)
            }
            Step::Indexes(indexes) => {
                let array = array(value).map_err(stop)?;
                self.elements(at, array, indexes.iter().copied())
            }
            Step::Slice(slice) => {
                let array = array(value).map_err(stop)?;
                self.elements(at, array, slice.indexes(length(array)))
            }
            Step::Wildcard => self.wildcard(next, value),
            Step::Scan => self.scan(next, value),
            Step::Filter(filter) => match value.view() {
                View::Object(_) => match filter.accepts(value, self.root, self.budget) {
                    Ok(true) => self.from(next, value),
                    Ok(false) => Ok(()),
                    Err(why) => Err(stop(why)),
                },
                View::Array(array) => array.iter().enumerate().try_for_each(|(index, item)| {
                    self.budget.visit().map_err(stop)?;
                    match filter.accepts(item, self.root, self.budget) {
                        Ok(true) => self.element(next, (index, item)),
                        Ok(false) => Ok(()),
                        Err(why) => Err(stop(why)),
                    }
                }),
                View::Null | View::Bool(_) | View::Number(_) | View::String(_) => {
                    Err(stop(Why::NotFilterable(value.clone())))
                }
            },
            Step::Function(call) => {
                let result = function::call(call, value, self.root, self.budget);
                self.matches.push(result.map_err(stop)?);
                Ok(())
            }
        }
    }

    fn member(&mut self, next: usize, name: &Text, member: &Value) -> Result<(), Stop> {
        self.from(next, member)
            .map_err(|stop| stop.below(Place::Name(name.clone())))
    }

    fn element(&mut self, next: usize, (index, element): (usize, &Value)) -> Result<(), Stop> {
        self.from(next, element)
            .map_err(|stop| stop.below(Place::Index(index)))
    }

    /// Applies the steps behind step `at` to the elements that it chose.
    fn elements(
        &mut self,
        at: usize,
        array: &[Value],
        mut indexes: impl Iterator<Item = i64>,
    ) -> Result<(), Stop> {
        indexes.try_for_each(|index| {
            let found = element(array, index).map_err(|why| Stop::inside(at, why))?;
            self.element(at + 1, found)
        })
    }

    /// What is missing below an element is forgiven, below a member it is not.
    fn wildcard(&mut self, next: usize, value: &Value) -> Result<(), Stop> {
        for (name, member) in members(value) {
            self.member(next, name, member)?;
        }
        for element in value.as_array().unwrap_or_default().iter().enumerate() {
            match self.element(next, element) {
                Err(stop) if !stop.why.is_forgiven() => return Err(stop),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// Whether a missing name at step `at` gives no match: if it leads on, and it, the step before or one behind it can
    /// give many values.
    fn forgives(&self, at: usize) -> bool {
        let from_before = self.steps.get(at.saturating_sub(1)..).unwrap_or_default();
        at + 1 < self.steps.len() && !from_before.iter().all(Step::is_definite)
    }

    /// Applies step `at` to `value` and to everything below it, parents first.
    ///
    /// If a step that an array can take does not end the path, the steps behind it go to all elements of the array: so
    /// `$..[0].x` asks every element for `x`.
    fn scan(&mut self, at: usize, value: &Value) -> Result<(), Stop> {
        let stop = |why| Stop::inside(at, why);
        self.budget.visit().map_err(stop)?;
        let elements = value.as_array().unwrap_or_default();
        if value.depth() > 0 && self.applies(at, value).map_err(stop)? {
            if value.as_object().is_some() || at + 1 == self.steps.len() {
                self.from(at, value)?;
            } else {
                for element in elements.iter().enumerate() {
                    self.element(at + 1, element)?;
                }
            }
        }
        for (name, member) in members(value) {
            self.scan(at, member)
                .map_err(|stop| stop.below(Place::Name(name.clone())))?;
        }
        for (index, element) in elements.iter().enumerate() {
            self.scan(at, element)
                .map_err(|stop| stop.below(Place::Index(index)))?;
        }
        Ok(())
    }

    fn applies(&mut self, at: usize, value: &Value) -> Result<bool, Why> {
        let has = |name: &Text| value.get(name).is_some();
        match self.steps.get(at) {
            Some(Step::Name(name, _)) => Ok(has(name)),
            Some(Step::Names(names)) => Ok(value.as_object().is_some() && names.iter().all(has)),
            Some(Step::Index(_) | Step::FromEnd(_) | Step::Indexes(_) | Step::Slice(_)) => {
                Ok(value.as_array().is_some())
            }
            Some(Step::Filter(filter)) => filter.accepts(value, self.root, self.budget),
            Some(Step::Wildcard) => Ok(true),
            Some(Step::Scan | Step::Function(_)) | None => Ok(false),
        }
    }
}

impl Slice {
    /// The indices that it means in an array of `length`. One bound alone may count from the end; of two, a negative one
    /// counts from nowhere.
    fn indexes(self, length: i64) -> std::ops::Range<i64> {
        let from_end = |bound: i64| if bound < 0 { length + bound } else { bound };
        match (self.from, self.to) {
            (Some(from), Some(to)) if length > 0 => from..to.min(length),
            (Some(_), Some(_)) => 0..0,
            (Some(from), None) => from_end(from).max(0)..length,
            (None, Some(to)) => 0..from_end(to).min(length),
            (None, None) => 0..length,
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&Text, &Value)> {
    value.as_object().into_iter().flat_map(Object::iter)
}
