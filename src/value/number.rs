//! Numbers, with the digits they came with.

use std::cmp::Ordering;

use super::decimal::Decimal;

/// A number of a [`super::Value`].
#[derive(Clone, Copy, Debug)]
pub enum Number<'a> {
    /// Fits 64 bits.
    Int(i64),
    /// Computed, finite.
    Float(f64),
    /// The JSON text it was parsed from, where neither of the others is known to print the same.
    Text(&'a str),
}

impl Number<'_> {
    /// The nearest IEEE 754 double, which is what AWS compares by; infinite for `1E400`.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "the nearest double is what is asked for"
            )]
            Number::Int(i) => i as f64,
            Number::Float(f) => f,
            Number::Text(t) => {
                nearest(t.as_bytes()).unwrap_or_else(|| t.parse().unwrap_or(f64::NAN))
            }
        }
    }

    /// The value as a 64-bit integer, if it is exactly one (`2.0` and `2e0` are).
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Number::Int(i) => Some(i),
            Number::Float(f) => whole(f),
            Number::Text(t) => t.parse().ok().or_else(|| Decimal::new(t).as_i64()),
        }
    }

    /// The order of two numbers: exact between integers of any length, else by their nearest doubles.
    #[must_use]
    pub fn compare(self, other: Number<'_>) -> Ordering {
        if let (Number::Int(a), Number::Int(b)) = (self, other) {
            return a.cmp(&b);
        }
        if self.is_written_whole() && other.is_written_whole() {
            return self.with_decimal(|a| other.with_decimal(|b| a.compare(b)));
        }
        self.as_f64()
            .partial_cmp(&other.as_f64())
            .unwrap_or(Ordering::Equal)
    }

    /// Whether both are the same number, digit for digit: `1.0` is `1`, and `1E400` is not `2E400`.
    #[must_use]
    pub fn is_same(self, other: Number<'_>) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            #[expect(clippy::float_cmp, reason = "the same number is what is asked for")]
            (Number::Float(a), Number::Float(b)) => a == b,
            (Number::Text(a), Number::Text(b)) if a == b => true,
            (Number::Int(_) | Number::Float(_) | Number::Text(_), _) => {
                self.with_decimal(|a| other.with_decimal(|b| a.compare(b))) == Ordering::Equal
            }
        }
    }

    /// Whether its text is an integer's, without point and exponent.
    fn is_written_whole(self) -> bool {
        match self {
            Number::Int(_) => true,
            Number::Float(_) => false,
            Number::Text(t) => t.bytes().all(|b| matches!(b, b'-' | b'0'..=b'9')),
        }
    }

    fn with_decimal<T>(self, f: impl FnOnce(&Decimal<'_>) -> T) -> T {
        match self {
            Number::Int(i) => f(&Decimal::new(itoa::Buffer::new().format(i))),
            Number::Float(x) => f(&Decimal::new(&format_float(x))),
            Number::Text(t) => f(&Decimal::new(t)),
        }
    }

    /// Appends the JSON text.
    pub fn write_json(self, out: &mut Vec<u8>) {
        match self {
            Number::Int(i) => out.extend_from_slice(itoa::Buffer::new().format(i).as_bytes()),
            Number::Float(f) => out.extend_from_slice(format_float(f).as_bytes()),
            Number::Text(t) => out.extend_from_slice(t.as_bytes()),
        }
    }

    pub(super) fn json_bytes(self) -> usize {
        match self {
            Number::Int(i) => {
                let digits = i.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
                digits + usize::from(i < 0)
            }
            Number::Float(f) => float_bytes(f),
            Number::Text(t) => t.len(),
        }
    }
}

/// A whole float prints as an integer, as JavaScript prints it.
fn format_float(f: f64) -> super::Text {
    match whole(f) {
        Some(i) => super::Text::new(itoa::Buffer::new().format(i)),
        None => super::Text::new(ryu::Buffer::new().format_finite(f)),
    }
}

/// The length of a float's text, which need not be written where a few decimals say it all: a decimal of up to 15 digits
/// that is the float is its shortest text.
fn float_bytes(f: f64) -> usize {
    if let Some(i) = whole(f) {
        return Number::Int(i).json_bytes();
    }
    let magnitude = f.abs();
    if (1e-3..1e9).contains(&magnitude) {
        for (decimals, power) in POWERS_OF_TEN.iter().enumerate().take(5).skip(1) {
            #[expect(clippy::float_cmp, reason = "the very same double is looked for")]
            let says_it_all = (magnitude * power).round() / power == magnitude;
            if says_it_all {
                let before = whole(magnitude.trunc()).map_or(1, |i| Number::Int(i).json_bytes());
                return usize::from(f < 0.0) + before + 1 + decimals;
            }
        }
    }
    format_float(f).len()
}

/// The doubles that are powers of ten, as far as decimals of 15 digits need them.
const POWERS_OF_TEN: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The nearest double of a number's text that has no exponent and few digits: they and the power of ten are doubles
/// themselves, so that their quotient is rounded once.
fn nearest(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > POWERS_OF_TEN.len() {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut decimals = 0;
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' => decimals = digits.len() - at - 1,
            _ => return None,
        }
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "more than 15 digits are without a point, and rounded once here"
    )]
    let magnitude = mantissa as f64 / POWERS_OF_TEN.get(decimals)?;
    Some(if negative { -magnitude } else { magnitude })
}

/// The integer that a double is, where doubles can tell integers apart.
fn whole(f: f64) -> Option<i64> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and within 2^53"
    )]
    (f.fract() == 0.0 && f.abs() <= 9_007_199_254_740_992.0).then_some(f as i64)
}

/// Up to 22 bytes of a number's text.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    len: u8,
    bytes: [u8; Self::BYTES_MAX],
}

impl Digits {
    pub(super) const BYTES_MAX: usize = 22;

    /// `None` if the text is too long to be stored in place.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut bytes = [0; Self::BYTES_MAX];
        bytes
            .get_mut(..text.len())?
            .copy_from_slice(text.as_bytes());
        Some(Self {
            len: u8::try_from(text.len()).ok()?,
            bytes,
        })
    }

    /// The number that the first `len` of these bytes spell. `None` if they are too long to be stored in place, or
    /// too few bytes follow them: a copy of fixed length is much the fastest.
    pub(super) fn prefix(bytes: &[u8], len: usize) -> Option<Self> {
        if len > Self::BYTES_MAX {
            return None;
        }
        Some(Self {
            len: u8::try_from(len).ok()?,
            bytes: *bytes.first_chunk()?,
        })
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    pub(super) fn as_f64(&self) -> f64 {
        nearest(self.as_bytes()).unwrap_or_else(|| Number::Text(self.as_str()).as_f64())
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("a number's text is ASCII")
    }
}
