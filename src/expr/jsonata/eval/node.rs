//! Nodes that are neither paths nor operators nor calls.

use super::{Evaluator, FrameId, truth};
use crate::expr::jsonata::datum::{
    Datum, Elements, FunctionKind, Lambda, Nature, append, plain_array, sequence,
};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::program::{Behind, Item, Node, NodeId, Stage};

/// How many elements a range may have.
const RANGE_MAX: f64 = 1e7;

impl Evaluator<'_> {
    /// The branch of a condition that is taken.
    pub(super) fn chosen(
        &mut self,
        node: &Node,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Option<NodeId>, Fault> {
        let Node::Condition {
            condition,
            then,
            otherwise,
        } = node
        else {
            return Ok(None);
        };
        Ok(if self.test(*condition, input, frame)? {
            Some(*then)
        } else {
            *otherwise
        })
    }

    pub(super) fn block(
        &mut self,
        slots: usize,
        expressions: &[NodeId],
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let inner = if slots > 0 {
            self.enter(frame, slots)
        } else {
            frame
        };
        let mut last = Datum::Nothing;
        for expression in expressions {
            last = self.eval(*expression, input, inner)?;
        }
        if slots > 0 {
            self.leave(inner);
        }
        Ok(last)
    }

    pub(super) fn negate(
        &mut self,
        operand: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let datum = self.eval(operand, input, frame)?;
        if datum.is_nothing() {
            return Ok(Datum::Nothing);
        }
        match datum.as_f64() {
            Some(number) => Datum::number(-number),
            None => {
                let shown = datum.to_value()?;
                let message = format!("Cannot negate a non-numeric value: {shown}");
                Err(fault("D1002", message))
            }
        }
    }

    pub(super) fn lambda(
        &mut self,
        node: NodeId,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        self.capture(frame);
        self.take(size_of::<Lambda>())?;
        let input = input.clone();
        Datum::function(FunctionKind::Lambda(Lambda { node, input, frame }))
    }

    pub(super) fn array(
        &mut self,
        items: &[Item],
        constructed: bool,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut elements = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Nested(node) => elements.push(self.eval(*node, input, frame)?),
                Item::Joined(node) => {
                    let datum = self.eval(*node, input, frame)?;
                    if !datum.is_nothing() {
                        self.take_elements(datum.each().len())?;
                        elements.extend(datum.each().iter());
                    }
                }
                Item::Range(first, last) => {
                    let first = self.eval(*first, input, frame)?;
                    let last = self.eval(*last, input, frame)?;
                    self.range(&first, &last, &mut elements)?;
                }
            }
        }
        self.take_elements(elements.len())?;
        if !constructed {
            return plain_array(elements);
        }
        Datum::array(elements, Nature::Constructed)
    }

    fn range(
        &mut self,
        first: &Datum,
        last: &Datum,
        elements: &mut Vec<Datum>,
    ) -> Result<(), Fault> {
        let whole = |datum: &Datum| datum.as_f64().filter(|n| n.fract() == 0.0);
        let (from, to) = (whole(first), whole(last));
        if !first.is_nothing() && from.is_none() {
            return Err(fault(
                "T2003",
                "The left side of the range operator (..) must evaluate to an integer",
            ));
        }
        if !last.is_nothing() && to.is_none() {
            return Err(fault(
                "T2004",
                "The right side of the range operator (..) must evaluate to an integer",
            ));
        }
        let (Some(from), Some(to)) = (from, to) else {
            return Ok(());
        };
        let count = to - from + 1.0;
        if count > RANGE_MAX {
            return Err(fault(
                "D2014",
                format!(
                    "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  \
                     Attempted to allocate {count}."
                ),
            ));
        }
        if count <= 0.0 {
            return Ok(());
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, positive and bounded"
        )]
        let count = count as usize;
        self.take_elements(count)?;
        elements.reserve(count);
        let mut number = from;
        for _ in 0..count {
            elements.push(Datum::number(number)?);
            number += 1.0;
        }
        Ok(())
    }

    /// Predicates, group and `[]` behind a node that is no path.
    pub(super) fn behind(
        &mut self,
        behind: &Behind,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut datum = self.unsettled(behind.node, input, frame)?;
        for stage in &behind.predicates {
            datum = self.stage(*stage, &datum, frame)?;
        }
        if let Some(pairs) = &behind.group {
            datum = self.group(pairs, &datum, frame)?;
        }
        Ok(if behind.keep_array {
            kept(datum)?
        } else {
            datum
        }
        .settled())
    }

    /// Evaluates a node, but leaves a sequence it gives as it is.
    fn unsettled(&mut self, id: NodeId, input: &Datum, frame: FrameId) -> Result<Datum, Fault> {
        match self.at(id) {
            Node::Call(call) => self.call_unsettled(call, None, input, frame),
            Node::ApplyCall { value, call } => self.apply_call(*value, *call, input, frame),
            Node::Apply { value, function } => self.apply_node(*value, *function, input, frame),
            Node::Wildcard => self.wildcard(input),
            Node::Descendants => self.descendants(input),
            _ => self.eval(id, input, frame),
        }
    }

    /// What of `datum` a predicate lets through, as a sequence.
    pub(super) fn stage(
        &mut self,
        stage: Stage,
        datum: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let elements = datum.each();
        match stage {
            Stage::At(place) => {
                let at = usize::try_from(place).ok().or_else(|| {
                    let back = usize::try_from(place.unsigned_abs()).ok()?;
                    elements.len().checked_sub(back)
                });
                let element = at.and_then(|at| elements.get(at));
                match element.unwrap_or(Datum::Nothing) {
                    Datum::Nothing => sequence(Vec::new()),
                    array if array.elements().is_some() => Ok(array),
                    other => sequence(vec![other]),
                }
            }
            Stage::Filter(predicate) => {
                if let Elements::Values(values) = elements
                    && self.is_verdict(predicate)
                {
                    return self.tested(predicate, values, frame);
                }
                let mut passed = Vec::new();
                for at in 0..elements.len() {
                    let element = elements.get(at).unwrap_or(Datum::Nothing);
                    let verdict = self.eval(predicate, &element, frame)?;
                    let times = passes(&verdict, at, elements.len());
                    self.steps(times)?;
                    passed.extend(std::iter::repeat_n(element, times));
                }
                self.take_elements(passed.len())?;
                if let [Datum::Nothing] = passed.as_slice() {
                    return Ok(Datum::Nothing);
                }
                sequence(passed)
            }
            // The place of a result is bound where bindings are carried along.
            Stage::Index(_) => Ok(datum.clone()),
        }
    }

    pub(super) fn wildcard(&mut self, input: &Datum) -> Result<Datum, Fault> {
        let inner = match input {
            Datum::Array(array) if array.nature == Nature::Outer => {
                array.items.first().unwrap_or(input)
            }
            _ => input,
        };
        let members = match inner.members() {
            Some(members) => members.into_iter().map(|(_, member)| member).collect(),
            None => match inner.elements() {
                Some(elements) => elements.iter().collect::<Vec<_>>(),
                None => Vec::new(),
            },
        };
        let mut results = Datum::Nothing;
        let mut own = Vec::new();
        for member in members {
            self.steps(1)?;
            if member.elements().is_some() {
                let mut flat = Vec::new();
                flatten(&member, &mut flat);
                self.take_elements(flat.len())?;
                let so_far = sequence(std::mem::take(&mut own))?;
                results = append(append(results, so_far)?, plain_array(flat)?)?;
            } else {
                own.push(member);
            }
        }
        if results.is_nothing() {
            return sequence(own);
        }
        append(results, plain_array(own)?)
    }

    pub(super) fn descendants(&mut self, input: &Datum) -> Result<Datum, Fault> {
        let mut found = Vec::new();
        if !input.is_nothing() {
            self.descend(input, &mut found)?;
        }
        sequence(found)
    }

    /// Recursion is bounded by how deep a value may be.
    fn descend(&mut self, datum: &Datum, found: &mut Vec<Datum>) -> Result<(), Fault> {
        self.steps(1)?;
        self.take(super::ELEMENT_BYTES)?;
        if let Some(elements) = datum.elements() {
            for element in elements.iter() {
                self.descend(&element, found)?;
            }
            return Ok(());
        }
        found.push(datum.clone());
        for (_, member) in datum.members().into_iter().flatten() {
            self.descend(&member, found)?;
        }
        Ok(())
    }
}

/// A sequence that stays an array even with one element.
pub(super) fn kept(datum: Datum) -> Result<Datum, Fault> {
    match datum {
        Datum::Array(array) if array.is_sequence() => {
            Datum::array(array.items.clone(), Nature::Kept)
        }
        other => Ok(other),
    }
}

/// How often the element at a place passes a predicate: once if it says so, or as often as it names the place.
pub(super) fn passes(verdict: &Datum, at: usize, count: usize) -> usize {
    let names_place = |number: f64| {
        #[expect(
            clippy::cast_precision_loss,
            reason = "no array is so long that places run together"
        )]
        let (at, count) = (at as f64, count as f64);
        let place = number.floor();
        #[expect(clippy::float_cmp, reason = "both are whole")]
        let same = (if place < 0.0 { place + count } else { place }) == at;
        same
    };
    if let Some(number) = verdict.as_f64() {
        return usize::from(names_place(number));
    }
    if let Some(elements) = verdict.elements()
        && elements.len() > 0
        && elements.iter().all(|element| element.as_f64().is_some())
    {
        return elements
            .iter()
            .filter_map(|element| element.as_f64())
            .filter(|number| names_place(*number))
            .count();
    }
    usize::from(truth(verdict))
}

/// The elements of arrays in arrays, however deep. Recursion is bounded by how deep a value may be.
fn flatten(datum: &Datum, flat: &mut Vec<Datum>) {
    match datum.elements() {
        Some(elements) => elements.iter().for_each(|element| flatten(&element, flat)),
        None => flat.push(datum.clone()),
    }
}
