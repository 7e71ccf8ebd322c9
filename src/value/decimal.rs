//! The exact value of a number's text, to compare by.

use std::cmp::Ordering;

/// A JSON number as its significant digits and the place of its point.
pub(super) struct Decimal<'a> {
    negative: bool,
    /// The digits before and behind the point, as written.
    digits: (&'a [u8], &'a [u8]),
    /// Of these digits, how many zeros lead.
    leading: usize,
    /// How many digits stand from the first to the last that is not zero; 0 for the number zero.
    significant: usize,
    /// The number is `0.d₁d₂d₃… × 10^magnitude`; exponents beyond 64 bits count as the last of them.
    magnitude: i64,
}

impl<'a> Decimal<'a> {
    /// The text must be a JSON number.
    pub(super) fn new(text: &'a str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = (whole.as_bytes(), fraction.as_bytes());
        let all = digits.0.len() + digits.1.len();
        let each = || digits.0.iter().chain(digits.1);
        let leading = each().take_while(|d| **d == b'0').count();
        let trailing = each().rev().take_while(|d| **d == b'0').count();
        let significant = all.saturating_sub(leading + trailing);
        let point = i64::try_from(digits.0.len()).unwrap_or(i64::MAX)
            - i64::try_from(leading).unwrap_or(i64::MAX);
        Self {
            negative: negative && significant > 0,
            digits,
            leading,
            significant,
            magnitude: if significant == 0 {
                0
            } else {
                parse_exponent(exponent).saturating_add(point)
            },
        }
    }

    /// The value, if it is an integer of 64 bits.
    pub(super) fn as_i64(&self) -> Option<i64> {
        let magnitude = usize::try_from(self.magnitude).ok()?;
        if self.significant > magnitude || magnitude > 19 {
            return None;
        }
        let zeros = std::iter::repeat_n(b'0', magnitude - self.significant);
        // Below zero there is one integer more.
        self.significant_digits()
            .chain(zeros)
            .try_fold(0i64, |sum, digit| {
                let digit = i64::from(digit - b'0');
                let sum = sum.checked_mul(10)?;
                if self.negative {
                    sum.checked_sub(digit)
                } else {
                    sum.checked_add(digit)
                }
            })
    }

    /// The order of two numbers.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let sizes = || {
            (self.significant > 0)
                .cmp(&(other.significant > 0))
                .then(self.magnitude.cmp(&other.magnitude))
                .then_with(|| self.significant_digits().cmp(other.significant_digits()))
        };
        match (self.negative, other.negative) {
            (false, false) => sizes(),
            (true, true) => sizes().reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }

    fn significant_digits(&self) -> impl Iterator<Item = u8> {
        let (whole, fraction) = self.digits;
        whole
            .iter()
            .chain(fraction)
            .copied()
            .skip(self.leading)
            .take(self.significant)
    }
}

fn parse_exponent(text: &str) -> i64 {
    let beyond = if text.starts_with('-') {
        i64::MIN
    } else {
        i64::MAX
    };
    text.parse().unwrap_or(beyond)
}
