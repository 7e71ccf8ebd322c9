//! An instant, without a clock.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the epoch.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant and `ms` milliseconds, at the end of time if there is no such instant.
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The instant that a text names: RFC 3339 with an uppercase `T`, and `Z` or an offset, as ASL has them; what is
    /// finer than a millisecond is dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let millis = instant(text)?.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(millis).ok().map(Self)
    }

    /// `2026-11-23T08:15:30.25Z`: UTC, without trailing zeros of the fraction, as AWS writes it.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .ok()
            .and_then(|t| t.to_offset(UtcOffset::UTC).format(&Rfc3339).ok())
            .unwrap_or_default()
    }
}

/// As [`Timestamp::parse`], but to the nanosecond: what is compared must not be rounded.
pub(super) fn instant(text: &str) -> Option<OffsetDateTime> {
    if text.contains(['t', 'z', ' ']) {
        return None;
    }
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn only_rfc_3339_with_uppercase_letters_is_an_instant() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2016-03-14T01:59:00Z", Some(1_457_920_740_000)),
            ("2016-03-14T01:59:00.123456Z", Some(1_457_920_740_123)),
            ("2016-03-14T02:59:00+01:00", Some(1_457_920_740_000)),
            ("1969-12-31T23:59:59.9999Z", Some(-1)),
            ("2016-03-14t01:59:00Z", None),
            ("2016-03-14T01:59:00z", None),
            ("2016-03-14 01:59:00Z", None),
            ("2016-03-14T01:59:00", None),
            ("2016-12-05T25:29:29Z", None),
            ("05-12-2016T21:29:29Z", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(
                Timestamp::parse(text).map(Timestamp::as_millis),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn an_instant_prints_without_trailing_zeros() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (1_457_920_740_120, "2016-03-14T01:59:00.12Z"),
        ];
        for (ms, expected) in cases {
            assert_eq!(Timestamp::from_millis(ms).to_rfc3339(), expected);
        }
    }
}
