//! `$fromMillis`: an instant by a picture.

use super::Budget;
use super::DAYS;
use super::FormatError;
use super::MONTHS;
use super::calendar::Fields;
use super::calendar::MILLIS_MAX;
use super::not_a_name;
use super::picture;
use super::picture::ISO_8601;
use super::picture::Marker;
use super::picture::NameCase;
use super::picture::Part;
use super::picture::Presentation;
use crate::expr::jsonata::format::integer::IntegerPicture;
use crate::expr::jsonata::format::integer::Kind;

/// Hours and minutes from UTC, as JSONata parts a number such as `-0530`: hours downwards, so that these are -6 and -30.
#[derive(Debug, Clone, Copy)]
struct Offset {
    hours: i64,
    minutes: i64,
}

impl Offset {
    /// The digits `±hhmm`, and whatever follows them, as `parseInt` reads them.
    fn parse(text: &str) -> Result<Self, FormatError> {
        let trimmed = text.trim_start();
        let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        let end = unsigned
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(unsigned.len());
        let size: i64 = unsigned
            .get(..end)
            .and_then(|digits| digits.parse().ok())
            .filter(|size| *size < 1_000_000_000)
            .ok_or_else(|| {
                FormatError::new(
                    "T0410",
                    "Argument 3 of function \"fromMillis\" does not match function signature",
                )
            })?;
        let number = if trimmed.starts_with('-') {
            -size
        } else {
            size
        };
        Ok(Self {
            hours: number.div_euclid(100),
            minutes: number % 100,
        })
    }

    /// As one number again.
    fn number(self) -> i64 {
        self.hours * 100 + self.minutes
    }
}

/// Writes `millis` since 1970 by `picture`, in ISO 8601 without one, `timezone` (`±hhmm`) from UTC.
///
/// # Errors
/// `D3130` to `D3135` for pictures, `D1001` for an instant beyond the calendar, `T0410` for a time zone that is no number, and what
/// `budget` refuses. (JSONata 2.0.6 itself writes `NaN` for the latter two, and `undefined` for an unknown component.)
pub(crate) fn from_millis(
    millis: f64,
    picture: Option<&str>,
    timezone: Option<&str>,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    let offset = match timezone {
        Some(text) => Offset::parse(text)?,
        None => Offset {
            hours: 0,
            minutes: 0,
        },
    };
    let picture = picture.unwrap_or(ISO_8601);
    budget(picture.len())?;
    let parts = picture::parse(picture)?;
    let shifted = millis.trunc() + (offset.hours * 60 + offset.minutes) as f64 * 60_000.0;
    if shifted.is_nan() || shifted.abs() > MILLIS_MAX as f64 {
        return Err(FormatError::new(
            "D1001",
            format!("Number out of range: {millis}"),
        ));
    }
    let fields = Fields::of(shifted as i64);
    let mut text = String::new();
    for part in &parts {
        let length = text.len();
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Marker(marker) => text.push_str(&component(&fields, marker, offset, budget)?),
        }
        budget(text.len() - length)?;
    }
    Ok(text)
}

fn component(
    fields: &Fields,
    marker: &Marker,
    offset: Offset,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    match (marker.component, &marker.presentation) {
        ('C' | 'E', _) => Ok("ISO".to_owned()),
        ('P', presentation) => {
            let name = if fields.millis_of_day >= 43_200_000 {
                "pm"
            } else {
                "am"
            };
            Ok(match presentation {
                Presentation::Name(NameCase::Upper) => name.to_uppercase(),
                Presentation::Name(NameCase::Lower | NameCase::Title)
                | Presentation::Integer(_)
                | Presentation::Plain => name.to_owned(),
            })
        }
        ('Z' | 'z', Presentation::Integer(integer)) => zone(marker, integer, offset, budget),
        (component, Presentation::Name(case)) => {
            let value = value(fields, component);
            let names: &[&str] = match component {
                'M' | 'x' => &MONTHS,
                'F' => &DAYS,
                _ => return Err(not_a_name(component)),
            };
            let name = usize::try_from(value - 1)
                .ok()
                .and_then(|at| names.get(at))
                .copied()
                .unwrap_or_default();
            let name = match case {
                NameCase::Lower => name.to_lowercase(),
                NameCase::Upper => name.to_uppercase(),
                NameCase::Title => name.to_owned(),
            };
            Ok(name
                .chars()
                .take(marker.width_max.unwrap_or(usize::MAX))
                .collect())
        }
        (component, Presentation::Integer(integer)) => {
            let mut value = value(fields, component);
            if let Some(digits) = marker.year_digits {
                let digits = u32::try_from(digits).unwrap_or(u32::MAX);
                value %= 10i64.checked_pow(digits).unwrap_or(i64::MAX);
            }
            integer.format(value as f64, budget)
        }
        (component, Presentation::Plain) => Err(super::unknown_component(&component.to_string())),
    }
}

/// The number of a component that has one.
pub(super) fn value(fields: &Fields, component: char) -> i64 {
    let hour = fields.millis_of_day / 3_600_000;
    match component {
        'Y' => fields.year,
        'M' => fields.month,
        'D' => fields.day,
        'd' => fields.day_of_year(),
        'F' => fields.day_of_week(),
        'W' => fields.week_of_year(),
        'w' => fields.week_of_month(),
        'X' => fields.year_of_week(),
        'x' => fields.month_of_week(),
        'H' => hour,
        'h' => (hour + 11) % 12 + 1,
        'm' => fields.millis_of_day / 60_000 % 60,
        's' => fields.millis_of_day / 1_000 % 60,
        'f' => fields.millis_of_day % 1_000,
        _ => 0,
    }
}

/// The offset: hours and minutes in one number, or apart where the picture has one or two digits.
fn zone(
    marker: &Marker,
    integer: &IntegerPicture,
    offset: Offset,
    budget: &mut Budget<'_>,
) -> Result<String, FormatError> {
    let number = offset.number();
    let is_regular = matches!(
        integer.kind,
        Kind::Decimal {
            regular: Some(_),
            ..
        }
    );
    let mut text = match integer.mandatory_digits {
        _ if is_regular => integer.format(number as f64, budget)?,
        1 | 2 => {
            let mut text = integer.format(offset.hours as f64, budget)?;
            if offset.minutes != 0 {
                let minutes = IntegerPicture::parse("00")?;
                text.push(':');
                text.push_str(&minutes.format(offset.minutes as f64, budget)?);
            }
            text
        }
        3 | 4 => integer.format(number as f64, budget)?,
        _ => {
            return Err(FormatError::new(
                "D3134",
                "The timezone integer format specifier cannot have more than four digits",
            ));
        }
    };
    if marker.traditional && number == 0 {
        return Ok("Z".to_owned());
    }
    if number >= 0 {
        text.insert(0, '+');
    }
    if marker.component == 'z' {
        text.insert_str(0, "GMT");
    }
    Ok(text)
}
