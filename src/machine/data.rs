//! The way of data through a state: `InputPath`, `ResultPath`, `OutputPath`, and the limit of its size.

use super::Execution;
use super::problem::Problem;
use crate::asl::{IoPath, ResultPath, State};
use crate::expr::{Failure, PathMiss, Scope, Template};
use crate::value::Value;

impl Execution {
    /// The scope of an expression whose `$` is `input`.
    pub(super) const fn scope<'a>(&'a self, input: &'a Value) -> Scope<'a> {
        Scope {
            input,
            context: &self.context,
            randomness: &self.randomness,
        }
    }

    /// The state's input after `InputPath`.
    pub(super) fn effective_input(&self, state: &State) -> Result<Value, Problem> {
        self.through(&state.input_path, self.root.data.clone(), state)
    }

    /// A template's value, with `input` as `$`.
    pub(super) fn evaluate(
        &self,
        template: &Template,
        input: &Value,
        state: &State,
    ) -> Result<Value, Problem> {
        template
            .eval(&self.scope(input))
            .map_err(|failure| self.problem(&failure, state))
    }

    /// `ResultPath` puts the result into the raw input, which is used up.
    pub(super) fn put_result(
        &mut self,
        path: &ResultPath,
        result: Value,
        state: &State,
    ) -> Result<Value, Problem> {
        match path {
            ResultPath::Replace => Ok(result),
            ResultPath::Discard => Ok(std::mem::take(&mut self.root.data)),
            ResultPath::At(place) => {
                let input = std::mem::take(&mut self.root.data);
                place
                    .put(input, result)
                    .map_err(|failure| self.problem(&failure, state))
            }
        }
    }

    /// The state's output after `OutputPath`, if it is not too large.
    pub(super) fn output(&self, data: Value, state: &State) -> Result<Value, Problem> {
        let output = self.through(&state.output_path, data, state)?;
        if self.is_too_large(&output) {
            return Err(Problem::result_too_large(&state.name));
        }
        Ok(output)
    }

    pub(super) fn is_too_large(&self, value: &Value) -> bool {
        value.json_bytes() > self.options.limits.payload_bytes_max
    }

    /// A failed evaluation, in the words that AWS has for it in this state.
    pub(super) fn problem(&self, failure: &Failure, state: &State) -> Problem {
        Problem::in_state(failure, &state.name, self.root.entered_id)
    }

    /// A runtime error in this state.
    pub(super) fn runtime(&self, detail: impl Into<String>, state: &State) -> Problem {
        self.problem(&Failure::runtime(detail), state)
    }

    /// A path of this state that leads nowhere.
    pub(super) fn missing(&self, miss: &PathMiss<'_>, state: &State) -> Problem {
        self.runtime(miss.invalid_path(), state)
    }

    /// Builds the context object anew, if the program reads it.
    pub(super) fn refresh_context(&mut self, state: &State) -> Result<(), Problem> {
        if self.program.uses_context {
            let built =
                super::context::build(&self.options, &self.input, self.began, state, &self.root);
            self.context = built.map_err(|too_deep| self.runtime(too_deep.to_string(), state))?;
        }
        Ok(())
    }

    fn through(&self, path: &IoPath, data: Value, state: &State) -> Result<Value, Problem> {
        match path {
            IoPath::All => Ok(data),
            IoPath::Discard => Ok(Value::empty_object()),
            IoPath::Path(path) => {
                let found = path
                    .find(&self.scope(&data))
                    .map_err(|miss| self.missing(&miss, state))?;
                Ok(found.into_owned())
            }
        }
    }
}
