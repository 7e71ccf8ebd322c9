//! The fields of Parallel and Map: states that hold other states.

use super::{Catcher, ResultPath, Retrier, StateId};
use crate::expr::{Path, Template};

/// The fields of a Parallel state.
#[derive(Debug)]
pub struct Parallel {
    /// Where each of the `Branches` begins.
    pub branches: Vec<StateId>,
    /// `Parameters`
    pub parameters: Option<Template>,
    /// `ResultSelector`
    pub result_selector: Option<Template>,
    /// `ResultPath`
    pub result_path: ResultPath,
    /// `Retry`
    pub retry: Vec<Retrier>,
    /// `Catch`
    pub catch: Vec<Catcher>,
}

/// The fields of an inline Map state.
#[derive(Debug)]
pub struct Map {
    /// Where the `ItemProcessor`, formerly `Iterator`, begins.
    pub start: StateId,
    /// `ItemsPath`; the whole input by default.
    pub items_path: Option<Path>,
    /// `ItemSelector`, formerly `Parameters`.
    pub item_selector: Option<Template>,
    /// `MaxConcurrency` or `MaxConcurrencyPath`
    pub max_concurrency: Option<MaxConcurrency>,
    /// `ToleratedFailureCountPath`: its value is checked, and has no effect on an inline Map; likewise below. Literals are
    /// checked by `compile`.
    pub tolerated_failure_count: Option<Path>,
    /// `ToleratedFailurePercentagePath`
    pub tolerated_failure_percentage: Option<Path>,
    /// `ResultSelector`
    pub result_selector: Option<Template>,
    /// `ResultPath`
    pub result_path: ResultPath,
    /// `Retry`
    pub retry: Vec<Retrier>,
    /// `Catch`
    pub catch: Vec<Catcher>,
}

/// How many iterations may be under way at once; 0 for as many as the machine allows.
#[derive(Debug)]
pub enum MaxConcurrency {
    /// `MaxConcurrency`
    Literal(u64),
    /// `MaxConcurrencyPath`: read when the state is entered.
    Path(Path),
}
