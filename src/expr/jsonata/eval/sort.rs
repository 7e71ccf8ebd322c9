//! Sorting: `^(…)`, and the merge sort that it shares with `$sort`.

use std::cmp::Ordering;

use super::{Evaluator, FrameId, in_order_of_units};
use crate::expr::jsonata::datum::{Datum, plain_array};
use crate::expr::jsonata::error::{Fault, fault};
use crate::expr::jsonata::program::NodeId;
use crate::value::View;

impl Evaluator<'_> {
    pub(super) fn sorted(
        &mut self,
        terms: &[(NodeId, bool)],
        input: &Datum,
        frame: FrameId,
    ) -> Result<Datum, Fault> {
        let items = input.each();
        if items.len() < 2 {
            return Ok(input.clone());
        }
        let mut keyed = Vec::with_capacity(items.len());
        for item in items.iter() {
            keyed.push((self.sort_keys(terms, &item, frame)?, item));
        }
        self.take_elements(keyed.len())?;
        let sorted = self.sort_by_keys(terms, keyed)?;
        plain_array(sorted)
    }

    pub(super) fn sort_keys(
        &mut self,
        terms: &[(NodeId, bool)],
        context: &Datum,
        frame: FrameId,
    ) -> Result<Vec<Datum>, Fault> {
        let keys = terms
            .iter()
            .map(|(term, _)| self.eval(*term, context, frame));
        keys.collect()
    }

    pub(super) fn sort_by_keys<T>(
        &mut self,
        terms: &[(NodeId, bool)],
        keyed: Vec<(Vec<Datum>, T)>,
    ) -> Result<Vec<T>, Fault> {
        let sorted = merge_sort(keyed, &mut |(left, _), (right, _)| {
            self.steps(1)?;
            for ((a, b), (_, descends)) in left.iter().zip(right).zip(terms) {
                let order = key_order(a, b)?;
                let order = if *descends { order.reverse() } else { order };
                let absent = a.is_nothing() || b.is_nothing();
                // What has no key comes last, whichever way the term goes.
                let order = if absent { absence(a, b) } else { order };
                if order != Ordering::Equal {
                    return Ok(order == Ordering::Greater);
                }
            }
            Ok(false)
        })?;
        Ok(sorted.into_iter().map(|(_, item)| item).collect())
    }
}

fn absence(a: &Datum, b: &Datum) -> Ordering {
    a.is_nothing().cmp(&b.is_nothing())
}

fn key_order(a: &Datum, b: &Datum) -> Result<Ordering, Fault> {
    if a.is_nothing() || b.is_nothing() {
        return Ok(Ordering::Equal);
    }
    let sortable = |datum: &Datum| datum.as_f64().is_some() || datum.as_text().is_some();
    if !sortable(a) || !sortable(b) {
        return Err(fault(
            "T2008",
            "The expressions within an order-by clause must evaluate to numeric or string values",
        ));
    }
    let (a, b) = (a.to_value()?, b.to_value()?);
    match (a.view(), b.view()) {
        (View::Number(x), View::Number(y)) => Ok(x.compare(y)),
        (View::String(x), View::String(y)) => Ok(in_order_of_units(x, y)),
        _ => {
            let message =
                format!("Type mismatch when comparing values {a} and {b} in order-by clause");
            Err(fault("T2007", message))
        }
    }
}

/// Sorts stably; `swaps(a, b)` tells whether `a` belongs behind `b`. Any answer of it gives some order.
pub(in super::super) fn merge_sort<T>(
    items: Vec<T>,
    swaps: &mut impl FnMut(&T, &T) -> Result<bool, Fault>,
) -> Result<Vec<T>, Fault> {
    if items.len() <= 1 {
        return Ok(items);
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let mut sorted = Vec::with_capacity(left.len() + right.len());
    let mut left = merge_sort(left, swaps)?.into_iter().peekable();
    let mut right = merge_sort(right, swaps)?.into_iter().peekable();
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if swaps(a, b)? {
            right.next()
        } else {
            left.next()
        };
        sorted.extend(next);
    }
    sorted.extend(left);
    sorted.extend(right);
    Ok(sorted)
}
