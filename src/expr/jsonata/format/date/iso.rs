//! ISO 8601 timestamps, as `$toMillis` takes them without a picture.

use super::super::quoted;
use super::FormatError;
use super::calendar;

/// What JSONata lets through to JavaScript's `Date.parse`:
/// `dddd(-[01]d)*(-[0-3]d)*(T[0-2]d:[0-5]d:[0-5]d)*(.d+)?([+-][0-2]d:?[0-5]d|Z)?`.
#[derive(Debug, Default)]
struct Timestamp<'a> {
    dates: Vec<&'a str>,
    times: Vec<&'a str>,
    fraction: Option<&'a str>,
    zone: Option<&'a str>,
}

/// Milliseconds since 1970; `None` for what has the form but is no instant, such as a 13th month.
///
/// # Errors
/// `D3110` for any other text.
pub(super) fn parse(text: &str) -> Result<Option<f64>, FormatError> {
    let timestamp = split(text).ok_or_else(|| {
        FormatError::new(
            "D3110",
            format!(
                "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {}",
                quoted(text)
            ),
        )
    })?;
    Ok(timestamp.millis())
}

/// Whether `text` starts with `shape`, where `d` is a digit and a digit stands for those up to it.
fn starts(text: &str, shape: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'd' => byte.is_ascii_digit(),
        b'1'..=b'9' => (b'0'..=shape).contains(&byte),
        _ => byte == shape,
    };
    text.len() >= shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

fn split(text: &str) -> Option<Timestamp<'_>> {
    if !starts(text, "dddd") {
        return None;
    }
    let mut dates = vec![text.get(..4)?];
    let mut rest = text.get(4..)?;
    let mut shape = "-1d";
    loop {
        if starts(rest, shape) {
            dates.push(rest.get(1..3)?);
            rest = rest.get(3..)?;
        } else if shape == "-1d" {
            shape = "-3d";
        } else {
            break;
        }
    }
    if let Some(timestamp) = after_dates(dates.clone(), rest) {
        return Some(timestamp);
    }
    // What looked like a date may be a zone.
    (dates.len() > 1).then(|| dates.pop());
    let length = 4 + (dates.len() - 1) * 3;
    after_dates(dates, text.get(length..)?)
}

fn after_dates<'a>(dates: Vec<&'a str>, text: &'a str) -> Option<Timestamp<'a>> {
    let mut timestamp = Timestamp {
        dates,
        ..Timestamp::default()
    };
    let mut rest = text;
    while starts(rest, "T2d:5d:5d") {
        timestamp.times.push(rest.get(1..9)?);
        rest = rest.get(9..)?;
    }
    if let Some(after) = rest.strip_prefix('.') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        timestamp.fraction = after.get(..digits);
        rest = after.get(digits..)?;
    }
    if rest.is_empty() {
        return Some(timestamp);
    }
    let unsigned = rest.strip_prefix(['+', '-']).unwrap_or_default();
    let is_offset = (unsigned.len() == 4 && starts(unsigned, "2d5d"))
        || (unsigned.len() == 5 && starts(unsigned, "2d:5d"));
    timestamp.zone = Some(rest);
    (rest == "Z" || is_offset).then_some(timestamp)
}

impl Timestamp<'_> {
    /// ECMA-262's date time string format, with a zone in UTC where there is none, and days up to 31 in each month.
    fn millis(&self) -> Option<f64> {
        let date: Vec<i64> = self
            .dates
            .iter()
            .map(|digits| digits.parse().ok())
            .collect::<Option<_>>()?;
        let (year, month, day) = match *date.as_slice() {
            [year] => (year, 1, 1),
            [year, month] => (year, month, 1),
            [year, month, day] => (year, month, day),
            _ => return None,
        };
        let is_date = (1..=12).contains(&month) && (1..=31).contains(&day);
        if !is_date || self.times.len() > 1 {
            return None;
        }
        let is_timed = self.times.len() == 1;
        if !is_timed && (self.fraction.is_some() || self.zone.is_some_and(|zone| zone != "Z")) {
            return None;
        }
        let mut time = 0;
        for part in self
            .times
            .first()
            .into_iter()
            .flat_map(|time| time.split(':'))
        {
            time = time * 60 + part.parse::<i64>().ok()?;
        }
        let fraction = self.fraction.unwrap_or_default();
        let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
        let millis = time * 1_000 + padded.parse::<i64>().ok()?;
        if millis > calendar::DAY {
            return None;
        }
        let offset = self.offset_minutes()?;
        let days = calendar::days_of(year, month) + day - 1;
        Some((days * calendar::DAY + millis - offset * 60_000) as f64)
    }

    fn offset_minutes(&self) -> Option<i64> {
        let Some(zone) = self.zone.filter(|zone| *zone != "Z") else {
            return Some(0);
        };
        let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
        let number: i64 = digits.parse().ok()?;
        let (hours, minutes) = (number / 100, number % 100);
        let size = (hours < 24).then_some(hours * 60 + minutes)?;
        Some(if zone.starts_with('-') { -size } else { size })
    }
}
