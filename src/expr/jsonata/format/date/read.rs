//! `$toMillis`: text by a picture to an instant.

use super::Budget;
use super::DAYS;
use super::FormatError;
use super::MONTHS;
use super::calendar;
use super::calendar::Fields;
use super::calendar::MILLIS_MAX;
use super::iso;
use super::not_a_name;
use super::picture;
use super::picture::Marker;
use super::picture::Part;
use super::picture::Presentation;
use super::write::value;
use crate::expr::jsonata::format::integer::Kind;
use crate::expr::jsonata::format::integer::unsupported;
use crate::expr::jsonata::format::integer::word_runs;

/// The components by which a date or a time may be given, and in which order missing ones are filled.
///
/// Of those for a date, JSONata parses the first two only.
const YEAR_MONTH_DAY: &str = "YMD";
const YEAR_DAY: &str = "Yd";
/// A day of the month is filled also for a year and its day: no time can follow them in JSONata 2.0.6.
const YEAR_DAY_FILLED: &str = "YD";
const WEEK_OF_MONTH: &str = "Xxw";
const WEEK_OF_YEAR: &str = "XW";
const HOUR_OF_24: &str = "Hmsf";
const HOUR_OF_12: &str = "Phmsf";

/// Reads `text` as ISO 8601, or by `picture`; what the picture leaves out before its first component is of `now` (milliseconds since
/// 1970), and what it leaves out after is the least there is.
///
/// `None` where the text does not match, or is no instant.
///
/// # Errors
/// `D3110` for text that is not ISO 8601 without a picture; `D3130` to `D3136` for pictures; what `budget` refuses.
pub(crate) fn to_millis(
    text: &str,
    picture: Option<&str>,
    now: f64,
    budget: &mut Budget<'_>,
) -> Result<Option<f64>, FormatError> {
    let Some(picture) = picture else {
        return iso::parse(text);
    };
    budget(picture.len() + text.len())?;
    let parts = picture::parse(picture)?;
    for part in &parts {
        if let Part::Marker(marker) = part {
            refuse_unreadable(marker)?;
        }
    }
    let Some(pieces) = matched(&parts, text, budget)? else {
        return Ok(None);
    };
    let mut components = Components::default();
    for (part, piece) in parts.iter().zip(pieces) {
        if let Part::Marker(marker) = part {
            components.is_any = true;
            components.set(marker.component, read(marker, piece, budget)?);
        }
    }
    if !components.is_any {
        return Ok(None);
    }
    components.instant(now)
}

/// Numbers by their component; `NaN` is given but no number.
#[derive(Debug, Default)]
struct Components {
    is_any: bool,
    values: Vec<(char, Option<f64>)>,
}

impl Components {
    fn get(&self, component: char) -> Option<f64> {
        let found = self
            .values
            .iter()
            .rev()
            .find(|(name, _)| *name == component);
        found.and_then(|(_, value)| *value)
    }

    fn set(&mut self, component: char, value: Option<f64>) {
        self.values.push((component, value));
    }

    /// Whether the ones of `all` that count are among `allowed`, and there is one.
    fn are(&self, all: &str, allowed: &str) -> bool {
        let counts = |component: &char| {
            let value = self.get(*component);
            value.is_some_and(|value| value != 0.0 && !value.is_nan())
        };
        let mut given = all.chars().filter(counts).peekable();
        given.peek().is_some() && given.all(|component| allowed.contains(component))
    }

    fn instant(mut self, now: f64) -> Result<Option<f64>, FormatError> {
        const DATE: &str = "YXMxWwdD";
        const TIME: &str = "PHhmsf";
        let is_year_day = !self.are(DATE, YEAR_MONTH_DAY) && self.are(DATE, YEAR_DAY);
        let by_week = self.are(DATE, WEEK_OF_MONTH) || self.are(DATE, WEEK_OF_YEAR);
        let of_twelve = !self.are(TIME, HOUR_OF_24) && self.are(TIME, HOUR_OF_12);
        let date = if is_year_day {
            YEAR_DAY_FILLED
        } else {
            YEAR_MONTH_DAY
        };
        let time = if of_twelve { HOUR_OF_12 } else { HOUR_OF_24 };
        self.fill(date, time, now)?;
        if by_week {
            return Err(missing_components());
        }
        let get = |component: char| self.get(component).unwrap_or(0.0);
        let (mut month, mut day) = (get('M').max(1.0), get('D'));
        if is_year_day {
            let Some(first) = utc_days(get('Y'), 1.0) else {
                return Ok(None);
            };
            let millis = (first + get('d') - 1.0) * calendar::DAY as f64;
            if millis.is_nan() || millis.abs() > MILLIS_MAX as f64 {
                return Ok(None);
            }
            let fields = Fields::of(millis as i64);
            (month, day) = (fields.month as f64, fields.day as f64);
        }
        let hour = match (of_twelve, get('h')) {
            (false, _) => get('H'),
            (true, hour) => {
                let before_noon = if hour == 12.0 { 0.0 } else { hour };
                before_noon + if get('P') == 1.0 { 12.0 } else { 0.0 }
            }
        };
        let Some(first) = utc_days(get('Y'), month) else {
            return Ok(None);
        };
        let minutes = (first + day - 1.0) * 1_440.0 + hour * 60.0 + get('m');
        let millis = minutes * 60_000.0 + get('s') * 1_000.0 + get('f');
        if millis.is_nan() || millis.abs() > MILLIS_MAX as f64 {
            return Ok(None);
        }
        let offset = ['Z', 'z']
            .into_iter()
            .filter_map(|component| self.get(component))
            .find(|minutes| *minutes != 0.0 && !minutes.is_nan());
        Ok(Some(millis - offset.unwrap_or(0.0) * 60_000.0))
    }

    /// # Errors
    /// `D3136` for a gap.
    fn fill(&mut self, date: &str, time: &str, now: f64) -> Result<(), FormatError> {
        let now = Fields::of(now.clamp(-(MILLIS_MAX as f64), MILLIS_MAX as f64) as i64);
        let (mut started, mut ended) = (false, false);
        for component in date.chars().chain(time.chars()) {
            if self.get(component).is_some() {
                started = true;
                if ended {
                    return Err(missing_components());
                }
            } else if started {
                let least = if "MDd".contains(component) { 1.0 } else { 0.0 };
                self.set(component, Some(least));
                ended = true;
            } else {
                self.set(component, Some(value(&now, component) as f64));
            }
        }
        Ok(())
    }
}

fn missing_components() -> FormatError {
    FormatError::new(
        "D3136",
        "The date/time picture string is missing specifiers required to parse the timestamp",
    )
}

/// Days since 1970 of the first of a month (from 1), as ECMA-262's `Date.UTC` has it: years below 100 are of the 20th century.
fn utc_days(year: f64, month: f64) -> Option<f64> {
    let in_range = |value: f64| value.abs() < 1e7;
    if !in_range(year) || !in_range(month) {
        return None;
    }
    let year = if (0.0..=99.0).contains(&year) {
        year + 1900.0
    } else {
        year
    };
    Some(calendar::days_of(year as i64, month as i64) as f64)
}

fn refuse_unreadable(marker: &Marker) -> Result<(), FormatError> {
    match (&marker.presentation, marker.component) {
        (_, 'P') | (Presentation::Name(_), 'M' | 'x' | 'F') => Ok(()),
        (Presentation::Integer(_), 'Z' | 'z') => Ok(()),
        (Presentation::Integer(integer), _) => match &integer.kind {
            Kind::Sequence(token) => Err(unsupported(token)),
            Kind::Letters { .. } | Kind::Roman { .. } | Kind::Words(_) | Kind::Decimal { .. } => {
                Ok(())
            }
        },
        (Presentation::Name(_) | Presentation::Plain, component) => Err(not_a_name(component)),
    }
}

/// The piece of `text` for each part, each as long as the rest allows; `None` if it does not match from end to end.
fn matched<'a>(
    parts: &[Part],
    text: &'a str,
    budget: &mut Budget<'_>,
) -> Result<Option<Vec<&'a str>>, FormatError> {
    // Where each part before may end that is still to be tried, the longest last; and where it does end.
    let mut choices: Vec<Vec<usize>> = Vec::with_capacity(parts.len());
    let mut ends: Vec<usize> = Vec::with_capacity(parts.len());
    loop {
        let from = ends.last().copied().unwrap_or(0);
        // A step looks at most at the rest of the text, some bytes at a time.
        budget(1 + (text.len() - from) / 64)?;
        match parts.get(ends.len()) {
            None if from == text.len() => break,
            None => {}
            Some(part) => {
                let lengths = lengths(part, text.get(from..).unwrap_or_default());
                budget(lengths.len())?;
                choices.push(lengths.into_iter().map(|length| from + length).collect());
                ends.push(from);
            }
        }
        // The last part with a choice left takes it.
        loop {
            let Some(choice) = choices.last_mut() else {
                return Ok(None);
            };
            ends.pop();
            if let Some(end) = choice.pop() {
                ends.push(end);
                break;
            }
            choices.pop();
        }
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let pieces = starts.zip(ends.iter().copied());
    Ok(pieces.map(|(from, to)| text.get(from..to)).collect())
}

/// How many bytes of `text` the part may take, the most last.
fn lengths(part: &Part, text: &str) -> Vec<usize> {
    let marker = match part {
        Part::Literal(literal) => return literal_length(literal, text).into_iter().collect(),
        Part::Marker(marker) => marker,
    };
    let run = |is: fn(&u8) -> bool| text.bytes().take_while(is).count();
    match (&marker.presentation, marker.component) {
        (Presentation::Integer(integer), 'Z' | 'z') => {
            let separator = separator(&integer.kind);
            zone_lengths(text, marker.component == 'z', separator)
        }
        (Presentation::Integer(integer), _) => match &integer.kind {
            Kind::Letters { .. } => (1..=run(u8::is_ascii_alphabetic)).collect(),
            Kind::Roman { .. } => (1..=run(|byte| b"MDCLXVImdclxvi".contains(byte))).collect(),
            Kind::Words(_) => word_runs(text),
            Kind::Decimal { .. } => {
                let digits = run(u8::is_ascii_digit);
                let taken = match marker.digits_read {
                    Some((min, max)) => min.max(1)..=digits.min(max),
                    None => 1..=digits,
                };
                let suffix = |digits: &usize| {
                    let suffix = text.get(*digits..digits + 2).unwrap_or_default();
                    ["th", "st", "nd", "rd"]
                        .iter()
                        .any(|one| one.eq_ignore_ascii_case(suffix))
                };
                if integer.ordinal {
                    taken.filter(suffix).map(|digits| digits + 2).collect()
                } else {
                    taken.collect()
                }
            }
            Kind::Sequence(_) => Vec::new(),
        },
        (Presentation::Name(_) | Presentation::Plain, _) => {
            (1..=run(u8::is_ascii_alphabetic)).collect()
        }
    }
}

/// A literal matches without regard to case.
fn literal_length(literal: &str, text: &str) -> Option<usize> {
    let mut rest = text.chars();
    for expected in literal.chars() {
        let found = rest.next()?;
        if found != expected && !found.to_uppercase().eq(expected.to_uppercase()) {
            return None;
        }
    }
    Some(text.len() - rest.as_str().len())
}

/// The character between hours and minutes.
fn separator(kind: &Kind) -> Option<char> {
    match kind {
        Kind::Decimal {
            regular: Some(_),
            separators,
            ..
        } => separators.first().map(|one| one.character),
        Kind::Decimal { .. }
        | Kind::Letters { .. }
        | Kind::Roman { .. }
        | Kind::Words(_)
        | Kind::Sequence(_) => None,
    }
}

fn zone_lengths(text: &str, is_named: bool, separator: Option<char>) -> Vec<usize> {
    let name = if is_named { 3 } else { 0 };
    let head = text.get(..name).unwrap_or("-");
    let rest = text.get(name..).unwrap_or_default();
    if !head.eq_ignore_ascii_case(if is_named { "GMT" } else { "" })
        || !rest.starts_with(['+', '-'])
    {
        return Vec::new();
    }
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.bytes().take_while(u8::is_ascii_digit).count()
    };
    let hours = name + 1;
    let count = digits(hours);
    let Some(separator) = separator else {
        return (1..=count).map(|length| hours + length).collect();
    };
    let after = text.get(hours + count..).unwrap_or_default();
    if count == 0 || !after.starts_with(separator) {
        return Vec::new();
    }
    let minutes = hours + count + separator.len_utf8();
    (1..=digits(minutes))
        .map(|length| minutes + length)
        .collect()
}

/// The number of a component; `None` for a name that is none.
fn read(marker: &Marker, piece: &str, budget: &mut Budget<'_>) -> Result<Option<f64>, FormatError> {
    let named = |names: &[&str]| {
        let width = marker.width_max.filter(|width| *width > 0);
        let is = |name: &&str| {
            name.chars()
                .take(width.unwrap_or(usize::MAX))
                .eq(piece.chars())
        };
        // Of two names that are the same within the width, the later one.
        names.iter().rposition(is).map(|at| (at + 1) as f64)
    };
    Ok(match (&marker.presentation, marker.component) {
        (Presentation::Integer(integer), 'Z' | 'z') => {
            let offset = piece.get(if marker.component == 'z' { 3 } else { 0 }..);
            let separator = separator(&integer.kind);
            Some(zone_minutes(offset.unwrap_or_default(), separator))
        }
        (Presentation::Integer(integer), _) => {
            Some(integer.read(piece, budget)?.unwrap_or(f64::NAN))
        }
        (_, 'M' | 'x') => named(&MONTHS),
        (_, 'F') => named(&DAYS),
        (_, 'P') => match piece {
            "am" | "AM" => Some(0.0),
            "pm" | "PM" => Some(1.0),
            _ => None,
        },
        (Presentation::Name(_) | Presentation::Plain, component) => {
            return Err(not_a_name(component));
        }
    })
}

/// Minutes from UTC. Minutes count upwards also after negative hours, as in JSONata 2.0.6: `-05:30` is 270 minutes.
fn zone_minutes(offset: &str, separator: Option<char>) -> f64 {
    let (hours, minutes) = match separator {
        Some(separator) => offset.split_once(separator).unwrap_or((offset, "0")),
        None if offset.len() <= 3 => (offset, "0"),
        None => offset.split_at(3),
    };
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    number(hours) * 60.0 + number(minutes)
}
