//! Functions that call a function for each element or member: `$map`, `$filter`, `$single`, `$reduce`, `$each`, `$sift`.

use super::Arguments;
use crate::expr::jsonata::datum::{Datum, Elements, object, sequence};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::{Element, Evaluator, ROOM_MAX, arity, truth};
use crate::value::ArrayBuilder;

/// The arguments that a function looks at, of the three it may be given.
fn given(arity: usize, value: Datum, place: impl FnOnce() -> Datum, whole: &Datum) -> Vec<Datum> {
    let mut given = Vec::with_capacity(arity.clamp(1, 3));
    given.push(value);
    if arity >= 2 {
        given.push(place());
    }
    if arity >= 3 {
        given.push(whole.clone());
    }
    given
}

pub(super) fn map(evaluator: &mut Evaluator<'_>, mut arguments: Arguments) -> Result<Datum, Fault> {
    let (array, function) = (arguments.take(0), arguments.take(1));
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    let whole = &array;
    if let Elements::Values(values) = elements
        && let Some(formula) = evaluator.formula_of(&function)
        && formula.calculates()
    {
        return evaluator.results(&formula, values, |evaluator, at| {
            let element = Element {
                elements,
                at,
                whole,
            };
            evaluator.apply_to_element(&function, element)
        });
    }
    let mut results = Vec::with_capacity(elements.len());
    for at in 0..elements.len() {
        let element = Element {
            elements,
            at,
            whole,
        };
        let result = evaluator.apply_to_element(&function, element)?;
        if !result.is_nothing() {
            results.push(result);
        }
    }
    evaluator.take_elements(results.len())?;
    sequence(results)
}

pub(super) fn filter(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let (array, function) = (arguments.take(0), arguments.take(1));
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    let whole = &array;
    if let Elements::Values(values) = elements
        && let Some(formula) = evaluator.formula_of(&function)
        && formula.compares()
    {
        let mut passed = ArrayBuilder::with_capacity(values.len().min(ROOM_MAX));
        for (at, value) in values.iter().enumerate() {
            let element = Element {
                elements,
                at,
                whole,
            };
            let passes = match formula.verdict(value) {
                Some(passes) => {
                    evaluator.steps(4)?;
                    passes
                }
                None => evaluator.passes_element(&function, element)?,
            };
            if passes {
                passed.push(value.clone());
            }
        }
        return evaluator.sequence_of(passed);
    }
    let mut results = Vec::new();
    for at in 0..elements.len() {
        let element = Element {
            elements,
            at,
            whole,
        };
        if evaluator.passes_element(&function, element)? {
            results.push(element.value());
        }
    }
    evaluator.take_elements(results.len())?;
    sequence(results)
}

pub(super) fn single(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let (array, function) = (arguments.take(0), arguments.take(1));
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    let mut found = None;
    for at in 0..elements.len() {
        let whole = &array;
        let element = Element {
            elements,
            at,
            whole,
        };
        let matches = if function.is_nothing() {
            true
        } else {
            evaluator.passes_element(&function, element)?
        };
        if matches && found.replace(element.value()).is_some() {
            return Err(fault(
                "D3138",
                "The $single() function expected exactly 1 matching result.  Instead it matched more.",
            ));
        }
    }
    found.ok_or_else(|| {
        fault(
            "D3139",
            "The $single() function expected exactly 1 matching result.  Instead it matched 0.",
        )
    })
}

pub(super) fn reduce(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let (array, function, start) = (arguments.take(0), arguments.take(1), arguments.take(2));
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    let arity = arity(evaluator, &function);
    if arity < 2 {
        return Err(fault(
            "D3050",
            "The second argument of reduce function must be a function with at least two arguments",
        ));
    }
    let mut rest = elements.iter().enumerate();
    let mut result = if start.is_nothing() {
        rest.next().map_or(Datum::Nothing, |(_, first)| first)
    } else {
        start
    };
    for (at, element) in rest {
        let mut arguments = vec![result, element];
        if arity >= 3 {
            arguments.push(Datum::count(at));
        }
        if arity >= 4 {
            arguments.push(array.clone());
        }
        result = evaluator.apply(&function, arguments, &Datum::NULL)?;
    }
    Ok(result)
}

pub(super) fn each(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let (whole, function) = (arguments.take(0), arguments.take(1));
    let arity = arity(evaluator, &function);
    let mut results = Vec::new();
    for (key, member) in whole.members().into_iter().flatten() {
        let arguments = given(arity, member, || Datum::text(key), &whole);
        let result = evaluator.apply(&function, arguments, &Datum::NULL)?;
        if !result.is_nothing() {
            results.push(result);
        }
    }
    evaluator.take_elements(results.len())?;
    sequence(results)
}

pub(super) fn sift(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let (whole, function) = (arguments.take(0), arguments.take(1));
    let arity = arity(evaluator, &function);
    let mut kept = Vec::new();
    for (key, member) in whole.members().into_iter().flatten() {
        let arguments = given(arity, member.clone(), || Datum::text(key.clone()), &whole);
        if truth(&evaluator.apply(&function, arguments, &Datum::NULL)?) {
            kept.push((key, member));
        }
    }
    if kept.is_empty() {
        return Ok(Datum::Nothing);
    }
    evaluator.take_elements(kept.len() * 2)?;
    object(kept)
}
