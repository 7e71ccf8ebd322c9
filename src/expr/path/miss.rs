//! Why a path led to nothing, in Jayway's words.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::{Path, Place, Root, STEPS_MAX, Step, VISITS_MAX};
use crate::expr::{RESULT_BYTES_MAX, Scope, java};
use crate::value::{DEPTH_MAX, Value};

/// AWS's text for any path when the input is null.
pub(in crate::expr) const NULL_INPUT: &str =
    "Unable to apply Path transformation to null or empty input.";

/// A path that led to nothing; `Display` gives Jayway's text, such as `No results for path: $['x']`.
#[derive(Clone, Debug)]
pub struct PathMiss<'p> {
    pub(super) path: &'p Path,
    pub(super) stop: Stop,
}

/// Where and why a walk ended. Nothing is formatted until it is told.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// The step that led nowhere.
    pub(super) at: usize,
    pub(super) why: Why,
    /// The places on the way to it, the last one first; `None` where they are the steps themselves.
    pub(super) trail: Option<Vec<Place>>,
}

#[derive(Clone, Debug)]
pub(super) enum Why {
    /// The input is null; AWS refuses it before the path is tried.
    NullInput,
    /// The object has no such member.
    Property,
    /// A name was asked of something else.
    NotAnObject,
    /// An index was asked of null.
    NullArray,
    /// An index was asked of something else.
    NotAnArray(Value),
    /// A filter was asked of a scalar.
    NotFilterable(Value),
    OutOfBounds(i64),
    /// A union of names stands before the end.
    NamesInside,
    /// A function cannot work on what it got.
    Function(&'static str),
    /// A path within the path ended so.
    Within(String),
    /// The variable that the path begins with is not assigned.
    Unassigned,
    TooManyVisits,
    TooDeep,
    TooLarge,
}

impl Stop {
    /// At a step that the steps before it lead to.
    pub(super) const fn new(at: usize, why: Why) -> Self {
        Self {
            at,
            why,
            trail: None,
        }
    }

    /// At a step whose way there is told by [`Stop::below`].
    pub(super) const fn inside(at: usize, why: Why) -> Self {
        Self {
            at,
            why,
            trail: Some(Vec::new()),
        }
    }

    pub(super) fn below(mut self, place: Place) -> Self {
        if let Some(trail) = &mut self.trail {
            trail.push(place);
        }
        self
    }

    /// What it means for the path around the path of `steps`.
    pub(super) fn within(self, steps: &[Step]) -> Why {
        if self.why.is_limit() {
            self.why
        } else {
            Why::Within(self.told(steps).to_string())
        }
    }

    /// Its text, if it ended a walk of these steps.
    pub(super) const fn told<'a>(&'a self, steps: &'a [Step]) -> Told<'a> {
        Told { stop: self, steps }
    }
}

impl Why {
    /// Whether a value is missing: what a filter takes for no match, and `[*]` passes over.
    pub(super) const fn is_forgiven(&self) -> bool {
        matches!(
            self,
            Self::Property | Self::NotAnObject | Self::NullArray | Self::OutOfBounds(_)
        )
    }

    const fn is_limit(&self) -> bool {
        matches!(self, Self::TooManyVisits | Self::TooDeep | Self::TooLarge)
    }
}

impl<'p> PathMiss<'p> {
    /// The variable that the path begins with is not assigned.
    pub(super) const fn unassigned(path: &'p Path) -> Self {
        Self {
            path,
            stop: Stop::new(0, Why::Unassigned),
        }
    }
}

impl PathMiss<'_> {
    /// Whether the value is missing, rather than too large or not computable.
    pub(in crate::expr) const fn is_absence(&self) -> bool {
        !self.stop.why.is_limit()
    }

    /// What the path walked; the input for a variable that is not assigned.
    pub(in crate::expr) fn root<'a>(&self, scope: &Scope<'a>) -> &'a Value {
        self.path.root(scope).unwrap_or(scope.input)
    }

    /// AWS's detail for the path fields of a state (`InputPath`, `OutputPath`, `TimeoutSecondsPath`, …).
    #[must_use]
    pub fn invalid_path(&self) -> String {
        if matches!(self.stop.why, Why::NullInput) {
            return NULL_INPUT.to_owned();
        }
        format!("Invalid path '{}' : {self}", self.path.text())
    }
}

impl Display for PathMiss<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (&self.stop.why, &self.path.root) {
            (Why::Unassigned, Root::Variable { name, .. }) => {
                write!(f, "No results for path: $['{name}']")
            }
            _ => self.stop.told(&self.path.steps.list).fmt(f),
        }
    }
}

/// A stop and the steps that it ended.
#[derive(Debug)]
pub(super) struct Told<'a> {
    stop: &'a Stop,
    steps: &'a [Step],
}

impl Display for Told<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Stop { at, why, trail } = self.stop;
        let before = Trail {
            places: trail.as_deref(),
            steps: self.steps.get(..*at).unwrap_or_default(),
        };
        let from = self.steps.get(*at..).unwrap_or_default();
        let here = Fragments(from.get(..1).unwrap_or_default());
        match why {
            Why::NullInput => f.write_str(NULL_INPUT),
            Why::Unassigned => f.write_str("No results for path: $"),
            Why::Property if from.len() == 1 => {
                write!(f, "No results for path: {before}{here}")
            }
            Why::Property => write!(f, "Missing property in path {before}{here}"),
            Why::NotAnObject => write!(f, "Property {here} not found in path {before}"),
            Why::NullArray => write!(f, "The path {before} is null"),
            Why::NotAnArray(found) => {
                let (filter, found) = (Fragments(from), java::text(found));
                write!(
                    f,
                    "Filter: {filter} can only be applied to arrays. Current context is: {found}"
                )
            }
            Why::NotFilterable(found) => {
                let (filter, found) = (Fragments(from), java::text(found));
                write!(
                    f,
                    "Filter: {filter} can not be applied to primitives. Current context is: {found}"
                )
            }
            Why::OutOfBounds(index) => {
                write!(
                    f,
                    "Index out of bounds when evaluating path {before}[{index}]"
                )
            }
            Why::NamesInside => write!(
                f,
                "Multi properties can only be used as path leafs: {before}{here}"
            ),
            Why::Function(message) => f.write_str(message),
            Why::Within(message) => f.write_str(message),
            Why::TooManyVisits => write!(f, "The path looks at more than {VISITS_MAX} values"),
            Why::TooLarge => write!(f, "The result is larger than {RESULT_BYTES_MAX} bytes"),
            Why::TooDeep => write!(f, "The result is nested deeper than {DEPTH_MAX} levels"),
        }
    }
}

/// The places that led to a step: `$['a'][0]`.
struct Trail<'p> {
    places: Option<&'p [Place]>,
    steps: &'p [Step],
}

impl Display for Trail<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_char('$')?;
        let Some(places) = self.places else {
            return Fragments(self.steps).fmt(f);
        };
        for place in places.iter().rev() {
            match place {
                Place::Name(name) => write!(f, "['{name}']")?,
                Place::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Steps as Jayway prints them: `['a'][0]`.
struct Fragments<'p>(&'p [Step]);

impl Display for Fragments<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        debug_assert!(self.0.len() <= STEPS_MAX);
        for step in self.0 {
            match step {
                Step::Name(name, _) => write!(f, "['{name}']")?,
                Step::Names(names) => {
                    f.write_char('[')?;
                    for (i, name) in names.iter().enumerate() {
                        let separator = if i == 0 { "" } else { ", " };
                        write!(f, "{separator}'{name}'")?;
                    }
                    f.write_char(']')?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::FromEnd(back) => write!(f, "[@.size()-{back}]")?,
                Step::Indexes(indexes) => {
                    f.write_char('[')?;
                    for (i, index) in indexes.iter().enumerate() {
                        let separator = if i == 0 { "" } else { "," };
                        write!(f, "{separator}{index}")?;
                    }
                    f.write_char(']')?;
                }
                Step::Slice(slice) => {
                    let bound = |bound: Option<i64>| bound.map_or(String::new(), |b| b.to_string());
                    write!(f, "[{}:{}]", bound(slice.from), bound(slice.to))?;
                }
                Step::Wildcard => f.write_str("[*]")?,
                Step::Scan => f.write_str("..")?,
                Step::Filter(_) => f.write_str("[?]")?,
                Step::Function(call) => write!(f, ".{}()", call.name())?,
            }
        }
        Ok(())
    }
}
