//! The proleptic Gregorian calendar over milliseconds since 1970 (ECMA-262, Time Values), and weeks of ISO 8601.

/// Milliseconds of a day.
pub(super) const DAY: i64 = 86_400_000;

/// An instant is no further from 1970 than a hundred million days.
pub(super) const MILLIS_MAX: i64 = 8_640_000_000_000_000;

/// An instant in its fields, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) millis_of_day: i64,
    /// Since 1970.
    days: i64,
}

impl Fields {
    pub(super) fn of(millis: i64) -> Self {
        let days = millis.div_euclid(DAY);
        // Years from March on, in eras of 400 years, so that a leap day is the last of its year.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            year: era * 400 + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            millis_of_day: millis.rem_euclid(DAY),
            days,
        }
    }

    pub(super) fn day_of_year(&self) -> i64 {
        self.days - days_of(self.year, 1) + 1
    }

    /// 1 for Monday to 7 for Sunday.
    pub(super) fn day_of_week(&self) -> i64 {
        day_of_week(self.days)
    }

    /// The ISO week of the year.
    pub(super) fn week_of_year(&self) -> i64 {
        self.week(
            first_week(self.year, 1),
            first_week(self.year + 1, 1),
            || first_week(self.year - 1, 1),
            52,
        )
    }

    /// The week of the month, its first one with a Thursday in it.
    pub(super) fn week_of_month(&self) -> i64 {
        self.week(
            first_week(self.year, self.month),
            first_week(self.year, self.month + 1),
            || first_week(self.year, self.month - 1),
            4,
        )
    }

    fn week(&self, own: i64, next: i64, previous: impl Fn() -> i64, sure_max: i64) -> i64 {
        let week = (self.days - own).div_euclid(7) + 1;
        if week > sure_max && self.days >= next {
            1
        } else if week < 1 {
            (self.days - previous()).div_euclid(7) + 1
        } else {
            week
        }
    }

    /// The year that the ISO week belongs to.
    pub(super) fn year_of_week(&self) -> i64 {
        if self.days < first_week(self.year, 1) {
            self.year - 1
        } else if self.days >= first_week(self.year + 1, 1) {
            self.year + 1
        } else {
            self.year
        }
    }

    /// The month, from 1, that the week belongs to.
    pub(super) fn month_of_week(&self) -> i64 {
        let month = if self.days < first_week(self.year, self.month) {
            self.month - 1
        } else if self.days >= first_week(self.year, self.month + 1) {
            self.month + 1
        } else {
            self.month
        };
        (month - 1).rem_euclid(12) + 1
    }
}

/// Days since 1970 of the first of a month; months beyond 1 to 12 count into other years.
pub(super) fn days_of(year: i64, month: i64) -> i64 {
    let months = month - 1;
    let year = year + months.div_euclid(12);
    let month = months.rem_euclid(12) + 1;
    let shifted = year - i64::from(month <= 2);
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn day_of_week(days: i64) -> i64 {
    // The first of January 1970 was a Thursday.
    (days + 3).rem_euclid(7) + 1
}

/// The Monday of the first week, by days since 1970: the first of the month is in it up to its Thursday.
fn first_week(year: i64, month: i64) -> i64 {
    let first = days_of(year, month);
    let day = day_of_week(first);
    if day > 4 {
        first + 8 - day
    } else {
        first - (day - 1)
    }
}
