//! Numbers.

use super::eval::Wrong;
use crate::expr::Randomness;
use crate::value::Value;

/// Half up, towards +∞: −1.5 is −1. `None` beyond what a double holds exactly.
pub(super) fn round(number: f64) -> Option<i64> {
    let floor = number.floor();
    let up = if number - floor >= 0.5 { 1.0 } else { 0.0 };
    let rounded = floor + up;
    let integer = rounded as i64;
    (rounded.abs() <= 9_007_199_254_740_992.0).then_some(integer)
}

/// Both arguments must fit 32 bits (AWS).
pub(super) fn add(a: i64, b: i64) -> Result<Value, Wrong> {
    let fits = |n: i64| i32::try_from(n).map_err(|_| "The arguments must be 32-bit integers");
    Ok(Value::from(i64::from(fits(a)?) + i64::from(fits(b)?)))
}

/// A number from `start` inclusive to `end` exclusive; the same seed gives the same number.
pub(super) fn random(
    start: i64,
    end: i64,
    seed: Option<i64>,
    randomness: &Randomness,
) -> Result<Value, Wrong> {
    if start >= end {
        return Err("The start must be less than the end".into());
    }
    let drawn = match seed {
        Some(seed) => Randomness::new(seed.cast_unsigned()).next_u64(),
        None => randomness.next_u64(),
    };
    let numbers = i128::from(end) - i128::from(start);
    let offset = (i128::from(drawn) * numbers) >> 64;
    // It is between start and end, so it fits.
    let number = i64::try_from(i128::from(start) + offset).unwrap_or(start);
    Ok(number.into())
}
