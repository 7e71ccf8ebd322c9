//! Integers as letters (`a`, `b`, … `z`, `aa`) and as Roman numerals.

use super::Budget;
use super::FormatError;

const ROMAN: [(f64, &str); 13] = [
    (1000.0, "m"),
    (900.0, "cm"),
    (500.0, "d"),
    (400.0, "cd"),
    (100.0, "c"),
    (90.0, "xc"),
    (50.0, "l"),
    (40.0, "xl"),
    (10.0, "x"),
    (9.0, "ix"),
    (5.0, "v"),
    (4.0, "iv"),
    (1.0, "i"),
];

/// The alphabet as digits from 1 to 26; nothing for zero.
pub(super) fn letters(size: f64, upper: bool) -> String {
    let first = if upper { 'A' } else { 'a' };
    let mut reversed = Vec::new();
    let mut rest = size;
    while rest > 0.0 && rest.is_finite() {
        // Below 26, so that the cast keeps it whole.
        let digit = ((rest - 1.0) % 26.0) as u32;
        reversed.push(char::from_u32(u32::from(first) + digit).unwrap_or(first));
        rest = ((rest - 1.0) / 26.0).floor();
    }
    reversed.iter().rev().collect()
}

/// Any other character counts by its distance from the first letter, as in JSONata.
pub(super) fn read_letters(text: &str, upper: bool) -> f64 {
    let first = f64::from(u32::from(if upper { 'A' } else { 'a' }));
    (0..)
        .zip(text.chars().rev())
        .map(|(place, letter)| (f64::from(u32::from(letter)) - first + 1.0) * 26f64.powi(place))
        .sum::<f64>()
        + 0.0
}

/// Thousands are as many letters, each paid to `budget`.
pub(super) fn roman(
    size: f64,
    upper: bool,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    let mut text = String::new();
    let mut rest = size;
    for (value, letters) in ROMAN {
        let times = (rest / value).floor();
        rest -= times * value;
        // Saturates, and then the budget refuses it.
        let times = times as usize;
        budget(times.saturating_mul(letters.len()))?;
        text.push_str(&letters.repeat(times));
    }
    if upper {
        text.make_ascii_uppercase();
    }
    Ok(text)
}

/// Reads upper-case numerals, in whatever order they stand; `None` for another character.
pub(super) fn read_roman(text: &str) -> Option<f64> {
    let (mut value, mut highest) = (0.0, 1.0);
    for letter in text.chars().rev() {
        let digit = match letter {
            'M' => 1000.0,
            'D' => 500.0,
            'C' => 100.0,
            'L' => 50.0,
            'X' => 10.0,
            'V' => 5.0,
            'I' => 1.0,
            _ => return None,
        };
        if digit < highest {
            value -= digit;
        } else {
            highest = digit;
            value += digit;
        }
    }
    Some(value)
}
