//! A compiled definition: a flat table of states, every name and expression resolved.
//!
//! A program never changes and is shared by all its executions; what an execution remembers is in `machine`.

use std::sync::Arc;

use super::{Map, Parallel};
use crate::expr::{
    Path, Payload, Query, QueryTemplate, ReferencePath, Slot, Template, VariableNames,
};
use crate::value::{Text, Value};

/// A definition ready to run.
#[derive(Debug)]
pub struct Program {
    /// Addressed by [`StateId`]; states of branches and iterators stand in the same table.
    pub(crate) states: Vec<State>,
    /// Where an execution begins.
    pub start: StateId,
    /// The machine's own `TimeoutSeconds`.
    pub timeout_seconds: Option<u64>,
    /// Whether any expression reads the context object (`$$`).
    pub uses_context: bool,
    /// The names of the variables that it reads or assigns.
    pub variables: VariableNames,
}

/// A state's place in its program's table. Made only by `compile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StateId(pub(crate) u32);

impl Program {
    /// The state at `id`.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "a StateId is made only by compile, for this table"
    )]
    pub fn state(&self, id: StateId) -> &State {
        &self.states[id.0 as usize]
    }

    /// All states in the order of the text.
    #[must_use]
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// Every `Resource` that a Task of this program names.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.states.iter().filter_map(|s| {
            if let Kind::Task(t) = &s.kind {
                Some(&t.resource)
            } else {
                None
            }
        })
    }
}

/// One state.
#[derive(Debug)]
pub struct State {
    /// Its key in `States`.
    pub name: Text,
    /// Whether its expressions are JSONata.
    pub is_jsonata: bool,
    /// `InputPath`.
    pub input_path: IoPath,
    /// `OutputPath`.
    pub output_path: IoPath,
    /// `Next` or `End`; Choice and Fail states have [`Next::End`] and do not use it.
    pub next: Next,
    /// `Assign`; that of a Choice state is for when no rule holds.
    pub assign: Option<Assign>,
    /// `Output`, in JSONata; that of a Choice state is for when no rule holds.
    pub output: Option<QueryTemplate>,
    /// What it does.
    pub kind: Kind,
}

/// `InputPath` or `OutputPath`.
#[derive(Debug)]
pub enum IoPath {
    /// `"$"`, the default.
    All,
    /// `null`: `{}` takes the place of the data.
    Discard,
    /// Any other path.
    Path(Path),
}

/// `ResultPath`.
#[derive(Debug)]
pub enum ResultPath {
    /// `"$"`, the default: the result takes the place of the input.
    Replace,
    /// `null`: the input is kept and the result dropped.
    Discard,
    /// A place in the input where the result is put.
    At(ReferencePath),
}

/// What a state, a rule or a catcher assigns to variables.
#[derive(Debug)]
pub struct Assign {
    /// The variables in the order in which `values` names them.
    pub slots: Arc<[Slot]>,
    /// An object of their values by name.
    pub values: Payload,
}

/// Where a state leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// `"Next": …`
    State(StateId),
    /// `"End": true`
    End,
}

/// The eight types of states.
#[derive(Debug)]
pub enum Kind {
    /// Pass
    Pass(Pass),
    /// Task
    Task(Box<Task>),
    /// Choice
    Choice(Choice),
    /// Wait
    Wait(Wait),
    /// Succeed
    Succeed,
    /// Fail
    Fail(Fail),
    /// Parallel
    Parallel(Box<Parallel>),
    /// Map, inline
    Map(Box<Map>),
}

/// The fields of a Pass state.
#[derive(Debug)]
pub struct Pass {
    /// `Parameters`
    pub parameters: Option<Template>,
    /// `Result`, a literal.
    pub result: Option<Value>,
    /// `ResultPath`
    pub result_path: ResultPath,
}

/// The fields of a Task state.
#[derive(Debug)]
pub struct Task {
    /// `Resource`
    pub resource: Resource,
    /// `Parameters`; in JSONata `Arguments`.
    pub parameters: Option<Payload>,
    /// `ResultSelector`
    pub result_selector: Option<Template>,
    /// `ResultPath`
    pub result_path: ResultPath,
    /// `TimeoutSeconds` or `TimeoutSecondsPath`
    pub timeout: Option<Seconds>,
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`: parsed and shown in the history, without effect in Express.
    pub heartbeat: Option<Seconds>,
    /// `Credentials`, evaluated into the history's `taskCredentials`.
    pub credentials: Option<Payload>,
    /// `Retry`
    pub retry: Vec<Retrier>,
    /// `Catch`
    pub catch: Vec<Catcher>,
}

/// A Task's `Resource`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The whole ARN as written.
    pub arn: Text,
    /// What kind of events its task makes in the history.
    pub kind: ResourceKind,
}

/// The two families of resources that AWS logs differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// A bare function ARN: `LambdaFunctionScheduled` and so on.
    LambdaFunction,
    /// `arn:aws:states:::TYPE:ACTION`: `TaskScheduled` and so on.
    Integration {
        /// `lambda`, `http`, `aws-sdk:dynamodb`, …
        resource_type: Text,
        /// `invoke`, `sendMessage`, …
        resource: Text,
    },
}

/// A number of seconds, literal or read when the state is entered.
#[derive(Debug)]
pub enum Seconds {
    /// `…Seconds`
    Literal(u64),
    /// `…SecondsPath`
    Path(Path),
    /// `…Seconds` in JSONata
    Query(Query),
}

/// The fields of a Choice state.
#[derive(Debug)]
pub struct Choice {
    /// `Choices` in order.
    pub rules: Vec<Rule>,
    /// `Default`
    pub default: Option<StateId>,
}

/// One element of `Choices`.
#[derive(Debug)]
pub struct Rule {
    /// When it holds.
    pub condition: Condition,
    /// `Next`
    pub next: StateId,
    /// `Assign`, instead of the state's.
    pub assign: Option<Assign>,
    /// `Output`, instead of the state's.
    pub output: Option<QueryTemplate>,
}

/// A rule's condition.
#[derive(Debug)]
pub enum Condition {
    /// `And`
    And(Vec<Self>),
    /// `Or`
    Or(Vec<Self>),
    /// `Not`
    Not(Box<Self>),
    /// A literal `Condition` of JSONata.
    Constant(bool),
    /// `Condition` of JSONata.
    Query(Query),
    /// `Variable` and one operator.
    Test {
        /// `Variable`
        variable: Path,
        /// The operator with its operand.
        operator: Operator,
    },
}

/// The operators of a data test.
#[derive(Debug)]
pub enum Operator {
    /// `StringEquals`, `StringLessThan`, …
    String(Comparison, Operand<Text>),
    /// `NumericEquals`, `NumericLessThan`, …
    Numeric(Comparison, Operand<Value>),
    /// `TimestampEquals`, `TimestampLessThan`, …; a literal is checked by `compile`.
    Timestamp(Comparison, Operand<Text>),
    /// `BooleanEquals`
    BooleanEquals(Operand<bool>),
    /// `StringMatches`: literal pieces between wildcards, escapes resolved.
    StringMatches(Vec<Text>),
    /// `IsNull`, with the answer that makes the rule true; likewise below.
    IsNull(bool),
    /// `IsPresent`
    IsPresent(bool),
    /// `IsNumeric`
    IsNumeric(bool),
    /// `IsString`
    IsString(bool),
    /// `IsBoolean`
    IsBoolean(bool),
    /// `IsTimestamp`
    IsTimestamp(bool),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// =
    Equals,
    /// <
    LessThan,
    /// >
    GreaterThan,
    /// ≤
    LessThanEquals,
    /// ≥
    GreaterThanEquals,
}

/// What a variable is compared with.
#[derive(Debug)]
pub enum Operand<T> {
    /// A literal.
    Literal(T),
    /// `…Path`: read from the state's input.
    Path(Path),
}

/// The fields of a Wait state.
#[derive(Debug)]
pub enum Wait {
    /// `Seconds`
    Seconds(u64),
    /// `SecondsPath`
    SecondsPath(Path),
    /// `Timestamp`, checked by `compile`.
    Timestamp(crate::machine::Timestamp),
    /// `TimestampPath`
    TimestampPath(Path),
    /// `Seconds` in JSONata
    SecondsQuery(Query),
    /// `Timestamp` in JSONata
    TimestampQuery(Query),
}

/// The fields of a Fail state.
#[derive(Debug)]
pub struct Fail {
    /// `Error` or `ErrorPath`
    pub error: Option<FailText>,
    /// `Cause` or `CausePath`
    pub cause: Option<FailText>,
}

/// A text of a Fail state.
#[derive(Debug)]
pub enum FailText {
    /// `Error`, `Cause`
    Literal(Text),
    /// `ErrorPath`, `CausePath`: a path or an intrinsic call, as a template of one value.
    Path(Template),
    /// `Error`, `Cause` in JSONata
    Query(Query),
}

/// One element of `Retry`.
#[derive(Debug)]
pub struct Retrier {
    /// `ErrorEquals`
    pub error_equals: Vec<Text>,
    /// `IntervalSeconds`, 1 by default.
    pub interval_seconds: u64,
    /// `MaxAttempts`, 3 by default; 0 never retries.
    pub max_attempts: u64,
    /// `BackoffRate`, 2.0 by default.
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy: FULL`
    pub full_jitter: bool,
}

/// One element of `Catch`.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`
    pub error_equals: Vec<Text>,
    /// `ResultPath`
    pub result_path: ResultPath,
    /// `Next`
    pub next: StateId,
    /// `Assign`, instead of the state's.
    pub assign: Option<Assign>,
    /// `Output`, instead of the state's.
    pub output: Option<QueryTemplate>,
}
