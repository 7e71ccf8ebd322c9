//! `$append`, `$sort`, `$reverse`, `$shuffle`, `$distinct`, `$zip`.

use std::collections::HashSet;

use super::Arguments;
use crate::expr::jsonata::datum::{self, Datum, kind_letter, plain_array};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::eval::{Evaluator, equal, in_order_of_units, merge_sort, truth};

pub(super) fn append(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let (left, right) = (arguments.take(0), arguments.take(1));
    evaluator.take_elements(left.each().len() + right.each().len())?;
    datum::append(left, right)
}

pub(super) fn sort(
    evaluator: &mut Evaluator<'_>,
    mut arguments: Arguments,
) -> Result<Datum, Fault> {
    let array = arguments.take(0);
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    if elements.len() <= 1 {
        return Ok(array);
    }
    evaluator.take_elements(elements.len())?;
    let items: Vec<Datum> = elements.iter().collect();
    let comparator = arguments.take(1);
    if !comparator.is_nothing() {
        let sorted = merge_sort(items, &mut |a, b| {
            let arguments = vec![a.clone(), b.clone()];
            let swaps = evaluator.apply(&comparator, arguments, &Datum::NULL)?;
            Ok(truth(&swaps.settled()))
        })?;
        return plain_array(sorted);
    }
    let all = |letter: u8| items.iter().all(|item| kind_letter(item) == letter);
    if !all(b'n') && !all(b's') {
        return Err(fault(
            "D3070",
            "The single argument form of the sort function can only be applied to an array of strings or an array of \
             numbers.  Use the second argument to specify a comparison function",
        ));
    }
    let sorted = merge_sort(items, &mut |a, b| {
        evaluator.steps(1)?;
        Ok(match (a.as_f64(), b.as_f64(), a.as_text(), b.as_text()) {
            (Some(x), Some(y), ..) => x > y,
            (_, _, Some(x), Some(y)) => in_order_of_units(x, y).is_gt(),
            _ => false,
        })
    })?;
    plain_array(sorted)
}

pub(super) fn reverse(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let array = arguments.at(0);
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    if elements.len() <= 1 {
        return Ok(array.clone());
    }
    evaluator.take_elements(elements.len())?;
    let mut items: Vec<Datum> = elements.iter().collect();
    items.reverse();
    plain_array(items)
}

/// Every order is as likely as any other, as far as the randomness goes.
pub(super) fn shuffle(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let array = arguments.at(0);
    let Some(elements) = array.elements() else {
        return Ok(Datum::Nothing);
    };
    evaluator.take_elements(elements.len())?;
    let mut items: Vec<Datum> = elements.iter().collect();
    for last in (1..items.len()).rev() {
        let random = (evaluator.environment.randomness)();
        let among = last as u64 + 1;
        #[expect(clippy::cast_possible_truncation, reason = "smaller than a length")]
        let other = ((u128::from(random) * u128::from(among)) >> 64) as usize;
        items.swap(last, other);
    }
    plain_array(items)
}

/// The elements without repetitions; scalars are told apart by a set, anything else one by one.
pub(super) fn distinct(
    evaluator: &mut Evaluator<'_>,
    arguments: Arguments,
) -> Result<Datum, Fault> {
    let array = arguments.at(0);
    let Some(elements) = array.elements().filter(|elements| elements.len() > 1) else {
        return Ok(array.clone());
    };
    evaluator.take_elements(elements.len())?;
    let mut kept: Vec<Datum> = Vec::new();
    let mut scalars: HashSet<Scalar> = HashSet::new();
    let mut others: Vec<usize> = Vec::new();
    for element in elements.iter() {
        let new = match scalar(&element) {
            Some(scalar) => scalars.insert(scalar),
            None => {
                evaluator.steps(others.len())?;
                !others
                    .iter()
                    .filter_map(|at| kept.get(*at))
                    .any(|known| equal(known, &element))
            }
        };
        if new {
            if scalar(&element).is_none() {
                others.push(kept.len());
            }
            kept.push(element);
        }
    }
    if array.is_sequence() {
        return datum::sequence(kept);
    }
    plain_array(kept)
}

#[derive(PartialEq, Eq, Hash)]
enum Scalar {
    Null,
    Bool(bool),
    Number(u64),
    Text(crate::value::Text),
}

fn scalar(datum: &Datum) -> Option<Scalar> {
    let value = datum.as_value()?;
    if let Some(text) = value.as_text() {
        return Some(Scalar::Text(text.clone()));
    }
    if let Some(number) = value.as_number() {
        // Zero and minus zero are equal.
        return Some(Scalar::Number((number.as_f64() + 0.0).to_bits()));
    }
    if let Some(b) = value.as_bool() {
        return Some(Scalar::Bool(b));
    }
    value.is_null().then_some(Scalar::Null)
}

pub(super) fn zip(evaluator: &mut Evaluator<'_>, arguments: Arguments) -> Result<Datum, Fault> {
    let shortest = arguments.0.iter().map(|argument| {
        if argument.is_nothing() {
            0
        } else {
            argument.each().len()
        }
    });
    let length = shortest.min().unwrap_or(0);
    evaluator.take_elements(length.saturating_mul(1 + arguments.0.len()))?;
    let mut rows = Vec::with_capacity(length);
    for at in 0..length {
        let row = arguments
            .0
            .iter()
            .filter_map(|column| column.each().get(at));
        rows.push(plain_array(row.collect())?);
    }
    plain_array(rows)
}
