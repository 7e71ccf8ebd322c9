//! What the results of a step for all elements are together.

use std::rc::Rc;

use super::Evaluator;
use super::path::{is_constructed, is_plain_array};
use crate::expr::jsonata::datum::{Datum, sequence};
use crate::expr::jsonata::error::Fault;

/// Joins the results of a step: arrays are taken apart, unless they were constructed as such, or one is the only
/// result of the last step.
pub(super) fn joined(
    evaluator: &mut Evaluator<'_>,
    mut results: Vec<Datum>,
    last: bool,
) -> Result<Datum, Fault> {
    if last
        && results.len() == 1
        && let Some(only) = results.pop_if(|only| is_plain_array(only))
    {
        return Ok(only);
    }
    // Two elements or more are the same plain array again.
    if let [Datum::Value(only)] = results.as_slice()
        && only.as_array().is_some_and(|array| array.len() >= 2)
    {
        return Ok(Datum::Sequence(Rc::new(only.clone())));
    }
    if let [Datum::Sequence(only)] = results.as_slice() {
        return Ok(Datum::Sequence(Rc::clone(only)));
    }
    if results.iter().all(|result| result.elements().is_none()) {
        evaluator.take_elements(results.len())?;
        return sequence(results);
    }
    let mut flat = Vec::with_capacity(results.len());
    for result in results {
        match result.elements() {
            Some(elements) if !is_constructed(&result) => {
                evaluator.take_elements(elements.len())?;
                flat.extend(elements.iter());
            }
            _ => flat.push(result),
        }
    }
    evaluator.take_elements(flat.len())?;
    sequence(flat)
}
