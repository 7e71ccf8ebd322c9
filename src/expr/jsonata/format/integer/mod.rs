//! `$formatInteger` and `$parseInteger`: digits of any family, letters, Roman numerals and English words.
//!
//! Section 4.6 of XPath Functions 3.1. The primary format tokens `A a I i W w Ww` and decimal digit patterns are there; others are
//! refused, as in JSONata. `;o` asks for ordinals.

use super::Budget;
use super::FormatError;
use super::insert_from_end;
use super::integral_text;

mod numerals;
mod picture;
mod words;

pub(super) use picture::IntegerPicture;
pub(super) use picture::Kind;
pub(super) use picture::unsupported;
pub(super) use words::runs as word_runs;

use picture::Case;

/// Writes `value`, rounded down, by `picture`.
///
/// # Errors
/// `D3130` for a numbering sequence that is not there, `D3131` for digits of two families, and what `budget` refuses.
pub(crate) fn format_integer(
    value: f64,
    picture: &str,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    budget(picture.len())?;
    IntegerPicture::parse(picture)?.format(value.floor(), budget)
}

/// Reads an integer written by `picture`; `None` where JSONata gives its not-a-number.
///
/// JSONata does not hold the text against the picture: it reads what it can, and so does this.
///
/// # Errors
/// As [`format_integer`].
pub(crate) fn parse_integer(
    text: &str,
    picture: &str,
    budget: &mut Budget<'_>,
) -> Result<Option<f64>, FormatError> {
    budget(picture.len())?;
    IntegerPicture::parse(picture)?.read(text, budget)
}

impl IntegerPicture {
    /// Writes the integral `value`.
    pub(super) fn format(
        &self,
        value: f64,
        budget: &mut Budget<'_>,
    ) -> Result<String, FormatError> {
        let size = value.abs();
        let text = match &self.kind {
            Kind::Letters { upper } => numerals::letters(size, *upper),
            Kind::Roman { upper } => numerals::roman(size, *upper, budget)?,
            Kind::Words(case) => {
                let words = words::written(size, self.ordinal);
                match case {
                    Case::Upper => words.to_ascii_uppercase(),
                    Case::Lower => words.to_ascii_lowercase(),
                    Case::Title => words,
                }
            }
            Kind::Decimal { .. } => self.decimal(size, budget)?,
            Kind::Sequence(token) => return Err(unsupported(token)),
        };
        budget(text.len())?;
        Ok(if value < 0.0 {
            format!("-{text}")
        } else {
            text
        })
    }

    fn decimal(&self, size: f64, budget: &mut Budget<'_>) -> Result<String, FormatError> {
        let Kind::Decimal {
            zero,
            regular,
            separators,
        } = &self.kind
        else {
            return Ok(String::new());
        };
        let plain = integral_text(size);
        let missing = self.mandatory_digits.saturating_sub(plain.len());
        budget(missing)?;
        // Also what is no digit in the text of a huge number, which JSONata shifts alike.
        let shift = u32::from(*zero) - u32::from('0');
        let localized = |c: char| char::from_u32(u32::from(c) + shift).unwrap_or(c);
        let mut text: Vec<char> = std::iter::repeat_n('0', missing)
            .chain(plain.chars())
            .map(localized)
            .collect();
        match (regular, separators.first()) {
            (Some(distance), Some(separator)) => {
                let digits = text.len();
                let count = digits.saturating_sub(1) / distance;
                budget(count)?;
                let mut grouped = Vec::with_capacity(digits + count);
                for (at, digit) in text.iter().enumerate() {
                    if at > 0 && (digits - at).is_multiple_of(*distance) {
                        grouped.push(separator.character);
                    }
                    grouped.push(*digit);
                }
                text = grouped;
            }
            _ => {
                for separator in separators.iter().rev() {
                    budget(text.len())?;
                    insert_from_end(&mut text, separator.position, separator.character);
                }
            }
        }
        let suffix = if self.ordinal {
            ordinal_suffix(&text)
        } else {
            ""
        };
        let mut text: String = text.into_iter().collect();
        text.push_str(suffix);
        Ok(text)
    }

    /// Reads what [`Self::format`] writes, and more.
    pub(super) fn read(
        &self,
        text: &str,
        budget: &mut Budget<'_>,
    ) -> Result<Option<f64>, FormatError> {
        budget(text.len())?;
        Ok(match &self.kind {
            Kind::Letters { upper } => Some(numerals::read_letters(text, *upper)),
            Kind::Roman { upper: true } => numerals::read_roman(text),
            Kind::Roman { upper: false } => numerals::read_roman(&text.to_uppercase()),
            Kind::Words(_) => words::read(&text.to_lowercase()),
            Kind::Decimal {
                zero,
                regular,
                separators,
            } => {
                let end = match self.ordinal {
                    // The two letters of an ordinal, whatever they are.
                    true => text.char_indices().nth_back(1).map_or(0, |(at, _)| at),
                    false => text.len(),
                };
                // Each character is compared with each separator.
                budget(text.len().saturating_mul(separators.len()))?;
                let is_separator = |c: char| match regular {
                    Some(_) => c == ',',
                    None => separators.iter().any(|one| one.character == c),
                };
                let digits: Option<String> = text
                    .get(..end)
                    .unwrap_or_default()
                    .chars()
                    .filter(|c| !is_separator(*c))
                    .map(|c| ascii(c, *zero))
                    .collect();
                digits.and_then(|digits| leading_integer(&digits))
            }
            Kind::Sequence(token) => return Err(unsupported(token)),
        })
    }
}

/// The ASCII character as far from `0` as `character` is from `zero`.
fn ascii(character: char, zero: char) -> Option<char> {
    let code = u32::from(character) + u32::from('0');
    code.checked_sub(u32::from(zero)).and_then(char::from_u32)
}

/// JavaScript's `parseInt`: white space, a sign, and the digits that follow, in hexadecimal after `0x`.
fn leading_integer(text: &str) -> Option<f64> {
    let text = text.trim_start();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let hexadecimal = unsigned
        .strip_prefix("0x")
        .or_else(|| unsigned.strip_prefix("0X"));
    let (digits, radix) = match hexadecimal {
        Some(digits) => (digits, 16),
        None => (unsigned, 10),
    };
    let end = digits
        .find(|c: char| !c.is_digit(radix))
        .unwrap_or(digits.len());
    let digits = digits.get(..end).filter(|digits| !digits.is_empty())?;
    let size: f64 = match radix {
        16 => digits
            .chars()
            .filter_map(|c| c.to_digit(radix))
            .fold(0.0, |size, digit| size * 16.0 + f64::from(digit)),
        _ => digits.parse().ok()?,
    };
    Some(if text.starts_with('-') { -size } else { size })
}

/// `st`, `nd`, `rd` or `th`, by the last two characters.
fn ordinal_suffix(text: &[char]) -> &'static str {
    let before = text.len().checked_sub(2).and_then(|at| text.get(at));
    match (before, text.last()) {
        (Some('1'), _) => "th",
        (_, Some('1')) => "st",
        (_, Some('2')) => "nd",
        (_, Some('3')) => "rd",
        _ => "th",
    }
}
