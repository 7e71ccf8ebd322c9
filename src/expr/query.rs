//! Where JSONata meets the machine: one `{% … %}` of a state, what it sees, and how it fails in AWS's words.
//!
//! *Not here*: the language itself (`jsonata`), and which field may read what (`asl`).

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use super::jsonata::{
    self, CompileError, Environment, EvalError, Evaluated, Expression, FreeVariable, InputRead,
    Limits,
};
use super::{Failure, Randomness, VariableNames, Variables};
use crate::value::{ObjectBuilder, Text, TooDeep, Value, View};

/// The reserved variable that holds what a state offers to its expressions.
const STATES: &str = "states";

/// JSONata's code of an evaluation that takes more than it may.
const BOUND: &str = "U1001";

/// One expression, and the field that holds it.
#[derive(Debug)]
pub struct Query {
    expression: Expression,
    /// Its way within the state, such as `Output/a/list[0]`.
    field: Text,
}

/// The values that a query is evaluated against.
#[derive(Clone, Copy, Debug)]
pub struct QueryScope<'a> {
    /// `$states.input`, the state's raw input.
    pub input: &'a Value,
    /// What else `$states` holds at this point.
    pub seen: Seen<'a>,
    /// `$states.context`; null unless the program asks for it, and then never read.
    pub context: &'a Value,
    /// The names of `variables`.
    pub names: &'a VariableNames,
    /// `$name`
    pub variables: &'a Variables,
    /// Where `$random`, `$uuid` and `$shuffle` draw from.
    pub randomness: &'a Randomness,
    /// `$now` and `$millis`, in milliseconds since 1970.
    pub now_ms: i64,
    /// How long it may take.
    pub budget: &'a QueryBudget,
}

/// What queries may take: one by itself, and those of a turn together.
#[derive(Clone, Debug)]
pub struct QueryBudget {
    /// What one query may take.
    limits: Limits,
    /// The steps of all queries until it is filled again.
    steps_left: Cell<u64>,
}

impl QueryBudget {
    /// How many queries may take all their steps before the budget must be filled again.
    const QUERIES: u64 = 16;

    /// A full budget for queries that may take so much each.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps_left: Cell::new(limits.steps.saturating_mul(Self::QUERIES)),
        }
    }

    /// Fills it, and tells how many steps were taken since.
    pub fn refill(&self) -> u64 {
        let full = self.limits.steps.saturating_mul(Self::QUERIES);
        full - self.steps_left.replace(full)
    }

    fn spend(&self, steps: u64) {
        let left = self.steps_left.get();
        self.steps_left.set(left.saturating_sub(steps));
    }
}

/// How far a state has come, and what its expressions see by then.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// It has its input only. This is what `$` is in JSONPath.
    Input(&'a Value),
    /// Its work is done: `$states.result`.
    Result(&'a Value),
    /// Its work has failed and the error is caught: `$states.errorOutput`.
    Error(&'a Value),
}

impl<'a> Seen<'a> {
    /// `$` in JSONPath.
    #[must_use]
    pub const fn value(self) -> &'a Value {
        match self {
            Self::Input(value) | Self::Result(value) | Self::Error(value) => value,
        }
    }
}

impl Query {
    /// The text between `{%` and `%}`, without the spaces around it, if this is an expression: nothing may stand outside.
    #[must_use]
    pub fn text_of(string: &str) -> Option<&str> {
        let text = string.strip_prefix("{%")?.strip_suffix("%}")?;
        Some(text.trim())
    }

    /// Compiles the text of an expression in a field.
    ///
    /// # Errors
    /// What is wrong with it and where.
    pub fn compile(text: &str, field: impl Into<Text>) -> Result<Self, CompileError> {
        Ok(Self {
            expression: Expression::compile(text)?,
            field: field.into(),
        })
    }

    /// The variables of the workflow that it reads, `$states` among them.
    #[must_use]
    pub fn free_variables(&self) -> &[FreeVariable] {
        self.expression.free_variables()
    }

    /// Where it reads an input, though a state offers none outside of `$states`.
    #[must_use]
    pub fn input_reads(&self) -> &[InputRead] {
        self.expression.input_reads()
    }

    /// Whether it may read `$states.context`.
    #[must_use]
    pub fn reads_context(&self) -> bool {
        self.free_variables().iter().any(|variable| {
            let field = variable.fields.first();
            variable.name == STATES && field.is_none_or(|field| field == "context")
        })
    }

    /// The field that holds it.
    #[must_use]
    pub const fn field(&self) -> &Text {
        &self.field
    }

    /// The value for this scope.
    ///
    /// # Errors
    /// `States.QueryEvaluationError` if there is none.
    pub fn eval(&self, scope: &QueryScope<'_>) -> Result<Value, Failure> {
        self.eval_in(&States::new(scope))
    }

    /// A value of the JSON type that the field needs: `array`, `boolean`, `number`, `string`.
    ///
    /// # Errors
    /// `States.QueryEvaluationError` if there is no such value.
    pub fn eval_to(&self, expected: &str, scope: &QueryScope<'_>) -> Result<Value, Failure> {
        let value = self.eval(scope)?;
        let found = json_type(&value);
        if found == expected {
            return Ok(value);
        }
        Err(self.failure(&format!(
            "returned an unexpected result type. Expected '{expected}', but was '{found}' for value: {value}"
        )))
    }

    pub(super) fn eval_in(&self, states: &States<'_>) -> Result<Value, Failure> {
        let scope = states.scope;
        let budget = scope.budget;
        let limits = Limits {
            steps: budget.limits.steps.min(budget.steps_left.get()),
            ..budget.limits
        };
        let environment = Environment {
            input: None,
            variables: states,
            now_ms: scope.now_ms,
            randomness: &|| scope.randomness.next_u64(),
            limits,
        };
        let mut steps = 0;
        let evaluated = self.expression.eval_counted(&environment, &mut steps);
        budget.spend(steps);
        if let Some(Err(too_deep)) = states.built.get() {
            return Err(Failure::query(None, too_deep.to_string()));
        }
        match evaluated {
            Ok(Evaluated::Value(value)) => Ok(value),
            Ok(Evaluated::Nothing) => Err(self.failure("returned nothing (undefined).")),
            Ok(Evaluated::Function) => Err(self.failure("returned an unsupported result type.")),
            Err(EvalError { code, message }) => Err(self.failure(&match code {
                // AWS's own bounds have no code there.
                BOUND => format!("threw an error during evaluation: {message}"),
                _ => format!("threw an error during evaluation. {code}: {message}"),
            })),
        }
    }

    fn failure(&self, what: &str) -> Failure {
        let (text, field) = (self.expression.text(), &self.field);
        Failure::query(
            Some(field.clone()),
            format!("The JSONata expression '{text}' specified for the field '{field}' {what}"),
        )
    }
}

/// The variables of an evaluation. `$states` is built only if it is read as a whole, once for all expressions of a payload.
pub(super) struct States<'a> {
    scope: &'a QueryScope<'a>,
    built: OnceCell<Result<Value, TooDeep>>,
}

impl<'a> States<'a> {
    pub(super) const fn new(scope: &'a QueryScope<'a>) -> Self {
        Self {
            scope,
            built: OnceCell::new(),
        }
    }

    fn build(&self) -> Result<Value, TooDeep> {
        let mut states = ObjectBuilder::with_capacity(3);
        states.insert("input", self.scope.input.clone());
        match self.scope.seen {
            Seen::Input(_) => {}
            Seen::Result(result) => states.insert("result", result.clone()),
            Seen::Error(error) => states.insert("errorOutput", error.clone()),
        }
        states.insert("context", self.scope.context.clone());
        states.finish()
    }
}

impl jsonata::Variables for States<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, Value>> {
        if name == STATES {
            let built = self.built.get_or_init(|| self.build());
            return built.as_ref().ok().map(Cow::Borrowed);
        }
        let slot = self.scope.names.find(name)?;
        self.scope.variables.get(slot).map(Cow::Borrowed)
    }

    fn member(&self, name: &str, field: &str) -> Option<Cow<'_, Value>> {
        if name != STATES {
            return None;
        }
        let value = match (field, self.scope.seen) {
            ("input", _) => self.scope.input,
            ("context", _) => self.scope.context,
            ("result", Seen::Result(value)) | ("errorOutput", Seen::Error(value)) => value,
            _ => return None,
        };
        Some(Cow::Borrowed(value))
    }
}

/// The name of a value's type as AWS's texts have it.
fn json_type(value: &Value) -> &'static str {
    match value.view() {
        View::Null => "null",
        View::Bool(_) => "boolean",
        View::Number(_) => "number",
        View::String(_) => "string",
        View::Array(_) => "array",
        View::Object(_) => "object",
    }
}
