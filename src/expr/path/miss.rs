//! Why a path led to nothing, in Jayway's words.

use std::fmt::{Display, Formatter, Result, Write as _};

use super::{Path, STEPS_MAX, Step, VISITS_MAX};
use crate::expr::{RESULT_BYTES_MAX, java};
use crate::value::{DEPTH_MAX, Value};

/// AWS's text for any path when the input is null.
pub(in crate::expr) const NULL_INPUT: &str =
    "Unable to apply Path transformation to null or empty input.";

/// A path that led to nothing; `Display` gives Jayway's text, such as `No results for path: $['x']`.
#[derive(Clone, Debug)]
pub struct PathMiss<'p> {
    pub(super) path: &'p Path,
    /// The step that led nowhere.
    pub(super) at: usize,
    pub(super) why: Why,
}

#[derive(Clone, Debug)]
pub(super) enum Why {
    /// The input is null; AWS refuses it before the path is tried.
    NullInput,
    /// The object has no such member.
    Property,
    /// A name was asked of something else.
    NotAnObject,
    /// An index was asked of something else.
    NotAnArray(Value),
    OutOfBounds,
    /// A union of names stands before the end.
    NamesInside,
    /// A function cannot work on what it got.
    Function(&'static str),
    TooManyVisits,
    TooDeep,
    TooLarge,
}

impl PathMiss<'_> {
    /// Whether the value is missing, rather than too large or not computable.
    pub(in crate::expr) const fn is_absence(&self) -> bool {
        !matches!(self.why, Why::TooManyVisits | Why::TooDeep | Why::TooLarge)
    }

    /// AWS's detail for the path fields of a state (`InputPath`, `OutputPath`, `TimeoutSecondsPath`, …).
    #[must_use]
    pub fn invalid_path(&self) -> String {
        if matches!(self.why, Why::NullInput) {
            return NULL_INPUT.to_owned();
        }
        format!("Invalid path '{}' : {self}", self.path.text())
    }
}

impl Display for PathMiss<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let steps = &self.path.steps.list;
        let before = steps.get(..self.at).unwrap_or_default();
        let up_to = steps.get(..=self.at).unwrap_or_default();
        let from = steps.get(self.at..).unwrap_or_default();
        match &self.why {
            Why::NullInput => f.write_str(NULL_INPUT),
            Why::Property if self.at + 1 == steps.len() => {
                write!(f, "No results for path: ${}", Fragments(up_to))
            }
            Why::Property => write!(f, "Missing property in path ${}", Fragments(up_to)),
            Why::NotAnObject => {
                let here = from.get(..1).unwrap_or_default();
                let (here, before) = (Fragments(here), Fragments(before));
                write!(f, "Property {here} not found in path ${before}")
            }
            Why::NotAnArray(found) if found.is_null() => {
                write!(f, "The path ${} is null", Fragments(before))
            }
            Why::NotAnArray(found) => {
                let (filter, found) = (Fragments(from), java::text(found));
                write!(
                    f,
                    "Filter: {filter} can only be applied to arrays. Current context is: {found}"
                )
            }
            Why::OutOfBounds => {
                let up_to = Fragments(up_to);
                write!(f, "Index out of bounds when evaluating path ${up_to}")
            }
            Why::NamesInside => {
                let up_to = Fragments(up_to);
                write!(
                    f,
                    "Multi properties can only be used as path leafs: ${up_to}"
                )
            }
            Why::Function(message) => f.write_str(message),
            Why::TooManyVisits => write!(f, "The path looks at more than {VISITS_MAX} values"),
            Why::TooLarge => write!(f, "The result is larger than {RESULT_BYTES_MAX} bytes"),
            Why::TooDeep => write!(f, "The result is nested deeper than {DEPTH_MAX} levels"),
        }
    }
}

/// Steps as Jayway prints them: `['a'][0]`.
struct Fragments<'p>(&'p [Step]);

impl Display for Fragments<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        debug_assert!(self.0.len() <= STEPS_MAX);
        for step in self.0 {
            match step {
                Step::Name(name) => write!(f, "['{name}']")?,
                Step::Names(names) => {
                    f.write_char('[')?;
                    for (i, name) in names.iter().enumerate() {
                        let separator = if i == 0 { "" } else { ", " };
                        write!(f, "{separator}'{name}'")?;
                    }
                    f.write_char(']')?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
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
