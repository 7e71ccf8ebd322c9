//! The fields of Parallel and Map: states that hold other states.

use super::{Catcher, ResultPath, Retrier, StateId};
use crate::expr::{Path, Payload, Query, QueryTemplate, Template};

/// The fields of a Parallel state.
#[derive(Debug)]
pub struct Parallel {
    /// Where each of the `Branches` begins.
    pub branches: Vec<StateId>,
    /// `Parameters`; in JSONata `Arguments`.
    pub parameters: Option<Payload>,
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
    /// `ItemsPath` or `Items`; the whole input by default.
    pub items: Items,
    /// `ItemSelector`, formerly `Parameters`.
    pub item_selector: Option<Payload>,
    /// `MaxConcurrency` or `MaxConcurrencyPath`
    pub max_concurrency: Option<NumberField>,
    /// `ToleratedFailureCount` or its path: the value is checked, and has no effect on an inline Map; likewise below. Literals are
    /// checked by `compile`.
    pub tolerated_failure_count: Option<NumberField>,
    /// `ToleratedFailurePercentage` or its path
    pub tolerated_failure_percentage: Option<NumberField>,
    /// `ItemBatcher`, which only a distributed Map has: shown by TestState.
    pub batcher: Option<Box<Batcher>>,
    /// `ResultSelector`
    pub result_selector: Option<Template>,
    /// `ResultPath`
    pub result_path: ResultPath,
    /// `Retry`
    pub retry: Vec<Retrier>,
    /// `Catch`
    pub catch: Vec<Catcher>,
}

/// How a distributed Map puts items together.
#[derive(Debug)]
pub struct Batcher {
    /// `BatchInput`
    pub input: Option<Payload>,
    /// `MaxItemsPerBatch` or its path
    pub items_max: Option<NumberField>,
    /// `MaxInputBytesPerBatch` or its path
    pub bytes_max: Option<NumberField>,
}

/// What a Map goes through.
#[derive(Debug)]
pub enum Items {
    /// Its input.
    Input,
    /// `ItemsPath`
    Path(Path),
    /// `Items`
    Payload(QueryTemplate),
}

/// A number of a Map state.
#[derive(Debug)]
pub enum NumberField {
    /// As it is written.
    Literal(u64),
    /// `…Path`: read when the state is entered.
    Path(Path),
    /// In JSONata: evaluated when the state is entered.
    Query(Query),
}
