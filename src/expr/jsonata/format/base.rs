//! `$formatBase`: an integer in a radix from 2 to 36.

use super::FormatError;
use super::integral_text;
use super::round_half_even;

/// From here on a double has no bits below one, and its last digits are written as zeros.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// `value` and `radix` are rounded half to even first; digits are those of JavaScript's `Number.prototype.toString(radix)`,
/// of which ECMA-262 leaves those beyond a double's precision to the implementation.
///
/// # Errors
/// `D3100` for a radix below 2 or above 36.
pub(crate) fn format_base(value: f64, radix: f64) -> Result<String, FormatError> {
    let value = round_half_even(value);
    let radix = round_half_even(radix);
    if !(2.0..=36.0).contains(&radix) {
        return Err(FormatError::new(
            "D3100",
            format!(
                "The radix of the formatBase function must be between 2 and 36.  It was given {}",
                integral_text(radix)
            ),
        ));
    }
    if radix == 10.0 {
        return Ok(integral_text(value));
    }
    let mut digits = Vec::new();
    let mut rest = value.abs();
    while rest >= EXACT_MAX {
        rest /= radix;
        digits.push('0');
    }
    loop {
        let remainder = rest % radix;
        // A remainder is below 36, so that the cast keeps it whole.
        digits.push(char::from_digit(remainder as u32, 36).expect("a remainder is below 36"));
        rest = (rest - remainder) / radix;
        if rest <= 0.0 {
            break;
        }
    }
    if value < 0.0 {
        digits.push('-');
    }
    Ok(digits.iter().rev().collect())
}
