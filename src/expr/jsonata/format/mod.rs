//! Pictures of JSONata 2.0.6: numbers, integers, radixes and dates to text, and back.
//!
//! Pure functions over `f64` and text: no clock (`now` is an argument), no value of the engine. Rules are those of XPath and XQuery
//! Functions 3.1 (sections 4.6, 4.7 and 9.8) as JSONata 2.0.6 keeps them, its slips included where a result depends on one.

pub(crate) mod base;
pub(crate) mod date;
pub(crate) mod integer;
pub(crate) mod number;
#[cfg(test)]
mod tests;

/// Why a picture, a radix or a timestamp is refused, in JSONata's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct FormatError {
    /// JSONata's code, such as `D3080`.
    pub(crate) code: &'static str,
    /// JSONata's text for the code, its value filled in.
    pub(crate) message: String,
}

impl FormatError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Pays for bytes of output before they are made; refuses by the caller's own error.
pub(crate) type Budget<'a> = dyn FnMut(usize) -> Result<(), FormatError> + 'a;

/// `text` as JSON writes a string: how JSONata's texts quote a value.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// JavaScript's `Number.prototype.toString` of an integral `value` (ECMA-262 `Number::toString`).
fn integral_text(value: f64) -> String {
    if value.abs() < 1e21 {
        return format!("{value}");
    }
    format!("{value:e}").replacen('e', "e+", 1)
}

/// JavaScript's `Math.round` with ties to even, as `$round` without digits.
fn round_half_even(value: f64) -> f64 {
    // The sum gives the positive zero, which has no sign to print.
    value.round_ties_even() + 0.0
}

/// The distance at which `positions` repeat from the first digit on, if they do: 3 for 3, 6, 9.
fn regular_repeat(positions: impl Iterator<Item = usize>) -> Option<usize> {
    let mut positions: Vec<usize> = positions.collect();
    positions.sort_unstable();
    let factor = positions.iter().copied().fold(0, gcd);
    let regular = (1..=positions.len()).all(|index| {
        positions
            .binary_search(&(index.saturating_mul(factor)))
            .is_ok()
    });
    (regular && factor > 0).then_some(factor)
}

fn gcd(left: usize, right: usize) -> usize {
    let (mut left, mut right) = (left, right);
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// Puts `separator` before the character `position` characters from the end, by the arithmetic of JavaScript's `substr`: a position
/// left of the first character keeps only what `substr` of a negative start keeps.
fn insert_from_end(text: &mut Vec<char>, position: usize, separator: char) {
    match text.len().checked_sub(position) {
        Some(at) => text.insert(at, separator),
        None => {
            let kept = (position - text.len()).min(text.len());
            let from = text.len() - kept;
            let tail = text.split_off(from);
            text.clear();
            text.push(separator);
            text.extend(tail);
        }
    }
}
