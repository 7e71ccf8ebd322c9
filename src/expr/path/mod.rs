//! Paths: JSONPath in the dialect of Jayway, as AWS speaks it.
//!
//! AWS runs Jayway JsonPath 2.0.0: its error texts are of that version, and `$.no[*]` gives `[]`, which later ones refuse.
//! So 2.0.0 decides what a path gives, where it fails, and with which text. What 2.0.0 cannot read, or reads as something
//! else than is written, follows 2.10.0: double quotes, escapes, parentheses, operators by name, and functions.
//! `tests/jsonpath` holds what both answer to some 1,800 paths, and where this module differs from both.

mod filter;
mod function;
mod miss;
mod parse;
mod select;
mod walk;

pub(super) use miss::NULL_INPUT;
pub use miss::PathMiss;
pub(super) use parse::argument;

use std::borrow::Cow;

use super::cursor::PathError;
use super::{RESULT_BYTES_MAX, Scope, Slot, VariableNames};
use crate::value::{Hint, Text, Value};
use filter::Filter;
use function::Call;
use miss::{Stop, Why};
use select::Budget;

/// The longest text of a path, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 10_000;
/// The most steps of a path.
const STEPS_MAX: usize = 128;
/// The deepest nesting of parentheses in filters.
const NESTING_MAX: usize = 32;
/// For how many parentheses a path within a path counts, in a filter or an argument: walking it takes a stack of its own.
const NESTING_OF_PATH: usize = 8;
/// How many values a path may look at before it is given up, those that its filters look at included; 64 bytes of text
/// that are built, compared or matched count as one.
const VISITS_MAX: usize = 1_000_000;

/// A compiled path.
#[derive(Debug)]
pub struct Path {
    text: Text,
    root: Root,
    steps: Steps,
}

/// What a path walks.
#[derive(Debug)]
enum Root {
    /// `$`
    Input,
    /// `$$`
    Context,
    /// `$name`
    Variable { name: Text, slot: Slot },
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
    /// One value that is built, by a union of names or a function.
    Built,
    /// One value: the function at the end works on the array of all matches, as always behind `..`.
    Gathered,
    /// An array of matches.
    Many,
}

impl Shape {
    fn of(steps: &[Step]) -> Self {
        let plain =
            |step: &Step| matches!(step, Step::Name(..) | Step::Index(_) | Step::FromEnd(_));
        if steps.iter().all(plain) {
            Self::Plain
        } else if steps.iter().all(Step::is_definite) {
            Self::Built
        } else if matches!(steps.last(), Some(Step::Function(_)))
            && steps.iter().any(|step| matches!(step, Step::Scan))
        {
            Self::Gathered
        } else {
            Self::Many
        }
    }
}

#[derive(Debug)]
enum Step {
    /// `.name`, `['name']`
    Name(Text, Hint),
    /// `['a','b']`
    Names(Box<[Text]>),
    /// `[0]`; a negative one is never in bounds.
    Index(i64),
    /// `[(@.length-1)]`
    FromEnd(i64),
    /// `[0,1]`
    Indexes(Box<[i64]>),
    /// `[from:to]`
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
}

impl Step {
    /// Whether it gives at most one value for one.
    const fn is_definite(&self) -> bool {
        matches!(
            self,
            Self::Name(..) | Self::Names(_) | Self::Index(_) | Self::FromEnd(_) | Self::Function(_)
        )
    }
}

/// One place in a value: a step of a reference path, or of the way that a walk took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Name(Text),
    Index(usize),
}

impl Path {
    /// Compiles a path that begins with `$`, `$$` or a variable, which is unassigned until [`Path::bind`] is told its slot.
    ///
    /// # Errors
    /// What is wrong with it and where.
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
        matches!(self.root, Root::Context)
    }

    /// Whether it begins with `$` alone.
    pub(super) const fn reads_input(&self) -> bool {
        matches!(self.root, Root::Input)
    }

    /// Resolves the variable that it begins with, if any.
    pub fn bind(&mut self, names: &mut VariableNames) {
        if let Root::Variable { name, slot } = &mut self.root {
            *slot = names.slot(name);
        }
    }

    /// The value that the path leads to; for an indefinite path an array, empty if nothing matches.
    ///
    /// # Errors
    /// A definite path that leads nowhere. Nothing is formatted until the miss is displayed.
    pub fn find<'a>(&self, scope: &Scope<'a>) -> Result<Cow<'a, Value>, PathMiss<'_>> {
        match self.root(scope) {
            Some(root) => match self.steps.shape {
                Shape::Plain => match walk::glance(&self.steps.list, root) {
                    Some(value) => Ok(Cow::Borrowed(value)),
                    None => self.find_in(root),
                },
                Shape::Built | Shape::Gathered | Shape::Many => self.find_in(root),
            },
            None => Err(PathMiss::unassigned(self)),
        }
    }

    /// What the path walks; none if its variable is not assigned.
    pub(super) fn root<'a>(&self, scope: &Scope<'a>) -> Option<&'a Value> {
        match &self.root {
            Root::Input => Some(scope.input),
            Root::Context => Some(scope.context),
            Root::Variable { slot, .. } => scope.variables.get(*slot),
        }
    }

    /// The steps of a reference path; `None` if it has any but names and indices from the front.
    pub(super) fn into_places(self) -> Option<Box<[Place]>> {
        let place = |step| match step {
            Step::Name(name, _) => Some(Place::Name(name)),
            Step::Index(index) => usize::try_from(index).ok().map(Place::Index),
            Step::FromEnd(_)
            | Step::Names(_)
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
        let found = select::find(&self.steps, root, root, &mut Budget::default());
        let found = found.and_then(|found| match &found {
            Cow::Owned(built) if built.json_bytes() > RESULT_BYTES_MAX => {
                Err(Stop::new(self.steps.list.len(), Why::TooLarge))
            }
            Cow::Borrowed(_) | Cow::Owned(_) => Ok(found),
        });
        found.map_err(|mut stop| {
            if root.is_null() {
                stop.why = Why::NullInput;
            }
            PathMiss { path: self, stop }
        })
    }
}

#[cfg(test)]
mod tests;
