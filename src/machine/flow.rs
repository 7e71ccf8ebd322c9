//! One flow of states at work: what a state can see and do during a step.

use super::core::Core;
use super::exit::Way;
use super::frame::Frame;
use super::problem::Problem;
use super::step::Turn;
use super::{Effect, TimerId, Timestamp, context};
use crate::asl::{IoPath, Kind, Program, ResultPath, State};
use crate::expr::{Failure, PathMiss, Payload, Query, QueryScope, Scope, Seen, Template};
use crate::history::{Details, EventType};
use crate::value::Value;

/// A frame, with what it shares with all others, in the course of one step.
pub(super) struct Flow<'a> {
    pub(super) program: &'a Program,
    pub(super) core: &'a mut Core,
    pub(super) frame: &'a mut Frame,
    pub(super) now: Timestamp,
    pub(super) effects: &'a mut Vec<Effect>,
}

impl Flow<'_> {
    /// The scope of an expression whose `$` is `input`.
    pub(super) const fn scope<'s>(&'s self, input: &'s Value) -> Scope<'s> {
        Scope {
            input,
            context: &self.frame.context,
            variables: &self.frame.variables,
            randomness: &self.core.randomness,
        }
    }

    /// The state's input after `InputPath`.
    pub(super) fn effective_input(&self, state: &State) -> Result<Value, Problem> {
        let input = self.through(&state.input_path, self.frame.data.clone(), state)?;
        if let Some(inspection) = &self.core.inspection {
            inspection.after_input_path(&input);
        }
        Ok(input)
    }

    /// The scope of a query.
    pub(super) const fn query_scope<'s>(&'s self, seen: Seen<'s>) -> QueryScope<'s> {
        QueryScope {
            input: &self.frame.data,
            seen,
            context: &self.frame.context,
            names: &self.program.variables,
            variables: &self.frame.variables,
            randomness: &self.core.randomness,
            now_ms: self.now.as_millis(),
            budget: &self.core.query_budget,
        }
    }

    /// A payload's value.
    pub(super) fn evaluate(
        &self,
        payload: &Payload,
        seen: Seen<'_>,
        state: &State,
    ) -> Result<Value, Problem> {
        match payload {
            Payload::JsonPath(template) => self.fill(template, seen.value(), state),
            Payload::Jsonata(template) => template
                .eval(&self.query_scope(seen))
                .map_err(|failure| self.problem(&failure, state)),
        }
    }

    /// The value of a field that is one query, of the JSON type that it needs.
    pub(super) fn query(
        &self,
        query: &Query,
        expected: &str,
        state: &State,
    ) -> Result<Value, Problem> {
        let scope = self.query_scope(Seen::Input(&self.frame.data));
        query
            .eval_to(expected, &scope)
            .map_err(|failure| self.problem(&failure, state))
    }

    /// A template's value, with `input` as `$`.
    pub(super) fn fill(
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
        if let Some(inspection) = &self.core.inspection {
            inspection.after_result_selector(&result);
        }
        let data = match path {
            ResultPath::Replace => result,
            ResultPath::Discard => std::mem::take(&mut self.frame.data),
            ResultPath::At(place) => {
                let input = std::mem::take(&mut self.frame.data);
                place
                    .put(input, result)
                    .map_err(|failure| self.problem(&failure, state))?
            }
        };
        if let Some(inspection) = &self.core.inspection {
            inspection.after_result_path(&data);
        }
        Ok(data)
    }

    /// Leaves a state that did work with the work's result: `Assign`; `ResultSelector`, `ResultPath`, `OutputPath`, or `Output`.
    pub(super) fn deliver(
        &mut self,
        result: Value,
        selector: Option<&Template>,
        path: &ResultPath,
        state: &State,
    ) -> Result<Turn, Problem> {
        let leaving = self.leave_by(Way::from(state), Seen::Result(&result), state)?;
        leaving.with(|| {
            let selected = match selector {
                Some(template) => self.fill(template, &result, state)?,
                None => result,
            };
            // Retriers and catchers still want the raw input if something goes wrong from here on.
            let raw = self.frame.data.clone();
            let output = self
                .put_result(path, selected, state)
                .and_then(|data| self.output(data, state));
            if output.is_err() {
                self.frame.data = raw;
            }
            output
        })
    }

    /// The state's output after `OutputPath`, if it is not too large.
    pub(super) fn output(&self, data: Value, state: &State) -> Result<Value, Problem> {
        let output = self.through(&state.output_path, data, state)?;
        self.bounded(output, state)
    }

    /// An output that is not too large.
    pub(super) fn bounded(&self, output: Value, state: &State) -> Result<Value, Problem> {
        if self.core.is_too_large(&output) {
            return Err(Problem::result_too_large(&state.name));
        }
        Ok(output)
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

    /// Builds the context object anew, if the program reads it.
    pub(super) fn refresh_context(&mut self, state: &State) -> Result<(), Problem> {
        if self.program.uses_context {
            let built = context::build(self.core, state, self.frame);
            self.frame.context =
                built.map_err(|too_deep| self.runtime(too_deep.to_string(), state))?;
        }
        Ok(())
    }

    /// Counts the next event of this flow, and makes it if it was asked for.
    pub(super) fn record(&mut self, event_type: EventType, details: impl FnOnce(&mut Details)) {
        self.frame.previous_id = self.note(event_type, details);
    }

    /// The same for an event that the next one of this flow does not point to. Returns its id.
    pub(super) fn note(
        &mut self,
        event_type: EventType,
        details: impl FnOnce(&mut Details),
    ) -> u64 {
        self.core.recorder.record(
            event_type,
            self.frame.previous_id,
            self.now,
            self.effects,
            details,
        )
    }

    pub(super) fn arm(&mut self, at: Timestamp) -> TimerId {
        let timer = self.core.next_timer();
        self.effects.push(Effect::Arm { timer, at });
        timer
    }

    /// Tells of a query that failed in this state. Its event does not point to the state's entry, but to what was before;
    /// a Wait state has begun to wait by then.
    pub(super) fn record_failed_query(&mut self, problem: &Problem, state: &State) {
        let Some(query) = &problem.query else { return };
        let frame = &mut *self.frame;
        if frame.previous_id == frame.entered_id && !matches!(state.kind, Kind::Wait(_)) {
            frame.previous_id = frame.before_id;
        }
        self.record(EventType::EvaluationFailed, |details| {
            details.error(problem.error.as_ref(), problem.cause.as_deref());
            if let Some(field) = &query.field {
                details.text("location", field.clone());
            }
            details.text("state", state.name.clone());
        });
    }

    /// A failed evaluation, in the words that AWS has for it in this state.
    pub(super) fn problem(&self, failure: &Failure, state: &State) -> Problem {
        Problem::in_state(failure, &state.name, self.frame.entered_id)
    }

    /// A runtime error in this state.
    pub(super) fn runtime(&self, detail: impl Into<String>, state: &State) -> Problem {
        self.problem(&Failure::runtime(detail), state)
    }

    /// A query of this state whose value will not do.
    pub(super) fn field_problem(&self, query: &Query, detail: String, state: &State) -> Problem {
        self.problem(&Failure::query(Some(query.field().clone()), detail), state)
    }

    /// A path of this state that leads nowhere.
    pub(super) fn missing(&self, miss: &PathMiss<'_>, state: &State) -> Problem {
        self.runtime(miss.invalid_path(), state)
    }
}
