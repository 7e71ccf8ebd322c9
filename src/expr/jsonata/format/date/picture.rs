//! A picture of a date: literal text and markers in brackets, each with its presentation and width.

use super::super::integer::IntegerPicture;
use super::FormatError;
use super::unknown_component;

/// What JSONata writes without a picture.
pub(super) const ISO_8601: &str = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Marker(Marker),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) component: char,
    pub(super) presentation: Presentation,
    /// `t` after the presentation: `Z` for no offset.
    pub(super) traditional: bool,
    /// The most characters of a name.
    pub(super) width_max: Option<usize>,
    /// The last digits of a year that are written.
    pub(super) year_digits: Option<usize>,
    /// The least and the most digits that are read.
    pub(super) digits_read: Option<(usize, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Presentation {
    Name(NameCase),
    Integer(IntegerPicture),
    /// Nothing that concerns this component.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameCase {
    Lower,
    Upper,
    Title,
}

/// # Errors
/// `D3132` for a component without a presentation, `D3135` for an open bracket, and those of integer pictures.
pub(super) fn parse(picture: &str) -> Result<Vec<Part>, FormatError> {
    let mut parts = Vec::new();
    let mut rest = picture;
    while let Some((literal, after)) = rest.split_once('[') {
        add_literal(&mut parts, literal);
        if let Some(escaped) = after.strip_prefix('[') {
            parts.push(Part::Literal("[".to_owned()));
            rest = escaped;
            continue;
        }
        let Some((marker, after)) = after.split_once(']') else {
            return Err(FormatError::new(
                "D3135",
                "No matching closing bracket ']' in date/time picture string",
            ));
        };
        let marker: String = marker.chars().filter(|c| !c.is_whitespace()).collect();
        let marker = parse_marker(&marker)?;
        parts.push(Part::Marker(marker));
        rest = after;
    }
    add_literal(&mut parts, rest);
    Ok(parts)
}

fn add_literal(parts: &mut Vec<Part>, literal: &str) {
    if !literal.is_empty() {
        parts.push(Part::Literal(literal.replace("]]", "]")));
    }
}

fn parse_marker(marker: &str) -> Result<Marker, FormatError> {
    let mut characters = marker.chars();
    let component = characters.next().ok_or_else(|| unknown_component(""))?;
    let (presentation, width) = match characters.as_str().rsplit_once(',') {
        Some((presentation, width)) => (presentation, Some(width)),
        None => (characters.as_str(), None),
    };
    let (width_min, width_max) = width.map_or((None, None), widths);
    let (first, second) = match presentation.char_indices().next_back() {
        None => (default_presentation(component)?, None),
        Some((at, last @ ('a' | 't' | 'c' | 'o'))) if at > 0 => {
            (presentation.get(..at).unwrap_or_default(), Some(last))
        }
        Some(_) => (presentation, None),
    };
    if !"YMDdFWwXxHhPmsfZzCE".contains(component) {
        return Err(unknown_component(&component.to_string()));
    }
    let mut parsed = Marker {
        component,
        presentation: Presentation::Plain,
        traditional: second == Some('t'),
        width_max,
        year_digits: None,
        digits_read: None,
    };
    if matches!(component, 'Z' | 'z') {
        parsed.presentation = Presentation::Integer(IntegerPicture::parse(first)?);
    } else if first.starts_with(['n', 'N']) {
        parsed.presentation = Presentation::Name(match first {
            _ if first.starts_with('n') => NameCase::Lower,
            _ if first.starts_with("Nn") => NameCase::Title,
            _ => NameCase::Upper,
        });
    } else if !matches!(component, 'P' | 'C' | 'E') {
        let picture = match second {
            Some(modifier) => format!("{first};{modifier}"),
            None => first.to_owned(),
        };
        let mut integer = IntegerPicture::parse(&picture)?;
        integer.mandatory_digits = integer.mandatory_digits.max(width_min.unwrap_or(0));
        // Of years, months and days only JSONata 2.0.6 counts the digits.
        if matches!(component, 'Y' | 'M' | 'D') {
            let digits_max = match width_max {
                Some(digits) => {
                    integer.mandatory_digits = digits;
                    Some(digits)
                }
                None => Some(integer.mandatory_digits + integer.optional_digits)
                    .filter(|digits| *digits >= 2),
            };
            parsed.digits_read = digits_max
                .filter(|digits| *digits > 0)
                .map(|digits| (integer.mandatory_digits, digits));
            parsed.year_digits = digits_max.filter(|_| component == 'Y');
        }
        parsed.presentation = Presentation::Integer(integer);
    }
    Ok(parsed)
}

/// The least and the most characters, of `min`, `min-max`, `*-max`, …
fn widths(text: &str) -> (Option<usize>, Option<usize>) {
    let (min, max) = match text.split_once('-') {
        Some((min, max)) => (min, Some(max)),
        None => (text, None),
    };
    let digits = |text: &str| {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let digits = text.get(..end).filter(|digits| !digits.is_empty())?;
        // Too many to count are more than any budget.
        Some(digits.parse().unwrap_or(usize::MAX))
    };
    (digits(min), max.and_then(digits))
}

fn default_presentation(component: char) -> Result<&'static str, FormatError> {
    Ok(match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        other => return Err(unknown_component(&other.to_string())),
    })
}
