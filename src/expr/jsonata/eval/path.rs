//! Paths: each step is evaluated for each result of the step before it.

use super::step::joined;
use super::{Evaluator, FrameId};
use crate::expr::jsonata::datum::{Datum, Elements, Nature, sequence};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::program::{Path, Step, StepKind};

impl Evaluator<'_> {
    pub(super) fn path(
        &mut self,
        path: &Path,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        if path.binds_from.is_some() {
            return self.binding_path(path, input, frame);
        }
        let result = self.plain_steps(path, path.steps.len(), input, frame)?;
        let mut result = if path.keeps_array {
            kept_path(result)?
        } else {
            result
        };
        if let Some(pairs) = &path.group {
            result = self.group(pairs, &result, frame)?;
        }
        Ok(result.settled())
    }

    /// The first `count` steps, which bind nothing.
    pub(super) fn plain_steps(
        &mut self,
        path: &Path,
        count: usize,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut current = input.clone();
        // A variable is looked up once, whatever the context.
        let mut whole = !path.spreads_input;
        for (at, step) in path.steps.iter().take(count).enumerate() {
            let last = at + 1 == path.steps.len();
            current = if at == 0 && step.constructs {
                self.step_once(step, &current, frame)?
            } else {
                self.step(step, &current, std::mem::take(&mut whole), last, frame)?
            };
            if current.is_nothing() || current.elements().is_some_and(|e| e.len() == 0) {
                break;
            }
        }
        Ok(current)
    }

    fn step_once(&mut self, step: &Step, input: &Datum, frame: FrameId) -> Result<Datum, Fault> {
        match step.kind {
            StepKind::Node(node) => self.eval(node, input, frame),
            StepKind::Field(_) | StepKind::Sort(_) => Ok(Datum::Nothing),
        }
    }

    fn step(
        &mut self,
        step: &Step,
        input: &Datum,
        whole: bool,
        last: bool,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        if let StepKind::Sort(terms) = &step.kind {
            let mut sorted = self.sorted(terms, input, frame)?;
            for stage in &step.stages {
                sorted = self.stage(*stage, &sorted, frame)?;
            }
            return Ok(sorted);
        }
        let elements = if whole {
            Elements::Data(std::slice::from_ref(input))
        } else {
            input.each()
        };
        if let Elements::Values(values) = elements
            && let StepKind::Node(node) = step.kind
            && step.stages.is_empty()
            && let Some(formula) = self.formula(node, frame)
            && formula.calculates()
        {
            return self.results(&formula, values, |own, at| {
                let value = values.get(at).cloned();
                own.eval(node, &value.map_or(Datum::Nothing, Datum::Value), frame)
            });
        }
        let mut results = Vec::with_capacity(elements.len());
        for element in elements.iter() {
            self.steps(1)?;
            let mut result = self.step_for(step, &element, frame)?;
            for stage in &step.stages {
                result = self.stage(*stage, &result, frame)?;
            }
            if !result.is_nothing() {
                results.push(result);
            }
        }
        joined(self, results, last)
    }

    /// A step for one element, before its stages.
    pub(super) fn step_for(
        &mut self,
        step: &Step,
        element: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        match &step.kind {
            StepKind::Field(name) => {
                let found = super::walk::lookup(element, name)?;
                let found = if step.keep_array {
                    super::node::kept(found)?
                } else {
                    found
                };
                Ok(found.settled())
            }
            StepKind::Node(node) => self.eval(*node, element, frame),
            StepKind::Sort(_) => Ok(Datum::Nothing),
        }
    }
}

/// The result of a path that has `[]` in it.
pub(super) fn kept_path(result: Datum) -> Result<Datum, Fault> {
    match result {
        Datum::Array(array) if array.nature == Nature::Constructed => {
            super::node::kept(sequence(vec![Datum::Array(array)])?)
        }
        other => super::node::kept(other),
    }
}

/// A constructed array, as a step gives it.
pub(super) fn is_constructed(datum: &Datum) -> bool {
    matches!(datum, Datum::Array(array) if array.nature == Nature::Constructed)
}

/// Whether it is an array that is no sequence.
pub(super) fn is_plain_array(datum: &Datum) -> bool {
    match datum {
        Datum::Value(value) => value.as_array().is_some(),
        Datum::Array(array) => !array.is_sequence(),
        Datum::Nothing | Datum::Sequence(_) | Datum::Record(_) | Datum::Function(_) => false,
    }
}
