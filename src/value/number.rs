//! Numbers, with the digits they came with.

use std::cmp::Ordering;

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
            Number::Text(t) => t.parse().unwrap_or(f64::NAN),
        }
    }

    /// The value as a 64-bit integer, if it is exactly one (`2.0` and `2e0` are).
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        if let Number::Int(i) = self {
            return Some(i);
        }
        let f = self.as_f64();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked to be whole and within 2^53"
        )]
        let whole = f.fract() == 0.0 && f.abs() <= 9_007_199_254_740_992.0;
        whole.then_some(f as i64)
    }

    /// The order of two numbers: exact between integers, else by their nearest doubles.
    #[must_use]
    pub fn compare(self, other: Number<'_>) -> Ordering {
        if let (Number::Int(a), Number::Int(b)) = (self, other) {
            return a.cmp(&b);
        }
        self.as_f64()
            .partial_cmp(&other.as_f64())
            .unwrap_or(Ordering::Equal)
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
            Number::Int(i) => itoa::Buffer::new().format(i).len(),
            Number::Float(f) => format_float(f).len(),
            Number::Text(t) => t.len(),
        }
    }
}

/// A whole float prints as an integer, as JavaScript prints it.
fn format_float(f: f64) -> super::Text {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked to be whole and within 2^53"
    )]
    if f.fract() == 0.0 && f.abs() <= 9_007_199_254_740_992.0 {
        return super::Text::new(itoa::Buffer::new().format(f as i64));
    }
    super::Text::new(ryu::Buffer::new().format_finite(f))
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

    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or("0")
    }
}
