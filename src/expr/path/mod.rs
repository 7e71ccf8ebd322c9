//! Paths: JSONPath in the dialect of Jayway, as AWS speaks it.
//!
//! AWS's error texts are those of Jayway JsonPath 2.0.0, so its rules decide where versions differ: a union of names at
//! the end gives one object, a missing operand makes any comparison of a filter false, and a bare `@` matches no scalar
//! (AWS documents that). From later versions come double quotes, escapes, the word operators of filters, and functions.
//!
//! *Not here*: `=~` (refused until there are regular expressions) and variables.

mod filter;
mod function;
mod miss;
mod parse;
mod select;

pub(super) use miss::NULL_INPUT;
pub use miss::PathMiss;
pub(super) use parse::argument;

use std::borrow::Cow;

use super::cursor::PathError;
use super::{RESULT_BYTES_MAX, Scope};
use crate::value::{Text, Value};
use filter::Filter;
use function::Call;
use miss::Why;

/// The longest text of a path, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 10_000;
/// The most steps of a path.
const STEPS_MAX: usize = 128;
/// The deepest nesting of filters, their parentheses and arguments.
const NESTING_MAX: usize = 32;
/// How many values an indefinite path may look at before it is given up.
const VISITS_MAX: usize = 1_000_000;

/// A compiled path.
#[derive(Debug)]
pub struct Path {
    text: Text,
    /// `$$`: walks the context object.
    context: bool,
    steps: Steps,
}

/// The steps of a path, or of an operand of a filter.
#[derive(Debug)]
struct Steps {
    list: Box<[Step]>,
    shape: Shape,
}

impl Steps {
    fn new(list: Vec<Step>) -> Self {
        Self {
            shape: Shape::of(&list),
            list: list.into_boxed_slice(),
        }
    }
}

/// What a path gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Only names and indices: at most one value, borrowed.
    Plain,
    /// One value that is built: a union of names, or a function, stands at the end.
    Built,
    /// An array of matches.
    Many,
}

impl Shape {
    fn of(steps: &[Step]) -> Self {
        match steps.split_last() {
            Some((Step::Function(_), _)) => Self::Built,
            Some((Step::Names(_), before)) if Self::of(before) == Self::Plain => Self::Built,
            _ if steps
                .iter()
                .all(|step| matches!(step, Step::Name(_) | Step::Index(_))) =>
            {
                Self::Plain
            }
            _ => Self::Many,
        }
    }
}

#[derive(Debug)]
enum Step {
    /// `.name`, `['name']`
    Name(Text),
    /// `['a','b']`
    Names(Box<[Text]>),
    /// `[0]`; a negative one counts from the end.
    Index(i64),
    /// `[0,1]`
    Indexes(Box<[i64]>),
    /// `[from:to:step]`
    Slice(Slice),
    /// `.*`, `[*]`
    Wildcard,
    /// `..`: the next step is applied to every value below.
    Scan,
    /// `[?(…)]`
    Filter(Box<Filter>),
    /// `.length()`
    Function(Box<Call>),
}

#[derive(Clone, Copy, Debug)]
struct Slice {
    from: Option<i64>,
    to: Option<i64>,
    step: usize,
}

/// A step of a reference path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Name(Text),
    Index(usize),
}

impl Path {
    /// Compiles a path that begins with `$` or `$$`.
    ///
    /// # Errors
    /// What is wrong with it and where; also if it begins with a variable, which are not supported yet.
    pub fn compile(text: &str) -> Result<Self, PathError> {
        parse::path(text)
    }

    /// The path as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it gives one value or none; otherwise it gives an array of all its matches.
    #[must_use]
    pub const fn is_definite(&self) -> bool {
        !matches!(self.steps.shape, Shape::Many)
    }

    /// Whether it begins with `$$`.
    #[must_use]
    pub const fn reads_context(&self) -> bool {
        self.context
    }

    /// The value that the path leads to; for an indefinite path an array, empty if nothing matches.
    ///
    /// # Errors
    /// A definite path that leads nowhere. Nothing is formatted until the miss is displayed.
    pub fn find<'a>(&self, scope: &Scope<'a>) -> Result<Cow<'a, Value>, PathMiss<'_>> {
        self.find_in(self.root(scope))
    }

    /// What the path walks: the input or the context object.
    pub(super) const fn root<'a>(&self, scope: &Scope<'a>) -> &'a Value {
        if self.context {
            scope.context
        } else {
            scope.input
        }
    }

    /// The steps of a reference path; `None` if it has any but names and indices from the front.
    pub(super) fn into_places(self) -> Option<Box<[Place]>> {
        let place = |step| match step {
            Step::Name(name) => Some(Place::Name(name)),
            Step::Index(index) => usize::try_from(index).ok().map(Place::Index),
            Step::Names(_)
            | Step::Indexes(_)
            | Step::Slice(_)
            | Step::Wildcard
            | Step::Scan
            | Step::Filter(_)
            | Step::Function(_) => None,
        };
        self.steps.list.into_iter().map(place).collect()
    }

    pub(super) fn find_in<'a>(&self, root: &'a Value) -> Result<Cow<'a, Value>, PathMiss<'_>> {
        let found = match self.steps.shape {
            Shape::Plain => walk(&self.steps.list, root).map(Cow::Borrowed),
            Shape::Built | Shape::Many => match select::find(&self.steps.list, root, root) {
                Ok(built) if built.json_bytes() > RESULT_BYTES_MAX => {
                    Err((self.steps.list.len() - 1, Why::TooLarge))
                }
                built => built.map(Cow::Owned),
            },
        };
        found.map_err(|(at, why)| PathMiss {
            path: self,
            at,
            why: if root.is_null() { Why::NullInput } else { why },
        })
    }
}

/// Follows names and indices; the error tells the step that led nowhere.
fn walk<'a>(steps: &[Step], root: &'a Value) -> Result<&'a Value, (usize, Why)> {
    let mut value = root;
    for (at, step) in steps.iter().enumerate() {
        let next = match step {
            Step::Name(name) => match value.as_object() {
                Some(object) => object.get(name).ok_or(Why::Property),
                None => Err(Why::NotAnObject),
            },
            Step::Index(index) => match value.as_array() {
                Some(array) => element(array, *index).ok_or(Why::OutOfBounds),
                None => Err(Why::NotAnArray(value.clone())),
            },
            Step::Names(_)
            | Step::Indexes(_)
            | Step::Slice(_)
            | Step::Wildcard
            | Step::Scan
            | Step::Filter(_)
            | Step::Function(_) => unreachable!("a plain path has only names and indices"),
        };
        value = next.map_err(|why| (at, why))?;
    }
    Ok(value)
}

fn element(array: &[Value], index: i64) -> Option<&Value> {
    let index = if index < 0 {
        i64::try_from(array.len()).ok()? + index
    } else {
        index
    };
    array.get(usize::try_from(index).ok()?)
}

#[cfg(test)]
mod tests;
