//! Paths that bind: `@$x`, `#$i` and the parents that `%` asks for travel with each result.

use super::group::Grouping;
use super::path::kept_path;
use super::{Evaluator, FrameId};
use crate::expr::jsonata::datum::{Datum, object, plain_array, sequence};
use crate::expr::jsonata::error::Fault;
use crate::expr::jsonata::program::{Node, NodeId, Pairs, Path, Stage, Step, StepKind};
use crate::value::Text;

/// A result with what was bound on the way to it.
#[derive(Clone)]
struct Tuple {
    context: Datum,
    /// By the names of the path.
    slots: Vec<Option<Datum>>,
}

/// What a step inside of another path gives.
enum Stream<'p> {
    Plain(Datum),
    Tuples(&'p [Text], Vec<Tuple>),
}

impl<'a> Evaluator<'a> {
    pub(super) fn binding_path(
        &mut self,
        path: &Path,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let result = match self.tuples(path, input, frame)? {
            Stream::Plain(datum) => match &path.group {
                Some(pairs) => self.group(pairs, &datum, frame)?,
                None => datum,
            },
            Stream::Tuples(_, tuples) => match &path.group {
                Some(pairs) => self.group_tuples(path, pairs, tuples, frame)?,
                None => sequence(tuples.into_iter().map(|tuple| tuple.context).collect())?,
            },
        };
        let result = if path.keeps_array {
            kept_path(result)?
        } else {
            result
        };
        Ok(result.settled())
    }

    /// The tuples of a path; where the steps before the first that binds give nothing, that is all there is.
    fn tuples<'p>(
        &mut self,
        path: &'p Path,
        input: &Datum,
        frame: FrameId,
    ) -> Result<Stream<'p>, Fault> {
        let from = path.binds_from.unwrap_or(0);
        let start = self.plain_steps(path, from, input, frame)?;
        if from > 0 && start.elements().is_some_and(|e| e.len() == 0) {
            return Ok(Stream::Plain(start));
        }
        let whole = from == 0 && !path.spreads_input;
        let elements = if whole {
            vec![start]
        } else {
            start.each().iter().collect()
        };
        let mut tuples: Vec<Tuple> = elements
            .into_iter()
            .filter(|element| !element.is_nothing() || whole)
            .map(|context| Tuple {
                context,
                slots: vec![None; path.names.len()],
            })
            .collect();
        for step in path.steps.iter().skip(from) {
            tuples = self.tuple_step(path, step, tuples, frame)?;
            self.take_elements(tuples.len() * (1 + path.names.len()))?;
        }
        Ok(Stream::Tuples(&path.names, tuples))
    }

    fn inside<T>(
        &mut self,
        tuple: &Tuple,
        frame: FrameId,
        evaluate: impl FnOnce(&mut Self, FrameId) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.steps(1)?;
        let inner = self.enter(frame, tuple.slots.len());
        self.fill(inner, tuple.slots.iter().cloned());
        let result = evaluate(self, inner)?;
        self.leave(inner);
        Ok(result)
    }

    fn tuple_step(
        &mut self,
        path: &Path,
        step: &Step,
        tuples: Vec<Tuple>,
        frame: FrameId,
    ) -> Result<Vec<Tuple>, Fault> {
        let mut results = Vec::with_capacity(tuples.len());
        if let StepKind::Sort(terms) = &step.kind {
            let mut keyed = Vec::with_capacity(tuples.len());
            for tuple in tuples {
                let keys = self.inside(&tuple, frame, |own, inner| {
                    own.sort_keys(terms, &tuple.context, inner)
                })?;
                keyed.push((keys, tuple));
            }
            results = self.sort_by_keys(terms, keyed)?;
            number(&mut results, step.index);
        } else {
            for tuple in &tuples {
                let stream = self.inside(tuple, frame, |own, inner| match step.kind {
                    StepKind::Node(node) if step.carries => own.stream(node, &tuple.context, inner),
                    _ => {
                        let datum = own.step_for(step, &tuple.context, inner)?;
                        Ok(Stream::Plain(datum))
                    }
                })?;
                extend(path, step, tuple, stream, &mut results);
            }
        }
        for stage in &step.stages {
            results = self.tuple_stage(*stage, results, frame)?;
        }
        Ok(results)
    }

    fn tuple_stage(
        &mut self,
        stage: Stage,
        mut tuples: Vec<Tuple>,
        frame: FrameId,
    ) -> Result<Vec<Tuple>, Fault> {
        let count = tuples.len();
        match stage {
            Stage::Index(slot) => {
                number(&mut tuples, Some(slot));
                Ok(tuples)
            }
            Stage::At(place) => {
                let at = usize::try_from(place)
                    .ok()
                    .or_else(|| count.checked_sub(usize::try_from(place.unsigned_abs()).ok()?));
                Ok(tuples
                    .into_iter()
                    .skip(at.unwrap_or(count))
                    .take(1)
                    .collect())
            }
            Stage::Filter(predicate) => {
                let mut passed = Vec::new();
                for (at, tuple) in tuples.into_iter().enumerate() {
                    let verdict = self.inside(&tuple, frame, |own, inner| {
                        own.eval(predicate, &tuple.context, inner)
                    })?;
                    let times = super::node::passes(&verdict, at, count);
                    self.steps(times)?;
                    passed.extend(std::iter::repeat_n(tuple, times));
                }
                Ok(passed)
            }
        }
    }

    /// Evaluates a node inside of a path, with what it binds where that is wanted outside.
    fn stream(&mut self, node: NodeId, input: &Datum, frame: FrameId) -> Result<Stream<'a>, Fault> {
        self.deepen()?;
        let node_ref: &'a Node = self.at(node);
        let stream = match node_ref {
            Node::Path(path) if path.carries && path.binds_from.is_some() => {
                self.tuples(path, input, frame)?
            }
            Node::Block { slots, expressions } => {
                let inner = self.enter(frame, *slots);
                // The frame of a block without variables is not there for those inside of it.
                let place = if *slots > 0 { inner } else { frame };
                let mut stream = Stream::Plain(Datum::Nothing);
                for expression in expressions {
                    stream = self.stream(*expression, input, place)?;
                }
                self.leave(inner);
                stream
            }
            Node::Behind(behind) if behind.group.is_none() => {
                match self.stream(behind.node, input, frame)? {
                    Stream::Tuples(names, mut tuples) => {
                        for stage in &behind.predicates {
                            tuples = self.tuple_stage(*stage, tuples, frame)?;
                        }
                        Stream::Tuples(names, tuples)
                    }
                    Stream::Plain(_) => Stream::Plain(self.eval(node, input, frame)?),
                }
            }
            _ => Stream::Plain(self.eval(node, input, frame)?),
        };
        self.evaluations -= 1;
        Ok(stream)
    }

    fn group_tuples(
        &mut self,
        path: &Path,
        pairs: &Pairs,
        tuples: Vec<Tuple>,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let mut grouping = Grouping::default();
        for tuple in tuples {
            for (pair, (key, _)) in pairs.pairs.iter().enumerate() {
                let key = self.inside(&tuple, frame, |own, inner| {
                    own.eval(*key, &tuple.context, inner)
                })?;
                grouping.add(key, pair, tuple.clone())?;
            }
        }
        let mut members = Vec::with_capacity(grouping.groups.len());
        for group in grouping.groups {
            let tuple = merged(group.items, path.names.len())?;
            let Some((_, value)) = pairs.pairs.get(group.pair) else {
                continue;
            };
            let member = self.inside(&tuple, frame, |own, inner| {
                own.eval(*value, &tuple.context, inner)
            })?;
            if !member.is_nothing() {
                members.push((group.key, member));
            }
        }
        self.take_elements(members.len() * 2)?;
        object(members)
    }
}

/// Binds the place of each tuple.
fn number(tuples: &mut [Tuple], slot: Option<usize>) {
    for (at, tuple) in tuples.iter_mut().enumerate() {
        if let Some(place) = slot.and_then(|slot| tuple.slots.get_mut(slot)) {
            *place = Some(Datum::count(at));
        }
    }
}

/// Adds the tuples that a step makes of one.
fn extend(path: &Path, step: &Step, tuple: &Tuple, stream: Stream<'_>, results: &mut Vec<Tuple>) {
    let data = match stream {
        Stream::Tuples(names, inner) => {
            for found in inner {
                let mut slots = tuple.slots.clone();
                for (name, datum) in names.iter().zip(found.slots) {
                    let place = path.names.iter().position(|known| known == name);
                    if let (Some(place), Some(_)) =
                        (place.and_then(|place| slots.get_mut(place)), &datum)
                    {
                        *place = datum;
                    }
                }
                results.push(Tuple {
                    context: found.context,
                    slots,
                });
            }
            return;
        }
        Stream::Plain(datum) => datum,
    };
    if data.is_nothing() {
        return;
    }
    for (at, datum) in data.each().iter().enumerate() {
        let mut result = tuple.clone();
        let mut bind = |slot: usize, datum: Datum| {
            if let Some(place) = result.slots.get_mut(slot) {
                *place = Some(datum);
            }
        };
        for parent in &step.parents {
            bind(*parent, tuple.context.clone());
        }
        if let Some(index) = step.index {
            bind(index, Datum::count(at));
        }
        match step.focus {
            Some(focus) => bind(focus, datum),
            None => result.context = datum,
        }
        results.push(result);
    }
}

/// One tuple of many: what each bound, one after the other.
fn merged(tuples: Vec<Tuple>, names: usize) -> Result<Tuple, Fault> {
    let mut tuples = tuples;
    if tuples.len() == 1
        && let Some(only) = tuples.pop()
    {
        return Ok(only);
    }
    let joined = |data: &mut dyn Iterator<Item = &Datum>| {
        let mut all = Vec::new();
        for datum in data {
            if !datum.is_nothing() {
                all.extend(datum.each().iter());
            }
        }
        plain_array(all)
    };
    let context = joined(&mut tuples.iter().map(|tuple| &tuple.context))?;
    let mut slots = Vec::with_capacity(names);
    for slot in 0..names {
        let mut bound = tuples
            .iter()
            .filter_map(|tuple| tuple.slots.get(slot)?.as_ref())
            .peekable();
        slots.push(match bound.peek() {
            Some(_) => Some(joined(&mut bound)?),
            None => None,
        });
    }
    Ok(Tuple { context, slots })
}
