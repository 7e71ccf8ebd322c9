//! `$formatNumber`: a number by a picture of digits, separators, an exponent and text around them.
//!
//! Section 4.7 of XPath Functions 3.1. A picture has at most two sub-pictures; `analyse` makes what is to be written of each.

use super::Budget;
use super::FormatError;
use super::integral_text;
use super::regular_repeat;

mod picture;

use picture::SubPicture;

/// A double has no more digits than this after its point, and JavaScript's `toFixed` writes no more than 100.
const FRACTION_DIGITS_MAX: usize = 100;

/// Stands for the decimal separator until the text is written: a character that no picture has as a digit or separator.
const POINT: char = '\0';

/// The characters with a meaning in a picture (XPath's decimal format).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Options {
    decimal_separator: String,
    grouping_separator: String,
    exponent_separator: String,
    minus_sign: String,
    percent: String,
    per_mille: String,
    zero_digit: String,
    digit: String,
    pattern_separator: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            decimal_separator: ".".to_owned(),
            grouping_separator: ",".to_owned(),
            exponent_separator: "e".to_owned(),
            minus_sign: "-".to_owned(),
            percent: "%".to_owned(),
            per_mille: "\u{2030}".to_owned(),
            zero_digit: "0".to_owned(),
            digit: "#".to_owned(),
            pattern_separator: ";".to_owned(),
        }
    }
}

impl Options {
    /// Sets one option by its name in JSONata, such as `zero-digit`; a name without a meaning is passed over, as JSONata does.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let option = match name {
            "decimal-separator" => &mut self.decimal_separator,
            "grouping-separator" => &mut self.grouping_separator,
            "exponent-separator" => &mut self.exponent_separator,
            "minus-sign" => &mut self.minus_sign,
            "percent" => &mut self.percent,
            "per-mille" => &mut self.per_mille,
            "zero-digit" => &mut self.zero_digit,
            "digit" => &mut self.digit,
            "pattern-separator" => &mut self.pattern_separator,
            _ => return,
        };
        value.clone_into(option);
    }

    fn zero(&self) -> char {
        self.zero_digit.chars().next().unwrap_or('0')
    }

    fn is_digit(&self, character: char) -> bool {
        let zero = u32::from(self.zero());
        (zero..zero + 10).contains(&u32::from(character))
    }

    fn is_optional_digit(&self, character: char) -> bool {
        is(character, &self.digit)
    }

    /// The digits of `text`, in ASCII, in this format's own family.
    fn localized(&self, text: &str) -> Vec<char> {
        let zero = u32::from(self.zero());
        text.chars()
            .map(|c| match c.to_digit(10) {
                Some(digit) => char::from_u32(zero + digit).unwrap_or(c),
                None => c,
            })
            .collect()
    }
}

/// Whether an option of one character is `character`; one of several never is.
fn is(character: char, option: &str) -> bool {
    let mut characters = option.chars();
    characters.next() == Some(character) && characters.next().is_none()
}

/// Writes `value` by `picture`.
///
/// Where JSONata 2.0.6 never ends (an exponent with zero or a negative number) this gives what its later releases give.
///
/// # Errors
/// `D3080` to `D3093`, for a picture against a rule of section 4.7.3 (among several the last one is told), and what `budget` refuses.
pub(crate) fn format_number(
    value: f64,
    picture: &str,
    options: &Options,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    budget(picture.len())?;
    let parts: Vec<&str> = if options.pattern_separator.is_empty() {
        vec![picture]
    } else {
        picture.split(&options.pattern_separator).collect()
    };
    if parts.len() > 2 {
        return Err(FormatError::new(
            "D3080",
            "The picture string must only contain a maximum of two sub-pictures",
        ));
    }
    let mut analysed = Vec::with_capacity(2);
    for part in parts {
        analysed.push(picture::analyse(part, options)?);
    }
    let positive = analysed.first().expect("a split gives at least one part");
    let Some(negative) = analysed.get(1) else {
        let minus = if value < 0.0 { &options.minus_sign } else { "" };
        return Ok(minus.to_owned() + &written(value, positive, options, budget)?);
    };
    let chosen = if value < 0.0 { negative } else { positive };
    written(value, chosen, options, budget)
}

fn written(
    value: f64,
    part: &SubPicture,
    options: &Options,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    let (mantissa, exponent) = part.scaled(value.abs());
    let fraction_digits_max = part.fraction_digits_max.min(FRACTION_DIGITS_MAX);
    let rounded = rounded(mantissa, fraction_digits_max);
    let mut text = options.localized(&fixed(rounded, fraction_digits_max));
    let zero = options.zero();
    let (mut integer, mut fraction) = match text.iter().position(|c| *c == '.') {
        Some(point) => {
            let fraction = text.split_off(point + 1);
            text.pop();
            (text, fraction)
        }
        None => (text, Vec::new()),
    };
    let leading = integer.iter().take_while(|c| **c == zero).count();
    integer.drain(..leading);
    while fraction.last() == Some(&zero) {
        fraction.pop();
    }
    let missing = part.integer_digits_min.saturating_sub(integer.len());
    integer.splice(0..0, std::iter::repeat_n(zero, missing));
    while fraction.len() < part.fraction_digits_min {
        fraction.push(zero);
    }
    let mut number = grouped(integer, fraction, part, options, budget)?;
    // A fraction is written to the last digit that the picture asks for; a picture without a point drops what would end it.
    if !part.has_point || number.last() == Some(&POINT) {
        number.pop();
    }
    let mut output = part.prefix.clone();
    for character in number {
        match character {
            POINT => output.push_str(&options.decimal_separator),
            other => output.push(other),
        }
    }
    if let Some(exponent) = exponent {
        let digits = options.localized(&exponent.unsigned_abs().to_string());
        let missing = part.exponent_digits_min.saturating_sub(digits.len());
        output.push_str(&options.exponent_separator);
        if exponent < 0 {
            output.push_str(&options.minus_sign);
        }
        output.extend(std::iter::repeat_n(zero, missing));
        output.extend(digits);
    }
    output.push_str(&part.suffix);
    budget(output.len())?;
    Ok(output)
}

/// Digits, point and separators: before the point at each multiple of a regular distance, or just where the picture has them.
///
/// A place left of the first digit counts from the end of the text, as `slice` of a negative start does.
fn grouped(
    integer: Vec<char>,
    fraction: Vec<char>,
    part: &SubPicture,
    options: &Options,
    budget: &mut Budget<'_>,
) -> Result<Vec<char>, FormatError> {
    let mut point = integer.len();
    let mut number = integer;
    number.push(POINT);
    number.extend(fraction);
    // Each separator moves what follows it.
    let separators = part.integer_groups.len() + part.fraction_groups.len();
    budget(separators.saturating_mul(number.len() + separators))?;
    let Some(separator) = options.grouping_separator.chars().next() else {
        return Ok(number);
    };
    if let Some(distance) = regular_repeat(part.integer_groups.iter().copied()) {
        let count = point.saturating_sub(1) / distance;
        for index in 1..=count {
            number.insert(point - index * distance, separator);
        }
        point += count;
    } else {
        for position in &part.integer_groups {
            let at = match point.checked_sub(*position) {
                Some(at) => at,
                None => number.len().saturating_sub(position - point),
            };
            number.insert(at, separator);
            point += 1;
        }
    }
    let point = number.iter().position(|c| *c == POINT).unwrap_or(point);
    for position in &part.fraction_groups {
        number.insert((point + 1 + position).min(number.len()), separator);
    }
    Ok(number)
}

/// `$round(value, digits)`: half to even, on the shortest decimal text of `value`.
fn rounded(value: f64, digits: usize) -> f64 {
    if digits == 0 {
        return value.round_ties_even();
    }
    let digits = i32::try_from(digits).unwrap_or(i32::MAX);
    let shifted = shift(value, digits).round_ties_even();
    if shifted.is_finite() {
        shift(shifted, -digits)
    } else {
        value
    }
}

/// `value` times a power of ten, exactly rounded: by way of the text.
fn shift(value: f64, places: i32) -> f64 {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{}", exponent + places)
        .parse()
        .unwrap_or(value)
}

/// JavaScript's `toFixed`: exact decimal digits, but the exponent form from 10²¹ on.
fn fixed(value: f64, digits: usize) -> String {
    if value >= 1e21 {
        integral_text(value)
    } else {
        format!("{value:.digits$}")
    }
}
